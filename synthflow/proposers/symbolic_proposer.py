"""SymbolicProposer: writes scripts by typed search over readable primitives, with no language model.

It sees what any proposer sees, the brief, and reads the training rows of it. For a brief of
step k it hands out what slice k of the enumeration found, the best to slot 0, the next to
slot 1. The last slot of a generation looks for a repair of its own parent instead.

The enumeration runs in child processes, so that the event loop stays free and all cores
work. How it is shared out does not depend on their number: the answers are those of one process.
"""

import asyncio
from collections import OrderedDict
from typing import Any
from weakref import WeakValueDictionary

from synthflow.concurrency import at_once
from synthflow.data_models import schema as schemas
from synthflow.data_models.canonical import digest
from synthflow.data_models.schema import Json, Schema
from synthflow.proposers.symbolic.engine import LANES, SLICE
from synthflow.proposers.symbolic.ranking import merge
from synthflow.proposers.symbolic.sources import MAX_SIDE
from synthflow.proposers.symbolic_workers import Lanes
from synthflow.search.brief import Brief, Slot
from synthflow.search.protocols import Values, VariableInfo

SCRIPT = "python_script"
REPAIR_SHARE = 3
"""A repair of a parent is given one part in so many of a generation's evaluations."""
KEPT = 256
"""How many answers of the search are kept for slots that ask again."""


class SymbolicProposer:
    """Writes scripts from grids to grids, such as those of ARC-AGI.

    It can write for a program that is one PythonSynthesis module whose input has one grid
    among its fields (a list of rows of integers) and whose output is one grid.

    Args:
        evaluations: How many applications of primitives each of the two lanes of the search
            makes in one generation. With 6,000 a generation takes about half a second on two cores.
        workers: How many child processes to use; by default, as many as there are cores, and
            at most one per lane. The number changes how long a search takes and nothing else.
        seconds: A limit on the wall time of a generation; None, the default, sets none. A
            generation that was cut short makes a run that cannot be repeated exactly.

    Raises:
        ValueError: A number is below its least.
    """

    operations = frozenset({"mutation"})
    """It rewrites one parent; it does not cross two."""

    def __init__(self, *, evaluations: int = SLICE, workers: int | None = None, seconds: float | None = None) -> None:
        if evaluations < REPAIR_SHARE:
            raise ValueError(
                f"evaluations counts applications of primitives: {REPAIR_SHARE} at least, not {evaluations}."
            )
        if seconds is not None and seconds <= 0:
            raise ValueError(f"seconds is a limit above 0, or None for none, not {seconds}.")
        self.evaluations = evaluations
        self.workers = workers
        self.seconds = seconds
        self.truncated = False
        """Whether a wall-clock limit has cut a slice of this fit short, so that it may not be repeatable."""
        self._workers = Lanes(LANES, workers)
        self._found: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def unfit(self, variable: VariableInfo) -> str:
        """Say why a variable is not a script from one grid to one grid, which its primitives can write, or ''."""
        return unfit(variable)

    async def propose(self, brief: Brief, slot: Slot) -> Values:
        """Write the script for one slot.

        Raises:
            LookupError: The slice found nothing more for this slot, or there are no primitives for its variable.
        """
        path = next((path for path in brief.scope if not unfit(brief.variables[path])), None)
        if path is None:
            raise LookupError(f"There are no primitives for {', '.join(brief.scope)}.")
        request = _request(brief, path) | {"seconds": self.seconds}
        repaired = _parent(brief, path, request) if 0 < slot.number == slot.of - 1 else None
        if repaired is None:
            asked: dict[str, Json] = {"slice": max(1, brief.step), "evaluations": self.evaluations, "parent": None}
        else:
            asked = {"slice": 1, "evaluations": self.evaluations // REPAIR_SHARE, "parent": repaired}
        programs = await self._programs(request | asked)
        # The steps go through a parent's repairs in turn.
        place = slot.number if repaired is None else max(0, brief.step - 1) % max(1, len(programs))
        if place >= len(programs):
            raise LookupError(
                f"The search found {len(programs)} new programs, and this slot asked for number {place + 1}."
            )
        return {path: {SCRIPT: programs[place]["script"]}}

    async def close(self) -> None:
        """End the child processes, as at the end of a fit."""
        self.truncated = False
        self._found.clear()
        await self._workers.close()

    def get_config(self) -> dict[str, Json]:
        """Give the constructor's arguments."""
        return {"evaluations": self.evaluations, "workers": self.workers, "seconds": self.seconds}

    async def _programs(self, request: dict[str, Json]) -> list[dict[str, Any]]:
        """Give what all lanes found for a request, best first; asked once, however many slots want it."""
        key = digest(request)
        async with self._turns.setdefault(key, asyncio.Lock()):
            if key not in self._found:
                answers = await at_once(self._workers.ask(lane, {**request, "lane": lane}) for lane in range(LANES))
                if wrong := next((answer["error"] for answer in answers if "error" in answer), ""):
                    raise LookupError(f"The search cannot read these rows: {wrong}")
                self.truncated |= any(answer["truncated"] for answer in answers)
                self._found[key] = merge(answers)
                if len(self._found) > KEPT:
                    self._found.popitem(last=False)
            return self._found[key]


def unfit(info: VariableInfo) -> str:
    """Say why a variable is not a script from grid to grid that the rows show, or ''."""
    if SCRIPT not in schemas.properties(info.schema):
        return "it holds no script"
    if not info.direct:
        return (
            "its module does not turn the program's only input into its output, so the rows do not show what it must do"
        )
    if len(grids := grid_fields(info.inputs)) != 1:
        return f"its input has {len(grids)} grids ({schemas.describe(info.inputs)}), and the primitives read one"
    if len(grid_fields(info.outputs)) != 1 or len(schemas.properties(info.outputs)) != 1:
        return f"its output is not one grid ({schemas.describe(info.outputs)})"
    return ""


def grid_fields(schema: Schema) -> list[str]:
    """Name the fields that are lists of rows of integers."""
    definitions = schema.get("$defs", {})

    def resolved(part: Schema) -> Schema:
        reference = str(part.get("$ref", ""))
        return definitions.get(reference.removeprefix("#/$defs/"), {}) if reference else part

    def is_grid(field: Schema) -> bool:
        rows = resolved(field)
        cells = resolved(rows.get("items", {}))
        return (
            rows.get("type") == cells.get("type") == "array"
            and resolved(cells.get("items", {})).get("type") == "integer"
        )

    return [name for name, field in schemas.properties(schema).items() if is_grid(field)]


def _request(brief: Brief, path: str) -> dict[str, Json]:
    """Ask for programs that turn the rows' grids into their answers' grids, each pair once."""
    info = brief.variables[path]
    (source,), (target,) = grid_fields(info.inputs), grid_fields(info.outputs)
    pairs = {digest([row.x[source], row.y[target]]): [row.x[source], row.y[target]] for row in brief.rows}
    return {"pairs": list(pairs.values()), "input_field": source, "output_field": target}


def _parent(brief: Brief, path: str, request: dict[str, Json]) -> dict[str, Json] | None:
    """Give the parent to repair: its script, and what it answered for each pair.

    None when it failed somewhere, or answered what it was given.
    """
    parent = brief.parents[0]
    source, target = request["input_field"], request["output_field"]
    answered: dict[str, Json] = {}
    for row in brief.rows:
        cell = parent.cells[row.id]
        if cell.verdict != "ok":
            return None
        answered.setdefault(digest([row.x[source], row.y[target]]), cell.prediction[target])
    grids = list(answered.values())
    if grids == [pair[0] for pair in request["pairs"]] or not all(map(_readable, grids)):
        return None
    return {"script": parent.candidate.values[path][SCRIPT], "grids": grids}


def _readable(grid: Json) -> bool:
    """Tell whether the primitives can read a grid: 1 to 30 rows of one width, 1 to 30."""
    return 0 < len(grid) <= MAX_SIDE and 0 < len(grid[0]) <= MAX_SIDE and len({len(row) for row in grid}) == 1

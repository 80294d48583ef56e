"""Evaluation: a compiled program as the search kernel sees it.

It runs candidates on rows without touching the program: the values are overlaid for
the running task, each row has its own trace, and the reward fills one cell.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from synthflow.concurrency import at_once
from synthflow.data_models.canonical import canonical, digest, plain
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Json, Schema
from synthflow.data_models.variable import Variable, overlay
from synthflow.errors import BudgetExceeded, EvaluationError, LanguageModelError, SandboxError
from synthflow.graph.graph import Graph
from synthflow.graph.structure import leaves, map_leaves, to_json
from synthflow.graph.symbolic import Node, SymbolicDataModel
from synthflow.graph.trace import Note, Trace, tracing, tracing_rows
from synthflow.language_models.meter import phase
from synthflow.modules.module import Module
from synthflow.programs.graph_format import encode_program
from synthflow.programs.objects import encode
from synthflow.programs.wired import WiredProgram
from synthflow.rewards.reward import Reward
from synthflow.search.candidate import Candidate, Cell, Row
from synthflow.search.protocols import Values, VariableInfo

ANY_OBJECT: Schema = {"type": "object"}
ATTEMPTS = 4
"""How often rows are run before a script that cannot be run ends the fit."""


class Evaluation:
    """Runs candidates of a program on rows and rewards them; a search `Evaluable`.

    Args:
        program: What to run.
        reward: Scores one prediction.
        inputs: Something with the schema of each input of a row, in their structure.
        target: Something with the schema of each answer of a row, in the structure of the outputs.
    """

    def __init__(self, program: WiredProgram, reward: Reward, inputs: Any = None, target: Any = None) -> None:
        self._program = program
        self._reward = reward
        self._inputs = inputs
        self._target = target
        self._variables = dict(program.named_variables())

    @property
    def deterministic(self) -> bool:
        """Whether every module and the reward are."""
        return self._reward.deterministic and all(module.deterministic for module in _all_modules(self._program))

    @property
    def batched(self) -> bool:
        """Whether some module of the graph, or the reward, takes a batch at once."""
        return self._reward.batched or (self._program.has_graph and self._program.runner.takes_batches)

    @property
    def waits(self) -> bool:
        """Whether a row mostly waits for another machine, so that many should run at once."""
        return self._reward.waits or waits(self._program)

    def most_calls(self) -> int:
        """Give the HTTP attempts that one row can take at most; one whose script could not be run is run again."""
        attempts = ATTEMPTS if any(module.walls for module in _all_modules(self._program)) else 1
        return attempts * self._program.most_calls() + self._reward.most_calls()

    def fingerprint(self) -> str:
        """Name the graph, its configs, the frozen variables and the reward."""
        trainable = trainable_variables(self._program)
        frozen = {path: variable.get_json() for path, variable in self._variables.items() if path not in trainable}
        parts = [encode_program(self._program, opaque=True), frozen, encode(self._reward, opaque=True)]
        return digest(parts)

    def variables_info(self) -> Mapping[str, VariableInfo]:
        """Describe the trainable variables by path."""
        return {path: self._info(path, variable) for path, variable in trainable_variables(self._program).items()}

    async def run(self, values: Values, rows: Sequence[Row]) -> list[Cell]:
        """Run `values` on `rows`; see `Evaluable.run`.

        Raises:
            EvaluationError: A module or the reward, which a person wrote, raised.
            SandboxError: A script could not be run, however often it was tried.
            LanguageModelError: A model gave no answer. One that did, and not as it was asked to, is no error: its
                row has no prediction, and a verdict that says so.
            BudgetExceeded: The budget has no room for a call.
        """
        with overlay({self._variables[path]: value for path, value in values.items()}):
            answers, traces = await predict(self._program, rows, self._inputs, values)
        some = not all(map(_is_refused, answers))
        predictions = [
            answer_or_none(answer, trace, refused=some) for answer, trace in zip(answers, traces, strict=True)
        ]
        shown = [plain(to_json(prediction)) for prediction in predictions]  # before a reward can change it in place
        told = [Trace() for _ in rows]
        with tracing_rows(told):  # what a reward says is told to the next writer, and is no verdict on the row
            rewards = await self._rewards(values, rows, predictions)
        feedback = ["\n".join(filter(None, (of.feedback, by.feedback))) for of, by in zip(traces, told, strict=True)]
        return [
            Cell(reward, trace.verdict, prediction, words, self._calls(row, prediction, trace))
            for row, prediction, trace, reward, words in zip(rows, shown, traces, rewards, feedback, strict=True)
        ]

    def answer_of(self, row: Row) -> Any:
        """Give a row's true answer as data models, in the structure of the target."""
        return from_json(row.y, self._target)

    def prediction_of(self, cell: Cell) -> Any:
        """Give a cell's prediction as data models, in the structure of the program's outputs."""
        if self._program.has_graph:
            return from_json(cell.prediction, self._program.graph.outputs)
        return from_json(cell.prediction, map_leaves(lambda leaf: None, self._target))  # of the same structure

    async def _rewards(self, values: Values, rows: Sequence[Row], predictions: Sequence[Any]) -> Sequence[float]:
        try:
            with phase("reward"):
                return await self._reward.score([self.answer_of(row) for row in rows], predictions)
        except (LanguageModelError, BudgetExceeded):
            raise
        except Exception as error:
            told = isinstance(error, EvaluationError)
            what = str(error) if told else f"Reward {self._reward.name!r} raised {type(error).__name__}: {error}"
            raise EvaluationError(f"{what}\n  {_place(values, rows)}") from error

    def _calls(self, row: Row, prediction: Json, trace: Trace) -> dict[str, list[Json]]:
        """Give what trainable modules did, by the module's path, without what the row says already."""
        calls: dict[str, list[Json]] = {}
        for call in trace.calls:
            path, direct = self._places.get(call.module, ("", False))
            one = {"inputs": plain(call.inputs), "outputs": plain(call.outputs)}
            if path and not (direct and one == {"inputs": row.x, "outputs": prediction}):
                calls.setdefault(path, []).append(one)
        return {path: sorted(made, key=canonical) for path, made in calls.items()}  # whichever ended first

    @cached_property
    def _places(self) -> dict[object, tuple[str, bool]]:
        """The path of each module that holds trainable variables, and whether it is direct."""
        places: dict[object, tuple[str, bool]] = {}
        for path, variable in trainable_variables(self._program).items():
            module = _holder(self._program, variable)
            places[module] = path.rpartition("/")[0], _place_of(self._program, module)[1]
        return places

    def _info(self, path: str, variable: Variable) -> VariableInfo:
        module = _holder(self._program, variable)
        node, direct = _place_of(self._program, module)
        promised = node.promise(module.output_schema(*node.arguments)) if node else None
        return VariableInfo(
            path=path,
            program=self._program.description,
            schema=variable.get_schema(),
            description=variable.description,
            inputs=node.parents()[0].get_schema() if node and node.parents() else ANY_OBJECT,
            outputs=module.target or _first_schema(promised),
            walls=module.walls,
            direct=direct,
        )


async def predict(
    program: WiredProgram,
    rows: Sequence[Row],
    inputs: Any,
    values: Values | None = None,
) -> tuple[Sequence[Any], list[Trace]]:
    """Run rows through a program, all at once where a module takes batches.

    When a script could not be run, through no fault of its own, the rows are run again.

    Args:
        program: What to run.
        rows: The rows; their answers are not read.
        inputs: Something with the schema of each input, in their structure.
        values: The candidate whose values are overlaid, for messages.

    Returns:
        The prediction of each row, or the LanguageModelError that says why there is none; and what happened on
        the way of each row.

    Raises:
        EvaluationError: A module that a person wrote raised.
        SandboxError: A script could not be run, however often it was tried.
        BudgetExceeded: The budget has no room for a call.
    """
    for _ in range(ATTEMPTS):
        traces = [Trace() for _ in rows]
        predictions = await _attempt(program, rows, inputs, traces, values or {})
        unrun = [row for row, trace in zip(rows, traces, strict=True) if not trace.was_run]
        if not unrun:
            return predictions, traces
    raise SandboxError(
        f"A script could not be run in {ATTEMPTS} attempts, through no fault of its own: the machine is "
        f"overloaded, or its sandbox is broken.\n  {_place(values or {}, unrun)}"
    )


def answer_or_none(answer: Any, trace: Trace, *, refused: bool = False) -> Any:
    """Take a model's unusable answer for no prediction, and note why; its failure to answer is raised.

    Its verdict is `unusable`: no script failed.

    Args:
        answer: A prediction, or the error in its place.
        trace: Where to note why.
        refused: Whether a question that the model refused is about this row, since it answered others.
    """
    if not isinstance(answer, LanguageModelError):
        return answer
    if not answer.answered and not (refused and _is_refused(answer)):
        raise answer
    trace.notes.append(Note("unusable", str(answer)))
    return None


def _is_refused(answer: Any) -> bool:
    return isinstance(answer, LanguageModelError) and answer.kind == "bad_request"


async def _attempt(
    program: WiredProgram, rows: Sequence[Row], inputs: Any, traces: Sequence[Trace], values: Values
) -> Sequence[Any]:
    given = [from_json(row.x, inputs) for row in rows]

    async def one(value: Any, trace: Trace) -> Any:
        with tracing(trace):
            try:
                return await program(value)
            except LanguageModelError as error:
                return error

    try:
        if program.has_graph and program.runner.takes_batches:
            return await program.runner.run_batch([program.checked_inputs(one) for one in given], traces)
        if len(given) == 1:  # the path of most rows, kept free of tasks
            return [await one(given[0], traces[0])]
        return await at_once(map(one, given, traces))
    except (SandboxError, LanguageModelError, BudgetExceeded):
        raise
    except Exception as error:
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
        raise EvaluationError(
            f"A module raised {type(error).__name__}: {error}{notes}\n  {_place(values, rows)}"
        ) from error


def trainable_variables(program: WiredProgram) -> dict[str, Variable]:
    """Give the trainable variables by path, in topological order."""
    trainable = set(program.trainable_variables)
    return {path: variable for path, variable in program.named_variables() if variable in trainable}


def is_direct(graph: Graph, node: Node) -> bool:
    """Tell whether a node turns the only input of a graph into its only output."""
    return (
        len(graph.sources) == 1
        and isinstance(graph.outputs, SymbolicDataModel)
        and graph.outputs.node is node
        and len(node.arguments) == 1
        and isinstance(node.arguments[0], SymbolicDataModel)
        and node.arguments[0].node in graph.sources
    )


def from_json(json: Json, structure: Any) -> Any:
    """Turn a copy of JSON into data models, in a structure of whatever has a schema; None is one of any schema."""
    if isinstance(structure, (list, tuple)):
        return type(structure)(from_json(part, one) for part, one in zip(json, structure, strict=True))
    if isinstance(structure, dict):
        return {key: from_json(json[key], part) for key, part in structure.items()}
    if json is None:
        return None
    return JsonDataModel.of(plain(json), ANY_OBJECT if structure is None else structure.get_schema())


def _place_of(program: WiredProgram, module: Module) -> tuple[Node | None, bool]:
    """Find the node that calls a module, in the graph or in that of a program inside it.

    Returns:
        The node, or None; and whether it turns the only input of the whole into its only output.
    """
    for node in program.graph.nodes if program.has_graph else ():
        direct = is_direct(program.graph, node)
        if node.operation is module:
            return node, direct
        if isinstance(node.operation, WiredProgram):
            inner, inner_direct = _place_of(node.operation, module)
            if inner is not None:
                return inner, direct and inner_direct
    return None, False


def waits(program: WiredProgram) -> bool:
    """Tell whether some module mostly waits for another machine."""
    return any(module.waits for module in _all_modules(program))


def _holder(program: WiredProgram, variable: Variable) -> Module:
    """Find the innermost module that holds a variable."""
    return [one for one in _all_modules(program) if variable in one.variables][-1]


def _first_schema(promised: Any) -> Schema:
    first = next(leaves(promised), None)
    return first.get_schema() if isinstance(first, SymbolicDataModel) else ANY_OBJECT


def _all_modules(module: Module) -> list[Module]:
    return [module, *(inner for part in module.submodules().values() for inner in _all_modules(part))]


def _place(values: Values, rows: Sequence[Row]) -> str:
    candidate = f"candidate {Candidate(values).id}" if values else "the program as it is"
    row = f"row {rows[0].id} with x = {rows[0].x!r:.200}"
    return f"It happened with {candidate} on {row if len(rows) == 1 else f'one of {len(rows)} rows, the first: {row}'}."

"""The seams of the kernel: who runs rows, who proposes, who decides, who watches.

The kernel knows nothing of programs, language models or callbacks. It knows these
protocols, which the layers above and below implement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from synthflow.data_models.schema import Json, Schema

if TYPE_CHECKING:
    from synthflow.search.brief import Brief, Slot
    from synthflow.search.candidate import Cell, Row
    from synthflow.search.search import Search
    from synthflow.search.steps import Step

Values = Mapping[str, Json]
"""Variable path to the complete value; of a candidate, for all trainable variables."""

Scope = Mapping[str, frozenset[str] | None]
"""Variable path to the names of the functions in it that may change; None is all of it."""


@dataclass(frozen=True)
class VariableInfo:
    """What a proposer may know of a trainable variable; fixed for a run."""

    path: str
    """Its name in the program, such as `python_synthesis/state`."""
    program: str
    """What the whole program is for."""
    schema: Schema
    """JSON schema of its value."""
    description: str
    """What the value means."""
    inputs: Schema
    """JSON schema of what the module that holds it reads."""
    outputs: Schema
    """JSON schema that the module's answer must fit."""
    walls: str
    """What its sandbox allows, in words; '' for prose."""
    direct: bool
    """Whether the module reads the program's only input and its answer is the program's
    output, so that a row's (x, y) shows what it must do."""

    @property
    def module(self) -> str:
        """The path of the module that holds it, such as `python_synthesis`; `Cell.calls` is kept by it."""
        return self.path.rpartition("/")[0]


class Evaluable(Protocol):
    """What runs candidates on rows; a Program is one."""

    @property
    def deterministic(self) -> bool:
        """Whether the same values on the same row always give the same cell."""

    @property
    def batched(self) -> bool:
        """Whether some module takes a whole batch at once, so that rows should come together."""

    def fingerprint(self) -> str:
        """Name all that a cell depends on but the values and the row: graph, configs, frozen variables, reward."""

    def variables_info(self) -> Mapping[str, VariableInfo]:
        """Describe the trainable variables by path, in topological order."""

    async def run(self, values: Values, rows: Sequence["Row"]) -> list["Cell"]:
        """Run `values` on `rows` and give a cell for each, in their order; changes nothing.

        Raises:
            EvaluationError: A person's code raised. What a proposer wrote never raises.
        """


class Proposer(Protocol):
    """Who writes new candidates.

    It may have `async def close(self) -> None`, which ends what it started (child
    processes, connections) and which `fit` calls at the end; and `def most_calls(self) -> int`,
    the HTTP attempts that one proposal can take at most, if it calls models.
    """

    @property
    def operations(self) -> frozenset[str]:
        """What it can do: `mutation` of one parent, `crossover` of two, `repair` of one that failed to run."""

    def unfit(self, variable: VariableInfo) -> str:
        """Say why it cannot write this variable, or ''."""

    async def propose(self, brief: "Brief", slot: "Slot") -> Values:
        """Write new values for variables in `brief.scope`; all others keep the first parent's.

        It may raise: that slot's child has then failed, and the search goes on. A run that
        is resumed ends like one never stopped if the answer depends on `brief` and `slot` alone.
        """


def most_calls(proposer: Proposer) -> int:
    """Give the HTTP attempts that one proposal can take at most; 0 for one that calls no model."""
    ask = getattr(proposer, "most_calls", None)
    return 0 if ask is None else int(ask())


class Optimizer(Protocol):
    """Who chooses parents, evidence, scope and acceptance."""

    async def run(self, search: "Search") -> None:
        """Improve `search.best`.

        It awaits only `search`'s methods and draws only from `search.random`: it must be a
        function of what they return, since a run is resumed by running it again from the top.
        """


class Watcher(Protocol):
    """Who follows a run and may ask it to stop."""

    async def on_epoch_begin(self, epoch: int, search: "Search") -> None:
        """Note that an epoch begins."""

    async def on_step_begin(self, step: "Step", search: "Search") -> None:
        """Note that a step begins; of a sub-search too, whose `search.epochs` is None."""

    async def on_step_end(self, step: "Step", search: "Search") -> str:
        """Give the reason to stop, or ''."""

    async def on_epoch_end(self, epoch: int, search: "Search") -> str:
        """Give the reason to stop, or ''."""

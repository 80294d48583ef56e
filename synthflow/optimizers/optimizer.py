"""Optimizer: who decides which candidates live."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from synthflow.configured import Configured
from synthflow.errors import CompileError
from synthflow.search.protocols import Proposer, VariableInfo
from synthflow.search.search import Search


class Optimizer(Configured, ABC):
    """Chooses parents, evidence, scope and acceptance; the kernel does the rest.

    A subclass writes `run`: it awaits only the methods of `search` and draws only from
    `search.random`, and so can be stopped anywhere and run again over the journal.

    Args:
        proposers: Who writes the children; slot n of a generation is written by
            `proposers[n % len(proposers)]`. By default, the symbolic proposer, which writes
            scripts with no language model.

    Raises:
        ValueError: `proposers` is empty.
        TypeError: One of them is not a proposer.
    """

    def __init__(self, *, proposers: Iterable[Proposer] | None = None) -> None:
        self._proposers = None if proposers is None else tuple(proposers)
        if self._proposers == ():
            raise ValueError(
                "proposers is empty, so nothing could be proposed. Leave it out for the symbolic proposer."
            )
        for proposer in self._proposers or ():
            if "mutation" not in getattr(proposer, "operations", ()):
                raise TypeError(
                    f"{proposer!r} cannot mutate a candidate. A proposer has `async def propose(brief, slot)`, "
                    'and "mutation" among its `operations`.'
                )

    @property
    def proposers(self) -> tuple[Proposer, ...]:
        """Who writes the children."""
        if self._proposers is None:
            from synthflow.proposers.symbolic_proposer import SymbolicProposer

            self._proposers = (SymbolicProposer(),)
        return self._proposers

    def check(self, variables: Mapping[str, VariableInfo]) -> None:
        """Make sure that there is something to train and someone to write it.

        Raises:
            CompileError: The program has no trainable variable, or a proposer can write none of them.
        """
        if not variables:
            raise CompileError(
                f"{type(self).__name__} has nothing to train: the program has no trainable variable.\n"
                "  Give it a module that has one, such as PythonSynthesis, or set `trainable = True`."
            )
        for proposer in self.proposers:
            proposer.check(variables)

    @abstractmethod
    async def run(self, search: Search) -> None:
        """Improve `search.best` until `search.steps` ends."""

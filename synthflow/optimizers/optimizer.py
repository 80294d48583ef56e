"""Optimizer: who decides which candidates live."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from synthflow.configured import Configured
from synthflow.errors import CompileError
from synthflow.language_models.defaults import get_default_language_model
from synthflow.search.brief import Brief
from synthflow.search.candidate import Scorecard
from synthflow.search.protocols import Proposer, Scope, VariableInfo
from synthflow.search.search import Search


class Optimizer(Configured, ABC):
    """Chooses parents, evidence, scope and acceptance; the kernel does the rest.

    A subclass writes `run`: it awaits only the methods of `search` and draws only from
    `search.random`, and so can be stopped anywhere and run again over the journal.

    Args:
        language_model: Writes the children: a LanguageModel, a name, or an object with
            `async complete(request)`.
        proposers: Who writes the children instead; slot n of a generation is written by
            `proposers[n % len(proposers)]`. Given neither, the default language model does, or
            else the symbolic proposer, which writes scripts with no language model.

    Raises:
        ValueError: `proposers` is empty, or given beside a language model.
        TypeError: One of them is not a proposer.
    """

    def __init__(self, *, language_model: Any = None, proposers: Iterable[Proposer] | None = None) -> None:
        self._proposers = None if proposers is None else tuple(proposers)
        self._default: dict[str, Any] = {}
        if self._proposers == ():
            raise ValueError(
                "proposers is empty, so nothing could be proposed. Leave it out for the symbolic proposer."
            )
        if language_model is not None and self._proposers is not None:
            raise ValueError(
                "Give language_model= or proposers=, not both.\n"
                "  proposers=[SymbolicProposer(), LanguageModelProposer(model)]   <- to mix them"
            )
        if language_model is not None:
            self._proposers = (self.model_proposer(language_model),)
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
            model = get_default_language_model()
            if model is not None:
                self._proposers = (self.model_proposer(model),)
                self._default = {"language_model": model}
            else:
                from synthflow.proposers.symbolic_proposer import SymbolicProposer

                self._proposers = (SymbolicProposer(),)
        return self._proposers

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments; with the default language model, where that is who writes."""
        return {**super().get_config(), **self._default}

    def model_proposer(self, language_model: Any) -> Proposer:
        """Make the proposer that writes with a language model."""
        from synthflow.proposers.language_model_proposer import LanguageModelProposer

        return LanguageModelProposer(language_model)

    @property
    def offspring(self) -> int:
        """The most children that one step can have."""
        return 1

    @property
    def most_steps(self) -> int | None:
        """The most steps that one run takes, whatever the epochs; None for no limit of its own."""
        return None

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
            reasons = {path: proposer.unfit(info) for path, info in variables.items()}
            if all(reasons.values()):
                raise CompileError(
                    f"{type(proposer).__name__} can write none of the trainable variables.\n"
                    + "".join(f"  {path!r}: {why}\n" for path, why in reasons.items())
                    + f"  {type(self).__name__}(language_model=...)   <- let a language model write them, or\n"
                    f"  {type(self).__name__}(proposers=[mine])     <- someone of your own"
                )

    def scope_of(self, search: Search, slot: int) -> Scope:
        """Give what the proposer of a slot can write, of what may change."""
        proposer = self.proposers[slot % len(self.proposers)]
        return {path: part for path, part in search.scope.items() if not proposer.unfit(search.variables[path])}

    def passes(self, card: Scorecard, brief: Brief) -> bool:
        """Say whether a child's card of the trial rows is no worse than its parent there."""
        return card.reward >= brief.parents[0].on(card.rows).reward

    @abstractmethod
    async def run(self, search: Search) -> None:
        """Improve `search.best` until `search.steps` ends."""

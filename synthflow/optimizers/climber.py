"""Climber: improves the best candidate, one generation after another."""

from collections.abc import Iterable, Sequence
from typing import Any

from synthflow.optimizers.optimizer import Optimizer
from synthflow.search.brief import Brief
from synthflow.search.candidate import Row, Scorecard, by_merit
from synthflow.search.protocols import Proposer
from synthflow.search.search import Search
from synthflow.search.steps import Step


class Climber(Optimizer):
    """Breeds from the best candidate and takes the best child's place if it is accepted.

    Subclasses choose the evidence and scope (`brief`), a cheap run before the full one
    (`trial`, `passes`), and the acceptance (`keeps`).

    Args:
        max_iterations: The most steps to take; None for no limit but the epochs.
        patience: Stop after so many steps in a row that did not raise the best reward; None for never.
        branching: Children of a step, all proposed at once.
        language_model: Writes them; see `Optimizer`.
        proposers: Who writes them instead; see `Optimizer`.

    Raises:
        ValueError: A number is below 1.
    """

    def __init__(
        self,
        *,
        max_iterations: int | None = 100,
        patience: int | None = 5,
        branching: int = 1,
        language_model: Any = None,
        proposers: Iterable[Proposer] | None = None,
    ) -> None:
        super().__init__(language_model=language_model, proposers=proposers)
        for name, number in (("max_iterations", max_iterations), ("patience", patience), ("branching", branching)):
            if number is not None and number < 1:
                raise ValueError(f"{name} must be at least 1, got {number}.")
        self.max_iterations = max_iterations
        self.patience = patience
        self.branching = branching

    @property
    def offspring(self) -> int:
        """The most children that one step can have."""
        return self.branching

    @property
    def most_steps(self) -> int | None:
        """The most steps that one run takes."""
        return self.max_iterations

    async def run(self, search: Search) -> None:
        """Climb until the steps end."""
        await search.start()
        async for step in search.steps(self.max_iterations, patience=self.patience):
            brief = self.brief(search, step)
            children = await search.breed(
                [brief] * self.branching,
                proposers=self.proposers,
                trial=self.trial(search, brief),
                passes=self.passes,
            )
            card = max(search.scored(children), key=by_merit, default=None)
            if card is not None and self.keeps(search.best, card):
                search.keep([card], best=card)

    def brief(self, search: Search, step: Step) -> Brief:
        """Show the best candidate with the rows of the batch that it fails, or else with all that it fails."""
        best = search.best
        return search.brief(best, evidence=best.failing(step.rows) or best.failing(search.rows))

    def trial(self, search: Search, brief: Brief) -> Sequence[Row]:
        """Give the rows to score a child on before all rows; none by default."""
        return ()

    def keeps(self, best: Scorecard, card: Scorecard) -> bool:
        """Say whether a child takes the best one's place; by default, when it is not worse."""
        return card.reward >= best.reward

"""OMEGA: an evolving population, kept diverse by dominated novelty.

Source of the survival rule: Bahlous-Boldi et al., Dominated Novelty Search,
arXiv:2502.00593 (2025); see `synthflow.search.novelty`.
"""

import math
from collections.abc import Iterable, Sequence
from random import Random
from typing import Literal, get_args

from synthflow.optimizers.optimizer import Optimizer
from synthflow.search.brief import Brief
from synthflow.search.candidate import Scorecard
from synthflow.search.novelty import Survival
from synthflow.search.protocols import Proposer
from synthflow.search.search import Search
from synthflow.search.steps import Step

Selection = Literal["softmax", "best", "random"]


class OMEGA(Optimizer):
    """Evolves a population of candidates.

    A generation is one step, so one batch. Each of its `offspring` slots draws a variable
    to change and a parent, shows the proposer the parent with the rows of the batch that
    it fails (or, where it fails none of them, with all that it fails), and asks for a
    child; all slots go at once. Then the old and the new compete, and the
    `population_size` that are good, or different from everyone better, stay.

    Without a language model the symbolic proposer writes the children: typed search over
    readable primitives, for scripts whose schema its primitives fit.

    Args:
        instructions: Words for the proposers on what to aim for; the symbolic one reads none.
        population_size: How many candidates are kept alive.
        offspring: How many children are proposed in a generation; by default, as many as are kept.
        k_nearest_fitter: How many of the nearest better candidates novelty is measured against.
        selection: How parents are drawn: `softmax` of their rewards, always the `best`, or
            uniformly at `random`.
        selection_temperature: Of `softmax`, in units of reward: near 0 the best is drawn
            almost always, far above 1 all are drawn alike.
        merging_rate: Probability that a slot crosses two parents over instead of mutating one, where
            its proposer can and where another candidate has another value of that variable.
        proposers: Who writes the children; see `Optimizer`.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        *,
        instructions: str = "",
        population_size: int = 8,
        offspring: int | None = None,
        k_nearest_fitter: int = 3,
        selection: Selection = "softmax",
        selection_temperature: float = 0.3,
        merging_rate: float = 0.2,
        proposers: Iterable[Proposer] | None = None,
    ) -> None:
        super().__init__(proposers=proposers)
        sizes = {"population_size": population_size, "offspring": offspring, "k_nearest_fitter": k_nearest_fitter}
        for name, size in sizes.items():
            if size is not None and size < 1:
                raise ValueError(f"{name} counts candidates, so it must be at least 1, got {size}.")
        if selection not in get_args(Selection):
            raise ValueError(f"selection must be one of {', '.join(get_args(Selection))}, got {selection!r}.")
        if not 0.0 < selection_temperature < math.inf:
            raise ValueError(f"selection_temperature must be above 0, got {selection_temperature}.")
        if not 0.0 <= merging_rate <= 1.0:
            raise ValueError(f"merging_rate is a probability, so it must be from 0 to 1, got {merging_rate}.")
        self.instructions = instructions
        self.population_size = population_size
        self.offspring = population_size if offspring is None else offspring
        self.k_nearest_fitter = k_nearest_fitter
        self.selection = selection
        self.selection_temperature = selection_temperature
        self.merging_rate = merging_rate

    async def run(self, search: Search) -> None:
        """Evolve until the steps end."""
        survival = Survival()

        def compete(rivals: Sequence[Scorecard]) -> None:
            search.keep(survival.survivors(rivals, self.population_size, self.k_nearest_fitter))

        await search.start()
        compete(search.population)
        async for step in search.steps():
            briefs = [self.brief(search, step, slot) for slot in range(self.offspring)]
            children = search.scored(await search.breed(briefs, proposers=self.proposers))
            compete([*search.population, *children])

    def brief(self, search: Search, step: Step, slot: int) -> Brief:
        """Draw what a slot changes, whom it changes, and with whom it may cross."""
        rng = search.random(step.number, slot)
        path = rng.choice(list(search.scope))
        parents = [self.draw(search.population, rng)]
        value = parents[0].candidate.values[path]
        others = [card for card in search.population if card.candidate.values[path] != value]
        can_cross = "crossover" in self.proposers[slot % len(self.proposers)].operations
        if rng.random() < self.merging_rate and can_cross and others:
            parents.append(self.draw(others, rng))
        return search.brief(
            *parents,
            evidence=parents[0].failing(step.rows) or parents[0].failing(search.rows),
            scope={path: search.scope[path]},
            instructions=self.instructions,
        )

    def draw(self, cards: Sequence[Scorecard], rng: Random) -> Scorecard:
        """Draw one card, as `selection` says; `cards` are the best first."""
        if self.selection == "best":
            return cards[0]
        if self.selection == "random":
            return rng.choice(cards)
        top = max(card.reward for card in cards)
        weights = [math.exp((card.reward - top) / self.selection_temperature) for card in cards]
        return rng.choices(cards, weights)[0]

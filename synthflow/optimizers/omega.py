"""OMEGA: an evolving population, kept diverse by dominated novelty.

Source of the survival rule: Bahlous-Boldi et al., Dominated Novelty Search,
arXiv:2502.00593 (2025); see `synthflow.search.novelty`.
"""

import math
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from random import Random
from typing import Any, Literal, get_args

from synthflow.concurrency import at_once
from synthflow.language_models.defaults import as_embedding_model
from synthflow.language_models.embedding_model import EmbeddingModel, Vector
from synthflow.language_models.provider import EmbeddingProvider
from synthflow.optimizers.optimizer import Optimizer
from synthflow.search.brief import Brief
from synthflow.search.candidate import Child, Row, Scorecard, by_merit
from synthflow.search.novelty import Survival
from synthflow.search.protocols import Proposer, Scope
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

    A child that failed to run may be a line away from being right, and is seldom drawn for its
    reward. So where the generation before has one, the last slot whose proposer can repair is
    given the best of them, instead of a mutation.

    Where the same candidate may score differently twice, as a program that asks a language
    model does, a child is first scored on the batch, and on all rows only if it is no worse
    than its parent there.

    Without a language model the symbolic proposer writes the children: typed search over
    readable primitives, for scripts whose schema its primitives fit. The two can be mixed:
    `OMEGA(proposers=[SymbolicProposer(), LanguageModelProposer(model)])`.

    Args:
        language_model: Writes the children; see `Optimizer`.
        embedding_model: Measures how different candidates are, by the embedding of each. By default, and
            for those about which it gives no answer, what they do and how they are written is compared. Embeddings are
            asked for while the next generation is written, so that nobody waits for them: until then a newcomer,
            too, is told from others by what it does.
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
        mutation_temperature: Of the language model when it changes one parent; by default, the model's own.
        crossover_temperature: Of the language model when it joins two.
        reasoning_effort: Of the language model.
        use_chain_of_thought: Whether the language model writes down its thoughts before its answer.
        proposers: Who writes the children instead of a language model; see `Optimizer`.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        *,
        language_model: Any = None,
        embedding_model: EmbeddingModel | EmbeddingProvider | str | None = None,
        instructions: str = "",
        population_size: int = 8,
        offspring: int | None = None,
        k_nearest_fitter: int = 3,
        selection: Selection = "softmax",
        selection_temperature: float = 0.3,
        merging_rate: float = 0.2,
        mutation_temperature: float | None = None,
        crossover_temperature: float | None = None,
        reasoning_effort: str | None = None,
        use_chain_of_thought: bool = True,
        proposers: Iterable[Proposer] | None = None,
    ) -> None:
        self.mutation_temperature = mutation_temperature
        self.crossover_temperature = crossover_temperature
        self.reasoning_effort = reasoning_effort
        self.use_chain_of_thought = use_chain_of_thought
        super().__init__(language_model=language_model, proposers=proposers)
        self.embedding_model = None if embedding_model is None else as_embedding_model(embedding_model)
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
        self._offspring = population_size if offspring is None else offspring
        self.k_nearest_fitter = k_nearest_fitter
        self.selection = selection
        self.selection_temperature = selection_temperature
        self.merging_rate = merging_rate

    @property
    def offspring(self) -> int:
        """The children of a generation."""
        return self._offspring

    def model_proposer(self, language_model: Any) -> Proposer:
        """Make the proposer that writes with a language model."""
        from synthflow.proposers.language_model_proposer import LanguageModelProposer

        return LanguageModelProposer(
            language_model,
            mutation_temperature=self.mutation_temperature,
            crossover_temperature=self.crossover_temperature,
            reasoning_effort=self.reasoning_effort,
            use_chain_of_thought=self.use_chain_of_thought,
        )

    async def run(self, search: Search) -> None:
        """Evolve until the steps end."""
        survival = Survival()

        def stay(rivals: Sequence[Scorecard], vectors: Mapping[str, Vector]) -> list[Scorecard]:
            return survival.survivors(rivals, self.population_size, self.k_nearest_fitter, vectors)

        await search.start()
        rivals = list(search.population)
        search.keep(stay(rivals, {}))
        async for step in search.steps():
            briefs = [self.brief(search, step, slot) for slot in range(self.offspring)]
            breeding = search.breed(
                briefs, proposers=self.proposers, trial=self.trial(search, step), passes=self.passes
            )
            children, vectors = await self._meanwhile_embedded(search, breeding, rivals)
            rivals = [*stay(rivals, vectors), *search.scored(children)]
            search.keep(stay(rivals, vectors))

    async def _meanwhile_embedded(
        self, search: Search, breeding: Coroutine[Any, Any, list[Child]], rivals: Sequence[Scorecard]
    ) -> tuple[list[Child], Mapping[str, Vector]]:
        """Give a generation's children, and the embeddings of those who were rivals before it."""
        if self.embedding_model is None or len(rivals) <= self.population_size:  # then all stay, however alike
            return await breeding, {}
        if search.purse.is_limited:  # all that is left of it is in the hands of the slots
            return await breeding, await search.embed(rivals, self.embedding_model)
        both: list[Any] = await at_once([breeding, search.embed(rivals, self.embedding_model)])
        children, vectors = both
        return children, vectors

    def trial(self, search: Search, step: Step) -> Sequence[Row]:
        """Give the rows to score a child on before all rows: the batch, where a score is partly chance.

        None where the batch is all there is, so that a child which is worse there may still stay for being
        different; and none where rows are rewarded together.
        """
        evaluable = search.evaluator.evaluable
        whole = len({row.id for row in step.rows}) == len({row.id for row in search.rows})
        return () if whole or evaluable.deterministic or evaluable.batched else step.rows

    def brief(self, search: Search, step: Step, slot: int) -> Brief:
        """Draw what a slot changes, whom it changes, and with whom it may cross."""
        rng = search.random(step.number, slot)
        scope = self.scope_of(search, slot)
        path = rng.choice(list(scope))
        parents = [self.draw(search.population, rng)]
        value = parents[0].candidate.values[path]
        others = [card for card in search.population if card.candidate.values[path] != value]
        can_cross = "crossover" in self.proposers[slot % len(self.proposers)].operations
        if rng.random() < self.merging_rate and can_cross and others:
            parents.append(self.draw(others, rng))
        elif slot == self._repairing and (repair := self.repair(search, scope)):
            return repair
        return search.brief(
            *parents,
            evidence=parents[0].failing(step.rows) or parents[0].failing(search.rows),
            scope={path: scope[path]},
            instructions=self.instructions,
        )

    def repair(self, search: Search, scope: Scope) -> Brief | None:
        """Ask to repair the best of the generation before whose script failed on some row; None when there is none."""
        card = max(filter(_failed, search.scored(search.children)), key=by_merit, default=None)
        if card is None:
            return None
        before, after = search.archive.candidates[card.candidate.parents[0]].values, card.candidate.values
        changed = {path: part for path, part in scope.items() if after[path] != before[path]}
        return search.brief(card, scope=changed, instructions=self.instructions) if changed else None

    @property
    def _repairing(self) -> int | None:
        """The slot that repairs what failed: the last whose proposer can, where there are several slots."""
        able = [n for n in range(self.offspring) if "repair" in self.proposers[n % len(self.proposers)].operations]
        return able[-1] if able and self.offspring > 1 else None

    def draw(self, cards: Sequence[Scorecard], rng: Random) -> Scorecard:
        """Draw one card, as `selection` says; `cards` are the best first."""
        if self.selection == "best":
            return cards[0]
        if self.selection == "random":
            return rng.choice(cards)
        top = max(card.reward for card in cards)
        weights = [math.exp((card.reward - top) / self.selection_temperature) for card in cards]
        return rng.choices(cards, weights)[0]


def _failed(card: Scorecard) -> bool:
    """Tell whether a script failed to run on some row; a model's unusable answer is no such failure."""
    return any(cell.verdict not in ("ok", "unusable") for cell in card.cells.values())

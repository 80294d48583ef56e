"""RandomFewShot: fills the examples of generators with what they answered well.

Source: Khattab et al., DSPy: Compiling Declarative Language Model Calls into
Self-Improving Pipelines, arXiv:2310.03714 (2023), BootstrapFewShotWithRandomSearch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Literal, get_args

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json
from synthflow.errors import CompileError
from synthflow.optimizers.optimizer import Optimizer
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Row, by_merit
from synthflow.search.protocols import Proposer, Values, VariableInfo
from synthflow.search.search import Search
from synthflow.search.steps import Step

EXAMPLES = "examples"
"""The field of a variable that holds few-shot examples."""

Sampling = Literal["random", "best", "softmax"]


class RandomFewShot(Optimizer):
    """Shows generators some of their own rewarded predictions as examples.

    Each step draws examples from what the best candidate answered on the rows of the batch (or,
    where it earned nothing there, on all rows), and keeps them only if the program is better
    with them on the same rows. Examples come from training rows alone, and no row is
    shown its own answer (see `Generator`).

    Args:
        nb_min_examples: The fewest examples to draw, where there are as many.
        nb_max_examples: The most.
        sampling: How they are drawn: uniformly at `random`, the `best` rewarded, or by `softmax` of
            the rewards.
        sampling_temperature: Of `softmax`, in units of reward.
        population_size: How many candidates are kept; each step starts from the best.
        offspring: How many sets of examples are tried in a step, all at once.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        *,
        nb_min_examples: int = 1,
        nb_max_examples: int = 3,
        sampling: Sampling = "softmax",
        sampling_temperature: float = 0.3,
        population_size: int = 10,
        offspring: int = 1,
    ) -> None:
        if not 1 <= nb_min_examples <= nb_max_examples:
            raise ValueError(
                f"nb_min_examples must be at least 1 and at most nb_max_examples, got {nb_min_examples} and "
                f"{nb_max_examples}."
            )
        if sampling not in get_args(Sampling):
            raise ValueError(f"sampling must be one of {', '.join(get_args(Sampling))}, got {sampling!r}.")
        if not sampling_temperature > 0:
            raise ValueError(f"sampling_temperature must be above 0, got {sampling_temperature}.")
        if min(population_size, offspring) < 1:
            raise ValueError(f"population_size and offspring are at least 1, got {population_size} and {offspring}.")
        self.population_size = population_size
        self._offspring = offspring
        super().__init__(proposers=[ExampleProposer(nb_min_examples, nb_max_examples, sampling, sampling_temperature)])

    @property
    def offspring(self) -> int:
        """The children of a step."""
        return self._offspring

    def check(self, variables: Mapping[str, VariableInfo]) -> None:
        """Make sure that there are examples to fill.

        Raises:
            CompileError: No trainable variable holds any.
        """
        if not any(holds_examples(info) for info in variables.values()):
            raise CompileError(
                "RandomFewShot fills the examples of generators, and this program has no trainable ones"
                f"{': it has ' + ', '.join(map(repr, variables)) if variables else ''}.\n"
                "  OMEGA(...)   <- writes scripts and instructions; a few examples cannot change those"
            )

    async def run(self, search: Search) -> None:
        """Draw and try until the steps end."""
        await search.start()
        async for step in search.steps():
            best = search.best
            children = await search.breed([self.brief(search, step)] * self.offspring, proposers=self.proposers)
            better = [card for card in search.scored(children) if card.reward > best.reward]
            if better:
                kept = sorted([*search.population, *better], key=by_merit, reverse=True)
                search.keep(kept[: self.population_size])

    def brief(self, search: Search, step: Step) -> Brief:
        """Show the best candidate with the rows of the batch, or else all rows, that earned it something."""
        best = search.best

        def rewarded(rows: tuple[Row, ...]) -> list[Row]:
            return [row for row in {row.id: row for row in rows}.values() if best.cells[row.id].reward > 0]

        evidence = rewarded(step.rows) or rewarded(tuple(search.rows))
        return search.brief(best, evidence=evidence, scope=self.scope_of(search, 0))


@dataclass(frozen=True)
class ExampleProposer(Proposer):
    """Draws the examples of one generator from the rewarded rows of a brief."""

    least: int
    """The fewest examples."""
    most: int
    """The most."""
    sampling: Sampling
    """How they are drawn."""
    temperature: float
    """Of `softmax`."""
    operations = frozenset({"mutation"})

    def unfit(self, variable: VariableInfo) -> str:
        """Say that it holds no examples, or ''."""
        return "" if holds_examples(variable) else "it holds no examples"

    async def propose(self, brief: Brief, slot: Slot) -> Values:
        """Draw the examples of one variable of the scope.

        Raises:
            LookupError: No row of the evidence earned anything.
        """
        path = slot.rng.choice(sorted(brief.scope))
        pool = _examples(brief, brief.variables[path])
        if not pool:
            raise LookupError(
                f"No prediction of {brief.variables[path].module} was rewarded, so none can be an example."
            )
        count = min(len(pool), slot.rng.randint(self.least, self.most))
        return {path: {EXAMPLES: [example for _, example in self._drawn(pool, count, slot.rng)]}}

    def _drawn(self, pool: list[tuple[float, Json]], count: int, rng: Random) -> list[tuple[float, Json]]:
        rng.shuffle(pool)
        if self.sampling == "random":
            return pool[:count]
        if self.sampling == "best":
            return sorted(pool, key=lambda one: -one[0])[:count]
        drawn = []
        for _ in range(count):
            weights = [exp((reward - 1.0) / self.temperature) for reward, _ in pool]
            drawn.append(pool.pop(rng.choices(range(len(pool)), weights)[0]))
        return drawn


def holds_examples(variable: VariableInfo) -> bool:
    """Tell whether a variable holds nothing but few-shot examples."""
    return list(schemas.properties(variable.schema)) == [EXAMPLES]


def _examples(brief: Brief, variable: VariableInfo) -> list[tuple[float, Json]]:
    """Give what a generator read and answered on the rows of the evidence, with each row's reward."""
    cells = brief.parents[0].cells
    pool: list[tuple[float, Json]] = []
    for row in brief.evidence:
        cell = cells[row.id]
        made = cell.calls.get(variable.module, [])
        if not made and variable.direct and cell.prediction is not None:
            made = [{"inputs": row.x, "outputs": cell.prediction}]
        pool += [(cell.reward, example) for example in made]
    return pool

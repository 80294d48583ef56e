"""Search: all that an optimizer may touch.

An optimizer reads `rows`, `scope`, `archive`, `population` and `best`, and acts
through a few awaited calls: `start`, `breed`, `evaluate`, `together`, and the turns of
`steps`. All that those calls pay for is in the journal, so an optimizer that is run
again from the top gets the same answers again and needs no code to be resumed.

What keeps a run the same at any number of workers: results are committed in slot
order, never in order of arrival; nothing is cancelled, an early stop falls between
waves; and chance depends on the seed and the place in the run alone.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from synthflow.concurrency import OneAtATime, at_once
from synthflow.data_models.canonical import digest
from synthflow.data_models.schema import Json, Validator
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models.embedding_model import EmbeddingModel, Vector
from synthflow.language_models.meter import metered, phase
from synthflow.search.archive import Archive
from synthflow.search.breeding import NOBODY_S_IDEA, Generation, Passes
from synthflow.search.brief import Brief
from synthflow.search.budget import Purse
from synthflow.search.candidate import Candidate, Cell, Child, Row, Scorecard, by_merit
from synthflow.search.evaluator import Evaluator
from synthflow.search.novelty import embedding_text
from synthflow.search.protocols import Optimizer, Proposer, Scope, Watcher, most_calls
from synthflow.search.randomness import counter_rng
from synthflow.search.steps import Steps

RACE = """Two calls at once on one search would race for their place in the run.
  Put all briefs in one `breed`, or give each branch a `sub` and run them by `together`."""


class Search:
    """One search for the values of a program's trainable variables.

    Args:
        evaluator: Gives the cells.
        proposer: Writes children where `breed` is told no others.
        seeds: The candidates to start from, one at least: a new run's own, or what an earlier
            run kept.
        rows: The training rows, one at least; all candidates are compared on all of them.
        seed: The number that all chance depends on.
        path: The name of this search; equal seeds and paths draw alike, so a second `fit` has another.
        scope: What may change; by default, every trainable variable.
        epochs: The epochs to go through; None for a sub-search, which has no end of its own.
        batch_size: Rows of a step, at least 1.
        shuffle: Whether each epoch takes the rows in an order of its own.
        watcher: Follows the run and may stop it.
        instructions: The user's words for the proposers.
        archive: What an earlier run committed.
        taken: How many steps earlier runs on these rows took; the numbers of steps go on from there.
        purse: What it may take; by default, there is no limit.

    Raises:
        ValueError: No seeds, no rows, a batch size below 1, or a scope of unknown variables.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        proposer: Proposer,
        seeds: Sequence[Candidate],
        rows: Sequence[Row],
        *,
        seed: int = 0,
        path: str = "",
        scope: Scope | None = None,
        epochs: range | None = range(0, 1),
        batch_size: int = 32,
        shuffle: bool = True,
        watcher: Watcher | None = None,
        instructions: str = "",
        archive: Archive | None = None,
        taken: int = 0,
        purse: Purse | None = None,
    ) -> None:
        self.variables = evaluator.evaluable.variables_info()
        if not seeds or not rows:
            raise ValueError(f"A search needs a seed and a row at least, got {len(seeds)} seeds and {len(rows)} rows.")
        if batch_size < 1:
            raise ValueError(f"batch_size counts the rows of a step, so it must be at least 1, got {batch_size}.")
        if unknown := [name for name in scope or () if name not in self.variables]:
            raise ValueError(f"The scope names {unknown[0]!r}; the trainable variables are {list(self.variables)}.")
        self.evaluator = evaluator
        self.proposer = proposer
        self.seeds = list(seeds)
        self.rows = list(rows)
        self.seed = seed
        self.path = path
        self.scope: Scope = dict.fromkeys(self.variables) if scope is None else scope
        self.epochs = epochs
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.watcher = watcher
        self.instructions = instructions
        self.archive = Archive() if archive is None else archive
        self.population: list[Scorecard] = []
        """Those kept to breed, best first."""
        self.children: list[Child] = []
        """What became of the latest `breed`, in slot order."""
        self.purse = Purse() if purse is None else purse
        self.taken = taken
        self.step = taken
        """Number of the current step; the first of all runs is 1."""
        self.stop_reason = ""
        """Why the search ended, or ''."""
        self.stop_asked = ""
        """Why all searches of the run have to stop, or '': the watcher's reason, or a model that does not answer."""
        self.budget_spent = ""
        """The limit that leaves no room for another slot of this search, as `budget: calls`, or ''."""
        self.rows_id = digest(sorted(row.id for row in self.rows))
        self.validators = {name: Validator(info.schema) for name, info in self.variables.items()}
        self._best: Scorecard | None = None
        self._floor: Scorecard | None = None
        self._steps: Steps | None = None
        self._subs: set[str] = set()
        self._calls = 0
        self._alone = OneAtATime(RACE)

    @property
    def best(self) -> Scorecard:
        """The best candidate, as the optimizer sees it; never below the best seed."""
        if self._best is None:
            raise RuntimeError("No candidate has been scored yet. An optimizer begins with `await search.start()`.")
        return self._best

    async def start(self) -> None:
        """Score the seeds and keep them all; one but the first that cannot be scored is left out.

        Where a budget may not reach for all they are scored one after another, so that it reaches equally far in
        every run.

        Raises:
            LanguageModelError: A model gave no answer about the first seed, the program as it is.
            BudgetExceeded: The budget has no room for it.
        """
        first, *others = self.seeds
        with self._alone:
            if self.purse.is_limited:
                before = self.purse.spent()
                found: list[dict[str, Cell] | Exception] = [await self.evaluator.evaluate(first, self.rows)]
                self.purse.expect({name: spent - before[name] for name, spent in self.purse.spent().items()})
                if self.purse.has_room(len(others)):
                    found += await at_once(map(self._outcome, others))
                else:
                    found += [await self._outcome(seed) for seed in others]
            else:
                found = await at_once(map(self._outcome, self.seeds))
        if isinstance(found[0], Exception):
            raise found[0]
        pairs = zip(self.seeds, found, strict=True)
        cards = [self.commit(seed, cells) for seed, cells in pairs if not isinstance(cells, Exception)]
        self._floor = max(cards, key=by_merit)
        self.keep(cards)

    async def evaluate(self, candidates: Sequence[Candidate]) -> list[Scorecard]:
        """Give cards on all rows, in the order asked; cells that are known cost nothing."""
        with self._alone:
            cells = await at_once(self.evaluator.evaluate(candidate, self.rows) for candidate in candidates)
        return [self.commit(candidate, got) for candidate, got in zip(candidates, cells, strict=True)]

    async def breed(
        self,
        briefs: Sequence[Brief],
        *,
        proposers: Sequence[Proposer] = (),
        wave: int | None = None,
        until: Callable[[list[Child]], bool] = lambda children: False,
        trial: Sequence[Row] = (),
        passes: Passes = lambda card, brief: True,
    ) -> list[Child]:
        """Make one child for each brief, as `Generation` says: propose, check, score.

        All slots go at once and are committed in slot order. A child that is known already,
        from the archive or a lower slot, is not run again; it carries the known card.

        Args:
            briefs: What to ask for, one brief a slot.
            proposers: Slot n is written by `proposers[n % len(proposers)]`; by default, by the search's own.
            wave: How many slots start together; by default, all.
            until: Looks at the children so far after each wave; True starts no further wave.
            trial: Rows to score a child on first; a child that falls there never enters the archive.
            passes: Whether a card of the trial rows is good enough to score the child on all rows.

        Returns:
            A child for each slot started, in slot order.

        Raises:
            EvaluationError: A person's code raised; nothing of this wave is committed.
            RuntimeError: Another call is under way on this search.
        """
        with self._alone:
            self._calls += 1
            self.children = []
            generation = Generation(self, self._calls, len(briefs), proposers or (self.proposer,), trial, passes)
            waiting, size = list(enumerate(briefs)), wave or max(1, len(briefs))
            while waiting and not (self.children and until(self.children)):
                count, limit = self.purse.afford(min(size, len(waiting)), self._least(generation))
                if not count:
                    self.budget_spent = f"budget: {limit}"
                    break
                wanted, waiting = waiting[:count], waiting[count:]
                purses = self.purse.open(count)
                born = await generation.bear(wanted, purses)
                self.purse.close(purses)
                for (slot, brief), child in zip(wanted, born, strict=True):
                    self.children.append(generation.commit(slot, brief, child))
            if kind := _outage(self.children):
                self.stop_asked = self.stop_asked or f"language model: {kind}"
            return list(self.children)

    async def embed(self, cards: Sequence[Scorecard], model: EmbeddingModel) -> dict[str, Vector]:
        """Give a vector for each candidate by its id, all of one length.

        Each is asked for once a run; one for which the model gave no answer is missing. It may go on while children
        are bred.
        """

        async def one(card: Scorecard) -> Json:
            async def make() -> Json:
                try:
                    with metered(self.purse), phase("training"):
                        return [list(vector) for vector in await model([embedding_text(card.candidate.values)])]
                except (LanguageModelError, BudgetExceeded):
                    return []

            return await self.evaluator.journal.once(f"embed/{model.model}/{card.id}", make)

        answers = await at_once(map(one, cards))
        vectors = {card.id: tuple(found[0]) for card, found in zip(cards, answers, strict=True) if found}
        length = len(next(iter(vectors.values()), ()))
        return {candidate: vector for candidate, vector in vectors.items() if len(vector) == length}

    async def together(self, branches: Sequence[tuple["Search", Optimizer]]) -> None:
        """Run sub-searches at once, each with an equal share of the budget, and join them in the order written."""

        async def run(sub: Search, optimizer: Optimizer) -> None:
            with metered(sub.purse):
                await optimizer.run(sub)
                await sub.close()

        with self._alone:
            purses = self.purse.open(len(branches))
            for (sub, _), purse in zip(branches, purses, strict=True):
                sub.purse = purse
            await at_once(run(sub, optimizer) for sub, optimizer in branches)
            self.purse.close(purses, learn=False)
        self.join(*[sub for sub, _ in branches])

    def steps(self, max_steps: int | None = None, *, patience: int | None = None) -> Steps:
        """Iterate over steps until there is a reason to stop.

        Args:
            max_steps: The most steps to take; no limit by default.
            patience: Stop after so many steps in a row that did not raise the best reward.

        Raises:
            RuntimeError: Called a second time: a search ends once. Use `sub` for a second loop.
            ValueError: A sub-search, which has no epochs, is given no end.
        """
        if self._steps is not None:
            raise RuntimeError("A search has one loop of steps. For another, run a `search.sub(name)`.")
        if self.epochs is None and max_steps is None and patience is None:
            raise ValueError("A sub-search has no epochs and might never end. Give max_steps or patience.")
        self._steps = Steps(self, max_steps, patience)
        return self._steps

    async def close(self) -> None:
        """End the step and the epoch that an optimizer left open; `fit` calls it."""
        if self._steps is not None:
            await self._steps.close()

    def keep(self, cards: Sequence[Scorecard], best: Scorecard | None = None) -> None:
        """Make `cards` the population.

        Args:
            cards: Those to breed from, one at least.
            best: The best of them, when it is not the first by merit.
        """
        if not cards:
            raise ValueError("A population needs a card at least.")
        self.population = sorted({card.id: card for card in cards}.values(), key=by_merit, reverse=True)
        chosen = best or self.population[0]
        self._best = max(chosen, self._floor or chosen, key=lambda card: card.reward)

    def scored(self, children: Sequence[Child]) -> list[Scorecard]:
        """Give the cards of the children that are new."""
        return [child.card for child in children if child.status == "scored" and child.card is not None]

    def brief(
        self,
        *parents: Scorecard,
        evidence: Sequence[Row] | None = None,
        scope: Scope | None = None,
        instructions: str = "",
        hint: str = "",
    ) -> Brief:
        """Write a brief for a child of `parents`.

        Args:
            *parents: One to mutate, two to cross over.
            evidence: The rows to look at; by default, all that the first parent fails.
            scope: What may change; by default, the search's.
            instructions: Words on what to aim for; by default, the search's.
            hint: Words on this child.
        """
        return Brief(
            parents=parents,
            rows=tuple(self.rows),
            evidence=tuple(parents[0].failing(self.rows) if evidence is None else evidence),
            scope=self.scope if scope is None else scope,
            step=self.step,
            variables=self.variables,
            instructions=instructions or self.instructions,
            tried=self.archive.tried.get(parents[0].id, ()),
            hint=hint,
        )

    def random(self, *key: Json) -> Random:
        """Make a generator that depends on the seed, this search's path and `key` alone."""
        return counter_rng(self.seed, self.path, "optimizer", *key)

    def finish(self, reason: str) -> None:
        """End the search at the next turn of its steps."""
        self.stop_reason = reason

    def sub(self, name: str, *, rows: Sequence[Row] | None = None, scope: Scope | None = None) -> "Search":
        """Make a search within this one, from its population, with chance and an archive of its own.

        Raises:
            ValueError: The name is taken: two searches of one path would draw alike.
        """
        if name in self._subs or "/" in name:
            raise ValueError(f"A sub-search needs a name of its own without '/', got {name!r}.")
        self._subs.add(name)
        sub = Search(
            self.evaluator,
            self.proposer,
            [card.candidate for card in self.population] or self.seeds,
            self.rows if rows is None else rows,
            seed=self.seed,
            path=f"{self.path}/{name}",
            scope=self.scope if scope is None else scope,
            epochs=None,
            batch_size=self.batch_size,
            shuffle=self.shuffle,
            watcher=self.watcher,
            instructions=self.instructions,
            archive=self.archive.copy(),
            purse=self.purse,
        )
        sub.stop_asked = self.stop_asked
        return sub

    def join(self, *subs: "Search") -> None:
        """Take in what sub-searches committed, in the order written; populations stay theirs."""
        for sub in subs:
            self.archive.merge(sub.archive)
            self.stop_asked = self.stop_asked or sub.stop_asked

    async def _outcome(self, candidate: Candidate) -> dict[str, Cell] | Exception:
        """Give a candidate's cells on all rows, or why a model or the budget left it without."""
        try:
            return await self.evaluator.evaluate(candidate, self.rows)
        except (LanguageModelError, BudgetExceeded) as error:
            return error

    def _least(self, generation: Generation) -> dict[str, float]:
        """Give what a slot is known to take, before one has been seen: a question, and what a seed took."""
        asked = min(1, max(map(most_calls, generation.proposers)))
        took, cells = self.purse.expected, len({row.id for row in self.rows})
        return {**took, "calls": asked + took.get("calls", 0), "evaluations": cells}

    def commit(self, candidate: Candidate, cells: Mapping[str, Cell]) -> Scorecard:
        """Enter a candidate into the archive and give its card."""
        age = self.archive.add(candidate, self.rows_id)
        rows = tuple(row.id for row in self.rows)
        return Scorecard(candidate, cells, rows, age, self.evaluator.violation(candidate))


def _outage(children: Sequence[Child]) -> str:
    """Name the failure that left a generation without a single answer of a model, or ''."""
    kinds = [child.kind for child in children]
    if not NOBODY_S_IDEA.issuperset(kinds):
        return ""
    return max(sorted(set(kinds) - {"budget"}), key=kinds.count, default="")

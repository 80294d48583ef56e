"""Evaluator: runs the (candidate, row) cells that are missing, and only those."""

import asyncio
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from synthflow.errors import BudgetExceeded, EvaluationError, LanguageModelError
from synthflow.language_models.meter import current_meter
from synthflow.search.budget import Purse
from synthflow.search.candidate import Candidate, Cell, Row
from synthflow.search.executors import Executor
from synthflow.search.journal import Fact, Journal
from synthflow.search.protocols import Evaluable, Values

TRANSIENT = frozenset({"timeout", "infrastructure"})
"""Verdicts that may be the machine's doing, so no other run should believe them."""

Constraint = Callable[[Values], str | None]
"""Says why values may not be, or '' or None."""


class Evaluator:
    """Gives cells, from the journal where it knows them.

    Args:
        evaluable: What runs candidates on rows.
        journal: Holds the cells; the memo of evaluations is the journal itself.
        executor: Where rows run.
        constraints: What every child must keep to; one that breaks any is not run.
    """

    def __init__(
        self,
        evaluable: Evaluable,
        journal: Journal,
        executor: Executor,
        constraints: Sequence[Constraint] = (),
    ) -> None:
        self.evaluable = evaluable
        self.journal = journal
        self.executor = executor
        self.constraints = tuple(constraints)
        self.evaluations = 0
        """How many cells were run, not counting those that were known."""
        self._prefix = f"cell/{evaluable.fingerprint()}/"
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def violation(self, candidate: Candidate) -> str:
        """Give the first constraint's complaint, or ''.

        Raises:
            EvaluationError: A constraint raised, or answered something else than text or None.
        """
        for check in self.constraints:
            try:
                why = check(candidate.values)
            except Exception as error:
                raise EvaluationError(
                    f"A constraint raised {type(error).__name__}: {error}\n  It was asked of candidate {candidate.id}."
                ) from error
            if why is not None and not isinstance(why, str):
                raise EvaluationError(
                    f"A constraint answers what is wrong, in words, or ''; one answered {why!r:.100}."
                )
            if why:
                return why
        return ""

    async def evaluate(self, candidate: Candidate, rows: Sequence[Row]) -> dict[str, Cell]:
        """Give the candidate's cells by row id; each cell is run once, however many ask at once.

        Raises:
            EvaluationError: A person's code raised.
            LanguageModelError: A model that the program or the reward needs gave no answer.
            BudgetExceeded: The budget has no room for it.
        """
        keys = {row.id: self._key(candidate, row) for row in rows}
        async with self._turns.setdefault(candidate.id, asyncio.Lock()):
            missing = [row for row in {row.id: row for row in rows}.values() if keys[row.id] not in self.journal.facts]
            jobs = [missing] if self.evaluable.batched else [[row] for row in missing]
            if missing:
                await self._run_all(candidate, jobs)
        return {row: Cell.from_json(self.journal.facts[key].value) for row, key in keys.items()}

    def memo(self) -> dict[str, Fact]:
        """Give the cells that hold for another run of the same program: `Journal(evaluator.memo())`.

        Those of a program that is not deterministic do not, nor do those that ended by
        time or by a broken sandbox.
        """
        if not self.evaluable.deterministic:
            return {}
        return {
            key: fact
            for key, fact in self.journal.facts.items()
            if key.startswith(self._prefix) and fact.value["verdict"] not in TRANSIENT
        }

    async def _run_all(self, candidate: Candidate, jobs: Sequence[Sequence[Row]]) -> None:
        """Run jobs; when a model or the budget fails one, let those under way end, so that what they pay is kept.

        A question that a model refuses, once others were answered, is about its row: it has no prediction.
        """
        failures: dict[int, Exception] = {}
        refused: dict[int, LanguageModelError] = {}

        async def run(job: tuple[int, Sequence[Row]]) -> None:
            number, rows = job
            if failures:
                return
            try:
                await self._run(candidate, rows)
            except (LanguageModelError, BudgetExceeded) as error:
                if isinstance(error, LanguageModelError) and error.kind == "bad_request":
                    refused[number] = error
                else:
                    failures[number] = error

        meter, numbered = current_meter(), list(enumerate(jobs))
        if isinstance(meter, Purse) and meter.is_tight:  # in order, so that what it still pays for is always the same
            for job in numbered:
                await self.executor.map(run, [job])
        else:
            await self.executor.map(run, numbered)
        if not failures and len(refused) == len(jobs) and not self.evaluations:
            failures.update(refused)
        if failures:
            raise failures[min(failures)]
        for number, error in refused.items():
            for row in jobs[number]:
                self.journal.note(self._key(candidate, row), Cell(0.0, "unusable", None, str(error)).to_json())

    async def _run(self, candidate: Candidate, rows: Sequence[Row]) -> None:
        meter = current_meter()
        if isinstance(meter, Purse):
            meter.evaluate(len(rows))
        cells = await self.evaluable.run(candidate.values, rows)
        for row, cell in zip(rows, cells, strict=True):
            self.evaluations += 1
            self.journal.note(self._key(candidate, row), cell.to_json())

    def _key(self, candidate: Candidate, row: Row) -> str:
        return f"{self._prefix}{candidate.id}/{row.id}"

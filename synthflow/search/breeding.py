"""Breeding: how one generation's children are made, slot by slot.

Each slot asks its proposer, checks the answer (schema, scope, constraints), may try
the child on a few rows, and has it scored on all. Slots do this at the same time and
know nothing of each other; only `commit`, called in slot order, writes to the search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from synthflow.data_models.canonical import digest
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Attempt, Candidate, Cell, Child, Row, Scorecard
from synthflow.search.proposal import Fallen, ask, read
from synthflow.search.protocols import Proposer, Values
from synthflow.search.randomness import counter_rng

if TYPE_CHECKING:
    from synthflow.search.search import Search

NOBODY_S_IDEA = LanguageModelError.NO_ANSWER | LanguageModelError.REFUSED_REQUEST | {"budget"}
"""Kinds of failure after which there was no child, so that nothing was tried."""

Passes = Callable[[Scorecard, Brief], bool]
Born = tuple[Candidate, dict[str, Cell]] | Fallen


@dataclass(frozen=True)
class Generation:
    """One call of `Search.breed`."""

    search: "Search"
    """Whose children these are."""
    call: int
    """Which `breed` of the search, from 1; part of the children's place in the journal."""
    of: int
    """How many briefs the call has."""
    proposers: Sequence[Proposer]
    """Slot n is written by `proposers[n % len(proposers)]`."""
    trial: Sequence[Row]
    """Rows to score a child on first."""
    passes: Passes
    """Whether a card of the trial rows is good enough."""

    async def bear(self, number: int, brief: Brief) -> Born:
        """Make the child of slot `number` and its cells; writes to nothing but the journal."""
        try:
            return await self._bear(number, brief)
        except BudgetExceeded as error:
            return Fallen("failed", str(error), kind="budget")
        except LanguageModelError as error:  # while it was evaluated: this says nothing about the child
            return Fallen("failed", f"it could not be evaluated: {error}", kind=error.kind)

    async def _bear(self, number: int, brief: Brief) -> Born:
        search = self.search
        proposer = self.proposers[number % len(self.proposers)]
        place = search.seed, search.path, "slot", self.call, number
        slot = Slot(number, self.of, counter_rng(*place), counter_rng(*place, "sample").getrandbits(48))
        answer = await search.evaluator.journal.once(
            f"propose/{search.path}/{self.call}/{number}",
            partial(ask, proposer, brief, slot),
            about=digest([brief.fingerprint, self.of, search.seed]),
        )
        child = read(answer, brief, search.validators)
        if isinstance(child, Fallen):
            return child
        if why := search.evaluator.violation(child):
            return Fallen("refused", why, _changes(brief.parents[0], child))
        if self.trial and not search.archive.knows(child, search.rows_id):
            cells = await search.evaluator.evaluate(child, self.trial)
            card = Scorecard(child, cells, tuple(row.id for row in self.trial))
            if not self.passes(card, brief):
                reason = f"{child.id} fell on the trial rows with reward {card.reward:.3f}"
                return Fallen("rejected", reason, _changes(brief.parents[0], child))
        return child, await search.evaluator.evaluate(child, search.rows)

    def commit(self, number: int, brief: Brief, born: Born) -> Child:
        """Enter the child into the archive; remember with its parent when it is no better."""
        archive, parent = self.search.archive, brief.parents[0]
        if isinstance(born, Fallen):
            if born.kind not in NOBODY_S_IDEA:
                archive.remember(parent.id, Attempt(born.status, born.reason, born.values))
            return Child(number, born.status, None, born.reason, born.kind)
        candidate, cells = born
        known = archive.knows(candidate, self.search.rows_id)
        card = self.search.commit(candidate, cells)
        if known:
            reason = f"{card.id} is known, with reward {card.reward:.3f}"
            archive.remember(parent.id, Attempt("duplicate", reason, _changes(parent, candidate)))
            return Child(number, "duplicate", card, reason)
        if card.reward <= parent.reward:
            reason = f"its reward is {card.reward:.3f}, the parent's {parent.reward:.3f}{_failure(card)}"
            archive.remember(parent.id, Attempt("scored", reason, _changes(parent, candidate)))
        return Child(number, "scored", card)


def _failure(card: Scorecard) -> str:
    """Say on how many rows a candidate failed to run, and how it did first, or ''."""
    failed = [cell for row in dict.fromkeys(card.rows) if (cell := card.cells[row]).verdict != "ok"]
    if not failed:
        return ""
    lines = failed[0].feedback.strip().splitlines()
    return f"; it failed on {len(failed)} rows ({failed[0].verdict}{': ' if lines else ''}{''.join(lines[-1:])[:300]})"


def _changes(parent: Scorecard, child: Candidate) -> Values:
    """Give the values in which a child differs from its parent."""
    return {path: value for path, value in child.values.items() if value != parent.candidate.values[path]}

"""Breeding: how one generation's children are made, slot by slot.

Each slot asks its proposer and checks the answer (schema, scope, constraints). When all have
been answered, the children are scored: on a few rows first where there is a trial, then on all. A
child that two slots propose is scored by the lower one. Slots work at the same time and
know nothing of each other; only `commit`, called in slot order, writes to the search.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from synthflow.concurrency import at_once
from synthflow.data_models.canonical import digest
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models.meter import metered
from synthflow.search.brief import Brief, Slot
from synthflow.search.budget import Purse
from synthflow.search.candidate import Attempt, Candidate, Cell, Child, Row, Scorecard
from synthflow.search.proposal import Fallen, ask, read
from synthflow.search.protocols import Proposer, Values
from synthflow.search.randomness import counter_rng

if TYPE_CHECKING:
    from synthflow.search.search import Search

NOBODY_S_IDEA = LanguageModelError.NO_ANSWER | LanguageModelError.REFUSED_REQUEST | {"budget"}
"""Kinds of failure after which there was no child, so that nothing was tried."""

T = TypeVar("T")
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

    async def bear(self, wanted: Sequence[tuple[int, Brief]], purses: Sequence[Purse]) -> list[Born]:
        """Make the children of some slots; writes to nothing but the journal.

        Args:
            wanted: The numbers of the slots, with their briefs.
            purses: What each slot may take.
        """
        proposed = await at_once(
            _within(purse, self._proposed(*one)) for one, purse in zip(wanted, purses, strict=True)
        )
        first: dict[str, int] = {}
        for place, child in enumerate(proposed):
            if isinstance(child, Candidate):
                first.setdefault(child.id, place)

        def scored(place: int) -> Coroutine[Any, Any, Born]:
            return _within(purses[place], self._scored(wanted[place][1], proposed[place]))

        born = dict(zip(first.values(), await at_once(map(scored, first.values())), strict=True))
        for place in range(len(wanted)):  # what is left is known by now, but for what another's trial stopped
            if place not in born:
                born[place] = await scored(place)
        return [born[place] for place in range(len(wanted))]

    async def _proposed(self, number: int, brief: Brief) -> Candidate | Fallen:
        """Ask for the child of slot `number`, and check it."""
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
        if isinstance(child, Candidate) and (why := search.evaluator.violation(child)):
            return Fallen("refused", why, _changes(brief.parents[0], child))
        return child

    async def _scored(self, brief: Brief, child: Candidate | Fallen) -> Born:
        """Give a child's cells on all rows, or say why there are none."""
        if isinstance(child, Fallen):
            return child
        search, parent = self.search, brief.parents[0]
        try:
            if self.trial and not search.archive.knows(child, search.rows_id):
                cells = await search.evaluator.evaluate(child, self.trial)
                card = Scorecard(child, cells, tuple(row.id for row in self.trial))
                if not self.passes(card, brief):
                    before = parent.on(card.rows).reward
                    reason = f"its reward on a batch is {card.reward:.3f}, the parent's {before:.3f}{_failure(card)}"
                    return Fallen("rejected", reason, _changes(parent, child))
            return child, await search.evaluator.evaluate(child, search.rows)
        except BudgetExceeded as error:
            return Fallen("failed", str(error), kind="budget")
        except LanguageModelError as error:  # this says nothing about the child
            return Fallen("failed", f"it could not be evaluated: {error}", kind=error.kind)

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
            reason = f"it is known, with reward {card.reward:.3f}{_failure(card)}"
            archive.remember(parent.id, Attempt("duplicate", reason, _changes(parent, candidate)))
            return Child(number, "duplicate", card, reason)
        if card.reward <= parent.reward:
            reason = f"its reward is {card.reward:.3f}, the parent's {parent.reward:.3f}{_failure(card)}"
            archive.remember(parent.id, Attempt("scored", reason, _changes(parent, candidate)))
        return Child(number, "scored", card)


async def _within(purse: Purse, work: Coroutine[Any, Any, T]) -> T:
    with metered(purse):
        return await work


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

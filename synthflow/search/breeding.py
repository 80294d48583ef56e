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
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Candidate, Cell, Child, Row, Scorecard
from synthflow.search.proposal import Fallen, ask, read
from synthflow.search.protocols import Proposer
from synthflow.search.randomness import counter_rng

if TYPE_CHECKING:
    from synthflow.search.search import Search

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
        search = self.search
        proposer = self.proposers[number % len(self.proposers)]
        slot = Slot(number, self.of, counter_rng(search.seed, search.path, "slot", self.call, number))
        answer = await search.evaluator.journal.once(
            f"propose/{search.path}/{self.call}/{number}",
            partial(ask, proposer, brief, slot),
            about=digest([brief.fingerprint, self.of, search.seed]),
        )
        child = read(answer, brief, search.validators)
        if isinstance(child, Fallen):
            return child
        if why := search.evaluator.violation(child):
            return Fallen("refused", why)
        if self.trial and not search.archive.knows(child, search.rows_id):
            cells = await search.evaluator.evaluate(child, self.trial)
            card = Scorecard(child, cells, tuple(row.id for row in self.trial))
            if not self.passes(card, brief):
                return Fallen("rejected", f"{child.id} fell on the trial rows with reward {card.reward:.3f}")
        return child, await search.evaluator.evaluate(child, search.rows)

    def commit(self, number: int, brief: Brief, born: Born) -> Child:
        """Enter the child into the archive; remember with its parent when it is no better."""
        archive, parent = self.search.archive, brief.parents[0]
        if isinstance(born, Fallen):
            archive.remember(parent.id, f"{born.status}: {born.reason}")
            return Child(number, born.status, None, born.reason)
        candidate, cells = born
        known = archive.knows(candidate, self.search.rows_id)
        card = self.search.commit(candidate, cells)
        if known:
            reason = f"{card.id} is known, with reward {card.reward:.3f}"
            archive.remember(parent.id, f"duplicate: {reason}")
            return Child(number, "duplicate", card, reason)
        if card.reward <= parent.reward:
            archive.remember(parent.id, f"scored: {card.reward:.3f}, the parent {parent.reward:.3f}")
        return Child(number, "scored", card)

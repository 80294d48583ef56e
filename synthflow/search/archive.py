"""Archive: every candidate a search has committed, and what was tried from each.

The archive holds candidates, not cards: a card is valid for one set of rows, and
is made on demand from cells, which live in the journal.
"""

from synthflow.search.candidate import Attempt, Candidate

MOST_TRIED = 8
"""How many fruitless attempts are remembered for each parent."""


class Archive:
    """Candidates in the order in which they were committed."""

    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}
        """By id, the eldest first."""
        self.tried: dict[str, tuple[Attempt, ...]] = {}
        """By parent's id: what became of its latest children that were no better."""
        self._ages: dict[str, int] = {}
        self._scored: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self.candidates)

    def __contains__(self, candidate_id: object) -> bool:
        return candidate_id in self.candidates

    def add(self, candidate: Candidate, rows: str) -> int:
        """Commit a candidate that was scored on `rows` (the digest of their ids) and give its age.

        A candidate that is known keeps its age and its first lineage.
        """
        self.candidates.setdefault(candidate.id, candidate)
        self._scored.add((candidate.id, rows))
        return self._ages.setdefault(candidate.id, len(self._ages))

    def knows(self, candidate: Candidate, rows: str) -> bool:
        """Say whether the candidate was committed with a score on these rows."""
        return (candidate.id, rows) in self._scored

    def remember(self, parent: str, attempt: Attempt) -> None:
        """Remember what became of a child of `parent` that was no better."""
        self.tried[parent] = (*self.tried.get(parent, ()), attempt)[-MOST_TRIED:]

    def copy(self) -> "Archive":
        """Give an archive of its own to a sub-search."""
        twin = Archive()
        twin.merge(self)
        return twin

    def merge(self, other: "Archive") -> None:
        """Take in what a sub-search committed, after what is here already."""
        for candidate in other.candidates.values():
            self.candidates.setdefault(candidate.id, candidate)
            self._ages.setdefault(candidate.id, len(self._ages))
        self._scored |= other._scored
        for parent, attempts in other.tried.items():
            news = tuple(one for one in attempts if one not in self.tried.get(parent, ()))
            self.tried[parent] = (*self.tried.get(parent, ()), *news)[-MOST_TRIED:]

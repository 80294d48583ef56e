"""The archive remembers candidates in the order of commit, and what led nowhere."""

from synthflow.search.archive import MOST_TRIED, Archive
from synthflow.search.candidate import Attempt, Candidate

ONE, TWO, THREE = Candidate({"v": 1}), Candidate({"v": 2}), Candidate({"v": 3})


def test_a_candidate_keeps_its_age_and_its_first_lineage():
    """Committed again, it is the same entry."""
    archive = Archive()
    archive.add(ONE, "rows")
    archive.add(TWO, "rows")

    assert archive.add(Candidate({"v": 1}, parents=("late",)), "rows") == 0
    assert archive.candidates[ONE.id].parents == ()
    assert list(archive.candidates) == [ONE.id, TWO.id]


def test_a_candidate_is_known_for_the_rows_it_was_scored_on():
    """A score on some rows says nothing of others."""
    archive = Archive()
    archive.add(ONE, "first rows")

    assert archive.knows(ONE, "first rows")
    assert not archive.knows(ONE, "other rows")
    assert not archive.knows(TWO, "first rows")


def test_what_was_tried_is_capped():
    """Only the latest attempts are remembered, in order."""
    archive = Archive()
    for n in range(20):
        archive.remember("parent", Attempt("scored", f"try {n}"))

    assert archive.tried["parent"] == tuple(Attempt("scored", f"try {n}") for n in range(20 - MOST_TRIED, 20))


def test_a_copy_is_apart():
    """What a sub-search commits is its own until it is merged."""
    archive = Archive()
    archive.add(ONE, "rows")
    twin = archive.copy()
    twin.add(TWO, "rows")
    twin.remember(ONE.id, Attempt("failed", "away"))

    assert list(archive.candidates) == [ONE.id]
    assert archive.tried == {}


def test_a_merge_comes_after_what_is_there():
    """Own candidates stay elder; a shared one keeps its age; shared attempts are not told twice."""
    archive = Archive()
    archive.add(ONE, "rows")
    archive.remember(ONE.id, Attempt("failed", "shared"))
    twin = archive.copy()
    twin.add(TWO, "rows")
    twin.remember(ONE.id, Attempt("failed", "news"))
    archive.add(THREE, "rows")
    archive.merge(twin)

    assert [archive.add(each, "rows") for each in (ONE, THREE, TWO)] == [0, 1, 2]
    assert [attempt.reason for attempt in archive.tried[ONE.id]] == ["shared", "news"]

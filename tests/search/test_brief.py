"""A brief's fingerprint names all that a proposer is shown."""

from dataclasses import replace

import pytest

from synthflow.search.brief import Brief
from synthflow.search.candidate import Attempt, Candidate, Cell, Row, Scorecard
from tests.search.toy import info

ROW = Row(1, 2)


def parent(value):
    """Make a parent with this value."""
    return Scorecard(Candidate({"a": value}), {ROW.id: Cell(0.5, "ok", 1)}, (ROW.id,))


BRIEF = Brief(
    (parent(1),), (ROW,), (ROW,), {"a": None}, 1, {"a": info("a")}, "aim high", (Attempt("failed", "x"),), "first"
)


def test_equal_briefs_have_equal_fingerprints():
    """Made again from equal parts, a brief asks for the same thing."""
    again = replace(BRIEF, parents=(parent(1),), scope={"a": None}, variables={"a": info("a")})

    assert again.fingerprint == BRIEF.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"parents": (parent(2),)},
        {"parents": (parent(1), parent(2))},
        {"rows": (Row(1, 3),)},
        {"evidence": ()},
        {"scope": {"a": frozenset({"left"})}},
        {"scope": {}},
        {"step": 2},
        {"variables": {"a": replace(info("a"), walls="none")}},
        {"instructions": ""},
        {"tried": ()},
        {"hint": "second"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_a_proposer_can_see_is_in_the_fingerprint(change):
    """Changing any one field changes the fingerprint."""
    assert replace(BRIEF, **change).fingerprint != BRIEF.fingerprint

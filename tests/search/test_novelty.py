"""Dominated novelty keeps what is good and what is different."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.rewards.cosine_similarity import similarity
from synthflow.search.candidate import Candidate, Cell, Scorecard, by_merit
from synthflow.search.novelty import (
    Survival,
    describe,
    distance,
    dominated_novelty,
    embedding_text,
    source_features,
)

LINES = ["x = 1", "y = 2", "print(z)", "def f(a):\n    return a", "not python ("]
SCRIPTS = st.lists(st.sampled_from(LINES), max_size=4).map("\n".join)
REWARDS = st.sampled_from([0.0, 0.25, 0.5, 1.0])
ROWS = 3


@st.composite
def cards(draw, most=8):
    """Draw cards on the same rows, with ties in reward and repeated scripts."""
    made = []
    for age in range(draw(st.integers(1, most))):
        values = {"a": {"script": draw(SCRIPTS), "n": age}, "b": {"text": draw(SCRIPTS)}}
        cells = {str(row): Cell(draw(REWARDS), "ok", draw(st.integers(0, 1))) for row in range(ROWS)}
        made.append(Scorecard(Candidate(values), cells, tuple(cells), age))
    return made


def card(script, *rewards, age=0, answer=0):
    """Make a card of one script."""
    cells = {str(n): Cell(reward, "ok", answer) for n, reward in enumerate(rewards)}
    return Scorecard(Candidate({"a": {"script": script}}), cells, tuple(cells), age)


def oracle(items, size, k):
    """Choose survivors by the definition alone, all pairs compared."""
    scores = {}
    for one in items:
        betters = [other for other in items if by_merit(other) > by_merit(one)]
        near = sorted(distance(describe(one), describe(other)) for other in betters)[:k]
        scores[one.id] = math.fsum(near) / len(near) if near else math.inf
    return sorted(items, key=lambda one: (scores[one.id], by_merit(one)), reverse=True)[:size]


@given(cards(), st.integers(1, 8), st.integers(1, 4))
def test_survivors_are_those_of_the_definition(items, size, k):
    """The kept set and its order equal a plain comparison of all pairs, ties included."""
    kept = Survival().survivors(items, size, k)

    assert [one.id for one in kept] == [one.id for one in oracle(items, size, k)]


@given(cards(), st.integers(1, 8), st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_order_of_the_cards_changes_nothing(items, size, k, rng):
    """Shuffled cards leave the same survivors."""
    shuffled = list(items)
    rng.shuffle(shuffled)

    assert Survival().survivors(shuffled, size, k) == Survival().survivors(items, size, k)


@given(cards(), st.integers(1, 4))
def test_the_best_always_survives_and_first(items, k):
    """Nobody beats it, so its novelty is infinite and alone so."""
    assert Survival().survivors(items, 1, k) == [max(items, key=by_merit)]


@given(cards(most=3))
def test_distance_is_from_0_to_1_and_symmetric_and_0_to_itself(items):
    """Whatever the number of variables and fields."""
    a, b = describe(items[0]), describe(items[-1])

    assert distance(a, a) == 0.0
    assert 0.0 <= distance(a, b) <= 1.0
    assert distance(a, b) == distance(b, a)


@given(cards(most=1))
def test_the_order_of_fields_is_no_distance(items):
    """Variables and fields read backwards are the same candidate."""
    one = items[0]
    backwards = {path: dict(reversed(value.items())) for path, value in reversed(one.candidate.values.items())}
    other = Scorecard(Candidate(backwards), one.cells, one.rows)

    assert distance(describe(one), describe(other)) == 0.0


def test_a_beaten_lookalike_goes_before_a_beaten_stranger():
    """The close loser scores lowest, though it has the higher reward."""
    best = card("x = 1\nprint(x)", 1.0, 1.0)
    lookalike = card("y = 1\nprint(y)", 1.0, 0.9, age=1)
    stranger = card("for c in 'abc':\n    del c", 0.0, 0.0, age=2, answer=5)

    assert Survival().survivors([best, lookalike, stranger], 2, 3) == [best, stranger]


def test_of_two_alike_the_elder_stays():
    """Equal rewards, answers and trees: the younger has novelty 0."""
    elder, younger = card("x = 1", 0.5, age=0), card("x = 1  # again", 0.5, age=1)
    poor = card("while True:\n    break", 0.1, age=2, answer=9)

    assert Survival().survivors([younger, poor, elder], 2, 3) == [elder, poor]


def test_the_same_candidate_twice_counts_once():
    """A card given twice takes one place."""
    one, two = card("x = 1", 0.5), card("print(1)", 0.4, age=1)

    assert Survival().survivors([one, one, two], 5, 3) == [one, two]


def test_renaming_comments_and_docstrings_are_no_novelty():
    """Only an author's own names and remarks differ."""
    plain = {"a": {"script": "def f(x):\n    total = x + len(x)\n    return total"}}
    dressed = {"a": {"script": 'def g(y):\n    """Add."""\n    t = y + len(y)  # sum\n    return t'}}

    assert source_features(plain) == source_features(dressed)


def test_what_a_script_calls_is_part_of_it():
    """A builtin, an operator and a constant are not the author's names."""
    base, *others = [
        source_features({"a": s}) for s in ("r = len(x) + 1", "r = sum(x) + 1", "r = len(x) - 1", "r = len(x) + 2")
    ]

    assert base not in others


def test_a_failure_of_another_kind_is_another_behaviour():
    """A timeout that answers the default is not a syntax error that answers it."""
    slow, wrong = (
        Scorecard(Candidate({"a": "s"}), {"0": Cell(0.0, verdict, None)}, ("0",)) for verdict in ("timeout", "syntax")
    )

    assert distance(describe(slow), describe(wrong)) > 0.0


@pytest.mark.parametrize("script", ["def f(", "0x1" + "0" * 5000, "(" * 300, "x = '\\d'", ""])
def test_any_text_can_be_described(script):
    """Broken, hostile, odd and empty scripts have a descriptor too."""
    one = describe(card(script, 0.0))

    assert distance(one, one) == 0.0


def test_a_deep_value_can_be_described():
    """Depth is walked, not recursed into."""
    deep = []
    for _ in range(5000):
        deep = [deep]

    assert not source_features({"a": deep})


def test_each_candidate_is_described_once_for_as_long_as_it_stays(monkeypatch):
    """A survivor is not described again in the next generation; one that left is forgotten."""
    described = []
    monkeypatch.setattr("synthflow.search.novelty.describe", lambda one: described.append(one.age) or describe(one))
    survival = Survival()
    old = [card(f"x = {n}\n" * n, n / 4, age=n) for n in range(4)]
    kept = survival.survivors(old, 2, 3)
    survival.survivors([*kept, card("new = 1", 0.9, age=9)], 2, 3)

    assert sorted(described) == [0, 1, 2, 3, 9]


def test_k_counts_neighbours():
    """Zero neighbours have no mean."""
    with pytest.raises(ValueError, match="at least 1, got 0"):
        dominated_novelty([1.0], lambda a, b: 0.0, k=0)


def test_cards_on_other_rows_do_not_compare():
    """A distance between one row and two is refused."""
    with pytest.raises(ValueError, match="same rows"):
        distance(describe(card("x", 1.0)), describe(card("x", 1.0, 1.0)))


@given(cards(), st.integers(1, 4), st.integers(1, 3), st.randoms(use_true_random=False))
def test_survivors_by_embedding_are_those_of_the_definition(items, size, k, rng):
    """All pairs compared by cosine; the best is always among them."""
    vectors = {item.id: (rng.random(), rng.random(), rng.random()) for item in items}
    kept = Survival().survivors(items, size, k, vectors)
    ranked = sorted(items, key=by_merit, reverse=True)
    scores = {}
    for n, one in enumerate(ranked):
        near = sorted(1 - similarity(vectors[one.id], vectors[other.id]) for other in ranked[:n])[:k]
        scores[one.id] = math.fsum(near) / len(near) if near else math.inf
    expected = sorted(ranked, key=lambda one: -scores[one.id])[:size]

    assert [one.id for one in kept] == [one.id for one in expected]
    assert kept[0].id == ranked[0].id


def test_a_script_is_embedded_as_its_text_and_all_else_as_json():
    """A candidate of one text needs no quotes around it."""
    assert embedding_text({"a": {"script": "x = 1"}}) == "x = 1"
    assert embedding_text({"a": {"script": "x = 1", "n": 2}}) == '{"a":{"n":2,"script":"x = 1"}}'

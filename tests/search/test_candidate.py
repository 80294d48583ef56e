"""Candidates are their content; a scorecard is valid for its rows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.search.candidate import Candidate, Cell, Row, Scorecard, by_merit

ONE, TWO = Row(1, 1), Row(2, 2)


def card(*rewards, age=0, violation="", values=None):
    """Make a card with these rewards on as many rows."""
    cells = {str(n): Cell(reward, "ok", n) for n, reward in enumerate(rewards)}
    return Scorecard(Candidate(values or {"v": age}), cells, tuple(cells), age, violation)


def test_lineage_is_no_part_of_an_id():
    """The same idea from two parents is one candidate."""
    assert Candidate({"v": 1}, parents=("p",)).id == Candidate({"v": 1}).id
    assert Candidate({"v": 1}).id != Candidate({"v": 2}).id


def test_equal_rows_are_one_row():
    """A row's id is its content."""
    assert Row([1], {"a": 2}).id == Row([1], {"a": 2}).id
    assert Row(1, 2).id != Row(2, 1).id


def test_a_repeated_row_weighs_as_often_as_it_occurs():
    """Two of three rows are the solved one, so the reward is two thirds."""
    cells = {ONE.id: Cell(1.0, "ok", 1), TWO.id: Cell(0.0, "ok", 0)}
    seen = Scorecard(Candidate({}), cells, (ONE.id, ONE.id, TWO.id))

    assert seen.reward == pytest.approx(2 / 3)
    assert seen.failing([TWO, ONE, TWO]) == [TWO]


def test_a_card_on_fewer_rows_counts_those_only():
    """Seen through its solved row alone, the candidate has reward 1."""
    cells = {ONE.id: Cell(1.0, "ok", 1), TWO.id: Cell(0.0, "ok", 0)}
    seen = Scorecard(Candidate({}), cells, (ONE.id, TWO.id))

    assert seen.on([ONE.id]).reward == 1.0
    assert seen.reward == 0.5


def test_solved_needs_every_row_and_every_constraint():
    """Neither one row below 1, nor a broken constraint, nor an absence of rows is solved."""
    assert card(1.0, 1.0).solved
    assert not card(1.0, 0.99).solved
    assert not card(1.0, violation="too long").solved
    assert not card().solved


def test_merit_is_reward_then_constraints_then_age():
    """Ties go to the one that keeps the constraints, then to the elder."""
    best, clean, elder, younger = (
        card(0.9, age=9),
        card(0.5, age=8),
        card(0.5, age=1, violation="x"),
        card(0.5, age=2, violation="x"),
    )

    assert sorted([younger, elder, clean, best], key=by_merit, reverse=True) == [best, clean, elder, younger]


@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf])
def test_a_reward_that_cannot_be_ranked_is_refused(reward):
    """NaN and infinity raise with what to return instead."""
    with pytest.raises(ValueError, match="finite number"):
        Cell(reward, "ok", None)


@given(st.floats(0, 1), st.text(), st.text())
def test_a_cell_survives_json(reward, verdict, feedback):
    """What to_json gives, from_json makes again."""
    cell = Cell(reward, verdict, {"grid": [[1]]}, feedback)

    assert Cell.from_json(cell.to_json()) == cell


def test_behaviour_is_the_answers_and_not_the_source():
    """Two candidates that answer alike behave alike, whatever their values."""
    assert card(1.0, 0.5, values={"v": "x"}).behaviour() == card(0.0, 1.0, values={"v": "y"}).behaviour()

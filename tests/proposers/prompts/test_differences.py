"""Where an answer departs from the true one is told place by place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.differences import LISTED, differences

GRIDS = st.lists(st.lists(st.integers(0, 2), max_size=3), max_size=3)


@given(GRIDS, GRIDS)
def test_equal_values_and_no_others_have_no_differences(one, other):
    """For all grids."""
    assert (differences(one, other) == []) == (one == other)


@pytest.mark.parametrize(
    ("answer", "truth", "told"),
    [
        ({"a": 1}, {"b": 1}, ["$.b is missing", "$.a is not wanted"]),
        ({"a": [1]}, {"a": 1}, ["$.a is [1], not 1"]),
        ("x" * 99, "y", [f'$ is "{"x" * 39}..., not "y"']),
        ([], [1], ["$ has 0 items, not 1"]),
    ],
)
def test_it_says_what_stands_where(answer, truth, told):
    """And what should."""
    assert differences(answer, truth) == told


def test_of_many_the_first_are_told():
    """And how many more there are."""
    told = differences([0] * 100, [1] * 100)

    assert told[0] == "$[0] is 0, not 1"
    assert told[LISTED:] == [f"and {100 - LISTED} more"]

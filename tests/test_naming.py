"""Names are plain and never clash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.naming import distinct, snake_case

names = st.sampled_from(["a", "b", "a_1", "a_2", "a_1_1"])


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("Identity", "identity"),
        ("PythonSynthesis", "python_synthesis"),
        ("OMEGA", "omega"),
        ("LMAsJudge", "lm_as_judge"),
        ("Arc2Grid", "arc2_grid"),
        ("already_snake", "already_snake"),
    ],
)
def test_a_class_name_becomes_words_with_underscores(name, snake):
    """Each word of a class name begins after an underscore, abbreviations staying whole."""
    assert snake_case(name) == snake


@given(names, st.lists(names))
def test_a_distinct_name_is_never_taken(name, taken):
    """Whatever is taken, the name that is given is free."""
    assert distinct(name, taken) not in taken


@given(names, st.lists(names))
def test_a_free_name_stays_as_it_is(name, taken):
    """A name is only changed when it has to be."""
    others = [one for one in taken if one != name]

    assert distinct(name, others) == name

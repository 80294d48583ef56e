"""JSON and source stand in a prompt so that they can be read back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.layout import fenced, laid_out, noun_of, section, unfenced, value_shown
from tests.proposers.briefs import about, holds

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
def test_what_is_laid_out_is_json(value):
    """Of the same value."""
    assert json.loads(laid_out(value)) == value


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=5))
def test_keys_keep_their_order(value):
    """A model writes the fields of an answer in the order in which its schema tells them."""
    assert list(json.loads(laid_out(value))) == list(value)


def test_each_row_of_a_grid_has_a_line():
    """However small it is; what is flat and short stays on one."""
    assert laid_out([[1, 2], [3, 4]]) == "[\n [1,2],\n [3,4]]"
    assert laid_out({"a": [1, 2], "b": {"c": 3}}) == '{"a":[1,2],"b":{"c":3}}'


def test_a_value_nested_very_deeply_is_written():
    """A script may answer one."""
    value = []
    for _ in range(300):
        value = [value]

    assert json.loads(laid_out(value)) == value


@given(st.text("`ab\n# ", max_size=60))
def test_a_text_cannot_end_its_fence(text):
    """No line within is a fence of that length."""
    first, *inside, last = fenced(text).split("\n")

    assert first == last
    assert all(last not in line for line in inside)


@given(st.text("ab =\n", max_size=60).filter(lambda text: text == text.rstrip()))
def test_a_script_comes_out_of_its_fence_as_it_was(script):
    """Whatever language it is said to be."""
    assert unfenced(f"\n{fenced(script, 'python')}\n") == script
    assert unfenced(fenced(script)) == script


def test_what_is_not_wrapped_stays_as_it_is():
    """A fence inside a text is part of it."""
    for script in ("", "result = 1\n", "result = '''\n```\nx\n```\n'''", "```python\nresult = 1"):
        assert unfenced(script) == script


@pytest.mark.parametrize(
    ("fields", "noun"),
    [
        ({"python_script": "string"}, "script"),
        ({"instructions": "string"}, "text"),
        ({"instructions": "string", "n": "integer"}, "value"),
        ({}, "value"),
    ],
)
def test_a_variable_is_called_by_its_fields(fields, noun):
    """A script, a text, or just a value."""
    assert noun_of(about(schema=holds(**fields))) == noun


def test_a_section_without_text_is_nothing():
    """Not even a title."""
    assert section("Title", " \n") == ""
    assert section("Title", " text\n") == "# Title\n\ntext"


def test_a_value_that_is_no_object_is_shown_as_json():
    """Whoever proposed it."""
    assert value_shown([1]) == "```json\n[1]\n```"

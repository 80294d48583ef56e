"""read_cell: text becomes the type of its field, or stays text for the field to refuse."""

from datetime import date
from enum import Enum, IntEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.datasets.cells import how_to_write, read_cell, read_number


class Size(IntEnum):
    """A choice of numbers."""

    SMALL = 1
    LARGE = 2


class Mood(Enum):
    """A choice of texts."""

    GOOD = "good"
    BAD = "bad"


class Part(DataModel):
    """A model inside another."""

    n: int


class Everything(DataModel):
    """A field of each kind."""

    text: str
    count: int
    number: float
    flag: bool
    items: list[int]
    table: dict[str, int]
    part: Part
    size: Size
    mood: Mood
    choice: Literal["a", "b"]
    level: Literal[1, True, "x"]
    day: date
    maybe: int | None
    number_or_text: int | str
    text_or_number: str | int
    anything: Any
    optional: int = 7


SCHEMA = Everything.get_schema()


def read(field, text):
    """Read a cell as a field of `Everything`."""
    return read_cell(text, SCHEMA["properties"][field], SCHEMA["$defs"], field in SCHEMA["required"])


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("text", " as it is ", " as it is "),
        ("text", "5", "5"),
        ("text", "", ""),
        ("count", " 5", 5),
        ("count", "-07", -7),
        ("number", "3", 3.0),
        ("number", "-.5e1", -5.0),
        ("flag", "TRUE", True),
        ("flag", "false", False),
        ("items", "[1, 2]", [1, 2]),
        ("table", '{"a": 1}', {"a": 1}),
        ("part", '{"n": 1}', {"n": 1}),
        ("size", "2", 2),
        ("mood", "good", "good"),
        ("choice", "b", "b"),
        ("level", "true", True),
        ("level", "1", 1),
        ("level", "x", "x"),
        ("day", "2025-03-01", "2025-03-01"),
        ("maybe", "5", 5),
        ("maybe", "", None),
        ("number_or_text", "5", 5),
        ("number_or_text", "five", "five"),
        ("text_or_number", "5", "5"),
        ("anything", "5", "5"),
    ],
)
def test_a_cell_is_read_as_the_type_of_its_field(field, text, value):
    """The value and its type are those of the field."""
    [found] = read(field, text)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("count", "5.0"),
        ("count", "1_000"),
        ("count", "1,000"),
        ("count", "٣"),
        ("count", "9" * 5000),
        ("count", ""),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e999"),
        ("number", "1_0"),
        ("flag", "1"),
        ("flag", "yes"),
        ("items", "1, 2"),
        ("items", '{"a": 1}'),
        ("items", "[NaN]"),
        ("items", "[" * 100_000),
        ("items", f"[{'9' * 5000}]"),
        ("table", "[1]"),
        ("size", "3"),
        ("mood", "GOOD"),
        ("maybe", "five"),
    ],
)
def test_what_cannot_be_read_stays_text(field, text):
    """So the field refuses it, and its error shows what was written."""
    assert read(field, text) == (text,)


def test_an_empty_cell_leaves_a_default_as_it_is():
    """Nothing is read, so the data model fills it in."""
    assert read("optional", "") == ()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_as_it_was_written(number):
    """To the last digit."""
    assert read_number(repr(number)) == number


def test_one_is_told_what_to_write():
    """For each type that is not text, and why a text is no JSON."""
    properties, definitions = SCHEMA["properties"], SCHEMA["$defs"]

    assert how_to_write("x", properties["text"], definitions) == ""
    assert how_to_write("x", properties["flag"], definitions) == "true or false"
    assert how_to_write("[1,", properties["items"], definitions) == (
        "JSON, such as [1, 2] (this is not JSON: Expecting value at character 4)"
    )
    assert how_to_write("[NaN]", properties["items"], definitions).endswith("(this is not JSON: NaN is no JSON value)")

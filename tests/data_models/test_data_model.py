"""DataModel: what a user declares is what may flow."""

import enum
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import mismatch
from synthflow.data_models.schema_model import SchemaModel
from synthflow.errors import SchemaError


class Colour(int, enum.Enum):
    """A colour of a cell."""

    black = 0
    blue = 1


class Question(DataModel):
    """A question of a quiz."""

    text: str = Field(description="What is asked.")
    points: int = 1


class Answer(DataModel):
    """An answer to it."""

    text: str
    score: float | None = None


class Tree(DataModel):
    """A tree of numbers."""

    value: int
    children: list["Tree"] = Field(default_factory=list)


class Everything(DataModel):
    """One field of each kind that JSON has no word for."""

    colour: Colour
    grid: list[list[Colour]]
    when: datetime
    nested: Answer
    tags: set[str]
    pair: tuple[int, str]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"text": "x", "txt": "y"}, "txt"),
        ({"text": 1}, "text"),
        ({"text": None}, "text"),
        ({"text": "x", "points": "many"}, "points"),
        ({}, "text"),
    ],
)
def test_unknown_missing_and_mistyped_fields_are_rejected(fields, named):
    """The error names the field."""
    with pytest.raises(ValidationError, match=named):
        Question(**fields)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_rejected(number):
    """NaN and infinity never enter a value."""
    with pytest.raises(ValidationError, match="score"):
        Answer(text="x", score=number)


def test_get_json_is_plain_json_that_fits_the_schema():
    """Enumerations, dates, sets, tuples and nested models become what JSON has."""
    value = Everything(
        colour=Colour.blue,
        grid=[[0, 1]],
        when=datetime(2024, 1, 2, tzinfo=UTC),
        nested=Answer(text="y"),
        tags={"a"},
        pair=(1, "b"),
    )

    found = value.get_json()

    assert json.loads(json.dumps(found)) == found
    assert found == {
        "colour": 1,
        "grid": [[0, 1]],
        "when": "2024-01-02T00:00:00Z",
        "nested": {"text": "y", "score": None},
        "tags": ["a"],
        "pair": [1, "b"],
    }
    assert mismatch(found, Everything.get_schema()) == ""


@given(st.text(), st.integers(-(2**53), 2**53))
def test_the_json_of_a_value_makes_an_equal_value(text, points):
    """`Model(**value.get_json()) == value`."""
    value = Question(text=text, points=points)

    assert Question(**value.get_json()) == value


def test_a_field_with_an_alias_is_called_by_it_in_json_and_schema():
    """The JSON of a value fits the schema of its class, and makes the value again."""

    class Renamed(DataModel):
        class_: str = Field(alias="class")

    value = Renamed(**{"class": "x"})

    assert value.get_json() == {"class": "x"}
    assert Renamed.keys() == ["class"]
    assert Renamed(**value.get_json()) == value


def test_the_schema_tells_titles_and_descriptions():
    """The docstring describes the model, and `Field` each field."""
    schema = Question.get_schema()

    assert schema["title"] == "Question"
    assert schema["description"] == "A question of a quiz."
    assert schema["properties"]["text"]["title"] == "Text"
    assert schema["properties"]["text"]["description"] == "What is asked."
    assert schema["required"] == ["text"]
    assert schema["additionalProperties"] is False


def test_each_class_has_a_schema_of_its_own():
    """A subclass never answers with its parent's schema, whichever was asked first."""

    class Scored(Question):
        score: float

    assert Question.keys() == ["text", "points"]
    assert Scored.keys() == ["text", "points", "score"]


def test_a_model_may_contain_itself():
    """The fields of a recursive model are known, and its values fit."""
    value = Tree(value=1, children=[Tree(value=2)])

    assert Tree.keys() == ["value", "children"]
    assert "children" in Tree
    assert JsonDataModel(json=value.get_json(), data_model=Tree).get("value") == 1
    with pytest.raises(SchemaError, match=r"children\[0\]\.value"):
        JsonDataModel(json={"value": 1, "children": [{"value": "x"}]}, data_model=Tree)


def test_fields_are_read_by_name():
    """`get` answers a default for what is not there, and `[]` names what is."""
    value = Question(text="Why?")

    assert (value["text"], value.get("points"), value.get("score", 0.5)) == ("Why?", 1, 0.5)
    with pytest.raises(KeyError, match=r"'score'.*'text', 'points'"):
        value["score"]


def test_only_declared_fields_are_read():
    """Methods and settings are no fields."""
    value = Question(text="Why?")

    assert value.get("get_json") is None
    with pytest.raises(KeyError):
        value["model_config"]


def test_values_are_equal_by_content():
    """An object equals the JsonDataModel of the same content, in either order."""
    value = Question(text="Why?")
    flowing = JsonDataModel(json={"text": "Why?", "points": 1}, data_model=Question)

    assert value == flowing
    assert flowing == value
    assert value != Question(text="How?")
    assert value != Answer(text="Why?")


def test_or_in_an_annotation_means_either_type():
    """`A | None`, `A | B`, `A | B | None` and `A | int` work as annotations of fields."""

    class Holder(DataModel):
        maybe: Question | None = None
        either: Question | Answer
        any_of_three: Question | Answer | None = None
        several: list[Question | Answer] = Field(default_factory=list)
        number: Question | int = 0

    value = Holder(
        either={"text": "x", "score": 0.5}, any_of_three={"text": "y", "score": 1.0}, several=[{"text": "z"}], number=3
    )

    assert isinstance(value.either, Answer)
    assert isinstance(value.any_of_three, Answer)
    assert isinstance(value.several[0], Question)
    assert value.number == 3
    assert mismatch(value.get_json(), Holder.get_schema()) == ""
    with pytest.raises(ValidationError, match="either"):
        Holder(either={"text": 1})


def test_a_concatenation_in_an_annotation_is_an_error():
    """A type without a class cannot be a field's type, and the error says what to declare."""
    with pytest.raises(SchemaError, match="Declare a DataModel class"):
        type("Holder", (DataModel,), {"__annotations__": {"both": Question + Answer}, "__module__": __name__})


def test_an_operator_on_classes_answers_a_description():
    """It serves wherever a class does as a description."""
    both = Question + Answer

    assert isinstance(both, SchemaModel)
    assert both.keys() == ["text", "points", "text_1", "score"]
    assert repr(both) == "SchemaModel(text, points, text_1, score)"

"""JsonDataModel: what flows fits its schema, and says so when it does not."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import SchemaError


class Answer(DataModel):
    """An answer."""

    text: str
    score: float = 0.0


@pytest.fixture
def value():
    """A value that fits."""
    return JsonDataModel(json={"text": "Paris", "score": 1.0}, data_model=Answer)


def test_a_value_is_read_by_name(value):
    """Fields are read as of a dict, and a misspelt one names those there are."""
    assert (value["text"], value.get("text"), value.get("txt", "none")) == ("Paris", "Paris", "none")
    assert list(value.keys()) == ["text", "score"]
    assert list(value.values()) == ["Paris", 1.0]
    assert dict(value.items()) == value.get_json()
    with pytest.raises(KeyError, match=r"'txt'.*'text', 'score'"):
        value["txt"]


@pytest.mark.parametrize(
    ("json", "reason"),
    [
        ({"text": 1}, r"\$\.text: 1 is not of type 'string'"),
        ({}, "'text' is a required property"),
        ({"text": "x", "more": 1}, "'more' was unexpected"),
        (["text"], "is not of type 'object'"),
        ({"text": {1, 2}}, "not a JSON value"),
        ({1: "x"}, "not a JSON value"),
    ],
)
def test_a_value_that_does_not_fit_is_rejected(json, reason):
    """The error names the field and what is wrong with it."""
    with pytest.raises(SchemaError, match=reason):
        JsonDataModel(json=json, data_model=Answer)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "not both or neither"),
        ({"schema": Answer.get_schema(), "data_model": Answer}, "not both or neither"),
        ({"schema": Answer}, "write data_model="),
        ({"data_model": {"type": "object"}}, "takes a DataModel class"),
        ({"schema": {"type": "string"}}, "not of an object"),
    ],
)
def test_a_value_has_one_schema(arguments, reason):
    """It is given by `schema=` or by `data_model=`, each in its form."""
    with pytest.raises(SchemaError, match=reason):
        JsonDataModel(json={"text": "x"}, **arguments)


def test_masks_keep_or_drop_fields_of_value_and_schema(value):
    """What is left still fits what is described."""
    kept, dropped = value.in_mask(["text"]), value.out_mask(["text"])

    assert kept.get_json() == {"text": "Paris"}
    assert JsonDataModel(json=kept.get_json(), schema=kept.get_schema()) == kept
    assert dropped.get_json() == {"score": 1.0}
    assert JsonDataModel(json=dropped.get_json(), schema=dropped.get_schema()) == dropped
    assert value.get_json() == {"text": "Paris", "score": 1.0}


def test_a_mask_works_by_exact_names():
    """`score` keeps neither `scores` nor `score_1`."""
    value = JsonDataModel(json={"score": 1, "scores": [1], "score_1": 2}, schema={"type": "object"})

    assert value.in_mask(["score"]).get_json() == {"score": 1}
    assert value.out_mask(["score"]).get_json() == {"scores": [1], "score_1": 2}


def test_a_value_is_not_hashable(value):
    """Equality is by content, which may change, so a value is no key."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)


def test_a_value_gives_itself(value):
    """`to_json_data_model` makes no copy, and the repr shows the content."""
    assert value.to_json_data_model() is value
    assert repr(value) == "JsonDataModel({'text': 'Paris', 'score': 1.0})"
    assert value != {"text": "Paris", "score": 1.0}

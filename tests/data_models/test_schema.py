"""Functions on schemas are pure, and a mismatch is told in few words."""

import copy
import socket
from contextlib import suppress

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Validator
from synthflow.errors import SchemaError

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
SCORE = {"type": "object", "properties": {"score": {"type": "number"}}, "required": ["score"]}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)
field_schemas = st.recursive(
    st.sampled_from(
        [
            {"type": "integer"},
            {"type": "string", "maxLength": 2},
            {"type": "number", "minimum": 0},
            {"type": "boolean"},
            {"enum": [0, 1, "a", None]},
            {"type": "null"},
            {},
        ]
    ),
    lambda inner: (
        inner.map(lambda one: {"type": "array", "items": one, "maxItems": 2})
        | st.lists(inner, min_size=1, max_size=2).map(lambda some: {"anyOf": some})
        | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2).map(
            lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)[:1]}
        )
    ),
    max_leaves=4,
)
object_schemas = st.dictionaries(st.sampled_from(["a", "b", "c"]), field_schemas, max_size=3).map(
    lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)[:1]}
)


@given(object_schemas, json_values | st.dictionaries(st.sampled_from(["a", "b", "c"]), json_values, max_size=3))
def test_the_validator_agrees_with_jsonschema(schema, value):
    """A mismatch is told exactly when the reference implementation finds one."""
    assert (Validator(schema).mismatch(value) == "") == jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"text": 1}, "$.text"),
        ({}, "'text'"),
        ([], "$: [] is not of type 'object'"),
    ],
)
def test_a_mismatch_names_the_place(value, where):
    """The field is in the text."""
    assert where in schemas.mismatch(value, TEXT)


def test_a_mismatch_deep_inside_is_told_with_its_path():
    """Each key and index on the way is named."""
    grid = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"grid": grid}}

    assert schemas.mismatch({"grid": [[1, 2], [3, "x"]]}, schema) == "$.grid[1][1]: 'x' is not of type 'integer'"


@pytest.mark.parametrize(
    "value",
    [{"text": [7] * 100_000}, {"text": "x", "k" * 100_000: 1}, {"text": {"deep": ["y" * 100_000]}}],
)
def test_a_mismatch_of_a_huge_value_is_short(value):
    """Neither a long content nor a long name makes a long message."""
    closed = TEXT | {"additionalProperties": False}

    assert 0 < len(schemas.mismatch(value, closed)) <= schemas.LONGEST_MESSAGE + 5


def test_a_long_name_makes_no_long_path():
    """The path is cut, too."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}}

    assert 0 < len(schemas.mismatch({"k" * 100_000: 1}, schema)) <= schemas.LONGEST_MESSAGE + 5


@pytest.mark.parametrize("value", [{"text": {1}}, {"text": object()}, {1: "x"}, {"text": b"x"}])
def test_what_is_no_json_does_not_fit(value):
    """A value that JSON cannot say is a mismatch, not an exception."""
    assert "not a JSON value" in schemas.mismatch(value, TEXT)


def test_a_value_nested_without_end_does_not_fit():
    """Depth is a mismatch, not an exception."""
    deep = []
    for _ in range(5_000):
        deep = [deep]

    assert schemas.mismatch({"text": deep}, TEXT) != ""


def test_a_union_is_flat_and_has_no_doubles():
    """Unions of unions are taken apart, and a kind that is there already is not added."""
    whole = schemas.union(TEXT, schemas.union(SCORE, TEXT), SCORE)

    assert schemas.variants(whole) == [TEXT, SCORE]
    assert schemas.union(TEXT) == TEXT
    assert schemas.union(TEXT, TEXT) == TEXT


def test_a_definition_with_another_meaning_gets_another_name():
    """Also one with the same text that refers to one with another meaning."""

    def outer(kind):
        inner = {"Inner": {"type": kind}, "Outer": {"type": "array", "items": {"$ref": "#/$defs/Inner"}}}
        return {"type": "object", "properties": {"x": {"$ref": "#/$defs/Outer"}}, "required": ["x"], "$defs": inner}

    merged = schemas.concat(outer("integer"), outer("string"))

    assert schemas.mismatch({"x": [1], "x_1": ["a"]}, merged) == ""
    assert "$.x[0]" in schemas.mismatch({"x": ["a"], "x_1": ["a"]}, merged)
    assert "$.x_1[0]" in schemas.mismatch({"x": [1], "x_1": [1]}, merged)


def test_definitions_with_the_same_meaning_are_shared():
    """Merging a schema with itself adds no definition."""
    inner = {"Inner": {"type": "integer"}}
    schema = {"type": "object", "properties": {"x": {"$ref": "#/$defs/Inner"}}, "$defs": inner}

    assert schemas.concat(schema, schema)["$defs"] == inner


def test_a_mask_of_a_union_masks_each_variant():
    """What each kind of value keeps is admitted."""
    masked = schemas.mask(schemas.union(TEXT, SCORE), ["text"])

    assert schemas.mismatch({"text": "x"}, masked) == ""
    assert schemas.mismatch({}, masked) == ""
    assert list(schemas.properties(masked)) == ["text"]


def test_a_mask_forgets_rules_about_fields_that_are_gone():
    """Counts and patterns of the whole do not bind the part."""
    strict = TEXT | {"minProperties": 2, "dependentRequired": {"text": ["other"]}, "additionalProperties": False}

    assert schemas.mismatch({"text": "x"}, schemas.mask(strict, ["text"])) == ""
    assert schemas.mismatch({"text": "x", "more": 1}, schemas.mask(strict, ["text"])) != ""


def test_schemas_that_differ_in_words_only_contain_each_other():
    """Titles, descriptions and the names of definitions do not matter; types do."""
    titled = {**TEXT, "title": "T", "properties": {"text": {"type": "string", "description": "D"}}}
    referred = {**TEXT, "properties": {"text": {"$ref": "#/$defs/S"}}, "$defs": {"S": {"type": "string"}}}

    assert schemas.contains(TEXT, titled)
    assert schemas.contains(TEXT, referred)
    assert not schemas.contains(TEXT, SCORE)


def test_a_field_named_like_an_annotation_is_a_field():
    """`title` and `description` are good names."""
    one = {"type": "object", "properties": {"title": {"type": "string"}}}
    other = {"type": "object", "properties": {"title": {"type": "integer"}}}

    assert not schemas.contains(one, other)


@given(object_schemas, object_schemas)
def test_no_function_changes_its_arguments(left, right):
    """Schemas are shared by many values, so they are never written to."""
    before = copy.deepcopy((left, right))

    schemas.mask(schemas.union(schemas.concat(left, right), left), ["a"])
    schemas.contains(left, right)
    schemas.describe(left)

    assert (left, right) == before


@given(object_schemas, object_schemas)
def test_a_concatenation_contains_its_left_side(left, right):
    """The left side keeps its names, and so `left in left + right`."""
    assert schemas.contains(schemas.concat(left, right), left)


def test_a_schema_is_described_in_words():
    """Arrays, unions and definitions are named."""
    schema = {
        "properties": {
            "grid": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/Colour"}}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "any": {},
        }
    }

    assert schemas.describe(schema) == "grid: array of array of Colour, note: string or null, any: any"
    assert schemas.describe(schemas.union(TEXT, SCORE)) == "text: string | score: number"


def test_check_schema_takes_what_pydantic_makes():
    """Unions and references to own definitions are schemas of objects."""
    schemas.check_schema({"anyOf": [TEXT, SCORE]})
    schemas.check_schema({"$ref": "#/$defs/T", "$defs": {"T": TEXT}})
    with pytest.raises(SchemaError, match=r"\['properties'\]\['text'\]"):
        schemas.check_schema({"type": "object", "properties": {"text": {"type": 3}}})


ELSEWHERE = "http://127.0.0.1:9"
REACHING = [
    {"$schema": f"{ELSEWHERE}/meta", **TEXT},
    {**TEXT, "properties": {"text": {"$id": f"{ELSEWHERE}/q", "$schema": f"{ELSEWHERE}/meta", "type": "string"}}},
    {**TEXT, "properties": {"text": {"$ref": f"{ELSEWHERE}/text"}}},
    {**TEXT, "properties": {"text": {"$dynamicRef": f"{ELSEWHERE}/text"}}},
    {"$id": f"{ELSEWHERE}/x", **TEXT, "$defs": {"K": {"$id": "y", "$ref": "z.json"}}},
]


@pytest.mark.parametrize("schema", REACHING, ids=range(len(REACHING)))
def test_no_schema_reaches_the_network(schema, monkeypatch):
    """One that names something elsewhere is refused, and nothing is fetched to find out."""
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda *where: reached.append(where))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **_: reached.append(where))

    with pytest.raises(SchemaError):
        schemas.check_schema(schema)
    Validator(schema).mismatch({"text": "1"})
    with suppress(Exception):
        Validator(schema)._reason({"text": "1"})  # the slow half, which says why
    assert reached == []


def test_what_is_named_elsewhere_is_not_fetched():
    """The compiled validator, which would by itself, is told so."""
    with pytest.raises(ValueError, match="nothing is fetched for a schema"):
        Validator(REACHING[2]).fits({"text": "1"})


@pytest.mark.parametrize(
    "dialect",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_a_schema_may_say_of_which_draft_it_is(dialect):
    """The drafts that everybody knows; and a field may be called `$schema`."""
    schema = {"$schema": dialect, **TEXT, "properties": {**TEXT["properties"], "$schema": {"type": "string"}}}

    schemas.check_schema(schema)

    assert Validator(schema).mismatch({"text": 1}) == "$.text: 1 is not of type 'string'"
    assert Validator(schema).mismatch({"text": "x", "$schema": "y"}) == ""


def test_a_list_of_fields_tells_all_that_a_field_says():
    """Also what its definition says, and of a union all kinds."""
    city = {"type": "object", "description": "A place."}
    one = {"type": "object", "properties": {"city": {"$ref": "#/$defs/City"}}, "$defs": {"City": city}}

    assert schemas.listed(schemas.union(one, SCORE)) == "- city (City): A place.\nor these:\n- score (number)"

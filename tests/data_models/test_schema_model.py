"""SchemaModel: a type known by its schema alone."""

import pytest

from synthflow.data_models.schema_model import SchemaModel
from synthflow.errors import SchemaError


def test_it_tells_its_schema_and_fields():
    """The schema is given back as it is."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    model = SchemaModel(schema)

    assert model.get_schema() is schema
    assert model.keys() == ["answer"]


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "array"}, "not of an object"),
        ({"type": "objekt"}, "Not a JSON schema"),
        ({"type": "object", "properties": [1]}, "Not a JSON schema"),
        ({"type": "object", "properties": {"a": {"const": {1}}}}, "Not a JSON schema"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/Absent"}}}, "Not a JSON schema"),
        ({"type": "object", "properties": {"a": {"$ref": "http://localhost:1/schema"}}}, "one of its own definitions"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}}, "one of its own definitions"),
        ({"anyOf": [{"type": "object"}, {"type": "integer"}]}, "not of an object"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, "Not a JSON schema"),
    ],
)
def test_what_is_no_schema_of_an_object_is_rejected(schema, reason):
    """Not JSON schema, not of an object, or with a reference that leads out of it."""
    with pytest.raises(SchemaError, match=reason):
        SchemaModel(schema)

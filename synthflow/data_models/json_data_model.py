"""JsonDataModel: a JSON object with its schema, the value that flows at run time."""

from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any

from synthflow.data_models import schema as schemas
from synthflow.data_models.operators import Described, ValueOperators
from synthflow.data_models.schema import Json, Schema
from synthflow.errors import SchemaError


class JsonDataModel(ValueOperators):
    """A JSON object together with the JSON schema that it fits.

    Args:
        json: The object; it is kept, not copied.
        schema: Its JSON schema.
        data_model: Instead of `schema`, whatever has one: a `DataModel` class,
            a `SchemaModel` or another value.

    Raises:
        SchemaError: `json` does not fit; the message names the field.

    >>> answer = JsonDataModel(
    ...     json={"answer": "Paris"}, schema={"type": "object", "properties": {"answer": {"type": "string"}}}
    ... )
    >>> answer.get("answer"), answer["answer"], answer.get("score", 0.0)
    ('Paris', 'Paris', 0.0)
    """

    __slots__ = ("_json", "_schema")

    def __init__(
        self, *, json: dict[str, Json], schema: Schema | None = None, data_model: Described | None = None
    ) -> None:
        schema = described_schema(schema, data_model)
        if wrong := schemas.mismatch(json, schema):
            raise SchemaError(f"The value does not fit its schema: {wrong}.")
        self._json = json
        self._schema = schema

    @classmethod
    def of(cls, json: dict[str, Json], schema: Schema) -> "JsonDataModel":
        """Wrap a value that is already known to fit; nothing is checked."""
        wrapped = cls.__new__(cls)
        wrapped._json = json
        wrapped._schema = schema
        return wrapped

    def get_json(self) -> dict[str, Json]:
        """Give the JSON object itself; treat it as read-only."""
        return self._json

    def get_schema(self) -> Schema:
        """Give the JSON schema; treat it as read-only."""
        return self._schema

    def to_json_data_model(self) -> "JsonDataModel":
        """Give this very value."""
        return self

    def get(self, key: str, default: Any = None) -> Json:
        """Give the field `key`, or `default` when the value has no such field."""
        return self._json.get(key, default)

    def keys(self) -> KeysView[str]:
        """Give the names of the fields."""
        return self._json.keys()

    def values(self) -> ValuesView[Json]:
        """Give the contents of the fields."""
        return self._json.values()

    def items(self) -> ItemsView[str, Json]:
        """Give the fields with their contents."""
        return self._json.items()

    def in_mask(self, fields: list[str]) -> "JsonDataModel":
        """Keep only the fields named; one that the value lacks is left out.

        Raises:
            TypeError: It is a string, not a list of names.
        """
        if isinstance(fields, str):
            raise TypeError(f"A mask is a list of field names: in_mask([{fields!r}]).")
        return JsonDataModel.of(
            {name: value for name, value in self._json.items() if name in fields}, schemas.mask(self._schema, fields)
        )

    def out_mask(self, fields: list[str]) -> "JsonDataModel":
        """Drop the fields named; raises as `in_mask` does."""
        if isinstance(fields, str):
            raise TypeError(f"A mask is a list of field names: out_mask([{fields!r}]).")
        return self.in_mask([name for name in schemas.properties(self._schema) | self._json if name not in fields])

    def __getitem__(self, key: str) -> Json:
        try:
            return self._json[key]
        except KeyError:
            raise KeyError(f"No field {key!r}; this value has {', '.join(map(repr, self._json))}.") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValueOperators) and self._json == other.get_json()

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content may be changed

    def __repr__(self) -> str:
        return f"JsonDataModel({self._json!r})"


def described_schema(schema: Schema | None, data_model: Described | None) -> Schema:
    """Take the one schema that `schema=` or `data_model=` gives.

    Raises:
        SchemaError: Neither or both were given, or one of them is not what it should be.
    """
    if (schema is None) == (data_model is None):
        raise SchemaError(
            "Give either schema= (a JSON schema) or data_model= (a DataModel class), not both or neither."
        )
    if schema is not None:
        if not isinstance(schema, dict):
            raise SchemaError(f"schema= takes a JSON schema (a dict); for {schema!r} write data_model=.")
        schemas.check_schema(schema)
        return schema
    if not isinstance(data_model, Described):
        raise SchemaError(f"data_model= takes a DataModel class, and {data_model!r} has no get_schema().")
    return data_model.get_schema()

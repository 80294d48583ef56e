"""SchemaModel: a declared type that is known by its JSON schema alone."""

from typing import TYPE_CHECKING, Any, Union

from synthflow.data_models.operators import TypeOperators
from synthflow.data_models.schema import Schema, check_schema, properties
from synthflow.errors import SchemaError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class SchemaModel(TypeOperators):
    """A type without a class: what an operator on `DataModel` classes answers.

    It serves wherever a `DataModel` class does as a description, as in
    `Input(data_model=Question | Answer)`; only a class can make values.

    Args:
        schema: The JSON schema of an object, or a union of such.
        either: What it means in an annotation inside another DataModel: any of
            these types, as `A | B` does.

    Raises:
        SchemaError: `schema` is not the JSON schema of an object.

    >>> SchemaModel({"type": "object", "properties": {"answer": {"type": "string"}}}).keys()
    ['answer']
    """

    def __init__(self, schema: Schema, either: tuple[Any, ...] = ()) -> None:
        check_schema(schema)
        self._schema = schema
        self._either = either

    def get_schema(self) -> Schema:
        """Give the JSON schema."""
        return self._schema

    def keys(self) -> list[str]:
        """Give the names of the fields, in order."""
        return list(properties(self._schema))

    def __repr__(self) -> str:
        return f"SchemaModel({', '.join(self.keys())})"

    def _declare(self, schema: Schema, either: tuple[Any, ...]) -> "SchemaModel":
        return SchemaModel(schema, either)

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        if not self._either:
            raise SchemaError(
                f"{self!r} has a schema and no class, so it cannot be the type of a field.\n"
                "  Declare a DataModel class with these fields and name that."
            )
        return handler(Union[self._either])  # noqa: UP007 - the members are only known at run time

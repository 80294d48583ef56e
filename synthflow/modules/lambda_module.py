"""Lambda: a plain function as a module."""

import inspect
from collections.abc import Callable
from typing import Any

from synthflow.data_models.json_data_model import JsonDataModel, described_schema
from synthflow.data_models.operators import Described, ValueOperators
from synthflow.data_models.schema import Schema, Validator
from synthflow.errors import SchemaError
from synthflow.modules.module import Module


class Lambda(Module):
    """Wraps a function, sync or async, from a JsonDataModel to a dict or data model.

    Args:
        function: Called with the input; a plain dict that it returns is checked against the schema.
        data_model: The DataModel class of what it returns.
        schema: The JSON schema of that, instead of `data_model`.
        deterministic: Whether equal inputs always give equal outputs.
        name: Its name in a program.
        description: What it is for.

    Raises:
        SchemaError: When called, if the function's result does not fit.

    A saved file holds the function's name, not its code: pass the function in
    `custom_objects` when loading. A `lambda` has no name, so it cannot be saved.
    """

    def __init__(
        self,
        function: Callable[[JsonDataModel], Any],
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        deterministic: bool = True,
        name: str | None = None,
        description: str = "",
    ) -> None:
        super().__init__(name=name, description=description)
        self._function = function
        self._validator = Validator(described_schema(schema, data_model))
        self.deterministic = deterministic

    @property
    def default_name(self) -> str:
        """The name in a program when none was given."""
        return "lambda"

    def output_schema(self, inputs: Any) -> Schema:
        """Promise the schema that was given."""
        return self._validator.schema

    async def call(self, inputs: JsonDataModel) -> JsonDataModel | None:
        """Call the function and check what it returns."""
        result = self._function(inputs)
        if inspect.isawaitable(result):
            result = await result
        if result is None:
            return None
        json = result.get_json() if isinstance(result, ValueOperators) else result
        if wrong := self._validator.mismatch(json):
            raise SchemaError(f"The function of {self!r} returned what does not fit its schema: {wrong}.")
        return JsonDataModel.of(json, self._validator.schema)

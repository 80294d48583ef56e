"""Identity: gives its input back."""

from typing import Any

from synthflow.data_models.schema import Schema
from synthflow.modules.module import Module


class Identity(Module):
    """Gives its input back unchanged; useful as a named point in a graph."""

    def output_schema(self, inputs: Any) -> Schema:
        """Promise what the input promises."""
        schema: Schema = inputs.get_schema()
        return schema

    async def call(self, inputs: Any) -> Any:
        """Give the input."""
        return inputs

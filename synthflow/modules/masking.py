"""Modules that keep or drop fields, by their exact names."""

from collections.abc import Sequence
from typing import Any

from synthflow.data_models import schema as schemas
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Schema
from synthflow.errors import SchemaError
from synthflow.modules.module import Module


class InMask(Module):
    """Keeps only the fields named in `mask`.

    Args:
        mask: Names of fields that the input has.
        name: Its name in a program.
        description: What it is for.

    Raises:
        SchemaError: When wired, if the input has no field of that name.
    """

    def __init__(self, mask: Sequence[str], *, name: str | None = None, description: str = "") -> None:
        super().__init__(name=name, description=description)
        self.mask = _names(mask)

    def output_schema(self, inputs: Any) -> Schema:
        """Promise the fields that are kept."""
        schema = inputs.get_schema()
        fields = list(schemas.properties(schema))
        if unknown := [name for name in self.mask if name not in fields]:
            raise SchemaError(
                f"{type(self).__name__} names a field {unknown[0]!r} that its input lacks; "
                f"the input has {', '.join(map(repr, fields))}."
            )
        return schemas.mask(schema, self._kept(fields))

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Keep the fields; a value of one variant of a union need not have them all."""
        return inputs.in_mask(self.mask)

    def _kept(self, fields: list[str]) -> list[str]:
        return self.mask


class OutMask(InMask):
    """Drops the fields named in `mask`; its arguments and errors are those of `InMask`."""

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Drop the fields."""
        return inputs.out_mask(self.mask)

    def _kept(self, fields: list[str]) -> list[str]:
        return [name for name in fields if name not in self.mask]


def _names(mask: Sequence[str]) -> list[str]:
    if isinstance(mask, str):
        raise TypeError(f"mask takes a list of field names: mask=[{mask!r}].")
    return list(mask)

"""Modules that merge a list of values, as the operators do for two.

`await Concat()([a, b, c])` is `a + b + c`; None is treated as by the operator.
"""

from functools import reduce
from typing import Any, ClassVar

from synthflow.data_models.schema import Schema
from synthflow.graph.symbolic import AND, CONCAT, NOT, OR, XOR, Combine
from synthflow.modules.module import Module


class Merge(Module):
    """The common part of the merging modules: fold a list with an operator."""

    accepts_none: ClassVar[bool] = True
    operator: ClassVar[Combine]

    def output_schema(self, inputs: Any) -> Schema:
        """Fold the schemas."""
        return reduce(self.operator.combine_schemas, (one.get_schema() for one in _several(inputs)))

    async def call(self, inputs: Any) -> Any:
        """Fold the values."""
        return reduce(self.operator.combine, _several(inputs))


class Concat(Merge):
    """Puts the fields of all together; a clash gets `_1`, `_2` ..., and None raises ValueError."""

    operator = CONCAT


class And(Merge):
    """Puts the fields of all together, or answers None when any is None."""

    operator = AND


class Or(Merge):
    """Puts the fields of those together that are not None; None when all are."""

    operator = OR


class Xor(Merge):
    """Answers the one that is not None, folding from the left; two that are there cancel out."""

    operator = XOR


class Not(Module):
    """Answers None, whatever the input."""

    accepts_none: ClassVar[bool] = True

    def output_schema(self, inputs: Any) -> Schema:
        """Keep the schema of the input, as `~` does."""
        schema: Schema = inputs.get_schema()
        return schema

    async def call(self, inputs: Any) -> None:
        """Give None."""
        NOT.combine(inputs)


def _several(inputs: Any) -> list[Any]:
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError(f"A merging module takes a list: await Concat()([a, b]). It was given {inputs!r:.100}.")
    return list(inputs)

"""SymbolicDataModel: the promise of a value, which remembers the call that will make it.

A value knows its past and nothing knows its future: a promise holds its `Node`, a
node holds its operation and its arguments, which are promises again. A graph
is found by walking back from its outputs; nothing is registered anywhere.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from synthflow.data_models import operators
from synthflow.data_models import schema as schemas
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import TypeOperators, ValueOperators
from synthflow.data_models.schema import Schema
from synthflow.errors import GraphError
from synthflow.graph.structure import leaves, map_leaves


@runtime_checkable
class Operation(Protocol):
    """What a node does when the graph runs. Every module is one."""

    @property
    def name(self) -> str | None:
        """The name its author gave it; None lets the graph name it by its place."""

    @property
    def default_name(self) -> str:
        """What the graph calls it when it has no name."""

    @property
    def accepts_none(self) -> bool:
        """Whether it wants to be called when an input is None; otherwise None flows through."""

    @property
    def takes_batches(self) -> bool:
        """Whether it has an `async call_batch(rows)` that turns the inputs of all rows into their outputs at once."""

    async def call(self, *inputs: Any) -> Any:
        """Turn values into values."""


class Node:
    """One wired call: an operation and its arguments, structures of promises."""

    __slots__ = ("arguments", "operation")

    def __init__(self, operation: Operation, arguments: tuple[Any, ...] = ()) -> None:
        self.operation = operation
        self.arguments = arguments

    def parents(self) -> list["SymbolicDataModel"]:
        """Give the promises that the call reads, from left to right."""
        return list(leaves(self.arguments))

    def promise(self, schema: Any) -> Any:
        """Give the promises of this call's outputs, in the structure of `schema`: one schema or a structure of them."""
        return self._promise(schema, ())

    def _promise(self, schema: Any, path: tuple[int | str, ...]) -> Any:
        if isinstance(schema, (list, tuple)):
            return type(schema)(self._promise(part, (*path, index)) for index, part in enumerate(schema))
        if not isinstance(schema, dict):
            raise GraphError(
                f"{self.operation!r} promises {schema!r}, which is not a JSON schema.\n"
                "  def output_schema(self, inputs): return Answer.get_schema()   <- a schema, or a tuple of them"
            )
        if is_schema(schema):
            return SymbolicDataModel(schema, self, path)
        return {name: self._promise(part, (*path, name)) for name, part in schema.items()}


class SymbolicDataModel:
    """The promise of a value: its schema, and the node that will make it.

    The operators `+ & | ^ ~ in` work as on values and answer promises.

    Args:
        schema: The JSON schema that the value will fit.
        node: The call that makes it.
        path: Where it lies among the outputs of that call; empty when it is the only one.
    """

    __slots__ = ("_schema", "node", "path")

    def __init__(self, schema: Schema, node: Node, path: tuple[int | str, ...] = ()) -> None:
        self._schema = schema
        self.node = node
        self.path = path

    def get_schema(self) -> Schema:
        """Give the JSON schema; treat it as read-only."""
        return self._schema

    def keys(self) -> list[str]:
        """Give the names of the fields, in order."""
        return list(schemas.properties(self._schema))

    def get_json(self) -> Any:
        """Explain that a promise has no content.

        Raises:
            GraphError: Always.
        """
        raise GraphError(_NO_VALUE)

    def get(self, key: str, default: Any = None) -> Any:
        """Explain that a promise has no content.

        Raises:
            GraphError: Always.
        """
        raise GraphError(_NO_VALUE)

    def __getitem__(self, key: str) -> Any:
        raise GraphError(_NO_VALUE)

    def __add__(self, other: object) -> Any:
        return _combine(CONCAT, self, other)

    def __radd__(self, other: object) -> Any:
        return _combine(CONCAT, other, self)

    def __and__(self, other: object) -> Any:
        return _combine(AND, self, other)

    def __rand__(self, other: object) -> Any:
        return _combine(AND, other, self)

    def __or__(self, other: object) -> Any:
        return _combine(OR, self, other)

    def __ror__(self, other: object) -> Any:
        return _combine(OR, other, self)

    def __xor__(self, other: object) -> Any:
        return _combine(XOR, self, other)

    def __rxor__(self, other: object) -> Any:
        return _combine(XOR, other, self)

    def __invert__(self) -> "SymbolicDataModel":
        return SymbolicDataModel(self._schema, Node(replace(NOT), (self,)))

    def __contains__(self, item: object) -> bool:
        return operators.contains(self, item)

    def __bool__(self) -> bool:
        raise GraphError(
            "A promise is neither true nor false: it has no value before the program runs.\n"
            "  Put the decision in a module's call(), where the values are."
        )

    def __repr__(self) -> str:
        return f"SymbolicDataModel({schemas.describe(self._schema)})"


_NO_VALUE = (
    "A SymbolicDataModel is a promise: it has a schema and no content before the program runs.\n"
    "  Read contents in a module's call(), or from the result of `await program(...)`."
)


@dataclass(frozen=True, eq=False)
class Source:
    """The operation of an input: its value comes from the caller of the program."""

    schema: Schema
    """What the value must fit."""
    name: str | None = None
    """The name of the input."""
    optional: bool = False
    """Whether None may be given."""
    default_name: str = "input"
    accepts_none: bool = True
    takes_batches: bool = False

    async def call(self, *inputs: Any) -> Any:
        """Explain that an input is given, not computed."""
        raise GraphError("An input has no call of its own; its value is given to the program.")


@dataclass(frozen=True, eq=False)
class Constant:
    """The operation of a concrete value that was wired next to promises."""

    value: JsonDataModel
    """What it always yields."""
    name: str | None = None
    default_name: str = "constant"
    accepts_none: bool = True
    takes_batches: bool = False

    async def call(self, *inputs: Any) -> JsonDataModel:
        """Give the value."""
        return self.value


@dataclass(frozen=True, eq=False)
class Combine:
    """The operation of an operator between promises."""

    default_name: str
    """`concat`, `and`, `or`, `xor` or `not`."""
    combine: Callable[..., Any]
    """What it does with the values."""
    combine_schemas: Callable[..., Schema]
    """What it promises."""
    name: str | None = None
    accepts_none: bool = True
    takes_batches: bool = False

    async def call(self, *inputs: Any) -> Any:
        """Combine the values."""
        return self.combine(*inputs)


def _concat_values(left: Any, right: Any) -> Any:
    """Put the fields of both together; None on either side raises ValueError."""
    if left is None or right is None:
        raise ValueError(operators.NO_PLUS)
    return left + right


def _and_values(left: Any, right: Any) -> Any:
    """Put the fields of both together, or give None when either is None."""
    return None if left is None or right is None else left + right


def _or_values(left: Any, right: Any) -> Any:
    """Put the fields of both together, or give the one that is there."""
    return right if left is None else left if right is None else left + right


def _xor_values(left: Any, right: Any) -> Any:
    """Give the one that is there, or None when both or neither are."""
    return right if left is None else left if right is None else None


def _not_value(value: Any) -> None:
    """Give None, whatever the value."""
    return None


CONCAT = Combine("concat", _concat_values, operators.concat_schema)
AND = Combine("and", _and_values, operators.concat_schema)
OR = Combine("or", _or_values, operators.or_schema)
XOR = Combine("xor", _xor_values, operators.xor_schema)
NOT = Combine("not", _not_value, lambda schema: schema)

OPERATORS: dict[str, Callable[..., Any]] = {
    "concat": operator.add,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "not": operator.invert,
}
"""Python's operator for each name that a `Combine` has."""


def symbolic_call(operation: Operation, arguments: tuple[Any, ...], schema: Any) -> Any:
    """Wire a call: promise its outputs, concrete arguments becoming constants."""
    return Node(operation, map_leaves(as_promise, arguments)).promise(schema)


def as_promise(value: Any) -> SymbolicDataModel:
    """Take a promise as it is, and a concrete value as a constant.

    Raises:
        GraphError: It is a type, a dict or anything else that cannot be wired.
    """
    if isinstance(value, SymbolicDataModel):
        return value
    if isinstance(value, ValueOperators):
        constant = value.to_json_data_model()
        return SymbolicDataModel(constant.get_schema(), Node(Constant(constant)))
    if isinstance(value, TypeOperators):
        raise GraphError(
            f"{value!r} is a type, and a graph is wired from promises.\n"
            f"  Input(data_model=...)   <- makes a promise of it"
        )
    raise GraphError(f"A graph is wired from promises and data models, not from {value!r}.")


def is_schema(schema: Any) -> bool:
    """Tell the JSON schema of an object from a dict of such schemas."""
    return "properties" in schema or "anyOf" in schema or "$ref" in schema or schema.get("type") == "object"


def _combine(operation: Combine, left: object, right: object) -> Any:
    if left is None or right is None:
        raise ValueError(
            "An operator between promises takes two promises, and one side is None.\n"
            "  Whether a value is there is known when the program runs; wire the promise of the branch instead."
        )
    if not all(isinstance(side, (SymbolicDataModel, ValueOperators, TypeOperators)) for side in (left, right)):
        return NotImplemented
    sides = as_promise(left), as_promise(right)
    schema = operation.combine_schemas(*(side.get_schema() for side in sides))
    return SymbolicDataModel(schema, Node(replace(operation), sides))  # its own operation, so its own name

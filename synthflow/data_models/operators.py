"""The operators `+ & | ^ ~ in` on declared types and on run-time values.

| operator | both given | left only | right only |
|---|---|---|---|
| `+` concatenate | the fields of both; a clash gets `_1`, `_2` ... | ValueError | ValueError |
| `&` and | the fields of both | None | None |
| `|` or | the fields of both | left | right |
| `^` exclusive or | None | left | right |
| `~` not | None | | |

`"field" in model` asks for a field and `ModelB in model_a` for all fields of
`ModelB`. On types an operator answers the type of every value it can yield. What
an operator does not know, such as a promise in a graph, it leaves to the other side.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, Union, runtime_checkable

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json, Schema

if TYPE_CHECKING:
    from synthflow.data_models.json_data_model import JsonDataModel
    from synthflow.data_models.schema_model import SchemaModel

NO_PLUS = "`+` needs a value on both sides, and one is None. Use `&` to get None, or `|` to get the other side."


@runtime_checkable
class Described(Protocol):
    """Whatever can tell the JSON schema of its values: a type, a value or a promise."""

    def get_schema(self) -> Schema:
        """Give the JSON schema."""


def concat_schema(left: Schema, right: Schema) -> Schema:
    """Promise what `+` and `&` yield."""
    return schemas.concat(left, right)


def or_schema(left: Schema, right: Schema) -> Schema:
    """Promise what `|` yields: both, or either alone."""
    return schemas.union(schemas.concat(left, right), left, right)


def xor_schema(left: Schema, right: Schema) -> Schema:
    """Promise what `^` yields: either alone."""
    return schemas.union(left, right)


def contains(model: Described, item: object) -> bool:
    """Answer `item in model` for the name of a field or for another model."""
    if isinstance(item, str):
        return item in schemas.properties(model.get_schema())
    if isinstance(item, Described):
        return schemas.contains(model.get_schema(), item.get_schema())
    raise TypeError(f"`in` asks for the name of a field or for a data model, not for {item!r}.")


class ValueOperators:
    """The operators of run-time values, for `DataModel` objects and `JsonDataModel`."""

    __slots__ = ()

    @abstractmethod
    def get_json(self) -> dict[str, Json]:
        """Give the value as JSON."""

    @abstractmethod
    def get_schema(self) -> Schema:
        """Give the JSON schema."""

    @abstractmethod
    def to_json_data_model(self) -> "JsonDataModel":
        """Give the value as it flows through a graph."""

    def __add__(self, other: object) -> Any:
        if other is None:
            raise ValueError(NO_PLUS)
        return self._merged(other)

    def __radd__(self, other: object) -> Any:
        if other is None:
            raise ValueError(NO_PLUS)
        return NotImplemented

    def __and__(self, other: object) -> Any:
        return None if other is None else self._merged(other)

    def __or__(self, other: object) -> Any:
        return self.to_json_data_model() if other is None else self._merged(other)

    def __xor__(self, other: object) -> Any:
        if other is None:
            return self.to_json_data_model()
        return None if isinstance(other, ValueOperators) else NotImplemented

    def __rand__(self, other: object) -> Any:
        return None if other is None else NotImplemented

    def __ror__(self, other: object) -> Any:
        return self.to_json_data_model() if other is None else NotImplemented

    def __rxor__(self, other: object) -> Any:
        return self.to_json_data_model() if other is None else NotImplemented

    def __invert__(self) -> None:
        return None

    def __contains__(self, item: object) -> bool:
        return contains(self, item)

    def _merged(self, other: object) -> Any:
        if not isinstance(other, ValueOperators):
            return NotImplemented
        left, right = self.get_schema(), other.get_schema()
        merged = schemas.concat_values(self.get_json(), left, other.get_json(), right)
        return self.to_json_data_model().of(merged, schemas.concat(left, right))


class TypeOperators:
    """The operators of declared types, for `DataModel` classes and `SchemaModel`."""

    @abstractmethod
    def get_schema(self) -> Schema:
        """Give the JSON schema."""

    @abstractmethod
    def _declare(self, schema: Schema, either: tuple[Any, ...]) -> "SchemaModel":
        """Make the type that an operator answers, which in an annotation may mean `either` of some."""

    def __add__(self, other: object) -> Any:
        if other is None:
            raise ValueError(NO_PLUS)
        return self._combined(concat_schema, other)

    def __radd__(self, other: object) -> Any:
        if other is None:
            raise ValueError(NO_PLUS)
        return NotImplemented

    def __and__(self, other: object) -> Any:
        return self._combined(concat_schema, other)

    def __or__(self, other: object) -> Any:
        """Combine two types; with None or an ordinary type this is an annotation."""
        if _annotates(other):
            return Union[self, other]  # noqa: UP007 - `|` is this method
        return self._combined(or_schema, other, either=(self, other))

    def __ror__(self, other: object) -> Any:
        return Union[other, self] if _annotates(other) else NotImplemented  # noqa: UP007 - `|` is this method

    def __xor__(self, other: object) -> Any:
        return self._combined(xor_schema, other, either=(self, other))

    def __invert__(self) -> Self:
        return self

    def __contains__(self, item: object) -> bool:
        return contains(self, item)

    def _combined(
        self, combine: Callable[[Schema, Schema], Schema], other: object, either: tuple[Any, ...] = ()
    ) -> Any:
        if not isinstance(other, TypeOperators):
            return NotImplemented
        return self._declare(combine(self.get_schema(), other.get_schema()), either)


def _annotates(other: object) -> bool:
    """Tell whether `other` stands for an ordinary type in an annotation."""
    if isinstance(other, TypeOperators):
        return False
    return other is None or isinstance(other, type) or hasattr(other, "__origin__") or hasattr(other, "__args__")

"""Variable: named JSON that training may change, and the overlay that tries other values on it.

Evaluating a candidate never writes to a variable. It *overlays* the candidate's
values for the running task (a `ContextVar`), so any number of candidates can run
through one program at once, each seeing its own values.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from typing import Any

from synthflow.data_models.json_data_model import JsonDataModel, described_schema
from synthflow.data_models.operators import Described, ValueOperators
from synthflow.data_models.schema import Json, Schema, Validator, properties
from synthflow.errors import SchemaError

VIEWS = ("best_candidates", "seed_candidates")

_OVERLAY: ContextVar[Mapping["Variable", dict[str, Json]]] = ContextVar("overlay", default={})  # noqa: B039 - never written to


class Variable:
    """A named JSON object with a schema, held by a module.

    `get` and `[]` read its own fields and two views: `seed_candidates`, the values
    that a search starts from, and `best_candidates`, what the last training
    kept, best first, each with its `reward`. The views are no part of the value.

    Args:
        initializer: The first value: a dict that fits the schema, or a DataModel object.
        data_model: The DataModel class of the value; may be left out when
            `initializer` is a DataModel object.
        schema: The JSON schema of the value, instead of `data_model`.
        trainable: Whether training may change the value.
        name: The last part of its path in a program, such as `state`.
        description: What the value means; shown to whoever proposes new values.

    Raises:
        SchemaError: The first value does not fit, or a field has the name of a view.
    """

    def __init__(
        self,
        initializer: dict[str, Json] | ValueOperators,
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        trainable: bool = True,
        name: str = "state",
        description: str = "",
    ) -> None:
        if isinstance(initializer, ValueOperators):
            if data_model is None and schema is None:
                schema = initializer.get_schema()
            initializer = initializer.get_json()
        self.name = name
        self.trainable = trainable
        self._schema = described_schema(schema, data_model)
        self._validator = Validator(self._schema)
        self.description = description or str(self._schema.get("description", ""))
        if taken := [field for field in VIEWS if field in properties(self._schema)]:
            raise SchemaError(
                f"Variable {name!r} has a field {taken[0]!r}, a name kept for training. Rename the field."
            )
        self.best_candidates: list[dict[str, Json]] = []
        self.seed_candidates: list[dict[str, Json]] = []
        self._value = self._checked(initializer)

    @property
    def value(self) -> dict[str, Json]:
        """The value in force: the overlaid one inside an evaluation, else its own; read-only."""
        return _OVERLAY.get().get(self, self._value)

    def get(self, key: str, default: Any = None) -> Json:
        """Give a field of the value, or a view; `default` when there is neither."""
        if key in VIEWS:
            return getattr(self, key)
        return self.value.get(key, default)

    def __getitem__(self, key: str) -> Json:
        if key in VIEWS:
            return getattr(self, key)
        return self.value[key]

    def keys(self) -> list[str]:
        """Give the names of the own fields."""
        return list(self.value)

    def get_json(self) -> dict[str, Json]:
        """Give a copy of the value in force."""
        return deepcopy(self.value)

    def get_schema(self) -> Schema:
        """Give the JSON schema; treat it as read-only."""
        return self._schema

    def to_json_data_model(self) -> JsonDataModel:
        """Give the value in force as it flows through a graph."""
        return JsonDataModel.of(self.value, self._schema)

    def mismatch(self, value: Json) -> str:
        """Say why `value` cannot be this variable's value, or '' when it can."""
        return self._validator.mismatch(value)

    def assign(self, value: dict[str, Json]) -> None:
        """Replace the whole value.

        Raises:
            SchemaError: It does not fit the schema.
            RuntimeError: A candidate is being evaluated; modules only read variables there.
        """
        if self in _OVERLAY.get():
            raise RuntimeError(
                f"Variable {self.name!r} was assigned while a candidate is evaluated.\n"
                "  A module's call() only reads its variables; training changes them between evaluations."
            )
        self._value = self._checked(value)

    def update(self, changes: dict[str, Json]) -> None:
        """Replace some fields of the value; raises as `assign` does."""
        self.assign({**self._value, **changes})

    def __repr__(self) -> str:
        return f"Variable({self.name!r}, {self.value!r})"

    def _checked(self, value: dict[str, Json]) -> dict[str, Json]:
        if wrong := self._validator.mismatch(value):
            raise SchemaError(f"The value does not fit variable {self.name!r}: {wrong}.")
        return deepcopy(value)


@contextmanager
def overlay(values: Mapping[Variable, dict[str, Json]]) -> Iterator[None]:
    """Let this task, and the tasks it starts, see `values` instead of the variables' own.

    >>> state = Variable({"n": 1}, schema={"type": "object", "properties": {"n": {"type": "integer"}}})
    >>> with overlay({state: {"n": 2}}):
    ...     state["n"]
    2
    >>> state["n"]
    1
    """
    token = _OVERLAY.set({**_OVERLAY.get(), **values})  # an evaluation inside another still sees the outer one's
    try:
        yield
    finally:
        _OVERLAY.reset(token)

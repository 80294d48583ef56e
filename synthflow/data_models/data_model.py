"""DataModel: the type of an input or an output, as its user declares it."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Field

from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import TypeOperators, ValueOperators
from synthflow.data_models.schema import Json, Schema, properties
from synthflow.data_models.schema_model import SchemaModel

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic_core import CoreSchema
else:
    ModelMetaclass = type(BaseModel)  # pydantic gives its metaclass no public name


class DataModelType(TypeOperators, ModelMetaclass):
    """The metaclass that makes the operators work on `DataModel` classes."""

    def get_schema(cls) -> Schema:
        """Give the JSON schema, made once per class; treat it as read-only."""
        if "_json_schema" not in cls.__dict__:
            type.__setattr__(cls, "_json_schema", cls.model_json_schema())  # type: ignore[attr-defined]  # of the class, not of this type
        schema: Schema = cls.__dict__["_json_schema"]
        return schema

    def keys(cls) -> list[str]:
        """Give the names of the fields, in order."""
        return list(properties(cls.get_schema()))

    def _declare(cls, schema: Schema, either: tuple[Any, ...]) -> SchemaModel:
        return SchemaModel(schema, either)


def _make_strict(schema: Any) -> None:
    """Make numbers, texts and truth values strict in a schema of pydantic's, where the field does not say otherwise."""
    if isinstance(schema, list):
        for part in schema:
            _make_strict(part)
    elif isinstance(schema, dict):
        if schema.get("type") in ("int", "float", "bool", "str"):
            schema.setdefault("strict", True)
        for key, part in schema.items():
            if key != "metadata":
                _make_strict(part)


class DataModel(ValueOperators, BaseModel, metaclass=DataModelType):
    """A typed JSON object. Unknown fields, wrong types and numbers that JSON lacks (NaN, infinity) are rejected.

    A text of digits is no number, 5.0 no integer and 1 no truth value, though an integer
    is taken where a float is asked for. For a field that is to be converted, say so:
    `Field(strict=False)`.

    Operators work on the class and on its objects: `+ & | ^ ~ in`.

    Raises:
        pydantic.ValidationError: A field is missing, unknown or of a wrong type.

    >>> class Question(DataModel):
    ...     text: str = Field(description="What is asked.")
    >>> class Answer(DataModel):
    ...     text: str
    >>> (Question(text="Capital of France?") + Answer(text="Paris")).get_json()
    {'text': 'Capital of France?', 'text_1': 'Paris'}
    >>> "text" in Question, Answer in Question
    (True, True)
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Take JSON's own types strictly, and all others (dates, enumerations) as pydantic reads them."""
        schema = handler(source)
        _make_strict(schema)
        return schema

    def get_json(self) -> dict[str, Json]:
        """Give the value as JSON, fields by their aliases; enumerations, dates and nested models become plain JSON."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def get_schema(cls) -> Schema:
        """Give the JSON schema; treat it as read-only."""
        return DataModelType.get_schema(cls)

    def to_json_data_model(self) -> JsonDataModel:
        """Give the value as it flows through a graph."""
        return JsonDataModel.of(self.get_json(), self.get_schema())

    def get(self, key: str, default: Any = None) -> Any:
        """Give the field `key` as Python sees it, or `default` when there is none."""
        return getattr(self, key) if key in type(self).model_fields else default

    def __getitem__(self, key: str) -> Any:
        if key not in type(self).model_fields:
            raise KeyError(
                f"No field {key!r}; {type(self).__name__} has {', '.join(map(repr, type(self).model_fields))}."
            )
        return getattr(self, key)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, JsonDataModel):
            return self.get_json() == other.get_json()
        return BaseModel.__eq__(self, other)

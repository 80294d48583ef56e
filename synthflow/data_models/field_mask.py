"""FieldMask: which fields of a value count, when predictions are compared with answers."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict

from synthflow.data_models import schema as schemas
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import ValueOperators
from synthflow.errors import EvaluationError


class Masks(TypedDict, total=False):
    """The arguments of `FieldMask`, as whatever compares fields takes them."""

    in_mask: Sequence[str] | None
    out_mask: Sequence[str] | None
    in_mask_pattern: str | None
    out_mask_pattern: str | None


class FieldMask:
    """Keeps some top-level fields of a value, by exact name or by pattern.

    Args:
        in_mask: Names of the fields to keep; left out, with no `in_mask_pattern`, all are kept.
        out_mask: Names of fields to drop from those kept.
        in_mask_pattern: A regular expression; a field whose name it matches somewhere is kept too.
        out_mask_pattern: A regular expression; a field whose name it matches somewhere is dropped.

    Raises:
        TypeError: A mask is a string, not a list of names.
        ValueError: A pattern is not a regular expression.

    >>> answer = JsonDataModel(json={"grid": [[0]], "stderr": ""}, schema={"type": "object"})
    >>> FieldMask(in_mask=["grid"]).apply(answer).get_json()
    {'grid': [[0]]}
    >>> FieldMask(out_mask_pattern="^std").apply(answer).get_json()
    {'grid': [[0]]}
    """

    def __init__(
        self,
        in_mask: Sequence[str] | None = None,
        out_mask: Sequence[str] | None = None,
        in_mask_pattern: str | None = None,
        out_mask_pattern: str | None = None,
    ) -> None:
        self._kept = _names("in_mask", in_mask)
        self._dropped = _names("out_mask", out_mask) or frozenset()
        self._kept_pattern = _pattern("in_mask_pattern", in_mask_pattern)
        self._dropped_pattern = _pattern("out_mask_pattern", out_mask_pattern)
        self._keeps_all = self._kept is None and self._kept_pattern is None
        self._idle = self._keeps_all and not self._dropped and self._dropped_pattern is None

    @classmethod
    def of(cls, owner: object, masks: Masks) -> "FieldMask":
        """Make the mask of a reward or metric from the arguments that it was given.

        Raises:
            TypeError: One is no mask, and so is unknown to the owner.
        """
        for name in masks:
            if name not in Masks.__annotations__:
                raise TypeError(
                    f"{type(owner).__name__}.__init__() got an unexpected keyword argument {name!r}; the masks are "
                    f"{', '.join(Masks.__annotations__)}."
                )
        return cls(**masks)

    def keeps(self, field: str) -> bool:
        """Tell whether a field of this name counts."""
        kept = (
            self._keeps_all
            or (self._kept is not None and field in self._kept)
            or (self._kept_pattern is not None and self._kept_pattern.search(field) is not None)
        )
        dropped = field in self._dropped or (
            self._dropped_pattern is not None and self._dropped_pattern.search(field) is not None
        )
        return kept and not dropped

    def apply(self, value: Any) -> JsonDataModel | None:
        """Give the value with only the fields that count; None stays None.

        Raises:
            EvaluationError: The value is not a data model.
        """
        if value is None:
            return None
        if not isinstance(value, ValueOperators):
            raise EvaluationError(
                f"Predictions and answers are compared as data models, and one is {value!r:.200}.\n"
                "  Answer(text=...)   <- write an object of your DataModel class, or a JsonDataModel"
            )
        model = value.to_json_data_model()
        return model if self._idle else model.in_mask([field for field in _fields(model) if self.keeps(field)])

    def check(self, answers: Sequence[Any]) -> None:
        """Make sure that the masks leave something of a true answer to compare.

        A misspelt name would leave nothing of either side, and nothing equals nothing.

        Args:
            answers: The data models of one row's true answer, before masking.

        Raises:
            EvaluationError: `in_mask` names a field that no answer has, or no field is left.
        """
        models = [answer.to_json_data_model() for answer in answers if isinstance(answer, ValueOperators)]
        if self._idle or not models:
            return
        fields = list(dict.fromkeys(field for model in models for field in _fields(model)))
        unknown = sorted((self._kept or frozenset()) - set(fields))
        if unknown or not any(map(self.keeps, fields)):
            problem = f"in_mask names {unknown[0]!r}, which the answers lack" if unknown else "The masks leave no field"
            raise EvaluationError(f"{problem}; the answers have {', '.join(map(repr, fields)) or 'no field'}.")


def same(answer: Any, prediction: Any) -> bool:
    """Tell whether two structures of data models are equal; a list and a tuple are one structure.

    >>> same([1, {"a": (2, None)}], (1, {"a": [2, None]}))
    True
    """
    if isinstance(answer, (list, tuple)) and isinstance(prediction, (list, tuple)):
        return len(answer) == len(prediction) and all(map(same, answer, prediction))
    if isinstance(answer, dict) and isinstance(prediction, dict):
        return answer.keys() == prediction.keys() and all(same(answer[key], prediction[key]) for key in answer)
    return bool(answer == prediction)


def _fields(model: JsonDataModel) -> list[str]:
    return list(schemas.properties(model.get_schema()) | model.get_json())


def _names(argument: str, names: Sequence[str] | None) -> frozenset[str] | None:
    if isinstance(names, str):
        raise TypeError(f"{argument} takes a list of field names: {argument}=[{names!r}].")
    return None if names is None else frozenset(names)


def _pattern(argument: str, pattern: str | None) -> re.Pattern[str] | None:
    try:
        return None if pattern is None else re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{argument}={pattern!r} is not a regular expression: {error}.") from None

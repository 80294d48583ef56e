"""PassAtK: how likely one of k answers is right.

Source: Chen et al., Evaluating Large Language Models Trained on Code, arXiv:2107.03374 (2021),
equation 1: the unbiased estimate from n answers, of which c are right, 1 - C(n - c, k) / C(n, k).
"""

from math import comb
from typing import Any

from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Json, properties
from synthflow.errors import EvaluationError
from synthflow.metrics.mean import Mean
from synthflow.metrics.metric import Metric


class PassAtK(Metric):
    """The chance that at least one of `k` answers, drawn from those of a prediction, is right.

    A prediction holds n answers in a list, of which those equal to the true answer are right.
    Each row gives the estimate of Chen et al. (2021), and the result is their mean. Where there
    are fewer than k answers, those that lack count as wrong.

    Args:
        k: How many answers may be tried, at least 1.
        field: The field of the true answer; left out, its only one.
        answers: The field of the prediction that holds the list; left out, of the same name.
        name: Its name in the logs; `pass_at_1` and so on by default.

    Raises:
        ValueError: `k` is no whole number from 1.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     city: str
    >>> class Answers(DataModel):
    ...     cities: list[str]
    >>> metric = PassAtK(2, "city", "cities")
    >>> asyncio.run(metric.update_state(Answer(city="Paris"), Answers(cities=["Rome", "Paris", "Lyon", "Nice"])))
    >>> metric.name, metric.result()
    ('pass_at_2', 0.5)
    """

    direction = "up"

    def __init__(
        self, k: int = 1, field: str | None = None, answers: str | None = None, *, name: str | None = None
    ) -> None:
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise ValueError(f"k counts the answers that may be tried, so it is a whole number from 1, got {k!r}.")
        super().__init__(name or f"pass_at_{k}")
        self.k = k
        self.field = field
        self.answers = answers

    def reset_state(self) -> None:
        """Forget all rows."""
        self._mean = Mean()

    async def update_state(self, y_true: Any, y_pred: Any) -> None:
        """Compare the answers of one row with the true one.

        Raises:
            EvaluationError: The true answer or the prediction is not of the form that this metric compares.
        """
        field, truth = self._truth(y_true)
        given = self._given(self.answers or field, y_pred)
        await self._mean.update_state(pass_at_k(len(given), sum(_equal(one, truth) for one in given), self.k))

    def result(self) -> float:
        """Give the mean; 0.0 before the first row."""
        return self._mean.result()

    def _truth(self, y_true: Any) -> tuple[str, Json]:
        fields = self._model(y_true).get_json()
        field = next(iter(fields)) if self.field is None and len(fields) == 1 else self.field
        if field is None or field not in fields:
            raise EvaluationError(
                f"Metric {self.name!r} compares one field of the true answer, which has "
                f"{', '.join(map(repr, fields)) or 'none'}.\n"
                f"  PassAtK({self.k}, {next(iter(fields), 'answer')!r}, ...)   <- name it"
            )
        return field, fields[field]

    def _given(self, field: str, y_pred: Any) -> list[Json]:
        if y_pred is None:
            return []
        model = self._model(y_pred)
        given = model.get(field, [] if field in properties(model.get_schema()) else "missing")
        if not isinstance(given, list | None):
            raise EvaluationError(
                f"Metric {self.name!r} needs a list of answers in the field {field!r} of a prediction, which is "
                f"{model.get_json()!r:.200}.\n"
                f"  PassAtK({self.k}, {self.field or field!r}, 'answers')   <- name the field that holds the list"
            )
        return given or []

    def _model(self, side: Any) -> JsonDataModel:
        if not isinstance(side, ValueOperators):
            raise EvaluationError(f"Metric {self.name!r} compares one data model, and was given {side!r:.200}.")
        return side.to_json_data_model()


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate the chance that one of `k` answers is right, from `n` answers of which `c` are right.

    >>> pass_at_k(10, 1, 1), pass_at_k(10, 1, 10), pass_at_k(2, 1, 5)
    (0.1, 1.0, 1.0)
    """
    n = max(n, k)
    return (comb(n, k) - comb(n - c, k)) / comb(n, k)


def _equal(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are equal: 1.0 is 1, and 1 is not true."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)

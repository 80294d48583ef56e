"""Accuracy: how many rows are right."""

from typing import Any, Unpack

from synthflow.data_models.field_mask import Masks, same
from synthflow.metrics.mean import MeanMetricWrapper


class Accuracy(MeanMetricWrapper):
    """The fraction of rows, from 0 to 1, whose prediction equals the true answer.

    Args:
        name: Its name in the logs; `accuracy` by default.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> accuracy = Accuracy()
    >>> for guess in ["Paris", "Rome"]:
    ...     asyncio.run(accuracy.update_state(Answer(text="Paris"), Answer(text=guess)))
    >>> accuracy.result()
    0.5
    """

    def __init__(self, name: str = "accuracy", **masks: Unpack[Masks]) -> None:
        super().__init__(_is_right, name, direction="up", **masks)


def _is_right(y_true: Any, y_pred: Any) -> float:
    return float(y_pred is not None and same(y_true, y_pred))

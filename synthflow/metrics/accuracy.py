"""Accuracy: how many rows are right."""

from collections.abc import Sequence
from typing import Any

from synthflow.data_models.field_mask import same
from synthflow.metrics.mean import MeanMetricWrapper


class Accuracy(MeanMetricWrapper):
    """The fraction of rows, from 0 to 1, whose prediction equals the true answer.

    Args:
        name: Its name in the logs; `accuracy` by default.
        in_mask: Names of the only fields that count, on both sides.
        out_mask: Names of fields that do not count, on both sides.
        in_mask_pattern: A regular expression: fields whose names it matches count too.
        out_mask_pattern: A regular expression: fields whose names it matches do not count.

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

    def __init__(
        self,
        name: str = "accuracy",
        *,
        in_mask: Sequence[str] | None = None,
        out_mask: Sequence[str] | None = None,
        in_mask_pattern: str | None = None,
        out_mask_pattern: str | None = None,
    ) -> None:
        super().__init__(
            _is_right,
            name,
            direction="up",
            in_mask=in_mask,
            out_mask=out_mask,
            in_mask_pattern=in_mask_pattern,
            out_mask_pattern=out_mask_pattern,
        )


def _is_right(y_true: Any, y_pred: Any) -> float:
    return float(y_pred is not None and same(y_true, y_pred))

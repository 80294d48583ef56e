"""ExactMatch: all or nothing."""

from typing import Any

from synthflow.data_models.field_mask import same
from synthflow.rewards.reward import Reward


class ExactMatch(Reward):
    """1.0 when the fields that count are equal in the prediction and the true answer, else 0.0.

    Every field of either side counts unless masked, so a module that adds `stdout` and
    `stderr` to its answer needs a mask.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    ...     thinking: str = ""
    >>> reward = ExactMatch(in_mask=["text"])
    >>> asyncio.run(reward(Answer(text="Paris"), Answer(text="Paris", thinking="France ...")))
    1.0
    >>> asyncio.run(reward(Answer(text="Paris"), Answer(text="Lyon")))
    0.0
    """

    def call(self, y_true: Any, y_pred: Any) -> float:
        """Compare."""
        return float(same(y_true, y_pred))

"""ExactMatch: all or nothing."""

from typing import Any

from synthflow.data_models import schema as schemas
from synthflow.data_models.field_mask import same
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError
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
        """Compare.

        Raises:
            EvaluationError: The prediction always has a field that the answer lacks, so that none could be right.
        """
        if same(y_true, y_pred):
            return 1.0
        if isinstance(y_true, JsonDataModel) and isinstance(y_pred, JsonDataModel):
            self._check_fields(y_true, y_pred)
        return 0.0

    def _check_fields(self, y_true: JsonDataModel, y_pred: JsonDataModel) -> None:
        """Tell a wrong answer from one that is compared by more fields than the true one has."""
        always = set.intersection(*(set(schemas.required(kind)) for kind in schemas.variants(y_pred.get_schema())))
        if extra := sorted(always - set(schemas.properties(y_true.get_schema())) - set(y_true.keys())):
            shared = [field for field, _ in y_true.items() if field in always]
            raise EvaluationError(
                f"Reward {self.name!r} compares all fields, and predictions have {', '.join(map(repr, extra))}, which "
                f"the answers lack, so none can be right.\n  ExactMatch(in_mask={shared})   <- compare only these"
            )

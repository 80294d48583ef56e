"""Reward: how good one prediction is, from 0 to 1."""

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from typing import Any, ClassVar

from synthflow.concurrency import at_once
from synthflow.configured import Configured
from synthflow.data_models.canonical import canonical
from synthflow.data_models.field_mask import FieldMask
from synthflow.errors import EvaluationError
from synthflow.graph.structure import leaves, map_leaves
from synthflow.naming import snake_case


class Reward(Configured, ABC):
    """Scores one prediction against the true answer; a subclass writes `call`.

    A row without a prediction (None) is worth 0.0, or 1.0 where None is the true answer, and
    `call` is not asked. The reward of many rows is their mean, which is taken by whoever
    evaluates them.

    Args:
        name: How it is called in messages; left out, the name of its class in snake case.
        in_mask: Names of the only fields that count, on both sides.
        out_mask: Names of fields that do not count, on both sides.
        in_mask_pattern: A regular expression: fields whose names it matches count too.
        out_mask_pattern: A regular expression: fields whose names it matches do not count.

    Raises:
        TypeError: A mask is a string, not a list of names.
        ValueError: A pattern is not a regular expression.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Count(DataModel):
    ...     n: int
    >>> class Closeness(Reward):
    ...     def call(self, y_true, y_pred):
    ...         return 1 / (1 + abs(y_true["n"] - y_pred["n"]))
    >>> asyncio.run(Closeness()(Count(n=3), Count(n=4)))
    0.5
    """

    direction: ClassVar[str] = "up"
    """A metric that averages rewards is better when it is higher."""
    deterministic: bool = True
    """Whether equal answers and predictions always give equal rewards, so that none is computed twice."""
    waits: bool = False
    """Whether a call mostly waits for another machine, so that many should run at once."""
    batched: bool = False
    """Whether rows should come together to `score`, since it does not ask about each by itself."""

    def __init__(
        self,
        name: str | None = None,
        *,
        in_mask: Sequence[str] | None = None,
        out_mask: Sequence[str] | None = None,
        in_mask_pattern: str | None = None,
        out_mask_pattern: str | None = None,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self._mask = FieldMask(in_mask, out_mask, in_mask_pattern, out_mask_pattern)

    @abstractmethod
    def call(self, y_true: Any, y_pred: Any) -> float | Awaitable[float]:
        """Score one prediction; the method that an author writes, plain or `async`.

        Args:
            y_true: The true answer with the fields that count, a JsonDataModel; for a program
                with several outputs a list, tuple or dict of these.
            y_pred: The prediction in the same form; one of several outputs may be None.

        Returns:
            A number from 0.0 to 1.0.
        """

    async def __call__(self, y_true: Any, y_pred: Any) -> float:
        """Mask both sides, score, and check the score.

        Args:
            y_true: The true answer: a data model, or a structure of them.
            y_pred: The prediction, in the same form, or None.

        Returns:
            The reward, from 0.0 to 1.0.

        Raises:
            EvaluationError: The masks leave nothing to compare, or `call` returned something
                else than a number from 0 to 1. What `call` raises is raised as it is.
        """
        self._mask.check(list(leaves(y_true)))
        if y_pred is None:
            return float(y_true is None)
        score = self.call(map_leaves(self._mask.apply, y_true), map_leaves(self._mask.apply, y_pred))
        return self._checked(await score if inspect.isawaitable(score) else score)

    async def score(self, y_trues: Sequence[Any], y_preds: Sequence[Any]) -> list[float]:
        """Score many rows, all at once.

        Args:
            y_trues: The true answer of each row, as for a call.
            y_preds: The prediction of each row, or None.

        Returns:
            The reward of each row, in their order.

        Raises:
            EvaluationError: See a call. The first error is raised as it is, and the other rows are given up.
        """
        rows = list(zip(y_trues, y_preds, strict=True))
        if len(rows) == 1:  # the usual case, kept free of tasks
            return [await self(*rows[0])]
        return await at_once(self(*row) for row in rows)

    def most_calls(self) -> int:
        """Give the HTTP attempts that the reward of one row can take at most."""
        return 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _checked(self, score: Any) -> float:
        if score is None:
            raise EvaluationError(f"Reward {self.name!r} returned None. Does its function end without `return`?")
        if isinstance(score, (str, bytes)) or not hasattr(score, "__float__"):
            raise EvaluationError(f"Reward {self.name!r} returned {score!r:.200}, not a number from 0.0 to 1.0.")
        reward = float(score)
        if not (math.isfinite(reward) and 0.0 <= reward <= 1.0):
            raise EvaluationError(
                f"Reward {self.name!r} returned {reward}; a reward is a number from 0.0 (worthless) to 1.0 (solved).\n"
                "  return min(1.0, max(0.0, score))   <- if it may overshoot\n"
                "  return 1.0 / (1.0 + loss)          <- if it is a loss"
            )
        return reward


def as_text(side: Any) -> str:
    """Write what `call` is given of one side as one line of JSON, the same for equal values."""
    return canonical(map_leaves(lambda leaf: None if leaf is None else leaf.get_json(), side)).decode()

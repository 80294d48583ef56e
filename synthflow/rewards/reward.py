"""Reward: how good one prediction is, from 0 to 1."""

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, ClassVar, Unpack

from synthflow.concurrency import at_once
from synthflow.configured import Configured
from synthflow.data_models.field_mask import FieldMask, Masks
from synthflow.errors import EvaluationError
from synthflow.graph import trace
from synthflow.graph.structure import leaves, map_leaves
from synthflow.naming import snake_case


class Reward(Configured, ABC):
    """Scores one prediction against the true answer; a subclass writes `call`.

    A row without a prediction (None) is worth 0.0, or 1.0 where None is the true answer, and
    `call` is not asked. The reward of many rows is their mean, which is taken by whoever
    evaluates them. In `call`, `feedback(text)` says why a prediction is worth what it is worth;
    a language model that writes the next candidate reads it beside the row.

    Args:
        name: How it is called in messages; left out, the name of its class in snake case.
        **masks: Which fields count, on both sides; left out, all of them:

            - `in_mask`: names of the only fields that count;
            - `out_mask`: names of fields that do not count;
            - `in_mask_pattern`: a regular expression; fields whose names it matches count too;
            - `out_mask_pattern`: a regular expression; fields whose names it matches do not count.


    Raises:
        TypeError: A mask is a string, not a list of names.
        ValueError: A pattern is not a regular expression.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> from synthflow.rewards.reward import feedback
    >>> class Count(DataModel):
    ...     n: int
    >>> class Closeness(Reward):
    ...     def call(self, y_true, y_pred):
    ...         off = y_pred["n"] - y_true["n"]
    ...         feedback(f"It is {off} too high." if off > 0 else f"It is {-off} too low." if off < 0 else "")
    ...         return 1 / (1 + abs(off))
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

    def __init__(self, name: str | None = None, **masks: Unpack[Masks]) -> None:
        self.name = name or snake_case(type(self).__name__)
        self._mask = FieldMask.of(self, masks)

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
        rows = [(index, *row) for index, row in enumerate(zip(y_trues, y_preds, strict=True))]
        if len(rows) == 1:  # the usual case, kept free of tasks
            return [await self._row(*rows[0])]
        return await at_once(self._row(*row) for row in rows)

    def most_calls(self) -> int:
        """Give the HTTP attempts that the reward of one row can take at most."""
        return 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    async def _row(self, index: int, y_true: Any, y_pred: Any) -> float:
        with trace.row(index):
            return await self(y_true, y_pred)

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


def feedback(text: str, *, row: int | None = None) -> None:
    """Say why, for whoever writes the next candidate; to be called while a row is scored.

    What is said more than once of one row is told in that order. Outside an evaluation nothing is kept.

    Args:
        text: What is right and wrong with the prediction; '' says nothing.
        row: Which of its rows a batch reward means, from 0; else there is but one.

    >>> from synthflow.graph.trace import Trace, tracing
    >>> kept = Trace()
    >>> with tracing(kept):
    ...     feedback("The city is right, and the country is missing.")
    >>> kept.feedback
    'The city is right, and the country is missing.'
    """
    if row is None:
        trace.note("ok", text)
    else:
        with trace.row(row):
            trace.note("ok", text)


def pass_on(traces: Sequence[trace.Trace], rows: Iterable[int]) -> None:
    """Give each row what was kept of it in a trace of its own, in order."""
    for index, kept in zip(rows, traces, strict=True):
        with trace.row(index):
            for one in kept.notes:
                trace.note(one.verdict, one.feedback)

"""Batch rewards: many predictions scored by one call."""

import inspect
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Unpack

from synthflow.data_models.field_mask import Masks
from synthflow.errors import EvaluationError
from synthflow.graph import trace
from synthflow.graph.structure import leaves, map_leaves
from synthflow.rewards.reward import Reward, pass_on
from synthflow.rewards.reward_function import is_async


class BatchReward(Reward):
    """Scores the predictions of many rows together; a subclass writes `call_batch`.

    It pays where many rows cost hardly more than one: a model on a graphics card, a service
    that takes lists. Which rows come together is up to whoever evaluates, and one row may come
    alone, so a score should depend on its own row only.

    Rows without a prediction are worth what they are worth to any `Reward`, and `call_batch`
    is not asked about them. The arguments are those of `Reward`; `feedback(text, row=0)` says
    why the first of the rows given is worth what it is worth.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Count(DataModel):
    ...     n: int
    >>> class Closeness(BatchReward):
    ...     def call_batch(self, y_trues, y_preds):
    ...         return [1 / (1 + abs(a["n"] - b["n"])) for a, b in zip(y_trues, y_preds, strict=True)]
    >>> asyncio.run(Closeness().score([Count(n=3), Count(n=3), Count(n=3)], [Count(n=3), Count(n=4), None]))
    [1.0, 0.5, 0.0]
    """

    batched = True

    @abstractmethod
    def call_batch(
        self, y_trues: Sequence[Any], y_preds: Sequence[Any]
    ) -> Sequence[float] | Awaitable[Sequence[float]]:
        """Score the predictions; the method that an author writes, plain or `async`.

        Args:
            y_trues: The true answers with the fields that count, at least one; each as for `Reward.call`.
            y_preds: The predictions in the same order.

        Returns:
            A number from 0.0 to 1.0 for each row: a list, a tuple or a NumPy array.
        """

    async def call(self, y_true: Any, y_pred: Any) -> float:
        """Score a batch of one."""
        [reward] = await self._ask([y_true], [y_pred])
        return reward

    async def score(self, y_trues: Sequence[Any], y_preds: Sequence[Any]) -> list[float]:
        """Score many rows with one call; see `Reward.score`."""
        for y_true in y_trues:
            self._mask.check(list(leaves(y_true)))
        rewards = [float(y_true is None) for y_true, _ in zip(y_trues, y_preds, strict=True)]
        asked = [index for index, y_pred in enumerate(y_preds) if y_pred is not None]
        truths, predictions = ([map_leaves(self._mask.apply, side[i]) for i in asked] for side in (y_trues, y_preds))
        traces = [trace.Trace() for _ in asked]  # the author knows the rows by their places among those asked about
        with trace.tracing_rows(traces):
            scores = await self._ask(truths, predictions)
        pass_on(traces, asked)
        for index, reward in zip(asked, scores, strict=True):
            rewards[index] = reward
        return rewards

    async def _ask(self, y_trues: Sequence[Any], y_preds: Sequence[Any]) -> list[float]:
        if not y_trues:
            return []
        answer: Any = self.call_batch(y_trues, y_preds)
        answer = await answer if inspect.isawaitable(answer) else answer
        scores = answer.tolist() if hasattr(answer, "tolist") else answer
        if not isinstance(scores, (list, tuple)):
            raise EvaluationError(f"Reward {self.name!r} returned {answer!r:.200} for a batch, not a list of numbers.")
        if len(scores) != len(y_trues):
            raise EvaluationError(
                f"Reward {self.name!r} returned {len(scores)} numbers for {len(y_trues)} rows; "
                "a batch reward gives one for each row, in their order."
            )
        return [self._checked(score) for score in scores]


class BatchRewardFunctionWrapper(BatchReward):
    """A function from true answers and predictions to numbers from 0 to 1, as a batch reward.

    It is saved by the function's name, as `RewardFunctionWrapper` is.

    Args:
        fn: A plain or `async` function `fn(y_trues, y_preds)`, which is given lists of masked
            JsonDataModels, and none for a prediction of None. One that is `async` is taken to
            wait for another machine, so that many calls of it run at once.
        name: How it is called in messages; left out, the name of the function.
        deterministic: Whether equal arguments always give equal rewards.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> def same_initials(y_trues, y_preds):
    ...     return [a["text"][:1] == b["text"][:1] for a, b in zip(y_trues, y_preds, strict=True)]
    >>> reward = BatchRewardFunctionWrapper(same_initials)
    >>> asyncio.run(reward.score([Answer(text="Paris")] * 2, [Answer(text="Pisa"), Answer(text="Rome")]))
    [1.0, 0.0]
    """

    def __init__(
        self,
        fn: Callable[[Any, Any], Sequence[float] | Awaitable[Sequence[float]]],
        name: str | None = None,
        *,
        deterministic: bool = True,
        **masks: Unpack[Masks],
    ) -> None:
        if not callable(fn):
            raise TypeError(f"BatchRewardFunctionWrapper takes a function of (y_trues, y_preds), not {fn!r:.200}.")
        super().__init__(name or getattr(fn, "__name__", type(fn).__name__), **masks)
        self._fn = fn
        self.deterministic = deterministic
        self.waits = is_async(fn)

    def call_batch(
        self, y_trues: Sequence[Any], y_preds: Sequence[Any]
    ) -> Sequence[float] | Awaitable[Sequence[float]]:
        """Ask the function."""
        return self._fn(y_trues, y_preds)

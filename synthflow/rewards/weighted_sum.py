"""WeightedSum: several rewards as one."""

import math
from collections.abc import Sequence
from typing import Any

from synthflow.concurrency import at_once
from synthflow.errors import CompileError
from synthflow.graph.trace import Trace, tracing_rows
from synthflow.rewards.reward import Reward, pass_on
from synthflow.rewards.reward_function import as_reward


class WeightedSum(Reward):
    """The sum of several rewards, each times its weight; the weights are scaled to sum to 1.

    So it is 1.0 only where every part that counts is. All parts are asked at once, each
    masks for itself, and one whose weight is 0 is not asked.

    `compile(reward=[a, b], reward_weights=[0.7, 0.3])` makes one.

    Args:
        rewards: The parts: rewards, or functions of `(y_true, y_pred)`.
        weights: How much each part counts, 0 or more; left out, all count the same.
        name: How it is called in messages; `weighted_sum` by default.

    Raises:
        CompileError: There are no parts, one of them is no reward, or the weights do not fit them.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> from synthflow.rewards.exact_match import ExactMatch
    >>> class Answer(DataModel):
    ...     city: str
    ...     country: str
    >>> reward = WeightedSum([ExactMatch(in_mask=["city"]), ExactMatch(in_mask=["country"])], [3, 1])
    >>> asyncio.run(reward(Answer(city="Paris", country="France"), Answer(city="Paris", country="Texas")))
    0.75
    """

    def __init__(
        self, rewards: Sequence[Any], weights: Sequence[float] | None = None, *, name: str | None = None
    ) -> None:
        super().__init__(name)
        if not isinstance(rewards, (list, tuple)) or not rewards:
            raise CompileError(f"A weighted sum takes a list of rewards, such as [ExactMatch()], not {rewards!r:.200}.")
        self.rewards = tuple(map(as_reward, rewards))
        """The parts."""
        self.weights = _scaled(weights, len(rewards))
        """The weights, scaled to sum to 1."""
        self._asked = [(part, weight) for part, weight in zip(self.rewards, self.weights, strict=True) if weight]
        self.deterministic = all(part.deterministic for part, _ in self._asked)
        self.waits = any(part.waits for part, _ in self._asked)
        self.batched = any(part.batched for part, _ in self._asked)

    async def __call__(self, y_true: Any, y_pred: Any) -> float:
        """Score one row; see `Reward`."""
        return await self.call(y_true, y_pred)  # the parts mask, and know what a missing prediction is worth

    async def call(self, y_true: Any, y_pred: Any) -> float:
        """Ask the parts about one row."""
        [reward] = await self.score([y_true], [y_pred])
        return reward

    async def score(self, y_trues: Sequence[Any], y_preds: Sequence[Any]) -> list[float]:
        """Ask the parts about many rows; see `Reward.score`."""
        traces = [
            [Trace() for _ in y_trues] for _ in self._asked
        ]  # so that the parts tell in order, whichever ends first

        async def one(part: Reward, kept: Sequence[Trace]) -> list[float]:
            with tracing_rows(kept):
                return await part.score(y_trues, y_preds)

        parts = await at_once(one(part, kept) for (part, _), kept in zip(self._asked, traces, strict=True))
        for kept in traces:
            pass_on(kept, range(len(kept)))
        return [self._sum(rewards) for rewards in zip(*parts, strict=True)]

    def most_calls(self) -> int:
        """Give the HTTP attempts that the reward of one row can take at most."""
        return sum(part.most_calls() for part, _ in self._asked)

    def _sum(self, rewards: Sequence[float]) -> float:
        total = math.fsum(weight * reward for (_, weight), reward in zip(self._asked, rewards, strict=True))
        return min(max(rewards), max(min(rewards), total))  # rounding must not make of all 1.0 a little less


def _scaled(weights: Sequence[float] | None, parts: int) -> tuple[float, ...]:
    """Check the weights, and scale them to sum to 1."""
    if weights is None:
        return (1 / parts,) * parts
    if not isinstance(weights, (list, tuple)) or len(weights) != parts:
        raise CompileError(f"There are {parts} rewards, so weights is a list of {parts} numbers, not {weights!r:.200}.")
    wrong = [one for one in weights if isinstance(one, bool) or not isinstance(one, (int, float)) or not one >= 0]
    if wrong or not 0 < (total := sum(weights)) < math.inf:
        raise CompileError(
            f"A weight is a finite number from 0, and at least one is above 0; weights is {list(weights)!r:.200}."
        )
    return tuple(weight / total for weight in weights)

"""Functions as rewards."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Unpack

from synthflow.data_models.field_mask import Masks
from synthflow.errors import CompileError
from synthflow.rewards.reward import Reward


class RewardFunctionWrapper(Reward):
    """A function from the true answer and the prediction to a number from 0 to 1, as a reward.

    A program saves it by the function's name, and loads it with
    `custom_objects={name: function}`; a lambda has no name, so it cannot be saved.

    Args:
        fn: A plain or `async` function `fn(y_true, y_pred)`; it is given the masked
            JsonDataModels, and is not asked about a prediction of None. One that is `async` is
            taken to wait for another machine, so that many calls of it run at once.
        name: How it is called in messages; left out, the name of the function.
        deterministic: Whether equal arguments always give equal rewards.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> def same_initial(y_true, y_pred):
    ...     return y_true["text"][:1] == y_pred["text"][:1]
    >>> reward = RewardFunctionWrapper(same_initial)
    >>> reward.name, asyncio.run(reward(Answer(text="Paris"), Answer(text="Pisa")))
    ('same_initial', 1.0)
    """

    def __init__(
        self,
        fn: Callable[[Any, Any], float | Awaitable[float]],
        name: str | None = None,
        *,
        deterministic: bool = True,
        **masks: Unpack[Masks],
    ) -> None:
        if not callable(fn):
            raise TypeError(f"RewardFunctionWrapper takes a function of (y_true, y_pred), not {fn!r:.200}.")
        super().__init__(name or getattr(fn, "__name__", type(fn).__name__), **masks)
        self._fn = fn
        self.deterministic = deterministic
        self.waits = is_async(fn)

    def call(self, y_true: Any, y_pred: Any) -> float | Awaitable[float]:
        """Ask the function."""
        return self._fn(y_true, y_pred)


def as_reward(reward: Any, weights: Sequence[float] | None = None) -> Reward:
    """Take what was given to `compile(reward=..., reward_weights=...)`.

    Args:
        reward: A reward, a function that becomes one, or a list of these, whose weighted sum is taken.
        weights: How much each one of a list counts; left out, all count the same.

    Raises:
        CompileError: It is none of these, or the weights do not fit it.
    """
    if isinstance(reward, (list, tuple)):
        from synthflow.rewards.weighted_sum import WeightedSum  # which imports this module

        return WeightedSum(reward, weights)
    if weights is not None:
        raise CompileError(
            "reward_weights goes with a list of rewards.\n"
            "  compile(reward=[ExactMatch(), my_function], reward_weights=[0.7, 0.3], ...)"
        )
    if isinstance(reward, Reward):
        return reward
    if isinstance(reward, type):
        raise CompileError(f"reward={reward.__name__} is a class. Make one of it: reward={reward.__name__}().")
    if callable(reward):
        return RewardFunctionWrapper(reward)
    raise CompileError(
        f"reward={reward!r:.200} is not a reward.\n"
        '  compile(reward=synthflow.rewards.ExactMatch(in_mask=["answer"]), ...)   <- a reward, or\n'
        "  compile(reward=my_function, ...)                                       <- a function of (y_true, y_pred)"
    )


def is_async(fn: Callable[..., Any]) -> bool:
    """Tell whether a function, or an object that can be called, is written with `async`."""
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(type(fn).__call__)

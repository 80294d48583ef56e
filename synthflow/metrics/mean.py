"""Means: of numbers, and of what a reward or function says about each prediction."""

import inspect
import math
from collections.abc import Awaitable, Callable
from typing import Any, Unpack

from synthflow.data_models.field_mask import FieldMask, Masks
from synthflow.errors import CompileError, EvaluationError
from synthflow.graph.structure import leaves, map_leaves
from synthflow.metrics.metric import Direction, Metric


class Mean(Metric):
    """The mean of the numbers it is given; 0.0 before the first.

    Args:
        name: Its name in the logs; `mean` by default.
        direction: Whether `up` or `down` is better; None when neither is.

    >>> import asyncio
    >>> mean = Mean()
    >>> for value in [1.0, 0.0, 0.5]:
    ...     asyncio.run(mean.update_state(value))
    >>> mean.result()
    0.5
    """

    def __init__(self, name: str | None = None, *, direction: Direction | None = None) -> None:
        super().__init__(name)
        self.direction = direction

    def reset_state(self) -> None:
        """Forget all numbers."""
        self._total = 0.0
        self._count = 0

    async def update_state(self, value: float) -> None:
        """Take one number into account."""
        self._total += float(value)
        self._count += 1

    def result(self) -> float:
        """Give the mean."""
        return self._total / self._count if self._count else 0.0


class MeanMetricWrapper(Metric):
    """The mean, over rows, of what a reward or a function says about each.

    Args:
        fn: A reward, or a plain or `async` function `fn(y_true, y_pred)` that gives a finite
            number. A function is also asked about a prediction of None, for only it knows
            what a missing answer counts; a reward then gives 0.0. A batch reward is asked
            about one row at a time.
        name: Its name in the logs; left out, the name of the reward or function.
        direction: Whether `up` or `down` is better; left out, that of the reward, and None
            for a function.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> def length(y_true, y_pred):
    ...     return len(y_pred["text"])
    >>> metric = MeanMetricWrapper(fn=length)
    >>> asyncio.run(metric.update_state(Answer(text="Paris"), Answer(text="Rome")))
    >>> metric.name, metric.result()
    ('length', 4.0)
    """

    def __init__(
        self,
        fn: Callable[[Any, Any], float | Awaitable[float]],
        name: str | None = None,
        *,
        direction: Direction | None = None,
        **masks: Unpack[Masks],
    ) -> None:
        if isinstance(fn, type) or not callable(fn):
            raise TypeError(f"fn takes a reward, such as ExactMatch(), or a function of (y_true, y_pred), not {fn!r}.")
        super().__init__(name or getattr(fn, "name", None) or getattr(fn, "__name__", None))
        self.direction = direction or getattr(fn, "direction", None)
        self._fn = fn
        self._mask = FieldMask.of(self, masks)

    def reset_state(self) -> None:
        """Forget all rows."""
        self._mean = Mean()

    async def update_state(self, y_true: Any, y_pred: Any) -> None:
        """Ask about one row.

        Raises:
            EvaluationError: The masks leave nothing to compare, or the answer is not a finite number.
        """
        self._mask.check(list(leaves(y_true)))
        value = self._fn(map_leaves(self._mask.apply, y_true), map_leaves(self._mask.apply, y_pred))
        value = await value if inspect.isawaitable(value) else value
        if isinstance(value, (str, bytes)) or not hasattr(value, "__float__") or not math.isfinite(value):
            raise EvaluationError(
                f"Metric {self.name!r} needs a finite number of each row, and its function returned {value!r:.200}."
            )
        await self._mean.update_state(float(value))

    def result(self) -> float:
        """Give the mean; 0.0 before the first row."""
        return self._mean.result()

    def most_calls(self) -> int:
        """Give the HTTP attempts that one row can take at most; 0 where the function does not say."""
        most: Callable[[], int] = getattr(self._fn, "most_calls", int)
        return most()


def as_metric(metric: Any) -> Metric:
    """Take one of `compile(metrics=[...])`: a metric, or a reward or function to take the mean of.

    Raises:
        CompileError: It is neither, or cannot be asked about predictions.
    """
    if isinstance(metric, type):
        raise CompileError(f"The metric {metric.__name__} is a class. Make one of it: {metric.__name__}().")
    if isinstance(metric, Mean):
        raise CompileError(
            f"The metric {metric.name!r} is a Mean of numbers, and knows nothing of predictions.\n"
            "  MeanMetricWrapper(fn=my_function)   <- the mean of a reward or function over the rows"
        )
    if isinstance(metric, Metric):
        return metric
    if callable(metric):
        return MeanMetricWrapper(metric)
    raise CompileError(f"{metric!r:.200} is not a metric. Give a Metric, a reward or a function of (y_true, y_pred).")

"""Metric: a number tracked over many predictions."""

from abc import ABC, abstractmethod
from typing import Any, Literal, Self

from synthflow.configured import Configured
from synthflow.naming import snake_case

Direction = Literal["up", "down"]


class Metric(Configured, ABC):
    """Counts something over rows; a subclass writes `reset_state`, `update_state` and `result`.

    A program never changes the metric it was given: it works with a `clone`.

    Args:
        name: Its name in the logs; left out, the name of its class in snake case.

    >>> import asyncio
    >>> class Missing(Metric):
    ...     direction = "down"
    ...
    ...     def reset_state(self):
    ...         self.count = 0
    ...
    ...     async def update_state(self, y_true, y_pred):
    ...         self.count += y_pred is None
    ...
    ...     def result(self):
    ...         return float(self.count)
    >>> missing = Missing()
    >>> asyncio.run(missing.update_state(None, None))
    >>> missing.name, missing.result()
    ('missing', 1.0)
    """

    direction: Direction | None = None
    """Whether `up` or `down` is better; None when neither is."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.reset_state()

    @abstractmethod
    def reset_state(self) -> None:
        """Forget all rows."""

    @abstractmethod
    async def update_state(self, *args: Any) -> None:
        """Take one row into account.

        Args:
            args: For a metric given to `compile` the true answer and the prediction, which are
                data models or structures of them; the prediction may be None.
        """

    @abstractmethod
    def result(self) -> float:
        """Give the number for the rows since the last `reset_state`."""

    def most_calls(self) -> int:
        """Give the HTTP attempts that one row can take at most."""
        return 0

    def clone(self) -> Self:
        """Make an equal metric that has seen no row."""
        args, kwargs = self._arguments
        return type(self)(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

"""Monitor: one number of the logs that a callback follows, and which of two values is better."""

import math
import warnings
from typing import Literal, get_args

from synthflow.callbacks.callback import Logs, TrainingView

Mode = Literal["auto", "min", "max"]


class Monitor:
    """Reads one number of the logs and compares it.

    Args:
        name: Its name in the logs, such as `val_reward`.
        mode: `max` when higher is better, `min` when lower is; `auto` asks the metric, and
            takes `max` when that has no opinion.
        owner: The callback that follows it, for messages.

    Raises:
        ValueError: `mode` is none of the three.
    """

    def __init__(self, name: str, mode: Mode, owner: str) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"mode of {owner} is 'auto', 'min' or 'max', not {mode!r}.")
        self.name = name
        self.mode: Mode = mode
        self._owner = owner

    def start(self, program: TrainingView) -> None:
        """Settle for a run which value is better."""
        direction = program.metrics_direction.get(self.name.removeprefix("val_"))
        self.maximises = self.mode == "max" or (self.mode == "auto" and direction != "down")
        self._warned = False

    @property
    def worst(self) -> float:
        """The value that every other beats."""
        return -math.inf if self.maximises else math.inf

    def better(self, value: float, other: float, by: float = 0.0) -> bool:
        """Tell whether `value` is better than `other` by more than `by`."""
        return value > other + by if self.maximises else value < other - by

    def read(self, logs: Logs | None) -> float | None:
        """Give the number, or None: when it is not known; or when it is missing, with a warning the first time."""
        numbers = logs or {}
        if self.name in numbers:
            number = float(numbers[self.name])
            return None if math.isnan(number) else number  # it could not be measured in this epoch
        if not self._warned:
            self._warned = True
            known = ", ".join(map(repr, numbers)) or "nothing"
            hint = " Give fit validation_data or validation_split." if self.name.startswith("val_") else ""
            warnings.warn(
                f"{self._owner} follows {self.name!r}, which the logs lack; they have {known}.{hint}", stacklevel=2
            )
        return None

"""History: what `fit` returns."""

from typing import Any

from synthflow.callbacks.callback import Callback, Logs


class History(Callback):
    """Collects the logs of each epoch; `fit` makes one and returns it.

    >>> history = History()
    >>> for epoch, reward in enumerate([0.5, 1.0]):
    ...     history.on_epoch_end(epoch, {"reward": reward})
    >>> history.history, history.epoch
    ({'reward': [0.5, 1.0]}, [0, 1])
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        """The values of each log by epoch."""
        self.epoch: list[int] = []
        """The numbers of the epochs."""
        self.stop_reason: str = ""
        """Why training ended: `solved`, `epochs`, `max_steps`, `patience`, `callback`, `budget: calls` (or another
        limit), or `language model: timeout` (or another kind of `LanguageModelError`); `fit` writes it at the end."""
        self.truncated: bool = False
        """Whether a limit of seconds cut the run or a proposer short, so that it may not be repeatable."""
        self.usage: dict[str, Any] = {}
        """What models were used for, by phase (`training`, `reward`, `inference`): `calls`, `tokens`, `seconds`, and
        `cost` in US dollars, None when a price is not known."""
        self.failures: dict[str, int] = {}
        """How many attempts at a model failed, and how many of its answers were of no use, by kind."""
        self.errors: dict[str, str] = {}
        """What was said of the last failure of each kind."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

"""Progress: what a person sees while `fit` runs."""

import sys
import time
from typing import TYPE_CHECKING

from synthflow.callbacks.callback import Callback, Logs

if TYPE_CHECKING:
    from rich.console import Console

BAR_WIDTH = 20


class Progress(Callback):
    """Shows how far a run is; `fit(verbose=...)` makes one.

    On a terminal one line is redrawn with each step; elsewhere each step is a line of its
    own. The seconds left are an estimate from the steps done so far.

    Args:
        verbose: 0 shows nothing, 1 steps and epochs, 2 one plain line per epoch.

    Raises:
        ValueError: `verbose` is none of the three.
    """

    def __init__(self, verbose: int = 1) -> None:
        if verbose not in (0, 1, 2):
            raise ValueError(f"verbose is 0 (nothing), 1 (steps and epochs) or 2 (a line per epoch), not {verbose!r}.")
        self.verbose = int(verbose)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find out where the lines go, and start the clock."""
        self._console = _terminal() if self.verbose == 1 and sys.stdout.isatty() else None
        self._first_epoch: int | None = None
        self._done = 0
        self._started = self._epoch_started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Remember which epoch it is."""
        self._epoch = epoch
        self._epoch_started = time.monotonic()
        if self._first_epoch is None:
            self._first_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Show a step."""
        self._done += 1
        if self.verbose == 1:
            line = f"{self._label()}  {_step(logs or {})}{self._left(batch)}"
            if self._console is None:
                print(line, flush=True)
            else:
                _draw(self._console, f"{_bar(batch + 1, self.params.get('steps'))}{line}", end="\r")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Show an epoch."""
        if self.verbose:
            seconds = time.monotonic() - self._epoch_started
            line = "  ".join([self._label(), f"{seconds:.1f} s", *(_shown(*log) for log in (logs or {}).items())])
            if self._console is None:
                print(line, flush=True)
            else:
                _draw(self._console, line, end="\n")

    def _label(self) -> str:
        return f"Epoch {self._epoch + 1}/{self.params.get('epochs', '?')}"

    def _left(self, batch: int) -> str:
        """Estimate the seconds left, from the steps done in this run."""
        epochs, steps = self.params.get("epochs"), self.params.get("steps")
        if not epochs or not steps:
            return ""
        remaining = (epochs - self._epoch) * steps - batch - 1
        return f"  {(time.monotonic() - self._started) / self._done * remaining:.0f} s left"


def _draw(console: "Console", line: str, end: str) -> None:
    """Write over the line in progress; the spaces wipe out what was longer."""
    width = console.width - 1
    console.print(line[:width].ljust(width), end=end, markup=False, soft_wrap=True)
    sys.stdout.flush()


def _step(logs: Logs) -> str:
    words = {"generation": "generation", "reward": "best reward"}
    names = ("generation", "reward", "candidates", "evaluations")
    return "  ".join(f"{words.get(name, name)} {_number(logs[name])}" for name in names if name in logs)


def _shown(name: str, value: object) -> str:
    return f"{name} {_number(value)}"


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _bar(done: int, steps: int | None) -> str:
    if not steps:
        return ""
    full = min(BAR_WIDTH, BAR_WIDTH * done // steps)
    return "━" * full + "╌" * (BAR_WIDTH - full) + "  "


def _terminal() -> "Console":
    from rich.console import Console

    return Console(file=sys.stdout)

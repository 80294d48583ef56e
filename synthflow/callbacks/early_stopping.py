"""EarlyStopping: end a run when it has what it wants, or no longer gets better."""

from typing import Any, Literal

from synthflow.callbacks.callback import Callback, Logs
from synthflow.callbacks.monitor import Mode, Monitor


class EarlyStopping(Callback):
    """Stops training at a goal, or after `patience` epochs without a better value.

    The state of an epoch is kept before it is decided whether to stop, so what is
    restored includes the epoch that reached the goal.

    Args:
        monitor: The number of the logs to follow.
        min_delta: By how much a value must beat the best to count as better.
        stop_at: The goal: training stops in the epoch that reaches it. `auto` is 1.0 for
            `reward` and `val_reward` and no goal for any other number; None sets no goal. It
            is heeded only when higher is better.
        patience: How many epochs in a row may pass without a better value; 0 stops at the first.
        verbose: 1 prints why training stopped, 0 prints nothing.
        mode: `max` when higher is better, `min` when lower is; `auto` asks the metric, and
            takes `max` when that has no opinion.
        baseline: Patience starts anew only with values that also beat this one.
        restore_best_variables: Whether to put back, when training ends, the variables and
            `best_candidates` of the best epoch.
        start_from_epoch: How many epochs to let pass before following anything.

    Raises:
        ValueError: A number is negative, or `mode` is none of the three.

    A monitor that the logs lack warns once and stops nothing.
    """

    def __init__(
        self,
        monitor: str = "val_reward",
        min_delta: float = 0.0,
        stop_at: float | Literal["auto"] | None = "auto",
        patience: int = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_variables: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        if min(min_delta, patience, start_from_epoch) < 0:
            raise ValueError("min_delta, patience and start_from_epoch of EarlyStopping are 0 or more.")
        self.monitor = monitor
        self.min_delta = min_delta
        rewarded = monitor.removeprefix("val_") == "reward"
        self.stop_at = stop_at if stop_at != "auto" else 1.0 if rewarded else None
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_variables = restore_best_variables
        self.start_from_epoch = start_from_epoch
        self._watched = Monitor(monitor, mode, "EarlyStopping")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew."""
        self._watched.start(self.program)
        self.best = self._watched.worst
        self.best_epoch: int | None = None
        self.stopped_epoch: int | None = None
        self.wait = 0
        self._best_state: dict[str, Any] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the state if it is the best, then decide whether to stop."""
        value = self._watched.read(logs) if epoch >= self.start_from_epoch else None
        if value is None:
            return
        at_goal = self.stop_at is not None and self._watched.maximises and value >= self.stop_at
        better = self._watched.better(value, self.best, by=0.0 if at_goal else self.min_delta)
        self.wait += 1
        if better:
            self._keep(epoch, value)
        if at_goal:
            self._stop(epoch, f"{self.monitor} reached {value:g}")
        elif not better and self.wait >= self.patience:
            self._stop(epoch, f"{self.monitor} did not get better than {self.best:g} in {self.wait} epochs")

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Put the best state back."""
        if self._best_state is not None:
            self.program.set_state_tree(self._best_state)

    def _keep(self, epoch: int, value: float) -> None:
        self.best, self.best_epoch = value, epoch
        if self.restore_best_variables:
            self._best_state = self.program.get_state_tree()
        if self.baseline is None or self._watched.better(value, self.baseline, by=self.min_delta):
            self.wait = 0

    def _stop(self, epoch: int, reason: str) -> None:
        self.stopped_epoch = epoch
        self.program.stop_training = True
        if self.verbose:
            print(f"Epoch {epoch + 1}: early stopping, for {reason}.", flush=True)

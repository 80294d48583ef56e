"""ProgramCheckpoint: save the program while it is trained."""

from pathlib import Path

from synthflow.callbacks.callback import Callback, Logs
from synthflow.callbacks.monitor import Mode, Monitor


class ProgramCheckpoint(Callback):
    """Saves the program, or only its variables, at the end of each epoch or of each better one.

    Args:
        filepath: Where to write, such as `"run/{epoch:02d}-{val_reward:.2f}.json"`. `epoch`
            counts from 1; the other names are those of the logs. Folders are made.
        monitor: The number of the logs that tells which epoch is better.
        save_best_only: Whether to write only when the monitor is better than ever before.
        save_variables_only: Whether to write only the variables, for `load_variables`.
        mode: `max` when higher is better, `min` when lower is; `auto` asks the metric, and
            takes `max` when that has no opinion.
        initial_value_threshold: With `save_best_only`, the value that the first file must beat.
        verbose: 1 prints what was written, 0 prints nothing.

    Raises:
        ValueError: `mode` is none of the three.
        KeyError: When writing, if `filepath` names a log that there is not.

    With `save_best_only`, a monitor that the logs lack warns once and nothing is written.
    """

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_reward",
        save_best_only: bool = False,
        save_variables_only: bool = False,
        mode: Mode = "auto",
        initial_value_threshold: float | None = None,
        verbose: int = 0,
    ) -> None:
        self.filepath = str(filepath)
        self.monitor = monitor
        self.save_best_only = save_best_only
        self.save_variables_only = save_variables_only
        self.initial_value_threshold = initial_value_threshold
        self.verbose = verbose
        self._watched = Monitor(monitor, mode, "ProgramCheckpoint")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew."""
        self._watched.start(self.program)
        threshold = self.initial_value_threshold
        self.best = self._watched.worst if threshold is None else threshold

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write, if this epoch deserves it."""
        if self.save_best_only:
            value = self._watched.read(logs)
            if value is None or not self._watched.better(value, self.best):
                return
            self.best = value
        path = self._path(epoch, logs or {})
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_variables_only:
            self.program.save_variables(path)
        else:
            self.program.save(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved {path}.", flush=True)

    def _path(self, epoch: int, logs: Logs) -> Path:
        try:
            return Path(self.filepath.format(**(logs | {"epoch": epoch + 1})))
        except KeyError as error:
            known = ", ".join(f"{{{name}}}" for name in ["epoch", *logs])
            raise KeyError(
                f"filepath {self.filepath!r} names {{{error.args[0]}}}, and there are only {known}."
            ) from None

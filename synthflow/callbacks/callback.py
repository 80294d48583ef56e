"""Callback: who watches a run, and may stop it; and what it may touch of a program."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

Logs = dict[str, Any]
"""Names of numbers, such as `reward`, `val_reward` and the metrics, with their values."""


class TrainingView(Protocol):
    """What a callback may touch of the program that is trained."""

    name: str | None
    """The program's name."""
    stop_training: bool
    """Set it to True, and training ends after the step or epoch in progress."""

    @property
    def metrics_direction(self) -> Mapping[str, str | None]:
        """Whether `up` or `down` is better, for the reward and each metric by its name in the logs."""

    def get_state_tree(self) -> dict[str, Any]:
        """Give all variables with their best candidates as JSON that later training leaves as it is."""

    def set_state_tree(self, tree: dict[str, Any]) -> None:
        """Put back what `get_state_tree` gave."""

    def save(self, path: str | Path) -> None:
        """Write the whole program to a file."""

    def save_variables(self, path: str | Path) -> None:
        """Write the program's variables to a file."""


class Callback:
    """Follows a run; a subclass overrides the hooks it needs. Hooks are plain methods, not `async`.

    An exception raised in a hook ends the run: `fit` keeps the best state and raises it.

    >>> class PrintReward(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: {logs['reward']}")
    >>> PrintReward().on_epoch_end(0, {"reward": 0.5})
    epoch 0: 0.5
    """

    program: TrainingView
    """The program that runs; known from the first hook on."""
    params: Mapping[str, Any]
    """`epochs`, `steps` (steps of an epoch, None when not known), `verbose` and `metrics` (their names)."""

    def set_program(self, program: TrainingView) -> None:
        """Learn which program runs."""
        self.program = program

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Learn the size of the run."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Note that training begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Note that training ended; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note that an epoch begins; the first is 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Note that an epoch ended; `logs` hold its `reward`, metrics and `val_*`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a step of an epoch begins; the first of each epoch is 0."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a step ended; `logs` hold `reward` (the best so far), `generation`, `candidates`, `evaluations`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Note that an evaluation begins."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Note that an evaluation ended; `logs` hold what was measured."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a batch of an evaluation begins."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a batch of an evaluation ended."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Note that predicting begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Note that predicting ended."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a batch of predictions begins."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Note that a batch of predictions ended."""

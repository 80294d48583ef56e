"""CallbackList: many callbacks called as one."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from synthflow.callbacks.callback import Callback, Logs, TrainingView
from synthflow.errors import BudgetExceeded, EvaluationError, LanguageModelError

HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class CallbackList(Callback):
    """Calls each callback in order, and is itself called like one.

    Args:
        callbacks: The callbacks.
        program: The program that runs.
        params: The size of the run; see `Callback.params`.

    Raises:
        TypeError: One of them is not a callback, or has an `async` hook, which nobody would await.
    """

    def __init__(self, callbacks: Iterable[Callback], program: TrainingView, params: Mapping[str, Any]) -> None:
        self._callbacks = [_checked(callback) for callback in callbacks]
        self.set_program(program)
        self.set_params(params)

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._callbacks)

    def set_program(self, program: TrainingView) -> None:
        """Tell each which program runs."""
        super().set_program(program)
        for callback in self:
            callback.set_program(program)

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Tell each the size of the run."""
        super().set_params(params)
        for callback in self:
            callback.set_params(params)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_epoch_end", epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_train_batch_end", batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_end", logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_test_batch_end", batch, logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_predict_end", logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Tell each."""
        self._tell("on_predict_batch_end", batch, logs)

    def _tell(self, hook: str, *arguments: Any) -> None:
        for callback in self:
            try:
                getattr(callback, hook)(*arguments)
            except (LanguageModelError, BudgetExceeded) as error:  # a person's call, and no failure of the run's own
                raise EvaluationError(
                    f"{type(callback).__name__}.{hook} raised {type(error).__name__}: {error}"
                ) from error
            except Exception as error:
                error.add_note(f"It was raised by {type(callback).__name__}.{hook}.")
                raise


def _checked(callback: Callback) -> Callback:
    if not isinstance(callback, Callback):
        kind = f"the class {callback.__name__}" if isinstance(callback, type) else repr(callback)
        raise TypeError(f"callbacks takes objects of Callback classes, such as [EarlyStopping()], not {kind}.")
    for hook in HOOKS:
        if inspect.iscoroutinefunction(getattr(callback, hook)):
            raise TypeError(
                f"{type(callback).__name__}.{hook} is async, and hooks are plain methods.\n"
                f"  def {hook}(self, ...):   <- write it without `async`"
            )
    return callback

"""CallbackList: each callback hears everything, in order, and mistakes come out."""

import pytest

from synthflow.callbacks.callback import Callback
from synthflow.callbacks.callback_list import HOOKS, CallbackList
from synthflow.callbacks.history import History


def recorder(name, heard):
    """Make a callback that writes down which hooks were called with what."""
    hooks = {hook: lambda self, *arguments, hook=hook: heard.append((name, hook, arguments)) for hook in HOOKS}
    return type("Recorder", (Callback,), hooks)()


@pytest.mark.parametrize("hook", HOOKS)
def test_each_callback_hears_each_hook_in_order(program, hook):
    """The arguments are passed on as they are."""
    heard = []
    callbacks = CallbackList([recorder("first", heard), recorder("second", heard)], program, {"epochs": 1})
    arguments = (
        ({"reward": 1.0},) if hook.endswith(("train_begin", "train_end", "test_begin")) else (3, {"reward": 1.0})
    )
    if hook in ("on_test_end", "on_predict_begin", "on_predict_end"):
        arguments = ({"reward": 1.0},)

    getattr(callbacks, hook)(*arguments)

    assert heard == [("first", hook, arguments), ("second", hook, arguments)]


def test_all_hooks_of_keras_are_there():
    """Begin and end of training, epochs, batches, evaluation and prediction."""
    assert len(HOOKS) == 14


def test_each_callback_knows_the_program_and_the_size_of_the_run(program):
    """Also for evaluate and predict, before the first hook."""
    history = History()

    CallbackList([history], program, {"epochs": 3})

    assert (history.program, history.params) == (program, {"epochs": 3})


def test_an_async_hook_is_an_error_at_once(program):
    """Nobody would await it."""

    class Later(Callback):
        async def on_epoch_end(self, epoch, logs=None):
            self.done = True

    with pytest.raises(TypeError, match=r"Later.on_epoch_end is async(?s:.*)def on_epoch_end"):
        CallbackList([Later()], program, {})


@pytest.mark.parametrize("wrong", [History, print])
def test_what_is_no_callback_is_an_error_at_once(program, wrong):
    """A class must be made into an object first."""
    with pytest.raises(TypeError, match="objects of Callback classes"):
        CallbackList([wrong], program, {})


def test_an_exception_comes_out_and_names_its_callback(program):
    """It keeps its type; a note says where it was raised."""

    class Broken(Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError, match="oops") as caught:
        CallbackList([Broken()], program, {}).on_epoch_end(0, {})
    assert caught.value.__notes__ == ["It was raised by Broken.on_epoch_end."]

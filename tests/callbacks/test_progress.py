"""Progress: plain lines in a file, one line that is redrawn on a terminal."""

import io
import re
import sys

import pytest

from synthflow.callbacks.progress import Progress

STEP = {"reward": 0.75, "generation": 1, "candidates": 12, "evaluations": 60}


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def play(callback, program, epochs=2, steps=2):
    """Play a run of `epochs` epochs with `steps` steps each."""
    callback.set_program(program)
    callback.set_params({"epochs": epochs, "steps": steps, "verbose": callback.verbose, "metrics": []})
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch)
        for step in range(steps or 1):
            callback.on_train_batch_end(step, STEP)
        callback.on_epoch_end(epoch, {"reward": 1.0, "val_reward": 0.5})
    callback.on_train_end()


def test_elsewhere_than_on_a_terminal_each_step_is_a_plain_line(program, capsys):
    """It tells epoch, generation, best reward, candidates, evaluations and seconds left."""
    play(Progress(1), program)

    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"Epoch 1/2  generation 1  best reward 0.7500  candidates 12  evaluations 60  \d+ s left", lines[0]
    )
    assert re.fullmatch(r"Epoch 1/2  \d+\.\d s  reward 1.0000  val_reward 0.5000", lines[2])
    assert len(lines) == 6


def test_one_line_per_epoch_with_verbose_2(program, capsys):
    """With the metrics of the epoch."""
    play(Progress(2), program)

    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d+\.\d s", "T", line) for line in lines] == [
        f"Epoch {epoch}/2  T  reward 1.0000  val_reward 0.5000" for epoch in (1, 2)
    ]


def test_nothing_with_verbose_0(program, capsys):
    """Not even an empty line."""
    play(Progress(0), program)

    assert capsys.readouterr().out == ""


def test_the_seconds_left_end_at_zero(program, capsys):
    """After the last step none is left."""
    play(Progress(1), program)

    assert "  0 s left" in capsys.readouterr().out.splitlines()[-2]


def test_without_a_known_number_of_steps_nothing_is_estimated(program, capsys):
    """A guess would be worth nothing."""
    play(Progress(1), program, steps=None)

    assert "left" not in capsys.readouterr().out


def test_on_a_terminal_the_steps_share_a_line(program, monkeypatch):
    """Each step returns to the start of the line; each epoch leaves a line behind, at most as wide as the terminal."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")

    play(Progress(1), program)

    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    lines = text.split("\n")
    assert [line.count("\r") for line in lines] == [2, 2, 0]
    assert lines[0].startswith("━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌  Epoch 1/2  generation 1  best reward 0.7500")
    assert lines[0].split("\r")[-1].startswith("Epoch 1/2")
    assert {len(part) for line in lines[:2] for part in line.split("\r")} == {79}


def test_another_verbosity_is_an_error():
    """The error names the three there are."""
    with pytest.raises(ValueError, match=r"0 \(nothing\), 1 .* or 2"):
        Progress(3)

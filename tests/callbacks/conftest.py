"""A program that only remembers what callbacks did to it."""

from pathlib import Path

import pytest


class FakeProgram:
    """What a callback may touch of a program: one variable, set by the test."""

    name = "fake"

    def __init__(self):
        self.stop_training = False
        self.state = "seed"
        self.best_candidates = []
        self.metrics_direction = {"reward": "up", "loss": "down", "odd": None}
        self.saved = []

    def get_state_tree(self):
        """Give the state as JSON."""
        return {"state": self.state, "best_candidates": list(self.best_candidates)}

    def set_state_tree(self, tree):
        """Put a state back."""
        self.state, self.best_candidates = tree["state"], tree["best_candidates"]

    def save(self, path):
        """Write a whole program."""
        self.saved.append(Path(path))
        Path(path).write_text(f"program {self.state}")

    def save_variables(self, path):
        """Write the variables."""
        self.saved.append(Path(path))
        Path(path).write_text(f"variables {self.state}")


@pytest.fixture
def program():
    """A program that only remembers."""
    return FakeProgram()


@pytest.fixture
def train(program):
    """Play epochs with these logs to a callback, as fit would, until it stops; give the number of epochs played."""

    def play(callback, epochs):
        callback.set_program(program)
        callback.set_params({"epochs": len(epochs), "steps": None, "verbose": 0, "metrics": []})
        program.stop_training = False
        callback.on_train_begin()
        played = 0
        for epoch, logs in enumerate(epochs):
            program.state = f"epoch {epoch}"
            program.best_candidates = [{"script": program.state, **logs}]
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, logs)
            played += 1
            if program.stop_training:
                break
        callback.on_train_end()
        return played

    return play

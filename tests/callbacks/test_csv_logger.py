"""CSVLogger: a table that is complete after each epoch."""

import csv

import pytest

from synthflow.callbacks.csv_logger import CSVLogger

EPOCHS = [{"reward": 0.5, "val_reward": 0.25}, {"reward": 1.0, "val_reward": 0.5}]


def table(path, separator=","):
    """Read the lines of a table."""
    with path.open(newline="") as lines:
        return list(csv.reader(lines, delimiter=separator))


def test_each_epoch_is_a_line(train, tmp_path):
    """The first line names the columns; folders are made, and an older file is replaced."""
    path = tmp_path / "run" / "log.csv"
    for _ in range(2):
        train(CSVLogger(path), EPOCHS)

    assert table(path) == [["epoch", "reward", "val_reward"], ["0", "0.5", "0.25"], ["1", "1.0", "0.5"]]


def test_a_line_is_there_as_soon_as_its_epoch_ended(tmp_path):
    """A run that is killed leaves its epochs, since nothing waits for its end."""
    callback = CSVLogger(tmp_path / "log.csv")
    callback.on_train_begin()
    callback.on_epoch_end(0, EPOCHS[0])

    assert len(table(tmp_path / "log.csv")) == 2


def test_a_table_can_be_gone_on_with(train, tmp_path):
    """Its columns are kept and not named again; the separator may be another."""
    path = tmp_path / "log.csv"
    for _ in range(2):
        train(CSVLogger(str(path), separator=";", append=True), EPOCHS)

    assert [line[0] for line in table(path, ";")] == ["epoch", "0", "1", "0", "1"]


def test_a_log_that_is_missing_later_is_left_empty(train, tmp_path):
    """The columns stay where they are."""
    train(CSVLogger(tmp_path / "log.csv"), [EPOCHS[0], {"reward": 1.0}])

    assert table(tmp_path / "log.csv")[2] == ["1", "1.0", ""]


def test_a_log_without_a_column_is_an_error(train, tmp_path):
    """No number is dropped in silence."""
    with pytest.raises(ValueError, match=r"no column for 'loss' in .*; it has 'epoch', 'reward', 'val_reward'"):
        train(CSVLogger(tmp_path / "log.csv"), [EPOCHS[0], {"reward": 1.0, "loss": 2.0}])

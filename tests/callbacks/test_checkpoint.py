"""ProgramCheckpoint: what is written when, and under which name."""

import pytest

from synthflow.callbacks.checkpoint import ProgramCheckpoint


def written(folder):
    """Give the files of a folder with what is in them."""
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_each_epoch_has_its_own_file(train, tmp_path):
    """The name may hold the epoch, counted from 1, and the logs; folders are made."""
    path = tmp_path / "run" / "{epoch:02d}-{reward:.2f}.json"

    train(ProgramCheckpoint(path), [{"reward": 0.25}, {"reward": 0.5}])

    assert written(tmp_path / "run") == {"01-0.25.json": "program epoch 0", "02-0.50.json": "program epoch 1"}


def test_only_better_epochs_are_saved_when_asked(train, tmp_path, program):
    """The file holds the best epoch, and is not written again for equal values."""
    path = tmp_path / "best.json"

    train(ProgramCheckpoint(path, monitor="reward", save_best_only=True), [{"reward": r} for r in (0.2, 0.6, 0.6, 0.1)])

    assert (path.read_text(), len(program.saved)) == ("program epoch 1", 2)


def test_lower_is_better_for_a_loss(train, tmp_path):
    """`auto` asks the metric."""
    path = tmp_path / "best.json"

    train(ProgramCheckpoint(path, monitor="val_loss", save_best_only=True), [{"val_loss": v} for v in (3, 1, 2)])

    assert path.read_text() == "program epoch 1"


def test_the_first_file_must_beat_the_threshold(train, tmp_path, program):
    """Nothing is written before."""
    path = tmp_path / "best.json"
    callback = ProgramCheckpoint(path, monitor="reward", save_best_only=True, initial_value_threshold=0.5)

    train(callback, [{"reward": 0.5}, {"reward": 0.6}])

    assert (path.read_text(), len(program.saved)) == ("program epoch 1", 1)


def test_the_variables_alone_can_be_saved(train, tmp_path, capsys):
    """And verbose=1 says where."""
    path = tmp_path / "variables.json"

    train(ProgramCheckpoint(str(path), save_variables_only=True, verbose=1), [{"reward": 0.5}])

    assert path.read_text() == "variables epoch 0"
    assert capsys.readouterr().out == f"Epoch 1: saved {path}.\n"


def test_a_missing_monitor_warns_and_writes_nothing(train, tmp_path, program):
    """Without it nobody knows which epoch is best; it does not matter when each is saved."""
    with pytest.warns(UserWarning, match="ProgramCheckpoint follows 'val_reward'"):
        train(ProgramCheckpoint(tmp_path / "best.json", save_best_only=True), [{"reward": 0.5}])

    assert program.saved == []


def test_a_name_that_no_log_has_is_an_error(train, tmp_path):
    """The error names those there are."""
    with pytest.raises(KeyError, match=r"names {acc}, and there are only {epoch}, {reward}"):
        train(ProgramCheckpoint(tmp_path / "{acc}.json"), [{"reward": 0.5}])

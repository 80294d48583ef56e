"""EarlyStopping: it stops in time, and what it keeps is the best."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthflow.callbacks.early_stopping import EarlyStopping


def rewards(*values, name="reward"):
    """Give the logs of some epochs."""
    return [{name: value} for value in values]


def test_the_epoch_that_solves_stops_and_stays(train, program):
    """The script of that epoch is in the variable and in best_candidates, not the one of an epoch before."""
    callback = EarlyStopping(monitor="reward", mode="max", patience=2, restore_best_variables=True)

    played = train(callback, rewards(0.0, 1.0, 0.5))

    assert (played, callback.stopped_epoch, callback.best_epoch) == (2, 1, 1)
    assert (program.state, program.best_candidates) == ("epoch 1", [{"script": "epoch 1", "reward": 1.0}])


def test_the_goal_counts_though_the_step_to_it_is_small(train, program):
    """min_delta does not keep the state that reached stop_at from being kept."""
    callback = EarlyStopping(monitor="reward", min_delta=0.1, patience=9, restore_best_variables=True)

    train(callback, rewards(0.95, 1.0))

    assert (program.state, callback.best) == ("epoch 1", 1.0)


def test_patience_is_counted_in_epochs_without_a_better_value(train, program):
    """A better value starts the count anew; the best state is put back at the end."""
    callback = EarlyStopping(monitor="reward", patience=2, restore_best_variables=True)

    played = train(callback, rewards(0.1, 0.1, 0.4, 0.3, 0.4, 0.9))

    assert (played, program.state, callback.wait) == (5, "epoch 2", 2)


def test_without_restoring_the_last_state_stays(train, program):
    """The default only stops."""
    train(EarlyStopping(monitor="reward"), rewards(0.4, 0.3))

    assert (program.state, program.stop_training) == ("epoch 1", True)


@pytest.mark.parametrize(("monitor", "mode"), [("loss", "auto"), ("val_loss", "auto"), ("odd", "min")])
def test_lower_may_be_better(train, program, monitor, mode):
    """`auto` asks the metric, also behind `val_`; and stop_at is no goal then."""
    callback = EarlyStopping(monitor=monitor, mode=mode, patience=1, restore_best_variables=True)

    played = train(callback, rewards(5.0, 2.0, 3.0, 1.0, name=monitor))

    assert (played, program.state) == (3, "epoch 1")


@pytest.mark.parametrize("monitor", ["reward", "odd", "unknown"])
def test_auto_takes_higher_as_better_when_nobody_says_otherwise(train, program, monitor):
    """Rewards and metrics without an opinion are maximised."""
    callback = EarlyStopping(monitor=monitor, patience=1, stop_at=None, restore_best_variables=True)

    train(callback, rewards(1.0, 2.0, 1.5, name=monitor))

    assert program.state == "epoch 1"


def test_no_goal_trains_on(train):
    """stop_at=None heeds patience only."""
    assert train(EarlyStopping(monitor="reward", stop_at=None, patience=3), rewards(1.0, 1.0, 1.0)) == 3


def test_a_baseline_must_be_beaten_within_the_patience(train):
    """Values that get better below it do not renew the patience."""
    callback = EarlyStopping(monitor="reward", patience=2, baseline=0.5)

    assert train(callback, rewards(0.1, 0.2, 0.2, 0.9)) == 3


def test_the_first_epochs_may_be_left_alone(train):
    """Before start_from_epoch nothing is followed, not even the goal."""
    assert train(EarlyStopping(monitor="reward", start_from_epoch=2), rewards(0.9, 0.8, 0.1, 0.1)) == 4
    assert train(EarlyStopping(monitor="reward", start_from_epoch=1), rewards(1.0, 1.0, 1.0)) == 2


def test_a_missing_monitor_warns_once_and_stops_nothing(train, program):
    """The warning names what there is, and how a val_ number comes about."""
    with pytest.warns(
        UserWarning, match="follows 'val_reward', which the logs lack; they have 'reward'. Give fit"
    ) as seen:
        played = train(EarlyStopping(restore_best_variables=True), rewards(0.1, 1.0, 1.0))

    assert (played, program.state, len(seen)) == (3, "epoch 2", 1)


def test_a_second_run_starts_anew(train, program):
    """What the first run saw does not stop the second."""
    callback = EarlyStopping(monitor="reward", patience=1, restore_best_variables=True)
    train(callback, rewards(0.9, 0.8))

    assert train(callback, rewards(0.1, 0.2, 0.3)) == 3
    assert program.state == "epoch 2"


def test_it_says_why_it_stopped(train, capsys):
    """One line with verbose=1, nothing with 0."""
    train(EarlyStopping(monitor="reward", verbose=1), rewards(1.0))

    assert capsys.readouterr().out == "Epoch 1: early stopping, for reward reached 1.\n"


@pytest.mark.parametrize("wrong", [{"patience": -1}, {"min_delta": -0.1}, {"start_from_epoch": -1}, {"mode": "up"}])
def test_wrong_arguments_are_errors_at_once(wrong):
    """Nothing is trained with them."""
    with pytest.raises(ValueError, match="EarlyStopping"):
        EarlyStopping(**wrong)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1), st.integers(0, 3))
def test_what_is_restored_is_the_best_that_was_played(train, program, values, patience):
    """Whatever the values, the state put back is that of the first epoch with the best of them."""
    played = train(EarlyStopping(monitor="reward", patience=patience, restore_best_variables=True), rewards(*values))

    assert program.state == f"epoch {values[:played].index(max(values[:played]))}"
    assert 1.0 not in values[: played - 1]

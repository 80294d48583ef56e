"""History: what fit returns."""

from synthflow.callbacks.history import History


def test_it_keeps_the_logs_of_each_epoch(train):
    """A list for each number, in the order of the epochs."""
    history = History()

    train(history, [{"reward": 0.5, "val_reward": 0.0}, {"reward": 1.0, "val_reward": 0.5}])

    assert history.history == {"reward": [0.5, 1.0], "val_reward": [0.0, 0.5]}
    assert history.epoch == [0, 1]


def test_it_has_a_place_for_the_reason_why_training_ended():
    """It is empty until fit writes it."""
    assert History().stop_reason == ""

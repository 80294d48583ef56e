"""Metric: each program counts with its own clone."""

import pytest

from synthflow.metrics.accuracy import Accuracy
from synthflow.metrics.mean import Mean
from synthflow.metrics.metric import Metric


class Seen(Metric):
    """Counts rows above a limit, in a list that reset_state empties in place."""

    rows = None

    def __init__(self, limit, name=None):
        self.limit = limit
        self.rows = []
        super().__init__(name)

    def reset_state(self):
        """Empty the list."""
        self.rows.clear()

    async def update_state(self, y_true, y_pred):
        """Add a row."""
        self.rows.append(y_pred)

    def result(self):
        """Compare their number with the limit."""
        return float(len(self.rows) > self.limit)


async def test_a_clone_shares_nothing_with_its_original():
    """What one counts, the other does not see, however the metric keeps its state."""
    original = Seen(0, name="seen_any")
    await original.update_state(None, 1)
    clone = original.clone()

    assert (original.result(), clone.result(), clone.name, clone.limit) == (1.0, 0.0, "seen_any", 0)


async def test_reset_state_forgets():
    """After it the result is that of a new metric."""
    mean = Mean()
    await mean.update_state(1.0)
    mean.reset_state()

    assert mean.result() == 0.0


def test_a_metric_without_its_methods_cannot_be_made():
    """The mistake is found before any row is run."""

    class Half(Metric):
        def result(self):
            return 0.0

    with pytest.raises(TypeError, match="reset_state"):
        Half()


def test_a_metric_is_saved_by_its_arguments():
    """Subclasses included."""
    assert Seen(3).get_config() == {"limit": 3}
    assert Accuracy.from_config(Accuracy("right", in_mask=["a"]).get_config()).name == "right"

"""Accuracy: the fraction of rows that are right."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.metrics.accuracy import Accuracy


class Answer(DataModel):
    """An answer with a note."""

    text: str
    note: str = ""


@given(st.lists(st.sampled_from(["right", "wrong", None]), min_size=1))
async def test_it_is_the_fraction_of_right_rows(guesses):
    """A missing prediction is a wrong one, and masked fields do not count."""
    accuracy = Accuracy(in_mask=["text"])
    for guess in guesses:
        prediction = guess and Answer(text=guess, note="because")
        await accuracy.update_state(Answer(text="right"), prediction)

    assert accuracy.result() == guesses.count("right") / len(guesses)


def test_it_is_better_when_higher():
    """EarlyStopping in `auto` mode relies on it."""
    assert (Accuracy().name, Accuracy().direction) == ("accuracy", "up")

"""Reward: one prediction, one checked number from 0 to 1."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.errors import EvaluationError
from synthflow.graph.trace import Trace, tracing, tracing_rows
from synthflow.rewards.reward import Reward, feedback


class Answer(DataModel):
    """An answer with a note that does not count."""

    text: str
    note: str = ""


class Fixed(Reward):
    """Returns what it was made with, whatever is compared."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def call(self, y_true, y_pred):
        """Return it."""
        return self.value


class SameFields(Reward):
    """1.0 when both sides show exactly the fields `text`; written as an async method."""

    async def call(self, y_true, y_pred):
        """Compare the fields."""
        return list(y_true.keys()) == list(y_pred.keys()) == ["text"]


PAIR = (Answer(text="a"), Answer(text="b"))


@pytest.mark.parametrize(("value", "reward"), [(0, 0.0), (1, 1.0), (0.25, 0.25), (True, 1.0), (False, 0.0)])
async def test_a_number_from_0_to_1_is_the_reward(value, reward):
    """Booleans and integers become floats."""
    result = await Fixed(value)(*PAIR)

    assert (result, type(result)) == (reward, float)


async def test_a_number_of_numpy_is_a_number():
    """Scores computed with arrays need no conversion."""
    import numpy as np

    assert await Fixed(np.float32(0.5))(*PAIR) == 0.5


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1, 1.0001, 85])
async def test_a_number_outside_0_to_1_is_an_error(value):
    """The message names the reward and the value, and shows how to bring it into range."""
    with pytest.raises(EvaluationError, match=rf"(?s)'fixed' returned {float(value)}; .*min\(1.0, max"):
        await Fixed(value)(*PAIR)


@pytest.mark.parametrize(
    ("value", "words"), [(None, "without `return`"), ("0.5", "not a number"), ([1], "not a number")]
)
async def test_something_else_than_a_number_is_an_error(value, words):
    """Nothing is converted in silence."""
    with pytest.raises(EvaluationError, match=words):
        await Fixed(value)(*PAIR)


async def test_no_prediction_is_worth_nothing():
    """`call` is not asked about None."""
    assert await Fixed("never returned")(Answer(text="a"), None) == 0.0
    assert await Fixed("never returned")(None, None) == 1.0


async def test_both_sides_are_masked():
    """`call` sees only the fields that count, and may be async."""
    assert await SameFields(in_mask=["text"])(*PAIR) == 1.0
    assert await SameFields(out_mask_pattern="^no")(*PAIR) == 1.0
    assert await SameFields()(*PAIR) == 0.0


async def test_a_misspelt_mask_never_scores():
    """It raises, whether there is a prediction or not."""
    for prediction in (Answer(text="b"), None):
        with pytest.raises(EvaluationError, match="'txt', which the answers lack"):
            await SameFields(in_mask=["txt"])(Answer(text="a"), prediction)


async def test_what_call_raises_comes_out_as_it_is():
    """A person's mistake keeps its own type and traceback."""

    class Broken(Reward):
        def call(self, y_true, y_pred):
            return y_true["absent"]

    with pytest.raises(KeyError, match="absent"):
        await Broken()(*PAIR)


def test_a_reward_without_call_cannot_be_made():
    """The mistake is found before any row is run."""

    class Empty(Reward):
        pass

    with pytest.raises(TypeError, match="call"):
        Empty()


def test_a_reward_is_named_by_its_class_unless_told_otherwise():
    """The name is the one in messages and logs."""
    assert (SameFields().name, SameFields("mine").name) == ("same_fields", "mine")


def test_the_arguments_of_a_subclass_are_saved_too():
    """No subclass writes get_config itself."""
    assert Fixed.from_config(Fixed(0.5).get_config()).value == 0.5
    assert SameFields(in_mask=["text"]).get_config() == {"in_mask": ["text"]}


async def test_many_rows_are_scored_all_at_once_and_in_order():
    """Each as by itself; the slowest does not hold up the others."""
    import asyncio

    began, all_began = [], asyncio.Event()

    class Meeting(Reward):
        async def call(self, y_true, y_pred):
            began.append(y_pred["text"])
            if len(began) == 3:
                all_began.set()
            await all_began.wait()
            return float(y_pred["text"])

    truth = Answer(text="a")
    predictions = [Answer(text="0.5"), None, Answer(text="1"), Answer(text="0")]

    assert await Meeting().score([truth] * 4, predictions) == [0.5, 0.0, 1.0, 0.0]
    assert await Meeting().score([], []) == []
    with pytest.raises(ValueError, match="shorter"):
        await Meeting().score([truth], [])


class Telling(Reward):
    """Says what it saw, after some turns."""

    async def call(self, y_true, y_pred):
        """Wait as long as the answer says."""
        import asyncio

        for _ in range(int(y_pred["text"])):
            await asyncio.sleep(0)
        feedback(f"saw {y_pred['text']}")
        return 1.0


@given(st.lists(st.none() | st.integers(0, 5), max_size=6))
async def test_feedback_stays_with_its_row(turns):
    """Of several rows scored at once, whichever ends first; a row without a prediction has none."""
    traces = [Trace() for _ in turns]
    predictions = [None if one is None else Answer(text=str(one)) for one in turns]

    with tracing_rows(traces):
        await Telling().score([Answer(text="a")] * len(turns), predictions)

    assert [trace.feedback for trace in traces] == ["" if one is None else f"saw {one}" for one in turns]
    assert all(trace.verdict == "ok" for trace in traces)


async def test_feedback_of_one_row_is_kept_in_the_trace_around_it():
    """And without one, nowhere."""
    kept = Trace()
    with tracing(kept):
        await Telling()(Answer(text="a"), Answer(text="1"))
        await Telling().score([Answer(text="a")], [Answer(text="2")])
    await Telling()(Answer(text="a"), Answer(text="3"))

    assert kept.feedback == "saw 1\nsaw 2"


def test_a_keyword_that_is_no_mask_is_refused():
    """The error names the class that was made, and what there is."""
    with pytest.raises(TypeError, match=r"SameFields.*unexpected keyword argument 'in_masks'; the masks are in_mask,"):
        SameFields(in_masks=["text"])


def test_a_plain_reward_asks_nobody():
    """It waits for no machine, needs no batch and takes no calls."""
    reward = SameFields()

    assert (reward.waits, reward.batched, reward.most_calls()) == (False, False, 0)

"""Batch rewards: one call for many rows, each number checked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.errors import EvaluationError
from synthflow.graph.trace import Trace, tracing, tracing_rows
from synthflow.programs.objects import decode, encode
from synthflow.rewards.batch_reward import BatchReward, BatchRewardFunctionWrapper
from synthflow.rewards.reward import feedback
from synthflow.rewards.weighted_sum import WeightedSum


class Answer(DataModel):
    """An answer with a note."""

    text: str
    note: str = ""


class Recorder(BatchReward):
    """Remembers what it was asked, and answers with what it was made with or with 1.0 where texts are equal."""

    def __init__(self, answer=None, **options):
        super().__init__(**options)
        self.answer = answer
        self.batches = []

    def call_batch(self, y_trues, y_preds):
        """Compare the texts."""
        self.batches.append([(a.get_json(), b.get_json()) for a, b in zip(y_trues, y_preds, strict=True)])
        if self.answer is not None:
            return self.answer
        return [float(a["text"] == b["text"]) for a, b in zip(y_trues, y_preds, strict=True)]


def same_texts(y_trues, y_preds):
    """Compare the texts."""
    return [a["text"] == b["text"] for a, b in zip(y_trues, y_preds, strict=True)]


async def same_texts_later(y_trues, y_preds):
    """Compare the texts in an async function."""
    return same_texts(y_trues, y_preds)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["a", "b", None]))))
async def test_a_batch_gives_what_its_rows_would_give(rows):
    """One call for all rows with a prediction; those without are worth 0.0, or 1.0 where None is right."""
    rows = [(truth and Answer(text=truth), guess and Answer(text=guess)) for truth, guess in rows]
    rows = [(truth, guess) for truth, guess in rows if truth is not None or guess is None]
    reward = Recorder()
    rewards = await reward.score([truth for truth, _ in rows], [guess for _, guess in rows])

    assert rewards == [float(truth == guess) for truth, guess in rows]
    assert len(reward.batches) == any(guess is not None for _, guess in rows)


async def test_a_call_is_a_batch_of_one():
    """So a batch reward works wherever a reward does."""
    reward = Recorder()

    assert await reward(Answer(text="a"), Answer(text="a")) == 1.0
    assert await reward(Answer(text="a"), None) == 0.0
    assert [len(batch) for batch in reward.batches] == [1]


class Telling(BatchReward):
    """Says of each row what it saw."""

    def call_batch(self, y_trues, y_preds):
        """Tell in the opposite order."""
        for row in reversed(range(len(y_preds))):
            feedback(f"saw {y_preds[row]['text']}", row=row)
        return [1.0] * len(y_preds)


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=6))
async def test_feedback_goes_to_the_row_that_it_is_about(texts):
    """Its number is that among the rows given to `call_batch`, whichever rows have no prediction."""
    traces = [Trace() for _ in texts]
    predictions = [None if text is None else Answer(text=text) for text in texts]

    with tracing_rows(traces):
        await Telling().score([Answer(text="a")] * len(texts), predictions)

    assert [trace.feedback for trace in traces] == ["" if text is None else f"saw {text}" for text in texts]


async def test_feedback_of_a_batch_of_one_is_that_of_its_row():
    """As a weighted sum asks for it, too."""
    kept = Trace()
    with tracing(kept):
        await Telling()(Answer(text="a"), Answer(text="b"))
        await WeightedSum([Telling(), Telling()])(Answer(text="a"), Answer(text="c"))

    assert kept.feedback == "saw b\nsaw c\nsaw c"


async def test_all_rows_are_masked():
    """`call_batch` sees only the fields that count, and a misspelt mask never scores."""
    reward = Recorder(in_mask=["text"])
    await reward.score([Answer(text="a", note="x")] * 2, [Answer(text="a"), None])

    assert reward.batches == [[({"text": "a"}, {"text": "a"})]]
    with pytest.raises(EvaluationError, match="'txt', which the answers lack"):
        await Recorder(in_mask=["txt"]).score([Answer(text="a")], [None])


async def test_numbers_of_numpy_are_numbers():
    """An array of scores needs no conversion."""
    import numpy as np

    assert await Recorder(np.array([0.5, 1.0])).score([Answer(text="a")] * 2, [Answer(text="b")] * 2) == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([1.0], "returned 1 numbers for 2 rows"),
        ([1.0, 1.0, 1.0], "returned 3 numbers for 2 rows"),
        (0.5, "not a list of numbers"),
        ("ab", "not a list of numbers"),
        ({0.0: 1, 1.0: 1}, "not a list of numbers"),
        ([0.5, None], "without `return`"),
        ([0.5, 1.5], r"returned 1\.5"),
        ([0.5, float("nan")], "returned nan"),
        ([0.5, "1.0"], "not a number"),
    ],
)
async def test_anything_but_a_number_for_each_row_is_an_error(answer, words):
    """The message names the reward and what it returned."""
    with pytest.raises(EvaluationError, match=words):
        await Recorder(answer).score([Answer(text="a")] * 2, [Answer(text="b")] * 2)


async def test_answers_and_predictions_are_of_one_number():
    """A row has one of each."""
    with pytest.raises(ValueError, match="shorter"):
        await Recorder().score([Answer(text="a")] * 2, [Answer(text="a")])


@pytest.mark.parametrize("function", [same_texts, same_texts_later])
async def test_plain_and_async_functions_are_batch_rewards(function):
    """They are named by their function; an async one is taken to wait for another machine."""
    reward = BatchRewardFunctionWrapper(function)

    assert await reward.score([Answer(text="a")] * 2, [Answer(text="a"), Answer(text="b")]) == [1.0, 0.0]
    assert (reward.name, reward.batched, reward.waits) == (function.__name__, True, function is same_texts_later)


def test_a_function_is_saved_by_its_name():
    """It is loaded with `custom_objects`."""
    known = {"same_texts": same_texts, "BatchRewardFunctionWrapper": BatchRewardFunctionWrapper}
    reward = BatchRewardFunctionWrapper(same_texts, deterministic=False, in_mask=["text"])
    again = decode(json.loads(json.dumps(encode(reward))), known)

    assert (encode(again), again.deterministic) == (encode(reward), False)


def test_what_cannot_be_called_is_an_error_at_once():
    """A wrapper without a function is never made, nor a batch reward without `call_batch`."""

    class Empty(BatchReward):
        pass

    with pytest.raises(TypeError, match="takes a function"):
        BatchRewardFunctionWrapper("same_texts")
    with pytest.raises(TypeError, match="call_batch"):
        Empty()

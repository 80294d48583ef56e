"""Means of numbers, of rewards and of functions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError, EvaluationError
from synthflow.metrics.accuracy import Accuracy
from synthflow.metrics.mean import Mean, MeanMetricWrapper, as_metric
from synthflow.rewards.batch_reward import BatchRewardFunctionWrapper
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.lm_as_judge import LMAsJudge
from synthflow.testing import ScriptedLanguageModel


class Answer(DataModel):
    """A number with a note."""

    value: float
    note: str = ""


def error(y_true, y_pred):
    """Give the distance; a missing answer is 10 away."""
    return 10.0 if y_pred is None else abs(y_true["value"] - y_pred["value"])


async def error_later(y_true, y_pred):
    """Give the distance in an async function."""
    return error(y_true, y_pred)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
async def test_a_mean_lies_where_means_lie(values):
    """It is the sum divided by the count."""
    mean = Mean()
    for value in values:
        await mean.update_state(value)

    assert mean.result() == pytest.approx(sum(values) / len(values))


@pytest.mark.parametrize("function", [error, error_later])
async def test_a_function_is_averaged_over_the_rows(function):
    """Plain or async; it also says what a missing prediction counts."""
    metric = MeanMetricWrapper(fn=function, direction="down")
    for prediction in (Answer(value=1.0), Answer(value=4.0), None):
        await metric.update_state(Answer(value=2.0), prediction)

    assert (metric.name, metric.direction, metric.result()) == (function.__name__, "down", pytest.approx(13 / 3))


def test_it_takes_the_calls_of_its_reward():
    """A function takes none, as far as anyone knows."""
    judge = LMAsJudge(ScriptedLanguageModel([], retry=1, reask=2))

    assert [MeanMetricWrapper(fn).most_calls() for fn in (judge, error)] == [6, 0]
    assert Accuracy().most_calls() == Mean().most_calls() == 0


async def test_a_reward_is_averaged_with_its_own_masks():
    """As in `MeanMetricWrapper(fn=reward, name="mean_reward")`; None counts 0.0."""
    metric = MeanMetricWrapper(fn=ExactMatch(in_mask=["value"]), name="mean_reward")
    for prediction in (Answer(value=2.0, note="other"), None):
        await metric.update_state(Answer(value=2.0), prediction)

    assert (metric.name, metric.direction, metric.result()) == ("mean_reward", "up", 0.5)


async def test_a_batch_reward_is_averaged_too():
    """It is asked about one row at a time."""
    sizes = []

    def all_right(y_trues, y_preds):
        sizes.append(len(y_trues))
        return [1.0] * len(y_trues)

    metric = as_metric(BatchRewardFunctionWrapper(all_right))
    for prediction in (Answer(value=2.0), None, Answer(value=1.0)):
        await metric.update_state(Answer(value=2.0), prediction)

    assert (metric.name, metric.direction, metric.result()) == ("all_right", "up", pytest.approx(2 / 3))
    assert sizes == [1, 1]


async def test_a_clone_averages_with_the_same_function():
    """It starts from nothing."""
    metric = MeanMetricWrapper(error, "distance")
    await metric.update_state(Answer(value=0.0), Answer(value=3.0))
    clone = metric.clone()
    await clone.update_state(Answer(value=0.0), Answer(value=1.0))

    assert (metric.result(), clone.result(), clone.name) == (3.0, 1.0, "distance")


async def test_the_wrapper_masks_too():
    """A function then sees only the fields that count."""
    metric = MeanMetricWrapper(lambda y_true, y_pred: len(y_pred.keys()), "fields", out_mask=["note"])
    await metric.update_state(Answer(value=1.0), Answer(value=1.0))

    assert metric.result() == 1.0


@pytest.mark.parametrize("value", [math.nan, math.inf, None, "1"])
async def test_what_is_not_a_finite_number_is_an_error(value):
    """The message names the metric and the value."""
    metric = MeanMetricWrapper(lambda y_true, y_pred: value, "odd")

    with pytest.raises(EvaluationError, match=f"'odd' needs a finite number of each row, .* returned {value!r}"):
        await metric.update_state(Answer(value=1.0), Answer(value=1.0))


@pytest.mark.parametrize("wrong", [ExactMatch, "error", None])
def test_what_is_no_function_is_an_error_at_once(wrong):
    """A class must be made into an object first."""
    with pytest.raises(TypeError, match="fn takes a reward"):
        MeanMetricWrapper(wrong)


def test_compile_takes_metrics_rewards_and_functions():
    """A metric stays itself; the mean of the others is taken."""
    accuracy = Accuracy()

    assert as_metric(accuracy) is accuracy
    assert as_metric(ExactMatch()).name == "exact_match"
    assert as_metric(error).name == "error"


@pytest.mark.parametrize(
    ("wrong", "words"), [(Accuracy, r"Accuracy\(\)"), (Mean("loss"), "MeanMetricWrapper"), ("accuracy", "not a metric")]
)
def test_anything_else_is_an_error(wrong, words):
    """The error shows what to write."""
    with pytest.raises(CompileError, match=words):
        as_metric(wrong)

"""WeightedSum: between the worst and the best of its parts, and 1.0 where all are."""

import asyncio
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError, EvaluationError, LanguageModelError
from synthflow.graph.trace import Trace, tracing_rows
from synthflow.programs.objects import decode, encode
from synthflow.rewards.batch_reward import BatchReward
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.grid_similarity import GridSimilarity
from synthflow.rewards.reward import Reward, feedback
from synthflow.rewards.reward_function import as_reward
from synthflow.rewards.weighted_sum import WeightedSum


class Answer(DataModel):
    """An answer in two fields."""

    left: int
    right: int


class Fixed(Reward):
    """Returns what it was made with."""

    def __init__(self, value, **about):
        super().__init__()
        self.value = value
        self.asked = 0
        for name, one in about.items():
            setattr(self, name, one)

    def call(self, y_true, y_pred):
        """Return it."""
        self.asked += 1
        return self.value

    def most_calls(self):
        """Pretend to ask somebody."""
        return 3


class Batched(BatchReward):
    """Says 1.0 of every row, and counts batches."""

    batches = 0

    def call_batch(self, y_trues, y_preds):
        """Count."""
        self.batches += 1
        return [1.0] * len(y_trues)


ROW = (Answer(left=1, right=2), Answer(left=1, right=3))
PARTS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e300)), min_size=1, max_size=5).filter(
    lambda parts: 0 < sum(weight for _, weight in parts) < math.inf
)


def same_left(y_true, y_pred):
    """Compare the left fields."""
    return y_true["left"] == y_pred["left"]


@given(PARTS)
async def test_it_lies_between_the_worst_and_the_best_of_its_parts(parts):
    """Whatever the weights; so it is a reward, and exactly 1.0 where all parts are."""
    rewards, weights = zip(*parts, strict=True)
    reward = await WeightedSum(list(map(Fixed, rewards)), weights)(*ROW)

    assert min(rewards) <= reward <= max(rewards)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 100)), min_size=1, max_size=5), st.floats(1e-3, 1e3))
async def test_only_the_proportions_of_the_weights_matter(parts, factor):
    """Twice all weights is the same reward."""
    rewards, weights = zip(*parts, strict=True)
    scaled = [weight * factor for weight in weights]

    assert await WeightedSum(list(map(Fixed, rewards)), scaled)(*ROW) == pytest.approx(
        await WeightedSum(list(map(Fixed, rewards)), weights)(*ROW), abs=1e-9
    )


async def test_the_formula():
    """Each reward times its share of the weights; without weights, the mean."""
    assert await WeightedSum([Fixed(1.0), Fixed(0.5)], [0.7, 0.3])(*ROW) == pytest.approx(0.85)
    assert await WeightedSum([Fixed(1.0), Fixed(0.5)])(*ROW) == 0.75


async def test_each_part_masks_for_itself():
    """One part looks left, and one right."""
    reward = WeightedSum([ExactMatch(in_mask=["left"]), ExactMatch(in_mask=["right"])], [3, 1])

    assert await reward(*ROW) == 0.75
    assert (await reward(ROW[0], None), await reward(None, None)) == (0.0, 1.0)
    with pytest.raises(EvaluationError, match="'lift', which the answers lack"):
        await WeightedSum([ExactMatch(in_mask=["lift"])])(ROW[0], None)


async def test_a_part_that_does_not_count_is_not_asked():
    """What it would cost is not paid, and what it is makes no difference."""
    idle = Fixed(0.0, deterministic=False, waits=True)
    reward = WeightedSum([Fixed(1.0), idle], [1, 0])

    assert await reward(*ROW) == 1.0
    assert (idle.asked, reward.deterministic, reward.waits, reward.most_calls()) == (0, True, False, 3)


async def test_a_batch_goes_to_a_batched_part_as_one():
    """And to a plain part row by row."""
    batched, plain = Batched(), Fixed(0.5)
    reward = WeightedSum([batched, plain])

    assert await reward.score([ROW[0]] * 3, [ROW[1], None, ROW[1]]) == [0.75, 0.0, 0.75]
    assert (batched.batches, plain.asked) == (1, 2)


def test_it_is_what_its_parts_are():
    """Deterministic if all are; waiting or batched if one is; and it takes the calls of all."""
    one = WeightedSum([Fixed(1.0), Fixed(1.0, deterministic=False, waits=True), Batched()])
    other = WeightedSum([Fixed(1.0), ExactMatch()])

    assert (one.deterministic, one.waits, one.batched, one.most_calls()) == (False, True, True, 6)
    assert (other.deterministic, other.waits, other.batched, other.most_calls()) == (True, False, False, 3)


async def test_the_error_of_a_part_comes_out_as_it_is():
    """A model that gave no answer is not a reward of 0."""

    class Dead(Reward):
        async def call(self, y_true, y_pred):
            raise LanguageModelError("dead", "connection")

    with pytest.raises(LanguageModelError, match="dead"):
        await WeightedSum([Fixed(1.0), Dead()])(*ROW)


@pytest.mark.parametrize("weights", [[1], [1, 2, 3], [], "ab", {0: 1, 1: 1}, 1])
def test_there_is_a_weight_for_each_part(weights):
    """The message says how many there should be."""
    with pytest.raises(CompileError, match="There are 2 rewards, so weights is a list of 2 numbers"):
        WeightedSum([ExactMatch(), ExactMatch()], weights)


@pytest.mark.parametrize(
    "weights", [[1, -1], [0, 0], [1, math.nan], [1, math.inf], [1e308, 1e308], [1, True], ["1", "1"], [1, None]]
)
def test_weights_are_finite_numbers_from_0(weights):
    """And not all 0."""
    with pytest.raises(CompileError, match="finite number from 0"):
        WeightedSum([ExactMatch(), ExactMatch()], weights)


@pytest.mark.parametrize("rewards", [[], (), ExactMatch(), None, {"a": ExactMatch()}, "ab"])
def test_the_parts_are_a_list(rewards):
    """With at least one in it."""
    with pytest.raises(CompileError, match="takes a list of rewards"):
        WeightedSum(rewards)


async def test_compile_makes_one_of_a_list():
    """Rewards and functions, with weights; and only a list has weights."""
    reward = as_reward([same_left, ExactMatch(in_mask=["right"])], [0.75, 0.25])

    assert (type(reward), reward.weights, await reward(*ROW)) == (WeightedSum, (0.75, 0.25), 0.75)
    with pytest.raises(CompileError, match="goes with a list"):
        as_reward(ExactMatch(), [1.0])
    with pytest.raises(CompileError, match=r"reward=ExactMatch\(\)"):
        as_reward([ExactMatch])


async def test_it_is_saved_with_its_parts():
    """Nested ones and functions too."""
    parts = [ExactMatch(in_mask=["right"]), WeightedSum([GridSimilarity("grid"), same_left], [0, 1]), same_left]
    reward = WeightedSum(parts, [1.0, 2.0, 1.0], name="all")
    known = {"same_left": same_left, "WeightedSum": WeightedSum}
    again = decode(json.loads(json.dumps(encode(reward))), known)

    assert (encode(again), again.name, again.weights) == (encode(reward), "all", (0.25, 0.5, 0.25))
    assert await again(*ROW) == 0.75


class Slow(Reward):
    """Tells its name, after some turns."""

    def __init__(self, name, turns):
        super().__init__(name)
        self.turns = turns

    async def call(self, y_true, y_pred):
        """Wait, and tell."""
        for _ in range(self.turns):
            await asyncio.sleep(0)
        feedback(f"{self.name} of {y_pred['left']}")
        return 1.0


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
async def test_the_parts_tell_in_their_order(turns):
    """Whichever ends first, so that a run that is made again asks its models the same."""
    reward = WeightedSum([Slow(str(number), one) for number, one in enumerate(turns)])
    traces = [Trace(), Trace()]

    with tracing_rows(traces):
        await reward.score([ROW[0]] * 2, [Answer(left=7, right=0), Answer(left=8, right=0)])

    for left, trace in zip((7, 8), traces, strict=True):
        assert trace.feedback == "\n".join(f"{number} of {left}" for number in range(len(turns)))

"""Functions as rewards, plain or async."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.reward_function import RewardFunctionWrapper, as_reward


class Answer(DataModel):
    """An answer with a note."""

    text: str
    note: str = ""


def same_text(y_true, y_pred):
    """Compare the texts."""
    return y_true["text"] == y_pred["text"]


async def same_text_later(y_true, y_pred):
    """Compare the texts in an async function."""
    return same_text(y_true, y_pred)


@pytest.mark.parametrize("function", [same_text, same_text_later])
async def test_plain_and_async_functions_are_rewards(function):
    """Both give 1.0 and 0.0 here, and are not asked about None."""
    reward = RewardFunctionWrapper(function)

    assert reward.name == function.__name__
    assert await reward(Answer(text="a"), Answer(text="a")) == 1.0
    assert await reward(Answer(text="a"), Answer(text="b")) == 0.0
    assert await reward(Answer(text="a"), None) == 0.0


async def test_an_object_that_can_be_called_is_a_function():
    """Its async `__call__` is awaited, and it is named by its class."""

    class Judge:
        async def __call__(self, y_true, y_pred):
            return 0.5

    reward = RewardFunctionWrapper(Judge())

    assert (reward.name, await reward(Answer(text="a"), Answer(text="b"))) == ("Judge", 0.5)
    assert reward.waits


def test_an_async_function_is_taken_to_wait():
    """So many calls of it run at once."""
    assert RewardFunctionWrapper(same_text_later).waits
    assert not RewardFunctionWrapper(same_text).waits


async def test_the_function_sees_masked_values():
    """The masks are those of any reward."""
    reward = RewardFunctionWrapper(
        lambda y_true, y_pred: list(y_pred.keys()) == ["note"], "only_note", in_mask=["note"]
    )

    assert await reward(Answer(text="a"), Answer(text="b")) == 1.0


def test_the_configuration_holds_the_function_itself():
    """Whoever saves it decides how to name it."""
    reward = RewardFunctionWrapper(same_text, deterministic=False)

    assert reward.get_config() == {"fn": same_text, "deterministic": False}
    assert RewardFunctionWrapper.from_config(reward.get_config()).deterministic is False


def test_compile_takes_a_reward_or_a_function():
    """A reward stays itself; a function is wrapped."""
    reward = ExactMatch()

    assert as_reward(reward) is reward
    assert as_reward(same_text).name == "same_text"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(ExactMatch, r"reward=ExactMatch\(\)"), ("exact_match", "is not a reward"), (None, "is not a reward")],
)
def test_anything_else_is_an_error(wrong, words):
    """The error shows what to write."""
    with pytest.raises(CompileError, match=words):
        as_reward(wrong)


def test_what_cannot_be_called_is_an_error_at_once():
    """A wrapper without a function is never made."""
    with pytest.raises(TypeError, match="takes a function"):
        RewardFunctionWrapper("same_text")

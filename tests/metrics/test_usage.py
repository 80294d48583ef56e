"""Calls, tokens, cost and seconds of the run in which they are asked."""

import json
import math

import pytest

from synthflow.language_models.meter import current_phase, metered, phase
from synthflow.language_models.provider import Completion
from synthflow.language_models.usage import Usage, UsageByPhase
from synthflow.metrics.usage import Calls, Cost, Seconds, Tokens
from synthflow.programs.objects import decode, encode
from synthflow.testing import ScriptedLanguageModel

METRICS = [Calls, Tokens, Cost, Seconds]


class Count:
    """A meter without limits."""

    seconds_left = None

    def __init__(self):
        self.usage = UsageByPhase()

    async def hold(self, most):
        """Allow it."""

    def settle(self, most, used, failure="", why=""):
        """Count it."""
        self.usage.add(current_phase(), used, failure)


@pytest.fixture
def meter():
    """A run whose meter has counted some calls."""
    counting = Count()
    counting.usage.add("training", Usage(calls=2, prompt_tokens=30, completion_tokens=12, priced=0.5, seconds=3.0))
    counting.usage.add("reward", Usage(calls=1, prompt_tokens=5, unpriced=1, seconds=0.25))
    with metered(counting):
        yield counting


@pytest.mark.usefixtures("meter")
def test_they_are_those_of_the_run_so_far():
    """Of all phases."""
    assert [metric().result() for metric in (Calls, Tokens, Seconds)] == [3.0, 47.0, 3.25]


@pytest.mark.usefixtures("meter")
def test_they_can_be_those_of_one_phase():
    """Then the phase is a part of the name, so that all can be tracked side by side."""
    assert [metric("training").result() for metric in METRICS] == [2.0, 42.0, 0.5, 3.0]
    assert [metric("reward").name for metric in METRICS] == [
        "reward_calls",
        "reward_tokens",
        "reward_cost",
        "reward_seconds",
    ]
    assert Calls("inference").result() == 0.0
    assert (Calls().name, Calls("reward", name="judged").name) == ("calls", "judged")


@pytest.mark.usefixtures("meter")
def test_an_unknown_cost_is_told_as_unknown():
    """Never as 0; that of a phase in which all prices are known is known."""
    assert math.isnan(Cost().result())
    assert math.isnan(Cost("reward").result())
    assert (Cost("training").result(), Cost("inference").result()) == (0.5, 0.0)


def test_outside_a_run_there_are_no_calls():
    """Nobody counts them there."""
    assert [metric().result() for metric in METRICS] == [0.0] * 4


@pytest.mark.usefixtures("meter")
async def test_they_look_at_no_row():
    """And forget nothing at a reset, since the run counts."""
    metric = Calls()
    await metric.update_state(None, None)
    metric.reset_state()

    assert metric.result() == metric.clone().result() == 3.0


async def test_they_count_what_models_are_asked():
    """Attempts that failed too, in the phase in which they were made."""
    model = ScriptedLanguageModel(["not JSON", Completion('{"a": 1}', prompt_tokens=10, completion_tokens=4, cost=0.5)])
    with metered(Count()):
        with phase("reward"):
            await model("Why?", schema={"type": "object"})

        assert (Calls("reward").result(), Calls("training").result()) == (2.0, 0.0)
        assert Tokens().result() == 17.0
        assert math.isnan(Cost().result())


async def test_a_price_makes_the_cost_known():
    """US dollars for a million tokens read and written."""
    model = ScriptedLanguageModel(["Hello you"], price=(1e6, 2e6))
    with metered(Count()):
        await model("Say hello!")

        assert Cost().result() == 2.0 + 2 * 2.0


def test_an_unknown_phase_is_an_error():
    """The message names those there are."""
    with pytest.raises(ValueError, match="'training', 'reward', 'inference'"):
        Tokens("validation")


@pytest.mark.parametrize("kind", METRICS)
def test_they_are_better_when_lower_and_saved_by_their_arguments(kind):
    """EarlyStopping in `auto` mode relies on the direction."""
    again = decode(json.loads(json.dumps(encode(kind("reward")))), {kind.__name__: kind})

    assert (again.name, again.phase, again.direction) == (f"reward_{kind().name}", "reward", "down")

"""A proposer's answer becomes a candidate or a reason, never an exception."""

import re

import pytest

from synthflow.data_models.schema import Validator
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Candidate, Scorecard
from synthflow.search.proposal import Fallen, ask, read
from synthflow.search.randomness import counter_rng
from tests.search.toy import SCHEMA, SEED, SOLUTION, Scripted

VALIDATORS = {"a": Validator(SCHEMA), "b": Validator(SCHEMA)}
BRIEF = Brief((Scorecard(SEED, {}, ()), Scorecard(SOLUTION, {}, ())), (), (), {"a": None})


async def answer(value):
    """Ask a proposer that answers `value`, and read it."""
    return read(await ask(Scripted(value), BRIEF, Slot(0, 1, counter_rng(0))), BRIEF, VALIDATORS)


async def test_a_child_keeps_the_first_parents_other_values():
    """It changes what was proposed and names both parents."""
    child = await answer({"a": SOLUTION.values["a"]})

    assert child == Candidate({"a": SOLUTION.values["a"], "b": SEED.values["b"]}, (SEED.id, SOLUTION.id))


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        (None, "failed", "answered NoneType"),
        (["a"], "failed", "answered list"),
        ("script", "failed", "answered str"),
        ({"c": {}}, "failed", "no trainable variable 'c', only a, b"),
        ({"a": None}, "failed", "value of a does not fit its schema"),
        ({"a": {"script": None}}, "failed", r"\$.script"),
        ({"a": {}}, "failed", "script"),
        ({"a": {"script": "half a character: \ud800"}}, "failed", "cannot be written as JSON text"),
        ({"a": {"script": "x", "reward": 1}}, "failed", "reward"),
        ({"a": {"script": {1, 2}}}, "failed", "TypeError"),
        ({"b": {"script": "x"}}, "refused", "b is outside the scope"),
        (ConnectionError("away"), "failed", "ConnectionError: away"),
        (RecursionError("deep"), "failed", "RecursionError: deep"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_a_reason(value, status, reason):
    """Wrong shapes, unknown variables, null scripts, non-JSON and errors all fall with their reason."""
    fallen = await answer(value)

    assert isinstance(fallen, Fallen)
    assert fallen.status == status
    assert re.search(reason, fallen.reason)


async def test_a_value_without_an_end_has_failed():
    """A list that holds itself is not JSON."""
    endless = []
    endless.append(endless)

    assert (await answer({"a": {"script": endless}})).status == "failed"

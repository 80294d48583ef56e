"""Limits are checked when they are made, and survive saving."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.sandboxes.sandbox import Limits, Verdict

WHOLE = st.integers(1, 10**9)


@given(st.builds(Limits, st.floats(0.001, 1e6), WHOLE, WHOLE, WHOLE, WHOLE, WHOLE))
def test_limits_survive_a_round_trip(limits):
    """Whatever the limits, their JSON gives them back."""
    assert Limits.from_json(limits.to_json()) == limits


@pytest.mark.parametrize("name", ["timeout", "memory", "recursion", "source", "result", "printed"])
@pytest.mark.parametrize("value", [0, -1, "5", None, True, float("nan"), float("inf")])
def test_a_limit_that_no_run_could_keep_is_refused(name, value):
    """The error names the limit, the value and a value that would do."""
    with pytest.raises(ValueError, match=rf"Limits\({name}=.*above 0, such as {name}=\d"):
        Limits(**{name: value})


def test_a_limit_that_counts_is_a_whole_number():
    """Half a MiB is refused, half a second is not."""
    assert Limits(timeout=0.5).timeout == 0.5

    with pytest.raises(ValueError, match="whole number"):
        Limits(memory=0.5)


def test_an_unknown_limit_is_named():
    """A misspelt limit in a saved file raises, with the names there are."""
    with pytest.raises(ValueError, match=r"no tmeout\. It has: timeout, memory"):
        Limits.from_json({"tmeout": 1.0})


def test_limits_that_are_not_named_keep_their_defaults():
    """A file written before a limit existed can still be read."""
    assert Limits.from_json({"timeout": 1.0}) == Limits(timeout=1.0)


def test_verdicts_are_plain_words():
    """A verdict is its own name, so it can be written to JSON."""
    assert [str(verdict) for verdict in Verdict] == [
        "ok",
        "syntax",
        "runtime",
        "missing_result",
        "schema",
        "timeout",
        "memory",
        "refused",
        "infrastructure",
    ]

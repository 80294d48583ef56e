"""Limits are checked when they are made, and survive saving."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.sandboxes.sandbox import MAXIMA, Limits, Verdict

LIMITS = st.fixed_dictionaries(
    {
        name: st.floats(0.001, most) if name in ("timeout", "wall_time") else st.integers(1, most)
        for name, most in MAXIMA.items()
    }
).map(lambda limits: Limits(**limits))


@given(LIMITS)
def test_limits_survive_a_round_trip(limits):
    """Whatever the limits, their JSON gives them back."""
    assert Limits.from_json(limits.to_json()) == limits


@pytest.mark.parametrize("name", MAXIMA)
@pytest.mark.parametrize("value", [0, -1, "5", None, True, float("nan"), float("inf"), 1e300, 10**400])
def test_a_limit_that_no_run_could_keep_is_refused(name, value):
    """The error names the limit, the value and a value that would do."""
    with pytest.raises(ValueError, match=rf"Limits\({name}=.*above 0 and at most [\d,]+, such as {name}=\d"):
        Limits(**{name: value})


@pytest.mark.parametrize("name", MAXIMA)
def test_a_limit_has_a_maximum(name):
    """The maximum itself will do, and a saved file cannot ask for more."""
    assert Limits.from_json({name: MAXIMA[name]}).to_json()[name] == MAXIMA[name]

    with pytest.raises(ValueError, match=f"at most {MAXIMA[name]:,}"):
        Limits.from_json({name: MAXIMA[name] + 1})


def test_a_limit_that_counts_is_a_whole_number():
    """Half a MiB is refused, and so are 64.0 of them; half a second is not."""
    assert Limits(timeout=0.5).timeout == 0.5

    for memory in (0.5, 64.0):
        with pytest.raises(ValueError, match="whole number"):
            Limits(memory=memory)


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

"""Usage adds up, and never takes an unknown price for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.language_models.usage import Usage, UsageByPhase

usages = st.builds(
    Usage,
    calls=st.integers(0, 100),
    prompt_tokens=st.integers(0, 100),
    completion_tokens=st.integers(0, 100),
    priced=st.integers(0, 100),
    unpriced=st.integers(0, 3),
)


@given(usages, usages, usages)
def test_the_order_of_adding_does_not_matter(a, b, c):
    """Sums are equal in any order, and adding nothing changes nothing."""
    assert (a + b) + c == a + (b + c) == c + b + a
    assert a + Usage() == a


@given(usages, usages)
def test_one_unknown_price_makes_the_sum_unknown(a, b):
    """The cost is None exactly when the price of any answer is not known."""
    assert ((a + b).cost is None) == bool(a.unpriced or b.unpriced)


def test_phases_are_kept_apart_and_add_up():
    """Each phase has its own count; left out, all of them together."""
    usage = UsageByPhase()
    usage.add("training", Usage(calls=1), "timeout")
    usage.add("reward", Usage(calls=2))

    assert (usage.of("training").calls, usage.of("reward").calls, usage.of("inference").calls) == (1, 2, 0)
    assert usage.of().calls == 3
    assert usage.failures == {"timeout": 1}


def test_only_phases_with_calls_are_told():
    """The JSON names the phases that were used, with the sums that are read most."""
    usage = UsageByPhase()
    usage.add("reward", Usage(calls=1, prompt_tokens=2, completion_tokens=3, unpriced=1))

    told = usage.to_json()

    assert list(told) == ["reward"]
    assert (told["reward"]["tokens"], told["reward"]["cost"]) == (5, None)

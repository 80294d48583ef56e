"""Usage adds up, and never takes an unknown price for nothing."""

import sys
import threading

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


@given(usages, st.integers(0, 50), st.integers(0, 3))
def test_what_was_paid_is_what_no_ledger_held(usage, priced, unpriced):
    """Recorded answers count in the cost, which a budget charges, and not in what was paid."""
    again = Usage(
        calls=1, recorded=1, priced=priced, unpriced=unpriced, recorded_priced=priced, recorded_unpriced=unpriced
    )

    assert (usage + again).paid == usage.paid == usage.cost
    assert again.paid == 0


def test_threads_may_count_together():
    """No call is lost, however they interleave."""
    usage, interval = UsageByPhase(), sys.getswitchinterval()

    def count():
        for _ in range(2_000):
            usage.add("training", Usage(calls=1), "timeout")

    threads = [threading.Thread(target=count) for _ in range(4)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    assert (usage.of().calls, usage.failures["timeout"]) == (8_000, 8_000)


def test_the_last_error_of_a_kind_is_kept_in_words():
    """As far as a person reads."""
    usage = UsageByPhase()
    usage.add("training", Usage(calls=1), "timeout", "it took too long")
    usage.add("training", Usage(calls=1), "server", "first")
    usage.add("training", Usage(calls=1), "server", "x" * 5_000)
    usage.add("training", Usage(calls=1), "server")

    assert usage.errors == {"timeout": "it took too long", "server": "x" * 1_000}


def test_only_phases_with_calls_are_told():
    """The JSON names the phases that were used, with the sums that are read most."""
    usage = UsageByPhase()
    usage.add("reward", Usage(calls=1, prompt_tokens=2, completion_tokens=3, unpriced=1))

    told = usage.to_json()

    assert list(told) == ["reward"]
    assert (told["reward"]["tokens"], told["reward"]["cost"]) == (5, None)

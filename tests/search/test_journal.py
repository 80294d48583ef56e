"""The journal answers what it knows, records what it does not, and notices a difference."""

import asyncio

import pytest

from synthflow.errors import Diverged
from synthflow.search.journal import Fact, Journal


def maker(value, calls):
    """Make an effect that counts how often it was paid for."""

    async def make():
        calls.append(value)
        await asyncio.sleep(0)
        return value

    return make


async def test_an_answer_is_made_once():
    """The second asking gets the record."""
    journal, calls = Journal(), []

    assert await journal.once("k", maker(1, calls)) == 1
    assert await journal.once("k", maker(2, calls)) == 1
    assert calls == [1]
    assert journal.recorded == ["k"]


async def test_many_who_ask_at_once_share_one_answer():
    """Ten askers of one key pay once."""
    journal, calls = Journal(), []

    answers = await asyncio.gather(*[journal.once("k", maker(n, calls)) for n in range(10)])

    assert len(calls) == 1
    assert set(answers) == set(calls)


async def test_different_keys_do_not_wait_for_each_other():
    """An answer that waits for another key's answer is no deadlock."""
    journal = Journal()

    async def outer():
        return await journal.once("inner", maker(1, []))

    assert await journal.once("outer", outer) == 1


async def test_when_the_asker_is_cancelled_the_next_one_makes_the_answer():
    """A cancelled flight takes nobody down with it."""
    journal, begun = Journal(), asyncio.Event()

    async def never():
        begun.set()
        await asyncio.Event().wait()

    first = asyncio.create_task(journal.once("k", never))
    await begun.wait()
    second = asyncio.create_task(journal.once("k", maker(2, [])))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 2
    assert first.cancelled()


async def test_an_error_is_raised_and_not_recorded():
    """What raised may be tried again."""
    journal = Journal()

    async def fail():
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        await journal.once("k", fail)
    assert await journal.once("k", maker(1, [])) == 1


async def test_a_fresh_answer_is_what_a_resumed_run_will_read():
    """Tuples are lists and keys are strings already on the first run."""
    fresh = Journal()
    first = await fresh.once("k", maker({"a": (1, 2)}, []))
    resumed = await Journal(fresh.facts).once("k", maker(None, []))

    assert first == resumed == {"a": [1, 2]}


async def test_another_question_at_the_same_place_has_diverged():
    """The error names the place and says what to do."""
    journal = Journal({"propose//1/0": Fact(1, about="this")})

    with pytest.raises(Diverged, match=r"(?s)propose//1/0.*this.*that.*Start a new run"):
        await journal.once("propose//1/0", maker(1, []), about="that")


def test_a_note_must_agree_with_the_record():
    """The same note again costs nothing; another one has diverged."""
    journal = Journal()
    journal.note("step//1", {"best": "x"})
    journal.note("step//1", {"best": "x"})

    assert journal.recorded == ["step//1"]
    with pytest.raises(Diverged, match="step//1"):
        journal.note("step//1", {"best": "y"})


async def test_what_is_known_from_before_is_not_recorded_again():
    """A journal made from another's facts has paid for nothing."""
    journal = Journal({"k": Fact(1)})

    assert await journal.once("k", maker(2, [])) == 1
    assert journal.recorded == []


async def test_two_journals_of_the_same_facts_are_apart():
    """What one records the other does not know."""
    first = Journal()
    second = Journal(first.facts)
    first.note("k", 1)

    assert "k" not in second.facts


async def test_nothing_is_recorded_after_the_end():
    """Work that outlives the run is told so."""
    async with Journal() as journal:
        journal.note("in time", 1)

    with pytest.raises(RuntimeError, match="too late came after the journal was closed"):
        journal.note("too late", 1)

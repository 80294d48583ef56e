"""Work done at once ends with the call, whatever happens."""

import asyncio

import pytest

from synthflow.concurrency import OneAtATime, at_once


async def test_results_come_in_the_order_of_the_work():
    """However the work finishes."""
    turns = [asyncio.Event() for _ in range(3)]

    async def work(index):
        if index < 2:
            await turns[index + 1].wait()
        turns[index].set()
        return index

    assert await at_once(work(index) for index in range(3)) == [0, 1, 2]
    assert await at_once([]) == []


async def test_the_first_error_is_raised_as_itself_after_the_rest_has_ended():
    """Its cause and context stay, and no task outlives the call."""
    ended = []

    async def wait():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("wait")

    async def fail():
        await asyncio.sleep(0)
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise ValueError("outer") from inner

    with pytest.raises(ValueError, match="outer") as caught:
        await at_once([wait(), fail()])

    assert ended == ["wait"]
    assert isinstance(caught.value.__cause__, KeyError)
    assert isinstance(caught.value.__context__, KeyError)


async def test_a_group_that_the_work_raised_stays_a_group():
    """Only the wrapping of the call itself is taken off."""

    async def fail():
        raise ExceptionGroup("own", [ValueError("one")])

    with pytest.raises(ExceptionGroup, match="own"):
        await at_once([fail()])


def test_one_at_a_time_says_what_to_do_instead():
    """A second entry raises the message; after the first has left, it is welcome."""
    alone = OneAtATime("use together")

    with alone, pytest.raises(RuntimeError, match="use together"), alone:
        pass

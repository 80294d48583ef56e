"""No task outlives its block, results keep their order, and an error is raised as itself."""

import asyncio

import pytest

from synthflow.search.tasks import OneAtATime, at_once


async def test_results_come_in_the_order_of_the_work():
    """The last to end is the first in the list."""
    gate = asyncio.Event()

    async def first():
        await gate.wait()
        return 1

    async def second():
        gate.set()
        return 2

    assert await at_once([first(), second()]) == [1, 2]


async def test_an_error_is_raised_as_itself_with_its_cause():
    """Neither nesting nor company puts it into a group."""

    async def fail():
        raise ValueError("bad") from KeyError("why")

    with pytest.raises(ValueError, match="bad") as caught:
        await at_once([at_once([fail(), asyncio.sleep(0)]), asyncio.sleep(0)])
    assert isinstance(caught.value.__cause__, KeyError)


async def test_no_task_is_left_after_an_error():
    """What was under way is cancelled and awaited."""
    ended = []

    async def slow():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("slow")

    async def fail():
        raise ValueError

    with pytest.raises(ValueError):
        await at_once([slow(), fail()])
    assert ended == ["slow"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_one_at_a_time_says_what_to_do_instead():
    """A second entry raises the message; after the first has left, it is welcome."""
    alone = OneAtATime("use together")

    with alone, pytest.raises(RuntimeError, match="use together"), alone:
        pass

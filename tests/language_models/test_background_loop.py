"""BackgroundLoop: a loop in a thread of its own, asked from any other."""

import asyncio
import threading

import pytest

from synthflow.language_models.background_loop import BackgroundLoop


@pytest.fixture(scope="module")
def background():
    """A loop that all tests here share."""
    return BackgroundLoop("background of tests")


async def raises(error):
    """Do nothing but raise."""
    raise error


async def test_work_runs_in_its_thread(background):
    """The thread is not the caller's, and bears the name that was given."""

    async def where():
        return threading.current_thread().name

    assert await background.run(where()) == "background of tests"


async def test_an_error_is_raised_as_itself(background):
    """The caller gets the error that the work raised."""
    with pytest.raises(ZeroDivisionError, match="over"):
        await background.run(raises(ZeroDivisionError("over")))


async def test_none_is_a_result(background):
    """Work that returns None gives None."""
    assert await background.run(asyncio.sleep(0)) is None


def test_loops_come_and_go(background):
    """One background serves loop after loop."""

    async def double(number):
        return 2 * number

    assert [asyncio.run(background.run(double(number))) for number in range(3)] == [0, 2, 4]


async def test_cancelling_the_caller_cancels_the_work(background):
    """The work sees the cancellation; the caller does not wait for it."""
    ended = threading.Event()

    async def wait():
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(background.run(wait()), 0.05)

    assert await asyncio.to_thread(ended.wait, 5)


async def test_a_caller_of_stuck_work_can_leave(background):
    """Work that never looks up does not hold a caller who has waited enough."""
    release = threading.Event()

    async def stuck():
        release.wait(10)  # blocking is the point

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(background.run(stuck()), 0.05)

    release.set()


async def test_an_error_after_a_cancellation_is_not_reported(background, caplog):
    """Work that fails while it is being cancelled leaves nothing in the log."""
    ended = threading.Event()

    async def fail_late():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise ValueError("too late") from None

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(background.run(fail_late()), 0.05)
    await asyncio.to_thread(ended.wait, 5)
    await background.run(asyncio.sleep(0))

    assert caplog.records == []

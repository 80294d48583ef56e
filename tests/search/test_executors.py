"""Executors bound what runs at once, and change nothing else."""

import asyncio

import pytest

from synthflow.search.executors import LocalExecutor


@pytest.mark.parametrize("workers", [1, 3, 64])
async def test_the_bound_holds_over_all_callers(workers):
    """Twenty callers of ten items together never run more than `workers`, and all is done."""
    executor, running, most, done = LocalExecutor(workers), 0, 0, []

    async def work(item):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(item)

    await asyncio.gather(*[executor.map(work, [(n, m) for m in range(10)]) for n in range(20)])

    assert most == workers
    assert sorted(done) == [(n, m) for n in range(20) for m in range(10)]


async def test_tasks_are_as_many_as_workers_and_not_as_items():
    """Ten thousand items on three workers make three tasks at a time, beside the caller's."""
    executor, most = LocalExecutor(3), 0

    async def work(item):
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))
        await asyncio.sleep(0)

    await executor.map(work, range(10_000))

    assert most <= 3 + 2


async def test_the_first_error_is_raised_as_itself_and_stops_the_rest():
    """Items not yet begun are never begun, and the executor still serves others."""
    executor, begun = LocalExecutor(1), []

    async def work(item):
        begun.append(item)
        if item == 2:
            raise KeyError("row 2")

    with pytest.raises(KeyError, match="row 2"):
        await executor.map(work, range(100))
    assert begun == [0, 1, 2]
    await executor.map(work, [7])
    assert begun[-1] == 7


def test_one_executor_serves_one_event_loop_after_another():
    """A gate that was contended in one loop is no obstacle in the next."""
    executor, done = LocalExecutor(1), []

    async def work(item):
        await asyncio.sleep(0)
        done.append(item)

    async def run():
        await asyncio.gather(executor.map(work, range(3)), executor.map(work, range(3)))

    asyncio.run(run())
    asyncio.run(run())

    assert len(done) == 12


def test_workers_must_be_one_at_least():
    """Zero workers would never do anything."""
    with pytest.raises(ValueError, match="at least 1, got 0"):
        LocalExecutor(0)
    assert LocalExecutor().workers >= 1

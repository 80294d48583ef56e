"""Child processes answer, are replaced when they die, and end when they are told to."""

import asyncio
import os
import signal

import pytest

from synthflow.errors import SandboxError
from synthflow.proposers import symbolic_workers
from synthflow.proposers.symbolic_workers import Lanes

REQUEST = {
    "pairs": [[[[1, 2]], [[2, 1]]]],
    "lane": 0,
    "slice": 1,
    "evaluations": 300,
    "input_field": "input_grid",
    "output_field": "output_grid",
    "parent": None,
    "seconds": None,
}


def pids(workers):
    """Give the processes under way."""
    return [child._process.pid for child in workers._children.values() if child._process is not None]


def is_alive(pid):
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_lanes_have_processes_of_their_own_up_to_the_limit():
    """And give one answer with any number of them."""
    answers = []
    for limit, started in ((1, 1), (2, 2), (9, 2)):
        workers = Lanes(2, limit)
        answers.append(await asyncio.gather(*(workers.ask(lane, {**REQUEST, "lane": lane}) for lane in (0, 1))))
        assert len(pids(workers)) == started
        await workers.close()

    assert answers[0] == answers[1] == answers[2]


async def test_a_killed_process_is_replaced():
    """The answer is that of one that was never killed."""
    workers = Lanes(1, 1)
    first = await workers.ask(0, REQUEST)
    (pid,) = pids(workers)
    os.kill(pid, signal.SIGKILL)

    assert await workers.ask(0, REQUEST) == first
    assert pids(workers) != [pid]
    await workers.close()


@pytest.mark.parametrize("module", ["synthflow.nowhere", "halfway"])
async def test_a_process_that_dies_twice_is_an_error(module, monkeypatch, tmp_path):
    """It does not go on for ever, even if it left a part of an answer each time."""
    (tmp_path / "halfway.py").write_text("print('{', end='')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(symbolic_workers, "WORKER", module)
    workers = Lanes(1, 1)

    with pytest.raises(SandboxError, match="ended twice"):
        await workers.ask(0, REQUEST)
    await workers.close()


async def test_close_ends_every_process():
    """Before it returns; and it may be called again, or before any."""
    workers = Lanes(2, 2)
    await workers.close()
    await asyncio.gather(*(workers.ask(lane, REQUEST) for lane in (0, 1)))
    started = pids(workers)
    await workers.close()
    await workers.close()

    assert len(started) == 2
    assert not any(map(is_alive, started))


async def test_closing_waits_for_an_answer_that_another_is_promised():
    """Two fits may share a proposer, and the first to end must not take the other's answer."""
    workers = Lanes(1, 1)
    answer = asyncio.create_task(workers.ask(0, REQUEST))
    await asyncio.sleep(0)
    await workers.close()

    assert (await answer)["programs"]
    assert pids(workers) == []
    await workers.ask(0, REQUEST)
    (pid,) = pids(workers)
    await workers.close()
    assert not is_alive(pid)


async def test_a_cancelled_question_leaves_no_answer_for_the_next():
    """Its process is ended."""
    workers = Lanes(1, 1)
    first = await workers.ask(0, REQUEST)
    (pid,) = pids(workers)
    waiting = asyncio.create_task(workers.ask(0, {**REQUEST, "evaluations": 9_000}))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert not is_alive(pid)
    assert await workers.ask(0, REQUEST) == first
    await workers.close()


def test_it_serves_several_event_loops_one_after_the_other():
    """Each has its own processes."""
    workers = Lanes(1, 1)

    async def once():
        answer = await workers.ask(0, REQUEST)
        await workers.close()
        return answer

    assert asyncio.run(once()) == asyncio.run(once())


def test_the_number_of_processes_is_at_least_one():
    """The message says what it counts."""
    with pytest.raises(ValueError, match="counts child processes"):
        Lanes(2, 0)

"""Workers are shared, bounded and watched: load, kills, cancellation, loops, forks and exits leave them whole."""

import asyncio
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthflow.sandboxes import workers as module
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits, Verdict
from synthflow.sandboxes.workers import GRACE, PATIENCE, Gate, Turn, Watch, cores, processor_seconds

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SOME_WORK = "total = 0\nfor i in range(3_000_000):\n    total += 1\nresult = total"
ENDLESS = "while True:\n    pass"


@pytest.fixture
def begun(monkeypatch):
    """A function that waits for the next attempt, until its worker is computing, and gives the worker's id."""
    pids = queue.SimpleQueue()
    begin = Turn.begin

    def recorded(turn, pid, timeout, **options):
        begin(turn, pid, timeout, **options)
        pids.put((pid, processor_seconds(pid)))

    monkeypatch.setattr(Turn, "begin", recorded)

    async def next_worker():
        pid, before = await asyncio.to_thread(pids.get, timeout=20)
        for _ in range(10_000):
            if processor_seconds(pid) > before + 0.01:
                return pid
            await asyncio.sleep(0.001)
        raise AssertionError("The worker never computed.")

    return next_worker


@pytest.fixture
def attempts(monkeypatch):
    """A list that grows by one with each attempt at a script."""
    made = []
    attempt = MontySandbox._attempt

    def counted(*args, **options):
        made.append(True)
        return attempt(*args, **options)

    monkeypatch.setattr(MontySandbox, "_attempt", counted)
    return made


@pytest.fixture
def third_of_a_core(monkeypatch):
    """Every worker is stopped and continued, so that it gets no more than a third of a core while it runs a script."""
    over = Watch.over

    def throttle(pid, ended):
        began, before = time.monotonic(), processor_seconds(pid)
        with suppress(ProcessLookupError):
            while not ended.wait(0.002) and (now := processor_seconds(pid)) is not None:
                ahead = now - before > (time.monotonic() - began) / 3
                os.kill(pid, signal.SIGSTOP if ahead else signal.SIGCONT)
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def throttled(watch, turn, pid, timeout, **options):
        ended = threading.Event()
        thread = threading.Thread(target=throttle, args=(pid, ended))
        with over(watch, turn, pid, timeout, **options):
            thread.start()
            try:
                yield
            finally:
                ended.set()
                thread.join()

    monkeypatch.setattr(Watch, "over", throttled)


async def test_two_hundred_calls_at_once_are_all_right():
    """They queue for the workers there are, and each gets its own answer."""
    sandbox = MontySandbox()

    calls = [sandbox.run("result = inputs['i'] * 2", inputs={"i": i}) for i in range(200)]
    executions = await asyncio.gather(*calls)

    assert [execution.result for execution in executions] == [i * 2 for i in range(200)]


async def test_no_more_scripts_run_at_once_than_there_are_cores(monkeypatch):
    """The others wait, so that no script eats another's time limit."""
    running, most = [], []
    attempt = MontySandbox._attempt

    def counted(*args, **options):
        running.append(True)
        most.append(len(running))
        execution = attempt(*args, **options)
        running.pop()
        return execution

    monkeypatch.setattr(MontySandbox, "_attempt", counted)
    sandbox = MontySandbox()
    await asyncio.gather(*(sandbox.run("result = 1", inputs={}) for _ in range(50)))

    assert max(most) <= cores()


@needs_proc
async def test_a_starved_worker_is_not_a_timeout(attempts, begun):
    """A worker that is held up for most of its limit is run again, and is right."""
    call = asyncio.create_task(MontySandbox(Limits(timeout=2.0)).run(SOME_WORK, inputs={}))
    pid = await begun()

    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(2.0)
    os.kill(pid, signal.SIGCONT)
    execution = await call

    assert execution.verdict is Verdict.ok, execution.stderr
    assert execution.result == 3_000_000
    assert len(attempts) == 2


@needs_proc
async def test_a_worker_that_stands_still_is_not_a_timeout(attempts, begun):
    """A worker that never comes back is killed and its script run again."""
    call = asyncio.create_task(MontySandbox(Limits(timeout=2.0)).run(SOME_WORK, inputs={}))
    os.kill(await begun(), signal.SIGSTOP)

    execution = await call

    assert execution.verdict is Verdict.ok, execution.stderr
    assert len(attempts) == 2


@needs_proc
async def test_a_right_answer_that_comes_late_on_the_wall_is_right(attempts, begun):
    """A script that is run alone and held up beyond its limit has not used it."""
    call = asyncio.create_task(MontySandbox(Limits(timeout=1.0)).run(SOME_WORK, inputs={}))
    os.kill(await begun(), signal.SIGSTOP)  # for ever

    pid = await begun()
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(2.0)
    os.kill(pid, signal.SIGCONT)
    execution = await call

    assert execution.verdict is Verdict.ok, execution.stderr
    assert execution.result == 3_000_000
    assert len(attempts) == 2


@needs_proc
async def test_an_endless_loop_on_a_throttled_machine_is_a_timeout(attempts, third_of_a_core):
    """With a third of a core it gets all of its processor time in the second run, and is to blame."""
    execution = await MontySandbox(Limits(timeout=0.5)).run(ENDLESS, inputs={})

    assert execution.verdict is Verdict.timeout, execution.stderr
    assert "limit of 0.5 seconds (timeout)" in execution.stderr
    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.4, Verdict.timeout), (0.2, Verdict.timeout), (0.1, Verdict.infrastructure)]
)
async def test_a_script_that_is_run_alone_is_judged_by_its_processor_time(share, verdict, monkeypatch, attempts):
    """Half of its limit, in four times as long, is enough to blame it; with less, the machine is."""
    monkeypatch.setattr(module, "processor_seconds", lambda pid: share * time.monotonic())

    execution = await MontySandbox(Limits(timeout=0.3)).run(ENDLESS, inputs={})

    assert execution.verdict is verdict, execution.stderr
    assert len(attempts) == 2


async def test_a_machine_that_stays_busy_is_named_as_the_cause(monkeypatch, attempts):
    """Twice too little processor time is no verdict about the script."""
    monkeypatch.setattr(module, "processor_seconds", lambda pid: 0.0)

    execution = await MontySandbox(Limits(timeout=0.1)).run(ENDLESS, inputs={})

    assert execution.verdict is Verdict.infrastructure
    assert "The machine was too busy" in execution.stderr
    assert len(attempts) == 2


async def test_a_script_that_used_its_time_is_not_run_again(attempts, full_share):
    """A timeout is the script's own when it had the processor."""
    execution = await MontySandbox(Limits(timeout=0.3)).run(ENDLESS, inputs={})

    assert execution.verdict is Verdict.timeout
    assert len(attempts) == 1


async def test_without_processor_clocks_a_timeout_is_a_timeout(monkeypatch, attempts):
    """Where the system does not tell, the clock on the wall decides."""
    monkeypatch.setattr(module, "processor_seconds", lambda pid: None)

    execution = await MontySandbox(Limits(timeout=0.1)).run(ENDLESS, inputs={})

    assert execution.verdict is Verdict.timeout
    assert len(attempts) == 1


@needs_proc
async def test_a_worker_that_is_killed_from_outside_is_replaced(attempts, begun):
    """The script is run again in another worker, and is right."""
    call = asyncio.create_task(MontySandbox().run(SOME_WORK, inputs={}))
    os.kill(await begun(), signal.SIGKILL)

    execution = await call

    assert execution.result == 3_000_000
    assert len(attempts) == 2


async def test_a_worker_that_cannot_be_started_is_no_fault_of_the_script(monkeypatch, attempts):
    """The verdict is infrastructure after a second attempt, and says why."""

    class EmptyPool:
        def checkout(self, **_):
            raise RuntimeError("failed to spawn monty worker: no memory")

    monkeypatch.setattr(module.workers(), "pool", EmptyPool())
    execution = await MontySandbox().run("result = 1", inputs={})

    assert execution.verdict is Verdict.infrastructure
    assert "no memory" in execution.stderr
    assert len(attempts) == 2


@needs_proc
async def test_a_cancelled_call_frees_its_place(begun):
    """Its worker is killed at once, and the next scripts find theirs."""
    sandbox = MontySandbox(Limits(timeout=60.0))
    for _ in range(cores() + 1):
        call = asyncio.create_task(sandbox.run(ENDLESS, inputs={}))
        await begun()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    executions = await asyncio.gather(*(sandbox.run("result = 1", inputs={}) for _ in range(cores() + 1)))

    assert [execution.result for execution in executions] == [1] * (cores() + 1)


@needs_proc
async def test_a_call_that_is_cancelled_in_the_queue_never_runs(attempts, begun):
    """Only those that were running cost anything."""
    sandbox = MontySandbox(Limits(timeout=60.0))
    calls = [asyncio.create_task(sandbox.run(ENDLESS, inputs={})) for _ in range(cores() + 5)]
    for _ in range(cores()):
        await begun()

    for call in reversed(calls):
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    execution = await sandbox.run("result = 1", inputs={})

    assert execution.result == 1
    assert len(attempts) == cores() + 1


def test_several_event_loops_share_the_workers():
    """One loop after the other, and several at once in threads."""
    answers = []

    def loop(i):
        answers.append(asyncio.run(MontySandbox().run(f"result = {i}", inputs={})).result)

    loop(0)
    loop(1)
    threads = [threading.Thread(target=loop, args=(i,)) for i in range(2, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == list(range(6))


PRELUDE = """
import asyncio, os, sys
from pathlib import Path
from synthflow.errors import SandboxError
from synthflow.sandboxes.monty import MontySandbox
run = lambda script: asyncio.run(MontySandbox().run(script, inputs={}))
"""


def python(code):
    """Run `code` in a new interpreter, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_told_to_start_anew():
    """Monty would hang there; the parent goes on unharmed."""
    code = """
assert run("result = 1").result == 1
child = os.fork()
if child == 0:
    try:
        run("result = 1")
    except SandboxError as error:
        os._exit(0 if "spawn" in str(error) else 2)
    os._exit(1)
assert os.waitpid(child, 0)[1] == 0
print(run("result = 2").result)
"""

    assert python(code) == "2\n"


@needs_proc
def test_no_worker_outlives_the_interpreter():
    """The workers end with the process that started them."""
    code = """
for _ in range(3):
    assert run("result = 1").result == 1
for stat in Path("/proc").glob("[0-9]*/stat"):
    try:
        name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        continue
    if name == "monty" and int(rest.split()[1]) == os.getpid():
        print(stat.parent)
"""

    workers = python(code).split()

    assert workers
    assert not [worker for worker in workers if Path(worker, "exe").exists()]


@needs_proc
def test_the_processor_time_of_a_process_is_told_until_it_is_gone():
    """A living process has a clock, a dead one has none."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert processor_seconds(process.pid) >= 0.0
        assert process.communicate()
    assert processor_seconds(process.pid) is None


@pytest.mark.parametrize(
    ("alone", "used", "most"),
    [
        (False, None, 1.0 + GRACE),
        (False, 9.0, 1.0 + GRACE),
        (True, None, 1.0 + GRACE),
        (True, 0.9, PATIENCE + GRACE),
        (True, 1.0, 0.0),
    ],
)
def test_a_turn_is_overdue_by_the_clock_that_counts(alone, used, most, monkeypatch):
    """By the wall, or alone by what it used of a processor, with a longer wall behind it."""
    now, clock = [100.0], [None if used is None else 50.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=time.sleep))
    monkeypatch.setattr(module, "processor_seconds", lambda pid: clock[0])
    monkeypatch.setattr(Turn, "_kill", lambda turn: None)
    turn = Turn()
    turn.begin(1, timeout=1.0, alone=alone)
    clock[0] = None if used is None else 50.0 + used

    for seconds in (most - 0.1, most + 0.1):
        now[0] = 100.0 + seconds
        turn.look()
        assert turn.overdue == (seconds > most or not most)


def test_the_gate_lets_one_be_alone():
    """Who is alone waits for those inside, and keeps those who come later out."""
    gate, story = Gate(), []
    first_is_in, may_leave = threading.Event(), threading.Event()

    def first():
        with gate.shared():
            first_is_in.set()
            may_leave.wait()
            story.append("first leaves")

    def alone():
        with gate.alone():
            story.append("alone")
            assert gate._inside == 1

    def late():
        with gate.shared():
            story.append("late")

    threads = [threading.Thread(target=target) for target in (first, alone, late)]
    threads[0].start()
    first_is_in.wait()
    threads[1].start()
    while not gate._alone:
        pass
    threads[2].start()
    may_leave.set()
    for thread in threads:
        thread.join()

    assert story == ["first leaves", "alone", "late"]

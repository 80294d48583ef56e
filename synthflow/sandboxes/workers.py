"""The Monty workers of this process: one for each core, shared by every sandbox.

Untrusted scripts run in processes that can be killed. At most one runs for each
core, first come first served, since Monty's clock is wall time: two scripts on
one core would eat each other's limit. A watch reads how much processor time each
worker gets, and kills a worker that overstays. A script that the machine was too
busy for is run again alone, by the processor's clock.

The pool is driven from threads of its own and not from an event loop, so that it
serves any number of loops, one after the other or at once, and no foreign thread
touches Python while the interpreter shuts down.
"""

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from synthflow.concurrency import cores
from synthflow.errors import SandboxError

INSTALL = 'pip install "pydantic-monty>=1.4,<1.5"'

GRACE = 0.5
"""Seconds that a worker may overstay its limit, for operations that never look at the clock."""

CHECKOUTS_PER_WORKER = 500
"""Runs after which a worker is replaced: one that met a memory bomb never gives its memory back."""

PATIENCE = 4
"""How many times its limit a script that is run alone may take on the wall, where its processor time is limited."""

TICK = 0.05
"""Seconds between two looks of the watch at the running workers."""


def require_monty() -> None:
    """Make sure that workers can be had.

    Raises:
        SandboxError: The library or its worker program is missing.
    """
    try:
        from pydantic_monty._binary import find_monty_binary
    except ImportError as error:
        raise SandboxError(
            f"The Monty sandbox needs pydantic-monty, which cannot be imported here: {error}.\n"
            f"  Scripts never run outside a sandbox. Install it: {INSTALL}"
        ) from error
    try:
        binary = find_monty_binary()
    except FileNotFoundError as error:
        raise SandboxError(f"The `monty` worker program is missing. Install it: {INSTALL}") from error
    if not os.access(binary, os.X_OK) or not os.path.isfile(binary):
        raise SandboxError(
            f"The `monty` worker program cannot be run: {binary}.\n  Install it: {INSTALL}, or correct MONTY_BIN."
        )


class Turn:
    """One call of a script on its way through the workers: its clocks, and the means to end it."""

    def __init__(self) -> None:
        self.called_off = False
        """Nobody waits for the answer any more."""
        self.overdue = False
        """The watch had to kill the worker."""
        self.seconds = 0.0
        """Wall time from the start of the script, once it has ended."""
        self.processor_seconds: float | None = None
        """Processor time that the worker got in that time; None where the system does not tell."""
        self._lock = threading.Lock()
        self._stopped = False
        self._pid: int | None = None
        self._began = 0.0
        self._deadline = 0.0
        self._processor_at_start: float | None = None
        self._most_processor = math.inf

    @property
    def is_over(self) -> bool:
        """Whether the worker was killed, or is to be."""
        return self.overdue or self.called_off or self._stopped

    def begin(self, pid: int, timeout: float, *, alone: bool = False, wall: float | None = None) -> None:
        """Start the clocks.

        Args:
            pid: The worker. It has a little grace beyond what follows.
            timeout: Seconds that it has on the wall.
            alone: Whether these are seconds of a processor instead, within `PATIENCE` times as many on the wall;
                where the system does not tell processor time, the wall decides as ever.
            wall: Seconds that it has on the wall when it waits for tools; then Monty, whose clock stands still
                meanwhile, keeps `timeout`.
        """
        self.overdue = self._stopped = False
        self._processor_at_start = processor_seconds(pid)
        self.processor_seconds = None if self._processor_at_start is None else 0.0
        by_processor = alone and self._processor_at_start is not None
        self._most_processor = timeout if by_processor else math.inf
        self._began = time.monotonic()
        self._deadline = self._began + (timeout * (PATIENCE if by_processor else 1) + GRACE if wall is None else wall)
        with self._lock:
            self._pid = pid
            if self.called_off:
                self._kill()

    def look(self) -> None:
        """Read the worker's processor time, and kill the worker if it overstays."""
        with self._lock:
            self._read()
            late = time.monotonic() > self._deadline or (self.processor_seconds or 0.0) >= self._most_processor
            if self._pid is not None and not self.overdue and late:
                self.overdue = True
                self._kill()

    def end(self) -> None:
        """Stop the clocks; from here on the worker is no longer this turn's to kill."""
        with self._lock:
            self._read()
            self._pid = None
        self.seconds = time.monotonic() - self._began

    def stop(self) -> None:
        """Kill the worker, if there is one."""
        with self._lock:
            self._stopped = True
            self._kill()

    def call_off(self) -> None:
        """Kill the worker now, or as soon as there is one, and let it not be tried again."""
        with self._lock:
            self.called_off = True
            self._kill()

    def _read(self) -> None:
        if self._pid is not None and self._processor_at_start is not None:
            now = processor_seconds(self._pid)
            if now is not None:  # a dead worker has no clock; its last reading stands
                self.processor_seconds = now - self._processor_at_start

    def _kill(self) -> None:
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, _KILL)


class Workers:
    """The pool, the threads that drive it, the gate before it and the watch over it."""

    def __init__(self) -> None:
        import pydantic_monty

        self.pid = os.getpid()
        count = cores()
        self.pool: Any = pydantic_monty.Monty(
            min_processes=1,
            max_processes=count,
            max_checkouts_per_worker=CHECKOUTS_PER_WORKER,
            feed_duration_limit_grace=GRACE,
        )
        self.pool.__enter__()  # never left: the workers end with this process
        self.threads = ThreadPoolExecutor(count, thread_name_prefix="synthflow-monty")
        self.gate = Gate()
        self.watch = Watch()


class Gate:
    """Lets many in at once, or one alone; who waits to be alone goes before all who come later."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Go in beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._inside += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody is inside, then keep everybody out."""
        with self._changed:
            self._alone += 1
            self._changed.wait_for(lambda: not self._inside)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._alone -= 1
            self._leave()

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


class Watch:
    """A thread that looks at every running turn now and then, and sleeps while there is none."""

    def __init__(self) -> None:
        self._turns: set[Turn] = set()
        self._awake = threading.Event()
        threading.Thread(target=self._run, name="synthflow-monty-watch", daemon=True).start()

    @contextmanager
    def over(self, turn: Turn, pid: int, timeout: float, *, alone: bool, wall: float | None = None) -> Iterator[None]:
        """Watch a turn from the start of its script to the end; the arguments are those of `Turn.begin`."""
        turn.begin(pid, timeout, alone=alone, wall=wall)
        self._turns.add(turn)
        self._awake.set()
        try:
            yield
        finally:
            self._turns.discard(turn)
            turn.end()

    def _run(self) -> None:
        while True:
            self._awake.wait()
            time.sleep(TICK)
            turns = list(self._turns)
            for turn in turns:
                turn.look()
            if not turns:
                self._awake.clear()
                if self._turns:  # one came between the list and the clearing
                    self._awake.set()


def workers() -> Workers:
    """The workers of this process, started when first asked for.

    Raises:
        SandboxError: This process was forked from one that had workers, or none can be started.
    """
    global _workers
    if _workers is None:
        with _starting:
            if _workers is None:
                try:
                    _workers = Workers()
                except (OSError, RuntimeError) as error:
                    raise SandboxError(f"No Monty worker can be started: {error}. Reinstall it: {INSTALL}") from error
    if _workers.pid != os.getpid():
        raise SandboxError(
            "This process was forked from one that had used the Monty sandbox, and would hang.\n"
            "  Start it anew instead: multiprocessing.get_context('spawn'), or subprocess."
        )
    return _workers


_workers: Workers | None = None
_starting = threading.Lock()
_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


def processor_seconds(pid: int) -> float | None:
    """Processor time that a process has used so far; None if it is gone, or the system does not tell.

    Linux gives each process a clock whose number is made of the process id (clock_getcpuclockid(3)).
    """
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None

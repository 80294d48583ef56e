"""Executors: where evaluations run, and how many at once.

The number of workers changes how long a search takes and nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from synthflow.concurrency import cores, first_error

T = TypeVar("T")

_INSIDE: ContextVar[tuple["LocalExecutor", ...]] = ContextVar("inside", default=())
"""The executors whose workers the running task holds."""


class Executor(Protocol):
    """Does work on many items, with a bound on how much runs at once."""

    async def map(self, work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
        """Await `work(item)` for every item; the bound holds over all calls together.

        Raises:
            Exception: The first error of an item, as itself; items not yet begun are never begun.
        """


WAITING = 64
"""Rows that run at once when they mostly wait for another machine."""


class LocalExecutor:
    """Runs in this process.

    Items are drawn only when a worker is free, so a search of many children and many
    rows holds as many running tasks as there are workers, not one for every cell.

    Args:
        workers: How many items run at once, over all callers; by default, the cores of this machine.

    Raises:
        ValueError: `workers` is below 1.
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers counts what runs at once, so it must be at least 1, got {workers}.")
        self.workers = workers or cores()
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def map(self, work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
        """Await `work(item)` for every item, as `Executor.map` says."""
        if self in _INSIDE.get():  # whoever waits here holds a worker already, so there may be no other
            for item in items:
                await work(item)
            return
        gate = self._gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.workers))

        async def run(item: T) -> None:
            _INSIDE.set((*_INSIDE.get(), self))  # of this task alone
            await work(item)

        with first_error():
            async with asyncio.TaskGroup() as group:
                for item in items:
                    await gate.acquire()
                    group.create_task(run(item)).add_done_callback(lambda _: gate.release())

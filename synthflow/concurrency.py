"""Work done at once: no task outlives its block, and an error is raised as itself."""

import asyncio
import os
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def at_once(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all at once and give the results in the order of `work`, never in order of arrival.

    Raises:
        Exception: The first error, as it was raised; the rest is cancelled and awaited before.
    """
    with first_error():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    return [task.result() for task in tasks]


@contextmanager
def first_error() -> Iterator[None]:
    """Raise the first error of the one task group inside as itself, not as a group."""
    try:
        yield
    except BaseExceptionGroup as group:
        error = group.exceptions[0]
        context = error.__context__
        try:
            raise error
        finally:
            error.__context__ = context  # its own, not the group in which it came


def cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OneAtATime:
    """A block that is never entered twice at once.

    Args:
        message: What to say to whoever tries, with what to do instead.
    """

    def __init__(self, message: str) -> None:
        self._message = message
        self._busy = False

    def __enter__(self) -> None:
        if self._busy:
            raise RuntimeError(self._message)
        self._busy = True

    def __exit__(self, *_: object) -> None:
        self._busy = False

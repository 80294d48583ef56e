"""Work done at once: no task outlives the call, and an error is raised as itself."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def at_once(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all at once and give the results in the order of `work`.

    Raises:
        Exception: The first error, as it was raised; the rest is cancelled and awaited before.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
        return [task.result() for task in tasks]
    except BaseExceptionGroup as failures:
        error = failures.exceptions[0]
    raise error  # not inside `except`, which would replace the error's own context

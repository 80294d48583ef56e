"""BackgroundLoop: an event loop in a thread of its own, for a library that is best kept away from the caller's.

What runs there neither stalls the caller's loop (a long import, a blocking call)
nor ends with it (open connections), and is asked from any number of loops.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """An event loop that runs for as long as the process does.

    Args:
        name: The name of its thread; those of the loop's helpers begin with it.

    >>> async def double(number):
    ...     return 2 * number
    >>> asyncio.run(BackgroundLoop("doubling").run(double(21)))
    42
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_note)
        self._loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix=name))
        # A daemon, since work that never ends there must not keep a process from ending.
        threading.Thread(target=self._loop.run_forever, name=name, daemon=True).start()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` there and give what it returns.

        When the caller is cancelled, `work` is cancelled too, and not waited for: it may be stuck.

        Raises:
            Exception: What `work` raised.
        """
        value, error = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_caught(work), self._loop))
        if error is not None:
            raise error
        assert value is not None
        return value[0]


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what no caller asked about, such as a connection left open at exit, where only who looks for it sees it."""
    logging.getLogger(__name__).debug("%s", context.get("message"), exc_info=context.get("exception"))


async def _caught(work: Coroutine[Any, Any, T]) -> tuple[tuple[T] | None, Exception | None]:
    """Return an error instead of raising it: one that comes after a cancellation would be logged as never retrieved."""
    try:
        return (await work,), None
    except Exception as error:
        return None, error

"""The child processes of the symbolic search, asked by JSON lines over pipes.

They are started with `asyncio.create_subprocess_exec` and the interpreter's own path:
no fork, which would break the sandbox's workers, and no spawn, which would run a
notebook again. A child ends when its standard input does, so none outlives its parent.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from synthflow.concurrency import cores
from synthflow.errors import SandboxError

WORKER = "synthflow.proposers.symbolic.worker"
NEEDED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""The variables of the environment that a child is given; keys and tokens are none of its business."""
LONGEST_LINE = 1 << 26
"""Bytes of an answer at most."""


class Lanes:
    """Asks child processes, one per lane at most, each of which keeps what it enumerated.

    Args:
        lanes: How many lanes there are.
        limit: How many processes at most; by default, as many as there are cores.

    Raises:
        ValueError: `limit` is below 1.
    """

    def __init__(self, lanes: int, limit: int | None = None) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"workers counts child processes, so it is at least 1, not {limit}.")
        self._size = min(lanes, limit or cores())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._children: dict[int, _Child] = {}

    async def ask(self, lane: int, request: dict[str, Any]) -> dict[str, Any]:
        """Have a lane's process answer a request; a process that died is started again once.

        Raises:
            SandboxError: The process died twice at the same request.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # children of a loop that is closed have ended with it
            self._loop, self._children = loop, {}
        child = self._children.setdefault(lane % self._size, _Child())
        return await child.ask(request)

    async def close(self) -> None:
        """End all processes, each once it has answered, and wait for their end; a later question starts them anew."""
        if self._loop is asyncio.get_running_loop():
            await asyncio.gather(*(child.close() for child in self._children.values()))


class _Child:
    """One process, asked one thing at a time; started when it is first asked."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        import orjson

        line = orjson.dumps(request) + b"\n"
        async with self._turn:
            for _ in range(2):
                answer = await self._exchange(line)
                if answer.endswith(b"\n"):  # a process that dies while it answers leaves a part of a line
                    result: dict[str, Any] = orjson.loads(answer)
                    return result
                await self._end()
        raise SandboxError("The process of the symbolic search ended twice without an answer; is memory short?")

    async def close(self) -> None:
        async with self._turn:  # another fit may be waiting for an answer
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def _exchange(self, line: bytes) -> bytes:
        """Send a line and read one; nothing when the process has ended."""
        if self._process is None:
            self._process = await _start()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return b""
        try:
            stdin.write(line)
            await stdin.drain()
            return await stdout.readline()
        except (BrokenPipeError, ConnectionResetError):
            return b""
        except BaseException:
            await self._end()  # its answer would be read as the next one's
            raise


async def _start() -> asyncio.subprocess.Process:
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working directory is no place to import from
        "-m",
        WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in NEEDED if name in os.environ} | {"PYTHONPATH": path},
        limit=LONGEST_LINE,
    )

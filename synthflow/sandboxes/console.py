"""What a script printed, cut to size: the beginning and the end stay, the middle goes.

A script can print without end. Its output is cut while it arrives, so it never
takes more memory than twice what is kept.
"""

from collections.abc import Callable
from typing import Literal

FLOOD = 1_000_000
"""A script that prints so many characters more than are kept of its output is stopped."""

FLOOD_PIECES = 2_000
"""So is one whose output comes in this many pieces, such as by turns to stdout and stderr: each costs the host time."""


def clip(text: str, limit: int) -> str:
    r"""Keep the first and last characters of `text`, `limit` in all, and say how many went.

    >>> clip("abcdefgh", 4)
    'ab\n... 4 characters cut ...\ngh'
    """
    if len(text) <= limit:
        return text
    head = limit // 2
    return _spliced(text[:head], text[len(text) - (limit - head) :], len(text) - limit)


class Console:
    """Takes what a script prints, and keeps `limit` characters of stdout and stderr together.

    Args:
        limit: Characters kept.
        flooded: Called once, when the script has printed more than is worth reading on.
    """

    def __init__(self, limit: int, flooded: Callable[[], None]) -> None:
        self.is_flooded = False
        self._limit = limit
        self._report_flood = flooded
        self._pieces = 0
        self._stdout = _Stream(limit)
        self._stderr = _Stream(limit)

    def __call__(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Take a piece of output.

        Raises:
            BufferError: The script printed too much; whoever calls need not call again.
        """
        (self._stdout if stream == "stdout" else self._stderr).write(text)
        self._pieces += 1
        if self._pieces > FLOOD_PIECES or self._stdout.count + self._stderr.count > FLOOD + self._limit:
            self.is_flooded = True
            self._report_flood()
            raise BufferError("The script printed more than is worth reading on.")

    def texts(self) -> tuple[str, str]:
        """What is kept of stdout and of stderr; neither crowds out the other."""
        out, err = self._stdout, self._stderr
        err_share = min(err.count, max(self._limit // 2, self._limit - out.count))
        return out.text(self._limit - err_share), err.text(err_share)


class _Stream:
    """The first and the last `limit` characters of a stream, and how many there were."""

    def __init__(self, limit: int) -> None:
        self.count = 0
        self._limit = limit
        self._head = ""
        self._tail = ""

    def write(self, text: str) -> None:
        self.count += len(text)
        room = self._limit - len(self._head)
        self._head += text[:room]
        self._tail += text[room:]
        if (
            len(self._tail) > 2 * self._limit
        ):  # now and then, so that many small pieces cost no more than few large ones
            self._tail = self._tail[-self._limit :]

    def text(self, limit: int) -> str:
        """The first and last characters, `limit` in all; `limit` is at most that of the stream."""
        kept = self._head + self._tail
        if self.count <= limit:
            return kept
        head = limit // 2
        return _spliced(kept[:head], kept[len(kept) - (limit - head) :], self.count - limit)


def _spliced(head: str, tail: str, cut: int) -> str:
    return f"{head}\n... {cut:,} characters cut ...\n{tail}"

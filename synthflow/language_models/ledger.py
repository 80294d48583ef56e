"""Ledger: the answers that were paid for, by the content of the question.

A ledger is one SQLite file. An answer is on disk before anybody reads it, so a run
that is killed, even by `kill -9`, pays again only for what was under way. Runs that
share a file share its answers, at the same time too.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args
from weakref import WeakValueDictionary

import orjson

from synthflow.data_models.schema import Json
from synthflow.errors import LanguageModelError

Mode = Literal["on", "off", "read_only", "refresh"]

CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL)"
BUSY = 30.0
"""Seconds to wait for another process that is writing."""


class Ledger:
    """Answers by the content of their questions: model, messages, schema, temperature, sample number and the like.

    Args:
        path: The file; it is made when it is first needed. Without one, answers are kept in
            memory, for as long as this object lives.
        mode: `on` reads and writes; `off` does neither; `read_only` answers from what is
            recorded and refuses to pay for more; `refresh` pays for each question once more
            and keeps the new answer.

    Raises:
        ValueError: `mode` is none of the four.

    >>> import asyncio
    >>> async def pay():
    ...     print("paid")
    ...     return {"text": "Paris"}
    >>> ledger = Ledger()
    >>> for _ in range(2):
    ...     asyncio.run(ledger.once("key", {}, pay))
    paid
    {'text': 'Paris'}
    {'text': 'Paris'}
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, mode: Mode = "on") -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"mode of Ledger is one of {', '.join(get_args(Mode))}, not {mode!r}.")
        self.path = None if path is None else os.fspath(path)
        self.mode: Mode = mode
        self._connection: sqlite3.Connection | None = None
        self._guard = threading.Lock()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._refreshed: set[str] = set()

    async def once(self, key: str, about: Json, make: Callable[[], Awaitable[Json]]) -> Json:
        """Give the recorded answer; when there is none, make it and record it.

        Of several who ask for the same key at once, one pays and all get the answer.

        Args:
            key: The hash of the question.
            about: The question, for whoever reads the file.
            make: Pays for the answer; what it raises is raised, and nothing is recorded.

        Raises:
            LanguageModelError: Nothing is recorded and the ledger is `read_only`.
        """
        if self.mode == "off":
            return await make()
        async with self._turns.setdefault(key, asyncio.Lock()):
            if self.mode != "refresh" or key in self._refreshed:
                known = await asyncio.to_thread(self._read, key)
                if known is not None:
                    return orjson.loads(known)
            if self.mode == "read_only":
                raise LanguageModelError(
                    f"The ledger {self.path or 'in memory'} has no answer to this question, and it is read-only.\n"
                    '  Ledger(path, mode="on")   <- asks, pays and records',
                    "not_recorded",
                )
            answer = await make()
            await asyncio.to_thread(self._write, key, about, answer)
            self._refreshed.add(key)
            return answer

    def __len__(self) -> int:
        with self._guard:
            count: int = self._open().execute("SELECT COUNT(*) FROM answers").fetchone()[0]
        return count

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __repr__(self) -> str:
        return f"Ledger({self.path!r}, mode={self.mode!r})"

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # Calls come from several threads, one at a time.
            connection = sqlite3.connect(
                self.path or ":memory:", timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(CREATE)
            self._connection = connection
        return self._connection

    def _read(self, key: str) -> str | None:
        with self._guard:
            found: Any = self._open().execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def _write(self, key: str, about: Json, answer: Json) -> None:
        row = (key, orjson.dumps(about).decode(), orjson.dumps(answer).decode())
        with self._guard:
            self._open().execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", row)

"""Ledger: the answers that were paid for, by the content of the question.

A ledger is one SQLite file. An answer is on disk before anybody reads it, so a run
that is killed, even by `kill -9`, pays again only for what was under way. Runs that
share a file share its answers, at the same time too.
"""

import asyncio
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, Self, TypeVar, get_args
from urllib.parse import quote

import orjson

from synthflow.data_models.canonical import canonical
from synthflow.data_models.schema import Json
from synthflow.errors import LanguageModelError, SavingError

Mode = Literal["on", "off", "read_only", "refresh"]
T = TypeVar("T")

MARK = 0x73796E66
"""What the head of the file says about whose it is: `synf`."""
CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL)"
BUSY = 30.0
"""Seconds to wait for another process that is writing."""


class Ledger:
    """Answers by the content of their questions: model, messages, schema, temperature, sample number and the like.

    Equal questions get the equal answer, however freely a model draws; another `sample` of the
    same question, as of a `Generator`, draws another. Only answers are kept: a question that was
    never answered is asked again by the next run, so a run that had one may go another way.

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
        self._hands: dict[int, _Hands] = {}  # by process; a fork leaves threads and connections behind
        self._refreshed: set[str] = set()

    async def once(self, key: str, about: Json, make: Callable[[], Awaitable[Json]]) -> Json:
        """Give the recorded answer; when there is none, make it and record it.

        Of several who ask for the same key at once, in any threads of a process, one pays and all get
        the answer; when that one fails or is cancelled, one of those who wait pays.

        Args:
            key: The hash of the question.
            about: The question, for whoever reads the file.
            make: Pays for the answer; what it raises is raised, and nothing is recorded.

        Raises:
            LanguageModelError: Nothing is recorded and the ledger is `read_only`.
            SavingError: The file is no ledger, or cannot be read or written.
        """
        if self.mode == "off":
            return await make()
        hands = self._here()
        while (other := hands.take(key)) is not None:
            await asyncio.wrap_future(other)
        try:
            return await self._answer(key, about, make)
        finally:
            hands.give_back(key)

    async def _answer(self, key: str, about: Json, make: Callable[[], Awaitable[Json]]) -> Json:
        if self.mode != "refresh" or key in self._refreshed:
            known = await self._done(self._read, key)
            if known is not None:
                return self._loaded(known)
        if self.mode == "read_only":
            raise LanguageModelError(
                f"The ledger {self.path or 'in memory'} has no answer to this question, and it is read-only.\n"
                '  Ledger(path, mode="on")   <- asks, pays and records',
                "not_recorded",
            )
        row = key, canonical(about).decode(), canonical(await make()).decode()
        kept = await self._done(self._write, row)
        if self.mode == "refresh":
            self._refreshed.add(key)
        return self._loaded(kept)

    def _here(self) -> "_Hands":
        process = os.getpid()
        hands = self._hands.get(process)
        if hands is None:
            hands = self._hands.setdefault(process, _Hands())
            weakref.finalize(self, _let_go, process, hands)  # a `__del__` comes too late where objects form a cycle
        return hands

    def __len__(self) -> int:
        return self._submit(self._count).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._submit(self._close).result()

    def __repr__(self) -> str:
        return f"Ledger({self.path!r}, mode={self.mode!r})"

    async def _done(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do a piece of work in the ledger's thread, to its end even if the caller is cancelled: it was paid for."""
        under_way = asyncio.wrap_future(self._submit(work, *arguments))
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            await asyncio.wait([under_way])
            raise

    def _submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        return self._here().thread.submit(self._told, work, *arguments)

    def _told(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return work(*arguments)
        except sqlite3.Error as error:
            raise SavingError(
                f"The ledger {self.path} cannot be used: {error}.\n"
                "  Ledger(path)   <- give a file that a Ledger made, or a new name in a folder that can be written"
            ) from error

    def _loaded(self, answer: str) -> Json:
        try:
            return orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise SavingError(f"The ledger {self.path} is damaged: it holds an answer that is no JSON.") from error

    # What follows runs in the ledger's thread.

    def _open(self) -> sqlite3.Connection:
        ends, hands = time.monotonic() + BUSY, self._here()
        while hands.connection is None:
            try:
                hands.connection = self._opened_to_read() if self.mode == "read_only" and self.path else self._opened()
            except sqlite3.OperationalError as error:  # SQLite itself does not wait for others to change the journal
                if "locked" not in str(error) or time.monotonic() > ends:
                    raise
                time.sleep(0.02)
        return hands.connection

    def _opened(self) -> sqlite3.Connection:
        if self.path:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        connection = _connected(self.path or ":memory:")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            if not _is_ledger(connection):
                if connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
                    raise sqlite3.DatabaseError("it is a database of something else")
                connection.execute(CREATE)
                connection.execute(f"PRAGMA application_id={MARK}")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _opened_to_read(self) -> sqlite3.Connection:
        assert self.path is not None
        if not os.path.exists(self.path):
            raise sqlite3.OperationalError("there is no such file, and it is read-only")
        for how in ("mode=ro", "mode=ro&immutable=1"):  # the latter where not even its folder can be written
            connection = _connected(f"file:{quote(os.path.abspath(self.path))}?{how}", uri=True)
            try:
                if not _is_ledger(connection):
                    raise sqlite3.DatabaseError("it is a database of something else")
                connection.execute("SELECT COUNT(*) FROM answers")
            except sqlite3.OperationalError:
                connection.close()
                if "immutable" in how:
                    raise
            except BaseException:
                connection.close()
                raise
            else:
                break
        return connection

    def _count(self) -> int:
        count: int = self._open().execute("SELECT COUNT(*) FROM answers").fetchone()[0]
        return count

    def _close(self) -> None:
        hands = self._here()
        if hands.connection is not None:
            hands.connection.close()
            hands.connection = None

    def _read(self, key: str) -> str | None:
        found: Any = self._open().execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def _write(self, row: tuple[str, str, str]) -> str:
        """Record an answer, and give the one that stands: another process may have recorded one meanwhile."""
        instead = "REPLACE" if self.mode == "refresh" else "IGNORE"
        self._open().execute(f"INSERT OR {instead} INTO answers VALUES (?, ?, ?)", row)
        return self._read(row[0]) or row[2]


class _Hands:
    """What a ledger works with in one process: its thread, its connection, and whose turn it is to pay."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        # One thread does all that touches the file: no loop waits for a disk, and no turn is taken twice.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._turns: dict[str, Future[None]] = {}
        self._guard = threading.Lock()

    def take(self, key: str) -> Future[None] | None:
        """Take the turn to answer a question; give None, or the end of somebody else's turn."""
        with self._guard:
            other = self._turns.get(key)
            if other is None:
                turn: Future[None] = Future()
                self._turns[key] = turn
                turn.set_running_or_notify_cancel()  # from here on, nobody who waits for it can cancel it
            return other

    def give_back(self, key: str) -> None:
        """End one's turn."""
        with self._guard:
            turn = self._turns.pop(key)
        turn.set_result(None)


def _let_go(process: int, hands: _Hands) -> None:
    """Close the file of a ledger that nobody holds any more, but never one that a fork took over."""
    if hands.connection is not None and process == os.getpid():
        hands.connection.close()


def _connected(path: str, *, uri: bool = False) -> sqlite3.Connection:
    # The ledger's own thread uses it, and whichever thread lets go of the ledger closes it.
    return sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False, uri=uri)


def _is_ledger(connection: sqlite3.Connection) -> bool:
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return mark == MARK

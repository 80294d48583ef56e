"""Journal: the memo of a run's effects, by their position in the run.

An optimizer is resumed by running it again from the top over a journal that
already knows the answers: what was recorded is returned and not paid for again,
and what is asked for at each position is compared with what was asked before.

Keys: `propose/<path>/<call>/<slot>`, `cell/<program>/<candidate>/<row>`, `step/<path>/<number>`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

from synthflow.data_models.canonical import canonical, plain
from synthflow.data_models.schema import Json
from synthflow.errors import Diverged


@dataclass(frozen=True)
class Fact:
    """One recorded effect."""

    value: Json
    """What it gave."""
    about: str = ""
    """Fingerprint of what it was asked with."""


class Journal:
    """Facts by key, kept in memory, in the order in which they arrived.

    Args:
        facts: What is known from before, such as the `facts` of an earlier run.
    """

    def __init__(self, facts: Mapping[str, Fact] | None = None) -> None:
        self._facts: dict[str, Fact] = dict(facts or {})
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._open = True
        self.recorded: list[str] = []
        """Keys that this run paid for, in order of arrival; what was known from before is not in it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    @property
    def facts(self) -> Mapping[str, Fact]:
        """All facts by key; read-only."""
        return self._facts

    async def once(self, key: str, make: Callable[[], Awaitable[Json]], about: str = "") -> Json:
        """Give the recorded answer; when there is none, make it and record it.

        Of several who ask for the same key at once, one makes the answer and all get it.

        Args:
            key: The position in the run.
            make: Gives a JSON value; called only when nothing is recorded.
            about: Fingerprint of what is asked at this position.

        Returns:
            The value as JSON holds it, the same on a first run and on a resumed one; read-only.

        Raises:
            Diverged: The answer was recorded for something else.
        """
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            if key not in self._facts:
                self._record(key, Fact(plain(await make()), about))
        fact = self._facts[key]
        if fact.about != about:
            raise _diverged(key, fact.about, about)
        return fact.value

    def note(self, key: str, value: Json, about: str = "") -> None:
        """Record what the run itself derived or measured; what is known must agree.

        Raises:
            Diverged: Another value was recorded there.
        """
        fact = Fact(plain(value), about)
        if key not in self._facts:
            self._record(key, fact)
        elif self._facts[key] != fact:
            raise _diverged(key, self._facts[key].value, fact.value)

    def _record(self, key: str, fact: Fact) -> None:
        if not self._open:
            raise RuntimeError(f"{key} came after the journal was closed. Await all work inside `async with journal`.")
        self._facts[key] = fact
        self.recorded.append(key)


def _diverged(key: str, before: Json, now: Json) -> Diverged:
    return Diverged(
        f"{key} was recorded with {_clipped(before)}, and this run comes to it with {_clipped(now)}.\n"
        "  A run is resumed by running it again: the program, the data, the optimizer, its options and the seed\n"
        "  must be those of the first run, and an optimizer may draw only from `search.random`.\n"
        "  Start a new run, or undo the change."
    )


def _clipped(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= 200 else text[:200] + "..."

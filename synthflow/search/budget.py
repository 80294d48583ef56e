"""Budget: what a run may take, set aside before anything begins and settled after it ended.

A run has one `Purse`. Each slot of a generation gets a purse of its own, filled from
that of the run before any of them starts, and gives back what it did not need. So how
far a budget reaches is the same at any number of workers, and work that goes on at the
same time cannot overdraw it. How many slots can be afforded is judged by the dearest
slot so far; where tokens or money are limited, the first slot goes alone, to learn it.
"""

import asyncio
import math
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from synthflow.errors import BudgetExceeded
from synthflow.language_models.meter import current_phase
from synthflow.language_models.usage import Usage, UsageByPhase

CALLED = ("calls", "tokens", "cost")
"""What calls of models take."""
LEARNED = ("tokens", "cost")
"""What a slot takes of these is not known before one has been seen."""


@dataclass(frozen=True)
class Budget:
    """The most that one `fit` may take; what is left out is not limited.

    Every HTTP attempt is a call, those that fail too. An answer from a ledger counts as
    it did when it was paid for, so that a run which is repeated ends in the same place.

    Raises:
        ValueError: A limit is not above 0.

    >>> Budget(calls=100, cost=2.5)
    Budget(calls=100, tokens=None, cost=2.5, evaluations=None, seconds=None)
    """

    calls: int | None = None
    """Calls of language and embedding models."""
    tokens: int | None = None
    """Tokens read and written. What a call may read is held at a token a byte; every model needs `max_tokens`."""
    cost: float | None = None
    """US dollars. Every model needs `max_tokens` and a known price."""
    evaluations: int | None = None
    """Runs of a candidate on a row, validation rows too."""
    seconds: float | None = None
    """Wall time. When it is over nothing is begun, and calls under way are ended; such a run cannot be repeated
    exactly."""

    def __post_init__(self) -> None:
        """Refuse limits that are none."""
        for name, limit in asdict(self).items():
            if limit is not None and not 0 < limit < math.inf:
                raise ValueError(f"Budget({name}={limit}) must be above 0; leave it out for no limit.")

    def limits(self) -> dict[str, float]:
        """Give the limits that are set, by name."""
        return {name: limit for name, limit in asdict(self).items() if limit is not None}


class Purse:
    """What is left of a budget; the `Meter` of a run, or of a part of one.

    Models may hold and settle from any thread and any event loop, as tools do.

    Args:
        budget: The limits.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        limits = (budget or Budget()).limits()
        seconds = limits.pop("seconds", None)
        self.usage = UsageByPhase()
        """All that the whole run used."""
        self.expected: Mapping[str, float] = {}
        """What a slot is expected to take, by limit."""
        self._limits = limits
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._spent = dict.fromkeys(limits, 0.0)
        self._held = dict.fromkeys(limits, 0.0)
        self._peak = dict.fromkeys(limits, 0.0)
        self._slack = dict.fromkeys(limits, 0.0)
        self._dearest = dict.fromkeys(limits, 0.0)
        self._learned = False
        self._under_way = 0
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._guard = threading.Lock()

    @property
    def seconds_left(self) -> float | None:
        """Wall time until nothing may begin or go on; None without a limit."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    @property
    def timed_out(self) -> bool:
        """Whether the limit of seconds is reached."""
        return self.seconds_left == 0.0

    @property
    def is_limited(self) -> bool:
        """Whether there is any limit but that of seconds."""
        return bool(self._limits)

    @property
    def is_tight(self) -> bool:
        """Whether what is expected might use it up, should it take twice as much."""
        return any(self._room(name) < 2 * self.expected.get(name, 0.0) for name in self._limits if name in CALLED)

    async def hold(self, most: Usage) -> None:
        """Set aside what a call can take at most; wait while what is under way may still leave room.

        Raises:
            BudgetExceeded: There is no room.
        """
        amounts = _amounts(most)
        while True:
            with self._guard:
                short = self._short(amounts)
                if not short or not self._under_way:
                    if short:
                        self._learn(amounts)
                        raise BudgetExceeded(short)
                    self._under_way += 1
                    self._add(self._held, amounts)
                    return
                loop = asyncio.get_running_loop()
                freed: asyncio.Future[None] = loop.create_future()
                self._waiting.append((loop, freed))
            await freed

    def settle(self, most: Usage, used: Usage, failure: str = "", why: str = "") -> None:
        """Give back what was held, and count what was used."""
        with self._guard:
            if most.calls:
                self._under_way -= 1
                self._add(self._held, _amounts(most), sign=-1)
                bound, took = _amounts(most), _amounts(used)
                for name in self._limits:
                    self._slack[name] = max(self._slack[name], bound.get(name, 0.0) - took.get(name, 0.0))
            self._add(self._spent, _amounts(used))
            self.usage.add(current_phase(), used, failure, why)
            waiting, self._waiting = self._waiting, []
        for loop, freed in waiting:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits there
                loop.call_soon_threadsafe(_wake, freed)

    def evaluate(self, cells: int) -> None:
        """Count some evaluations before they begin.

        Raises:
            BudgetExceeded: There is no room for them, or time is up.
        """
        amounts = {"evaluations": cells}
        with self._guard:
            if short := self._short(amounts):
                self._learn(amounts)
                raise BudgetExceeded(short)
            self._add(self._spent, amounts)

    def has_room(self, times: int) -> bool:
        """Tell whether there is room for so many times what is expected, should it take twice as much."""
        return all(self._room(name) >= 2 * times * self.expected.get(name, 0.0) for name in self._limits)

    def expect(self, amounts: Mapping[str, float]) -> None:
        """Say what a slot is expected to take, by limit."""
        self.expected = dict(amounts)

    def afford(self, slots: int, each: Mapping[str, float]) -> tuple[int, str]:
        """Say how many of `slots` can be started, and which limit keeps the others from it.

        Args:
            slots: How many are wanted.
            each: What one is known to take at least, by limit.
        """
        if self.timed_out:
            return 0, "seconds"
        count, why = slots, ""
        for name in self._limits:
            need = max(self._dearest[name], each.get(name, 0.0))
            most = int(self._room(name) / need + 1e-9) if need else slots
            if name in LEARNED and not self._learned:
                most = min(most, 1)
            if most < count:
                count, why = most, name
        return count, why

    def open(self, parts: int) -> list["Purse"]:
        """Share all that is left out equally among `parts`, the first ones getting what does not divide."""
        return [self._part(number, parts) for number in range(parts)]

    def close(self, purses: Sequence["Purse"], *, learn: bool = True) -> None:
        """Take back what the parts of `open` did not spend, and let them take no more.

        What is still under way, as in a tool that its script left behind, is taken for spent. What a part needs
        to be given again is what it spent, and room for its most uncertain call: so it is known from what calls
        took, and not from how many went at once.

        Args:
            purses: The parts.
            learn: Whether they were slots, from which to learn what one can take.
        """
        for purse in purses:
            with purse._guard:
                for taken in (purse._spent, purse._held):
                    self._add(self._spent, taken)
                purse._limits = dict.fromkeys(purse._limits, 0.0)
            for name in self._limits:
                needed = max(purse._peak[name], purse._spent[name] + purse._slack[name]) if learn else 0.0
                self._dearest[name] = max(self._dearest[name], needed, purse._dearest[name])
        self._learned = self._learned or (learn and bool(purses))

    def spent(self) -> dict[str, float]:
        """Give what was spent so far, by limit."""
        return dict(self._spent)

    def _learn(self, amounts: Mapping[str, float]) -> None:
        """Note how much was needed for which there was no room."""
        for name in self._limits:
            needed = self._spent[name] + self._held[name] + amounts.get(name, 0.0)
            self._peak[name] = max(self._peak[name], needed)

    def _part(self, number: int, parts: int) -> "Purse":
        part = Purse()
        part._limits = {name: self._share(name, number, parts) for name in self._limits}
        part._deadline, part.usage = self._deadline, self.usage
        part._spent, part._held, part._peak, part._slack = (dict.fromkeys(self._limits, 0.0) for _ in range(4))
        part._dearest, part.expected = dict(self._dearest), self.expected
        part._learned = self._learned
        return part

    def _share(self, name: str, number: int, parts: int) -> float:
        room = self._room(name)
        if name == "cost":
            return room / parts
        whole, rest = divmod(int(room), parts)
        return whole + (number < rest)

    def _room(self, name: str) -> float:
        return max(0.0, self._limits[name] - self._spent[name] - self._held[name])

    def _short(self, amounts: Mapping[str, float]) -> str:
        if self.timed_out:
            return "seconds"
        return next((name for name in self._limits if amounts.get(name, 0.0) > self._room(name) + 1e-12), "")

    def _add(self, counts: dict[str, float], amounts: Mapping[str, float], sign: int = 1) -> None:
        for name in self._limits:
            counts[name] += sign * amounts.get(name, 0.0)


def _amounts(usage: Usage) -> dict[str, float]:
    return {"calls": usage.calls, "tokens": usage.tokens, "cost": usage.priced}


def _wake(freed: "asyncio.Future[None]") -> None:
    if not freed.done():
        freed.set_result(None)

"""RemoteModel: how a request becomes a paid answer, for language and embedding models alike.

In order: the ledger is asked, then a place among the calls under way is waited
for, the meter holds what the call can take, the provider is asked once, the meter
settles. A failure that may pass is tried again after a wait that doubles.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from synthflow.configured import Configured
from synthflow.data_models.schema import Json
from synthflow.errors import LanguageModelError
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.meter import current_meter, current_phase
from synthflow.language_models.usage import Usage, UsageByPhase

FIRST_WAIT = 0.5
"""Seconds before the second attempt; each further wait is twice as long."""

T = TypeVar("T")
Answered = tuple[Json, Usage]
"""What a provider said, as JSON, and what it took."""


class RemoteModel(Configured):
    """The common part of LanguageModel and EmbeddingModel; the arguments are told there."""

    def __init__(
        self,
        model: str,
        *,
        timeout: float,
        retry: int,
        retry_max_wait: float,
        max_concurrency: int,
        ledger: Ledger | None,
        price: tuple[float, float] | None = None,
    ) -> None:
        for name, least, number in (
            ("timeout", 0.0, timeout),
            ("retry", -1, retry),
            ("retry_max_wait", -1, retry_max_wait),
            ("max_concurrency", 0, max_concurrency),
        ):
            if not least < number < math.inf:
                raise ValueError(f"{name} must be above {least:g}, got {number}.")
        self.model = model
        self.timeout = timeout
        self.retry = retry
        self.retry_max_wait = retry_max_wait
        self.max_concurrency = max_concurrency
        self.ledger = ledger
        self.usage = UsageByPhase()
        """All that this object was used for, by phase, and its failures by kind."""
        self._price = price
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def _priced(self, usage: Usage, cost: float | None) -> Usage:
        """Add the cost of an answer: by the price that a person gave, or as the provider says."""
        if self._price is not None:
            reading, writing = self._price
            cost = (usage.prompt_tokens * reading + usage.completion_tokens * writing) / 1e6
        return usage + (Usage(unpriced=1) if cost is None else Usage(priced=cost))

    async def _answer(self, key: str, about: Json, most: Usage, send: Callable[[], Awaitable[Answered]]) -> Json:
        """Give the answer to a request: the one that was paid for before, or a new one.

        Args:
            key: The hash of the request.
            about: The request, for the ledger's readers.
            most: What one attempt can take at most.
            send: Asks once.

        Raises:
            LanguageModelError: There is no answer after all attempts.
            BudgetExceeded: The meter has no room for an attempt.
        """
        if self.ledger is None:
            value, _ = await self._attempts(key, most, send)
            return value
        made = False

        async def make() -> Json:
            nonlocal made
            made = True
            value, used = await self._attempts(key, most, send)
            return {"value": value, "usage": used.to_json()}

        record = await self.ledger.once(key, about, make)
        if not made:  # what was paid for before is charged as it was then, so that a run repeats under its budget
            used = _recorded(record["usage"])
            await self._hold(most)
            self._settle(most, used)
        return record["value"]

    async def _attempts(self, key: str, most: Usage, send: Callable[[], Awaitable[Answered]]) -> Answered:
        total = Usage()
        for attempt in range(self.retry + 1):
            try:
                value, used = await self._attempt(most, send)
            except LanguageModelError as error:
                total += Usage(calls=1)
                if error.kind not in LanguageModelError.NO_ANSWER or attempt == self.retry:
                    raise
                await asyncio.sleep(self._wait(key, attempt, error.retry_after))
            else:
                return value, total + used
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, most: Usage, send: Callable[[], Awaitable[Answered]]) -> Answered:
        async with self._place():
            await self._hold(most)
            used, failure, began, limit = Usage(calls=1), "cancelled", time.monotonic(), self._seconds()
            try:
                async with asyncio.timeout(limit):  # a server that sends a byte now and then would never time out
                    value, used = await send()
                failure = ""
            except TimeoutError:
                failure = "timeout"
                raise LanguageModelError(f"{self.model} gave no answer within {limit:g} seconds.", failure) from None
            except LanguageModelError as error:
                failure = error.kind
                raise
            finally:
                used += Usage(seconds=time.monotonic() - began)
                self._settle(most, used, failure)
            return value, used

    def _place(self) -> asyncio.Semaphore:
        return self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.max_concurrency))

    def _seconds(self) -> float:
        meter = current_meter()
        left = None if meter is None else meter.seconds_left
        return self.timeout if left is None else max(0.001, min(self.timeout, left))

    def _wait(self, key: str, attempt: int, retry_after: float | None) -> float:
        """Give the seconds before the next attempt; apart from equal ones, since each request has its own jitter."""
        jitter = Random(f"{key}/{attempt}").uniform(0.75, 1.25)
        wished: float = FIRST_WAIT * 2**attempt * jitter
        return min(self.retry_max_wait, max(wished, retry_after or 0.0))

    async def _hold(self, most: Usage) -> None:
        meter = current_meter()
        if meter is not None:
            await meter.hold(most)

    def _settle(self, most: Usage, used: Usage, failure: str = "") -> None:
        self.usage.add(current_phase(), used, failure)
        meter = current_meter()
        if meter is not None:
            meter.settle(most, used, failure)

    def _note(self, failure: str) -> None:
        """Count an answer that is of no use."""
        self._settle(Usage(), Usage(), failure)


def _recorded(usage: Any) -> Usage:
    known = {name: usage[name] for name in ("calls", "prompt_tokens", "completion_tokens", "priced", "unpriced")}
    return Usage(**known, recorded=known["calls"])

"""RemoteModel: how a request becomes a paid answer, for language and embedding models alike.

In order: the ledger is asked, then a place among the calls under way is waited
for, the meter holds what the call can take, the provider is asked once, the meter
settles. A failure that may pass is tried again after a wait that doubles. However an
attempt ends, also when it is cancelled, it is settled as a call. One that was sent, and
whose end is not known, may have been answered and billed: it is settled with all that
it can have taken, as far as that is bounded, and at an unknown price unless a person gave one.
"""

import asyncio
import math
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from random import Random
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from synthflow.configured import Configured
from synthflow.data_models.schema import Json
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.meter import current_meter, current_phase
from synthflow.language_models.provider import AskOtherwise
from synthflow.language_models.usage import Usage, UsageByPhase

FIRST_WAIT = 0.5
"""Seconds before the second attempt; each further wait is twice as long."""
UNBOUNDED = sys.maxsize
"""Tokens of an answer that may be of any length."""

T = TypeVar("T")
Answered = tuple[Json, Usage]
"""What a provider said, as JSON, and what it took."""


class RemoteModel(Configured):
    """The common part of LanguageModel and EmbeddingModel; the arguments are told there."""

    def __init__(
        self,
        model: str,
        *,
        provider: object,
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
        if "://" in model:
            raise ValueError(
                f"{model!r} names a server, which is no part of a model's name.\n"
                f'  {type(self).__name__}("provider/name", api_base="http://...")   <- give its address here'
            )
        self.model = model
        self.timeout = timeout
        self.retry = retry
        self.retry_max_wait = retry_max_wait
        self.max_concurrency = max_concurrency
        self.ledger = ledger
        self.usage = UsageByPhase()
        """All that this object was used for, by phase, and its failures by kind."""
        self._untrusted = ""
        self._provider: Any = provider
        self._price = price
        self._found_price: list[tuple[float, float] | None] = []
        self._places: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}
        self._guard = threading.Lock()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a model from what `get_config` gave, as a saved file does.

        A server that a file names is asked nothing, and is sent no key of the environment, before
        `trust_server()` was called, unless it is on this machine.
        """
        model = cls(**config)
        server = config.get("api_base")
        model._untrusted = "" if server is None or _is_local(server) else server
        return model

    def trust_server(self) -> None:
        """Let the server be asked that the file named from which this model was loaded."""
        self._untrusted = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model!r}>"

    async def price(self) -> tuple[float, float] | None:
        """Give US dollars for a token read and a token written; None when they are not known."""
        if self._price is not None:
            return self._price[0] / 1e6, self._price[1] / 1e6
        if not self._found_price:
            ask = getattr(self._provider, "price", None)
            self._found_price.append(None if ask is None else await ask(self.model))
        return self._found_price[0]

    async def _most(self, read: int, written: int | None) -> Usage:
        """Give what one attempt can take at most; what nothing limits, no budget has room for."""
        written = UNBOUNDED if written is None else written
        price = await self.price() if current_meter() else None  # nobody else asks what it costs
        priced = math.inf if price is None else read * price[0] + written * price[1]
        return Usage(calls=1, prompt_tokens=read, completion_tokens=written, priced=priced)

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

        try:
            record = await self.ledger.once(key, about, make)
        except LanguageModelError as error:
            if error.kind == "not_recorded":  # where the budget ended the run that is repeated, it does so again
                await self._hold(most)
                self._settle(most, Usage())
            raise
        if not made:  # what was paid for before is charged as it was then, so that a run repeats under its budget
            used = _recorded(record["usage"])
            await self._hold(most)
            self._settle(most, used)
        return record["value"]

    async def _attempts(self, key: str, most: Usage, send: Callable[[], Awaitable[Answered]]) -> Answered:
        total = Usage()
        if self._untrusted:
            raise LanguageModelError(
                f"{self.model} was loaded from a file that names its server, {self._untrusted}, and would send it your "
                "key and your rows.\n"
                "  for model in program.language_models: model.trust_server()   <- if you do trust it",
                "untrusted_server",
            )
        if (prepare := getattr(self._provider, "prepare", None)) is not None:
            await prepare()
        attempt, in_vain = 0, 0
        while True:
            value, used, error = await self._attempt(most, send)
            total += used
            if error is None:
                return value, total
            if isinstance(error, AskOtherwise):
                in_vain += 1
                if in_vain > self._most_in_vain:
                    raise LanguageModelError(f"{self.model} cannot be asked: {error}", "bad_request")
                continue
            if error.kind not in LanguageModelError.NO_ANSWER or attempt == self.retry:
                raise error
            # Not beyond the end of a run: there, the meter refuses the next attempt.
            await asyncio.sleep(min(self._wait(key, attempt, error.retry_after), self._seconds_left()))
            attempt += 1

    async def _attempt(
        self, most: Usage, send: Callable[[], Awaitable[Answered]]
    ) -> tuple[Json, Usage, LanguageModelError | AskOtherwise | None]:
        """Ask once; give the answer and what it took, or what it took and the error."""
        async with self._place():
            await self._hold(most)
            value, began = None, time.monotonic()
            error: LanguageModelError | AskOtherwise | None = None
            used, failure, why = self._at_most(most), "cancelled", ""
            limit = max(0.001, min(self.timeout, self._seconds_left()))
            try:
                async with asyncio.timeout(limit):  # a server that sends a byte now and then would never time out
                    value, used = await send()
                failure = ""
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise
                failure, why = "connection", f"{self.model} broke off."  # by itself: nobody cancelled this
                error = LanguageModelError(why, failure, maybe_billed=True)
            except TimeoutError:
                if self._seconds_left() == 0:  # the run ended it, and not the limit of one attempt
                    raise BudgetExceeded("seconds") from None
                failure, why = "timeout", f"{self.model} gave no answer within {limit:g} seconds."
                error = LanguageModelError(why, failure)
            except AskOtherwise as learned:
                used, failure, error = Usage(calls=1), "", learned
            except LanguageModelError as failed:
                failure, why, error = failed.kind, str(failed), failed
                used = used if failed.maybe_billed else Usage(calls=1)
            except Exception as broken:  # a provider that a person wrote
                used, failure, why = Usage(calls=1), type(broken).__name__, str(broken)
                raise
            finally:
                used += Usage(seconds=time.monotonic() - began)
                self._settle(most, used, failure, why)
            return value, used, error

    def _at_most(self, most: Usage) -> Usage:
        """Give what an attempt took of which nothing is known but what it can take."""
        written = 0 if most.completion_tokens == UNBOUNDED else most.completion_tokens
        taken = Usage(calls=1, prompt_tokens=most.prompt_tokens, completion_tokens=written)
        if self._price is not None:
            return self._priced(taken, None)
        return taken + Usage(unpriced=1, priced=most.priced if most.priced < math.inf else 0.0)

    @property
    def _most_in_vain(self) -> int:
        """Requests that a provider may send before it knows how, for each that is asked."""
        return getattr(self._provider, "most_in_vain", 0)

    def _place(self) -> asyncio.Semaphore:
        running = asyncio.get_running_loop()
        with self._guard:  # each loop has its own places, and loops may run in several threads
            if running not in self._places:
                self._places = {loop: places for loop, places in self._places.items() if not loop.is_closed()}
                self._places[running] = asyncio.Semaphore(self.max_concurrency)
            return self._places[running]

    def _seconds_left(self) -> float:
        meter = current_meter()
        left = None if meter is None else meter.seconds_left
        return math.inf if left is None else max(0.0, left)

    def _wait(self, key: str, attempt: int, retry_after: float | None) -> float:
        """Give the seconds before the next attempt; apart from equal ones, since each request has its own jitter."""
        jitter = Random(f"{key}/{attempt}").uniform(0.75, 1.25)
        wished: float = FIRST_WAIT * 2**attempt * jitter
        return min(self.retry_max_wait, max(wished, retry_after or 0.0))

    async def _hold(self, most: Usage) -> None:
        meter = current_meter()
        if meter is not None:
            await meter.hold(most)

    def _settle(self, most: Usage, used: Usage, failure: str = "", why: str = "") -> None:
        self.usage.add(current_phase(), used, failure, why)
        meter = current_meter()
        if meter is not None:
            meter.settle(most, used, failure, why)

    def _note(self, failure: str, why: str) -> None:
        """Count an answer that is of no use."""
        self._settle(Usage(), Usage(), failure, why)


def _is_local(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _recorded(usage: Any) -> Usage:
    """Give what an answer took when it was paid for."""
    known = {name: usage[name] for name in ("calls", "prompt_tokens", "completion_tokens", "priced", "unpriced")}
    used = Usage(**known)
    return replace(
        used,
        recorded=used.calls,
        recorded_tokens=used.tokens,
        recorded_priced=used.priced,
        recorded_unpriced=used.unpriced,
    )

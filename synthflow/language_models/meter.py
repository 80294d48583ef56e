"""Meter: who counts the calls of a run and may refuse the next one.

A meter is found through a `ContextVar`, so a budget reaches every model that
a run uses, however deep in a graph, and nothing else that happens at the same time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from synthflow.language_models.usage import Phase, Usage, UsageByPhase

_METER: ContextVar["Meter | None"] = ContextVar("meter", default=None)
_PHASE: ContextVar[Phase] = ContextVar("phase", default="inference")


class Meter(Protocol):
    """Counts calls, and gates them.

    Each attempt is held before it begins, with the most that it can take, and settled
    after it ended, with what it took.
    """

    @property
    def usage(self) -> UsageByPhase:
        """All that was settled."""

    @property
    def seconds_left(self) -> float | None:
        """Wall time until nothing may begin or go on; None without a limit."""

    async def hold(self, most: Usage) -> None:
        """Set aside what a call can take at most; wait while what is under way may still leave room for it.

        Raises:
            BudgetExceeded: There is no room.
        """

    def settle(self, most: Usage, used: Usage, failure: str = "", why: str = "") -> None:
        """Give back what was held, and count what was used, with the kind of a failure and its words."""


def current_meter() -> Meter | None:
    """Give the meter of this task, or None."""
    return _METER.get()


def current_phase() -> Phase:
    """Say what the calls of this task are for."""
    return _PHASE.get()


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Let `meter` count the calls of this task and of those it starts."""
    token = _METER.set(meter)
    try:
        yield
    finally:
        _METER.reset(token)


@contextmanager
def phase(name: Phase) -> Iterator[None]:
    """Say what the calls of this task are for."""
    token = _PHASE.set(name)
    try:
        yield
    finally:
        _PHASE.reset(token)

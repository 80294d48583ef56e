"""Usage: how many calls, tokens and seconds, and how much money, by what they were for."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Phase = Literal["training", "reward", "inference"]
"""What a call is for: to write new candidates, to judge a prediction, or to run a program."""

PHASES: tuple[Phase, ...] = get_args(Phase)

LONGEST_ERROR = 1_000
"""Characters kept of the last error of a kind."""


@dataclass(frozen=True)
class Usage:
    """What some calls took; usages add up.

    Answers from a ledger count as they did when they were paid for, since a budget charges
    them so. What names `recorded` says how much of the whole they are; `paid` leaves them out.

    >>> (Usage(calls=1, priced=0.5) + Usage(calls=1, priced=0.25)).cost
    0.75
    >>> (Usage(calls=1, priced=0.5) + Usage(calls=1, unpriced=1)).cost is None
    True
    """

    calls: int = 0
    """HTTP attempts, those that failed too."""
    recorded: int = 0
    """Calls among them that were not sent, since a ledger held the answer; they were paid for before."""
    prompt_tokens: int = 0
    """Tokens that were read."""
    completion_tokens: int = 0
    """Tokens that were written."""
    priced: float = 0.0
    """US dollars, of the answers whose price is known."""
    unpriced: int = 0
    """Answers whose price is not known."""
    seconds: float = 0.0
    """Time from each attempt to its end, added up over attempts that ran at once."""
    recorded_tokens: int = 0
    """Tokens among them that were read and written when a recorded answer was paid for."""
    recorded_priced: float = 0.0
    """US dollars among `priced` that were paid for recorded answers, before."""
    recorded_unpriced: int = 0
    """Recorded answers among `unpriced`."""

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost(self) -> float | None:
        """US dollars; None, which means unknown, when the price of any answer is not known."""
        return None if self.unpriced else self.priced

    @property
    def paid(self) -> float | None:
        """US dollars without those of recorded answers; None when the price of any other answer is not known.

        >>> Usage(calls=2, recorded=1, priced=1.0, recorded_priced=0.5).paid
        0.5
        """
        return None if self.unpriced > self.recorded_unpriced else self.priced - self.recorded_priced

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def to_json(self) -> dict[str, Any]:
        """Give all numbers by name, with `tokens`, `cost` and `paid`, which are None when unknown."""
        return {**asdict(self), "tokens": self.tokens, "cost": self.cost, "paid": self.paid}


class UsageByPhase:
    """Counts usage by phase, and failures by kind; threads may share it."""

    def __init__(self) -> None:
        self._phases: dict[Phase, Usage] = dict.fromkeys(PHASES, Usage())
        self.failures: Counter[str] = Counter()
        """How many attempts failed and how many answers were of no use, by kind."""
        self.errors: dict[str, str] = {}
        """The last error of each kind, in words."""
        self._guard = threading.Lock()

    def add(self, phase: Phase, usage: Usage, failure: str = "", why: str = "") -> None:
        """Count some calls; `failure` is the kind of what went wrong, and `why` says it in words."""
        with self._guard:
            self._phases[phase] += usage
            if failure:
                self.failures[failure] += 1
            if failure and why:
                self.errors[failure] = why[:LONGEST_ERROR]

    def of(self, phase: Phase | None = None) -> Usage:
        """Give the usage of a phase, or of all."""
        return sum(self._phases.values(), Usage()) if phase is None else self._phases[phase]

    def to_json(self) -> dict[str, Any]:
        """Give the usage of each phase that had any, by its name."""
        return {phase: usage.to_json() for phase, usage in self._phases.items() if usage.calls}

"""What a run took so far, as metrics: calls of models, tokens, money and time.

These look at no row. They read the meter of the run they are asked in, so the number is that of
the whole run until then, and the same for training and validation rows.
"""

import math
from abc import abstractmethod
from typing import Any

from synthflow.language_models.meter import current_meter
from synthflow.language_models.usage import PHASES, Phase, Usage
from synthflow.metrics.metric import Metric


class UsageMetric(Metric):
    """A number about all calls of language and embedding models; a subclass writes `value`.

    Args:
        phase: What the calls were for: `training`, `reward` or `inference`; left out, all of them.
        name: Its name in the logs; left out, that of the class in snake case, behind the phase.

    Raises:
        ValueError: There is no such phase.
    """

    direction = "down"

    def __init__(self, phase: Phase | None = None, *, name: str | None = None) -> None:
        if phase is not None and phase not in PHASES:
            raise ValueError(f"phase is one of {', '.join(map(repr, PHASES))}, or None for all, not {phase!r}.")
        super().__init__(name)
        if name is None and phase is not None:
            self.name = f"{phase}_{self.name}"
        self.phase = phase

    @abstractmethod
    def value(self, usage: Usage) -> float:
        """Give the number."""

    def reset_state(self) -> None:
        """Do nothing; the run counts."""

    async def update_state(self, *args: Any) -> None:
        """Do nothing; the run counts."""

    def result(self) -> float:
        """Give the number for the run so far; that of no calls outside a run."""
        meter = current_meter()
        return self.value(Usage() if meter is None else meter.usage.of(self.phase))


class Calls(UsageMetric):
    """The HTTP attempts so far, those that failed too; what a ledger answered counts as when it was paid for.

    The arguments are `phase`, which is `training`, `reward`, `inference` or None for all, and `name`.

    >>> Calls().name, Calls("reward").name, Calls().result()
    ('calls', 'reward_calls', 0.0)
    """

    def value(self, usage: Usage) -> float:
        """Count the attempts."""
        return float(usage.calls)


class Tokens(UsageMetric):
    """The tokens that models read and wrote so far; the arguments are those of `Calls`.

    >>> Tokens("training").name
    'training_tokens'
    """

    def value(self, usage: Usage) -> float:
        """Count the tokens."""
        return float(usage.tokens)


class Cost(UsageMetric):
    """The US dollars paid so far; `nan`, which means unknown, when any answer has no known price.

    The arguments are those of `Calls`.

    >>> Cost("inference").name
    'inference_cost'
    """

    def value(self, usage: Usage) -> float:
        """Give the cost."""
        return math.nan if usage.cost is None else usage.cost


class Seconds(UsageMetric):
    """The seconds of all attempts so far, added up over those that ran at once; the arguments are those of `Calls`.

    >>> Seconds("reward").name
    'reward_seconds'
    """

    def value(self, usage: Usage) -> float:
        """Give the seconds."""
        return usage.seconds

"""Compiled: how a program is judged and trained."""

from dataclasses import dataclass
from typing import Any

from synthflow.metrics.metric import Metric
from synthflow.optimizers.optimizer import Optimizer
from synthflow.rewards.reward import Reward
from synthflow.search.evaluator import Constraint
from synthflow.search.executors import Executor


@dataclass(frozen=True)
class Compiled:
    """What `compile` was given."""

    reward: Reward
    """Scores one prediction."""
    optimizer: Optimizer | None
    """Trains; without one a program can only be evaluated."""
    metrics: tuple[Metric, ...] = ()
    """Numbers tracked beside the reward."""
    seed: int = 0
    """All chance of a run depends on it."""
    executor: Executor | None = None
    """Where rows run; None for in this process."""
    constraints: tuple[Constraint, ...] = ()
    """What every new candidate must keep to."""

    def get_config(self) -> dict[str, Any]:
        """Give what `compile` makes this of again, but for the executor, which belongs to the machine."""
        return {
            "reward": self.reward,
            "optimizer": self.optimizer,
            "metrics": list(self.metrics),
            "seed": self.seed,
            "constraints": list(self.constraints),
        }

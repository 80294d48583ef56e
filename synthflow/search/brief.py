"""Brief and Slot: what a proposer is shown, and which of several answers it gives."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from random import Random

from synthflow.data_models.canonical import digest
from synthflow.search.candidate import Attempt, Row, Scorecard
from synthflow.search.protocols import Scope, VariableInfo


@dataclass(frozen=True)
class Slot:
    """One child's place in a generation."""

    number: int
    """Which of the briefs of the call, from 0."""
    of: int
    """How many briefs the call has."""
    rng: Random
    """This slot's own generator, keyed by the seed and its place in the run."""
    sample: int = 0
    """A number of the same key: it tells a language model's answers for this slot from those for all others."""


@dataclass(frozen=True)
class Brief:
    """All that a proposer is shown."""

    parents: tuple[Scorecard, ...]
    """Whose values to change: one to mutate, two to cross over. The child keeps the first one's
    values where nothing new is proposed."""
    rows: tuple[Row, ...]
    """All training rows."""
    evidence: tuple[Row, ...]
    """The rows to look at; what the parent did on them is in `parents[0].cells`."""
    scope: Scope
    """What may change."""
    step: int = 0
    """Number of the step, from 1; 0 outside steps."""
    variables: Mapping[str, VariableInfo] = field(default_factory=dict)
    """What is known of every trainable variable, in topological order."""
    instructions: str = ""
    """The user's words on what to aim for."""
    tried: tuple[Attempt, ...] = ()
    """The latest children of the first parent that were no better, oldest first."""
    hint: str = ""
    """The optimizer's words on this child."""

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the content: equal fingerprints ask for the same thing."""
        return digest(
            [
                [[parent.id, parent.age] for parent in self.parents],
                [row.id for row in self.rows],
                [row.id for row in self.evidence],
                {path: names if names is None else sorted(names) for path, names in self.scope.items()},
                self.step,
                [asdict(info) for info in self.variables.values()],
                self.instructions,
                [asdict(attempt) for attempt in self.tried],
                self.hint,
            ]
        )

"""The records of a search: rows, candidates, what each did on each row, and children.

A candidate is one content for all trainable variables; its id is the hash of that
content, so the same idea found twice is one candidate. A cell is one candidate on
one row. A scorecard is a candidate seen through a set of rows; two cards compare
only on the same rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from synthflow.data_models.canonical import digest
from synthflow.data_models.schema import Json
from synthflow.search.protocols import Values

Status = Literal["scored", "duplicate", "rejected", "refused", "failed"]


@dataclass(frozen=True)
class Row:
    """One example of what the program must do."""

    x: Json
    """The input, in JSON."""
    y: Json
    """The answer that is wanted, in JSON."""

    @cached_property
    def id(self) -> str:
        """The hash of the content; equal rows are one row, and weigh as many as they are."""
        return digest([self.x, self.y])


@dataclass(frozen=True)
class Cell:
    """What one candidate did on one row.

    Raises:
        ValueError: The reward is not a finite number, so it could not be ranked.
    """

    reward: float
    """Score of the prediction, from 0 to 1."""
    verdict: str
    """How the run ended: `ok`, or what kind of failure it was."""
    prediction: Json
    """What the program answered."""
    feedback: str = ""
    """What helps a writer to do better, such as the error text of a script."""
    calls: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """What modules with trainable variables did on the way, by the module's path: `{"inputs": ..., "outputs": ...}`
    for each call, where the row's own x and prediction do not say it already."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.reward):
            raise ValueError(f"A reward must be a finite number, got {self.reward}. Return a number from 0.0 to 1.0.")

    def to_json(self) -> Json:
        """Give the cell as JSON."""
        return {
            "reward": self.reward,
            "verdict": self.verdict,
            "prediction": self.prediction,
            "feedback": self.feedback,
            **({"calls": {path: list(calls) for path, calls in self.calls.items()}} if self.calls else {}),
        }

    @classmethod
    def from_json(cls, value: Json) -> "Cell":
        """Make the cell that `to_json` gave."""
        return cls(value["reward"], value["verdict"], value["prediction"], value["feedback"], value.get("calls", {}))


@dataclass(frozen=True)
class Candidate:
    """One content for all trainable variables."""

    values: Values
    """The complete value of every trainable variable, by path; read-only."""
    parents: tuple[str, ...] = ()
    """Ids of the candidates it was made from; no part of its own id."""

    @cached_property
    def id(self) -> str:
        """The hash of the values."""
        return digest(dict(self.values))


@dataclass(frozen=True)
class Scorecard:
    """A candidate seen through a set of rows."""

    candidate: Candidate
    """Whose card it is."""
    cells: Mapping[str, Cell]
    """What it did, by row id."""
    rows: tuple[str, ...]
    """Ids of the rows, as often as each occurs."""
    age: int = 0
    """Its place in the order in which candidates were first committed; breaks ties."""
    violation: str = ""
    """The constraint it breaks, or '': only a seed can break one, a child would be refused."""

    @property
    def id(self) -> str:
        """The candidate's id."""
        return self.candidate.id

    @cached_property
    def reward(self) -> float:
        """Mean reward over the rows; 0 when there are none."""
        return math.fsum(self.cells[row].reward for row in self.rows) / max(1, len(self.rows))

    @property
    def solved(self) -> bool:
        """Whether every row has reward 1 and no constraint is broken."""
        return bool(self.rows) and not self.violation and all(self.cells[row].reward >= 1.0 for row in self.rows)

    def failing(self, rows: Sequence[Row]) -> list[Row]:
        """Give those of `rows` whose reward is below 1, each once, in their order."""
        once = {row.id: row for row in rows}
        return [row for row in once.values() if self.cells[row.id].reward < 1.0]

    def on(self, rows: Sequence[str]) -> "Scorecard":
        """Give the same candidate seen through some of its rows only."""
        return Scorecard(self.candidate, self.cells, tuple(rows), self.age, self.violation)

    def behaviour(self) -> str:
        """Hash what the program answered on every row: equal behaviours answer alike."""
        return digest({row: self.cells[row].prediction for row in self.rows})


@dataclass(frozen=True)
class Child:
    """What became of one slot of a generation."""

    slot: int
    """Its number among the briefs of the call, from 0."""
    status: Status
    """`scored`; `duplicate` (known already: nothing was run); `rejected` (fell on the trial
    rows); `refused` (outside the scope, or a constraint); `failed` (no usable proposal)."""
    card: Scorecard | None = None
    """Its card, when it is scored or a duplicate."""
    reason: str = ""
    """Why there is no new card."""
    kind: str = ""
    """Of one that failed for want of an answer or of means: the kind of `LanguageModelError`, or `budget`."""


@dataclass(frozen=True)
class Attempt:
    """What was tried from a candidate, and was no better."""

    status: Status
    """What became of it."""
    reason: str
    """Why it was no better, such as its reward."""
    values: Values = field(default_factory=dict)
    """The values that were tried, by path: those that differ from the parent's; empty when there were none."""


def by_merit(card: Scorecard) -> tuple[float, bool, int]:
    """Rank a card: reward, then keeping the constraints, then the elder; no two candidates tie."""
    return (card.reward, not card.violation, -card.age)

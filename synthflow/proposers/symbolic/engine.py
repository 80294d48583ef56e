"""The search: an enumeration of programs, in slices, without a clock.

The enumeration goes through stages: what one step makes of the input; features and rules for
cells; then what a second step makes of the results of the first, cheapest first, with new rules
now and then; at the end a decision tree. It is a plain sequence: however it is sliced, it visits
the same values in the same order, and nothing in it depends on time or on chance.

Lanes split the work for processes. There are always `LANES` of them, whatever the number of
processes, and each is an enumeration of its own. Where the inputs have a background other than 0,
lane 0 searches with that colour swapped with 0 and lane 1 with the colours as they are: either may
hold the answer, and neither can use the other's values. Elsewhere both lanes go through the first
stages, which are a small part of a long search, and then share the second steps, every other one
each: second steps take most of the time and hardly use each other's results.

A program that fits all examples is confident if leaving out any example would have led to the
same program. Doubtful fits are usually wrong on new inputs, so they are held back for
`HOLD` evaluations, or to the end, while the search looks for a confident one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthflow.proposers.symbolic.emit import can_be_repaired, write_script
from synthflow.proposers.symbolic.frames import background, swapped, unframed
from synthflow.proposers.symbolic.pool import Frozen, Term, freeze_grid
from synthflow.proposers.symbolic.ranking import Finding, ranked
from synthflow.proposers.symbolic.sources import MAX_SIDE
from synthflow.proposers.symbolic.stages import Stages

LANES = 2
"""How many independent enumerations share a task."""

SLICE = 6_000
"""The default number of evaluations in a slice; about half a second."""

CONFIDENT = 0.98
"""From this confidence on, a fit is trusted."""

HOLD = 30_000
"""For how many evaluations of its lane a doubtful fit is held back."""

MAX_HANDED = 12
"""How many fits a slice hands out at most; the others wait for the next slice."""

NEAR_MISSES = 6
"""How many programs that do not fit a slice hands out at most."""

_MAX_WAITING = 48

Grid = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Parent:
    """A script to be repaired."""

    script: str
    """Its text."""
    grids: Sequence[Grid]
    """What it gives for each example."""


@dataclass(frozen=True)
class Slice:
    """What one slice of an enumeration found."""

    programs: list[Finding]
    """New programs, best first."""
    evaluations: int
    """How many evaluations the enumeration has spent, earlier slices included."""
    exhausted: bool
    """Whether nothing is left to enumerate or to hand out."""
    truncated: bool
    """Whether the slice was stopped before its evaluations were spent."""


class Enumeration:
    """All programs for some examples, one slice after the other."""

    def __init__(
        self,
        pairs: Sequence[tuple[Grid, Grid]],
        parent: Parent | None = None,
        *,
        lane: int = 0,
        input_field: str = "input_grid",
        output_field: str = "output_grid",
    ) -> None:
        """Begin an enumeration.

        Args:
            pairs: The examples: input grid and output grid, 1 to 30 rows and columns of colours.
            parent: A script to repair; then every program reads that script's output.
            lane: Which of the `LANES` enumerations this is.
            input_field: The field of `inputs` that holds the input grid.
            output_field: The field of `result` that takes the output grid.

        Raises:
            ValueError: There is no example, a grid is not a grid, or the lane does not exist.
        """
        if not 0 <= lane < LANES:
            raise ValueError(f"lane must be 0 to {LANES - 1}, got {lane}.")
        inputs = _frozen([pair[0] for pair in pairs], "input")
        outputs = _frozen([pair[1] for pair in pairs], "output")
        if not inputs:
            raise ValueError("pairs is empty: the search needs at least one pair of input and output grid.")
        colour = background(inputs)
        self._frame = colour if lane == 0 else 0
        self._fields = (input_field, output_field)
        self._parent = parent
        made = None
        if parent is not None:
            made = _frozen(parent.grids, "parent's grid")
            if len(made) != len(inputs):
                raise ValueError(f"The parent has {len(made)} grids for {len(inputs)} pairs; it needs one for each.")
        self._stages = Stages(
            swapped(inputs, self._frame),
            swapped(outputs, self._frame),
            None if made is None else swapped(made, self._frame),
            slice(None) if colour else slice(lane, None, LANES),
        )
        self._steps = self._stages.run()
        self._handed: set[str] = set()
        self._missed: set[object] = set()
        self._done = parent is not None and (made == inputs or not can_be_repaired(parent.script))

    @property
    def evaluations(self) -> int:
        """How many evaluations have been spent so far."""
        return self._stages.pool.evaluations

    def slice(self, evaluations: int = SLICE, *, stop: Callable[[], bool] | None = None) -> Slice:
        """Go on for about so many evaluations, less if a confident fit turns up.

        Args:
            evaluations: How many primitives to evaluate; rules for cells count by their work.
            stop: Asked between evaluations whether to stop at once, such as by a clock. A slice
                stopped so is truncated: it also hands out the doubtful fits, as there may be no later slice.

        Returns:
            The new programs, and how far the enumeration is.
        """
        limit = self.evaluations + evaluations
        truncated = False
        while not self._done and self.evaluations < limit:
            if stop is not None and stop():
                truncated = True
                break
            judged = next(self._steps, None)
            self._done = judged is None
            if judged and any(fit.confidence >= CONFIDENT for fit in self._stages.fits):
                break
        findings = self._fitting(everything=truncated or self._done or self.evaluations >= HOLD)
        if not any(finding.confidence >= CONFIDENT for finding in findings):
            findings += self._near_misses()
        exhausted = self._done and not self._stages.fits
        return Slice(ranked(findings), self.evaluations, exhausted, truncated)

    def _fitting(self, *, everything: bool) -> list[Finding]:
        """Take the best fits off the stages' list; doubtful ones only if all may go."""
        found = sorted(self._stages.fits, key=lambda fit: (-fit.confidence, fit.term.cost))[:_MAX_WAITING]
        findings: list[Finding] = []
        waiting = []
        for fit in found:
            if len(findings) == MAX_HANDED or not (everything or fit.confidence >= CONFIDENT):
                waiting.append(fit)
                continue
            finding = self._finding(fit.term, fits=True, confidence=fit.confidence, accuracy=1.0)
            if finding is not None:
                findings.append(finding)
        self._stages.fits[:] = waiting
        return findings

    def _near_misses(self) -> list[Finding]:
        """Choose the most accurate programs not handed out yet; of those right on the same cells only one."""
        findings: list[Finding] = []
        for negative, _, _, term in self._stages.near:
            right = term.equal if term.equal >= 0 else term.values
            if len(findings) == NEAR_MISSES:
                break
            if right not in self._missed:
                self._missed.add(right)
                finding = self._finding(term, fits=False, confidence=0.0, accuracy=-negative)
                findings += [] if finding is None else [finding]
        return findings

    def _finding(self, program: Term, *, fits: bool, confidence: float, accuracy: float) -> Finding | None:
        """Write a program down, unless it was handed out before."""
        whole = unframed(program, self._frame)
        script = write_script(
            whole,
            input_field=self._fields[0],
            output_field=self._fields[1],
            parent=None if self._parent is None else self._parent.script,
        )
        if script in self._handed:
            return None
        self._handed.add(script)
        return Finding(script, fits, confidence, round(whole.cost, 3), round(accuracy, 6))


def _frozen(grids: Sequence[Grid], role: str) -> list[Frozen]:
    frozen = []
    for number, grid in enumerate(grids):
        values = freeze_grid(grid) if isinstance(grid, list | tuple) else None
        if values is None or any(type(v) is not int for row in values for v in row):
            raise ValueError(
                f"The {role} of pair {number} must be 1 to {MAX_SIDE} rows of as many whole numbers each, "
                f"got {grid!r:.80}."
            )
        frozen.append(values)
    return frozen

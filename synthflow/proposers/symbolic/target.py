"""The outputs to be reached, and how near a grid comes to them."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from synthflow.proposers.symbolic.pool import Frozen, Shape, Term


@dataclass(frozen=True)
class Match:
    """A program that gives all outputs."""

    term: Term
    """The call that computes the output."""
    confidence: float
    """The part of the examples that would be right had they not been seen (leave-one-out), 0 to 1."""


class Target:
    """The outputs of all examples."""

    def __init__(self, outputs: Sequence[Frozen]) -> None:
        self.values: Frozen = tuple(outputs)
        self.examples = len(outputs)
        self.shapes: list[Shape] = [(len(output), len(output[0])) for output in outputs]
        self.flat: list[int] = [v for output in outputs for row in output for v in row]
        self.full = int.from_bytes(b"\1" * len(self.flat), "big")
        """The value of `Term.equal` where every cell is right: one byte of 1 for each cell."""
        ends = [0]
        for height, width in self.shapes:
            ends.append(ends[-1] + height * width)
        self.spans = [slice(start, end) for start, end in pairwise(ends)]
        """Where in `flat` the cells of each example are."""

    def fits_shape(self, term: Term) -> bool:
        """Tell whether a grid has the shape of the output in every example."""
        return term.shapes == self.shapes

    def compare(self, term: Term) -> None:
        """Fill in `flat` and `equal` of a grid that has the shape of the outputs."""
        if term.equal < 0:
            cells = [v for value in term.values for row in value for v in row]
            term.flat = bytes(cells) if min(cells) >= 0 and max(cells) < 256 else cells  # bytes, as most are, are small
            term.equal = int.from_bytes(bytes(map(operator.eq, cells, self.flat)), "big")

    def accuracy(self, term: Term) -> float:
        """Tell the part of cells that are right, as a mean over examples; a wrong shape counts 0."""
        total = 0.0
        for value, output, shape, wanted in zip(term.values, self.values, term.shapes, self.shapes, strict=True):
            if shape == wanted:
                right = sum([sum(map(operator.eq, row, other)) for row, other in zip(value, output, strict=True)])
                total += right / (shape[0] * shape[1])
        return total / self.examples


def finished(name: str, arguments: tuple[object, ...], cost: float) -> Term:
    """Make the last call of a program; it is emitted, never searched on."""
    return Term(name, arguments, "grid", (), cost, 0)

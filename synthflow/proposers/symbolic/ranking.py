"""Programs as they are handed out, and their order.

Programs that fit every example come first, those with the highest leave-one-out score before
others, then the cheapest. Programs that do not fit follow, the most accurate first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Program:
    """A script and what is known about it."""

    script: str
    """Self-contained Python that reads `inputs` and leaves `result`."""
    fits: bool
    """Whether it gives the output of every example."""
    loo: float
    """The part of the examples that it would solve had it not seen them, 0 to 1; 0 if it does not fit."""
    cost: float
    """How complex it is, in the vocabulary's costs."""
    accuracy: float
    """The part of cells that are right, as a mean over the examples."""


def order(program: Program) -> tuple[bool, float, float, float]:
    """Give the key that sorts programs, best first."""
    return (not program.fits, -program.loo, -program.accuracy, program.cost)


def ranked(programs: Iterable[Program]) -> list[Program]:
    """Sort programs, best first; equals keep their order, and of equal scripts the best stays.

    >>> near = Program("a", False, 0.0, 1.0, 0.9)
    >>> fit = Program("b", True, 1.0, 3.0, 1.0)
    >>> [program.script for program in ranked([near, fit, near])]
    ['b', 'a']
    """
    best: dict[str, Program] = {}
    for program in sorted(programs, key=order):
        best.setdefault(program.script, program)
    return list(best.values())


def merge(answers_by_lane: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge the answers of all lanes to one slice into one ranked list.

    Args:
        answers_by_lane: The workers' answers, by lane; those with an `error` have no programs.

    Returns:
        The programs, as in the answers, best first, each script once. The order depends on the
        answers alone, not on which came first.
    """
    programs = [Program(**program) for answer in answers_by_lane for program in answer.get("programs", [])]
    return [vars(program) for program in ranked(programs)]

"""Findings: programs as they are handed out, and their order.

Programs that fit every example come first, the most confident before others, then the cheapest.
Programs that do not fit follow, the most accurate first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """A script and what is known about it."""

    script: str
    """Self-contained Python that reads `inputs` and leaves `result`."""
    fits: bool
    """Whether it gives the output of every example."""
    confidence: float
    """The part of the examples that it would solve unseen (leave-one-out), 0 to 1; 0 if it does not fit."""
    cost: float
    """How complex it is, in the vocabulary's costs."""
    accuracy: float
    """The part of cells that are right, as a mean over the examples."""


def order(finding: Finding) -> tuple[bool, float, float, float]:
    """Give the key that sorts findings, best first."""
    return (not finding.fits, -finding.confidence, -finding.accuracy, finding.cost)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings, best first; equals keep their order, and of equal scripts the best stays.

    >>> near = Finding("a", False, 0.0, 1.0, 0.9)
    >>> fit = Finding("b", True, 1.0, 3.0, 1.0)
    >>> [finding.script for finding in ranked([near, fit, near])]
    ['b', 'a']
    """
    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=order):
        best.setdefault(finding.script, finding)
    return list(best.values())


def merge(answers_by_lane: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge the answers of all lanes to one slice into one ranked list.

    Args:
        answers_by_lane: The workers' answers, by lane; those with an `error` have no programs.

    Returns:
        The programs, as in the answers, best first, each script once. The order depends on the
        answers alone, not on which came first.
    """
    findings = [Finding(**program) for answer in answers_by_lane for program in answer.get("programs", [])]
    return [vars(finding) for finding in ranked(findings)]

"""Trimming: how a prompt that is too long is brought to its size, and says what it lacks.

A prompt is a list of parts. While it is too long, the kind of part that takes the most
room gives one up, the lowest in rank. When there is none left to give up, the longest
of what remains lose their middles. Equal parts are always trimmed alike.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from synthflow.sandboxes.console import clip

GAP = "\n\n"
"""What stands between two parts."""
NOTE = 250
"""Characters that are kept free for saying what was left out."""
SHORTEST = 200
"""Characters that are left of a part at least when its middle is cut."""
MARK = 40
"""Characters that are kept free for saying how many were cut."""


@dataclass(frozen=True)
class Part:
    """A piece of a prompt."""

    text: str
    """What it says."""
    kind: str = ""
    """What it is, such as `row`; a part without a kind is never left out."""
    rank: tuple[int, ...] = ()
    """Of its kind, the lowest is left out first."""
    whole: bool = False
    """Whether not even its middle may be cut."""
    name: str = ""
    """What other parts call it, such as `<row 2>`."""


def fit(parts: Sequence[Part], most: int) -> str:
    """Put parts together to a text of at most `most` characters; in front of the last one stands what was left out.

    The text is longer only where the parts that must stay whole are.

    >>> print(fit([Part("x" * 900, "row"), Part("Why?")], 400))
    1 row left out for want of room.
    <BLANKLINE>
    Why?
    """
    if _length(parts) <= most:
        return _joined(parts)
    gone = _given_up(parts, _length(parts) + NOTE - most)
    kept = [part for index, part in enumerate(parts) if index not in gone]
    counts = Counter(parts[index].kind for index in sorted(gone))
    if counts:
        told = " and ".join(f"{count:,} {kind}{'s' * (count > 1)}" for kind, count in sorted(counts.items()))
        names = [parts[index].name for index in sorted(gone) if parts[index].name]
        missed = next((name for name in names if any(name in part.text for part in kept)), "")
        what = f' A name of which nothing is shown, such as "{missed}", stands for what was left out.' if missed else ""
        kept.insert(-1, Part(f"{told} left out for want of room.{what}", whole=True))
    return _joined(_clipped(kept, most))


def _given_up(parts: Sequence[Part], excess: int) -> set[int]:
    """Choose the places of parts to leave out, until they make up for `excess` or there are no more."""
    queues: dict[str, list[int]] = {}
    for index, part in enumerate(parts):
        if part.kind:
            queues.setdefault(part.kind, []).append(index)
    room = {kind: sum(len(parts[index].text) for index in queue) for kind, queue in queues.items()}
    for queue in queues.values():
        queue.sort(key=lambda index: (parts[index].rank, index), reverse=True)
    gone: set[int] = set()
    while excess > 0 and any(room.values()):
        kind = max(room, key=lambda one: room[one])
        index = queues[kind].pop()
        room[kind] -= len(parts[index].text)
        excess -= len(parts[index].text) + len(GAP)
        gone.add(index)
    return gone


def _clipped(parts: Sequence[Part], most: int) -> list[Part]:
    """Cut the middle out of the longest, until all fit or all are short."""
    shorter, excess = list(parts), _length(parts) - most
    for index in sorted(range(len(parts)), key=lambda index: len(parts[index].text), reverse=True):
        part = parts[index]
        if excess > 0 and not part.whole:
            most_left = max(SHORTEST, len(part.text) - excess)
            text = part.text if len(part.text) <= most_left else clip(part.text, most_left - MARK)
            shorter[index] = replace(part, text=text)
            excess -= len(part.text) - len(text)
    return shorter


def _length(parts: Sequence[Part]) -> int:
    return len(_joined(parts))


def _joined(parts: Sequence[Part]) -> str:
    return GAP.join(part.text for part in parts if part.text)

"""Finishing a program by what a grid is to the output: the same, a part, a block, a layer.

A goal is a grid from which one known step leads to the output: its mirror images, its
unscaled and its unframed form. Reaching a goal is worth a whole level of search.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Any

from synthflow.proposers.symbolic.pool import Frozen, Pool, Shape, Term, freeze_grid
from synthflow.proposers.symbolic.target import Match, Target, finished

_INVERSES = {
    "flip_rows": "flip_rows",
    "flip_cols": "flip_cols",
    "transpose": "transpose",
    "anti_transpose": "anti_transpose",
    "rotate_90": "rotate_270",
    "rotate_180": "rotate_180",
    "rotate_270": "rotate_90",
}
_MAX_BLOCKS = 36  # blocks that an output may be assembled from
_MAX_KEY = 25  # cells of a key that a whole answer is looked up by
_MAX_ANSWER = 25  # cells of such an answer


class Goals:
    """Recognises grids from which one step leads to the outputs."""

    def __init__(self, pool: Pool, target: Target) -> None:
        self.pool = pool
        self.target = target
        self._goals: dict[Frozen, list[tuple[str, tuple[Any, ...], float]]] = {target.values: [("", (), 0.0)]}
        self._rests: list[tuple[Term, Frozen, str, bool]] = []
        small = all(h * w <= _MAX_ANSWER for h, w in target.shapes)
        self._repeating = small and 1 < len(set(target.values)) < target.examples
        for name, inverse in _INVERSES.items():
            self._add(name, (), inverse, (), 1.0)
        for factor in (2, 3, 4, 5):
            self._add("upscale", (factor,), "downscale", (factor,), 1.0)
        for name in ("stamp_itself", "stamp_itself_inverted"):
            self._add_if(name, (), _fullest_blocks(target.values), 1.0)
        corners = {output[0][0] for output in target.values}
        if len(corners) == 1:
            self._add("add_frame", (corners.pop(),), "shave", (), 1.4)

    def _add(self, name: str, arguments: tuple[Any, ...], inverse: str, undo: tuple[Any, ...], cost: float) -> None:
        """Add what an inverse gives, if the step leads from there to the outputs."""
        self._add_if(name, arguments, _each(self.pool, inverse, self.target.values, undo), cost)

    def _add_if(self, name: str, arguments: tuple[Any, ...], before: Frozen | None, cost: float) -> None:
        """Add a grid, if the step leads from there to the outputs."""
        if before and _each(self.pool, name, before, arguments) == self.target.values:
            self._goals.setdefault(before, []).append((name, arguments, cost))

    def reached(self, term: Term) -> Iterator[Match]:
        """Tell the programs that end with a grid that is a goal; remember what is a strip of the output."""
        for name, arguments, cost in self._goals.get(term.values, []):
            last = finished(name, (term, *arguments), term.cost + cost) if name else term
            yield Match(last, 1.0)
        for name, first in (("beside", True), ("beside", False), ("above", True), ("above", False)):
            rest = _rest(term, self.target, name, first=first)
            if rest:
                self._rests.append((term, rest, name, first))

    def chosen(self, term: Term) -> Iterator[Match]:
        """Tell the program that looks up the whole output, where outputs repeat and are small."""
        if not self._repeating or any(h * w > _MAX_KEY for h, w in term.shapes):
            return
        answers = dict(zip(term.values, self.target.values, strict=True))
        if len(answers) == self.target.examples:
            return
        if all(answers[key] == output for key, output in zip(term.values, self.target.values, strict=True)):
            seen_twice = sum([1 for key in term.values if term.values.count(key) > 1])
            table = {key: [list(row) for row in output] for key, output in sorted(answers.items())}
            last = finished("choose", (term, table), term.cost + 1.5 + 0.2 * len(table))
            yield Match(last, seen_twice / self.target.examples)

    def joined(self) -> Iterator[Match]:
        """Tell the programs that join a strip of the output with the rest, where both are known."""
        waiting, self._rests = self._rests, []
        for term, rest, name, first in waiting:
            other = self.pool.find(rest)
            if other is not None:
                pair = (term, other) if first else (other, term)
                yield Match(finished(name, pair, term.cost + other.cost + 1.0), 1.0)

    def blocks(self, term: Term) -> Iterator[Match]:
        """Tell the program that builds the output from copies and variants of one grid."""
        counts = _block_counts(term.shapes, self.target.shapes)
        if counts is None:
            return
        down, across = counts
        variants = [term, *self._variants(term)]
        self.pool.evaluations += len(variants)
        grid: list[tuple[Term, ...]] = []
        used: set[str] = set()
        for r in range(down):
            line = []
            for c in range(across):
                fitting = [variant for variant in variants if _is_block(variant, self.target, term.shapes, r, c)]
                if not fitting:
                    return
                line.append(fitting[0])
                used.add(fitting[0].name)
            grid.append(tuple(line))
        if used == {term.name}:
            yield Match(finished("tile", (term, down, across), term.cost + 1.0), 1.0)
        else:
            yield Match(finished("assemble", (grid,), term.cost + 1.0 + 0.4 * len(used)), 1.0)

    def _variants(self, term: Term) -> Iterator[Term]:
        for name in (*_INVERSES, "blank", "invert"):
            values = _each(self.pool, name, term.values, ())
            if values and [(len(value), len(value[0])) for value in values] == term.shapes:
                yield Term(name, (term,), "grid", values, term.cost + 0.5, 0)

    def layers(self, parts: Term) -> Iterator[Match]:
        """Tell the program that lays parts on each other, if some order of them gives the output."""
        count = len(parts.values[0])
        if not 3 <= count <= 8 or any(len(value) != count for value in parts.values):
            return
        for value, shape in zip(parts.values, self.target.shapes, strict=True):
            if any((len(part), len(part[0])) != shape for part in value):
                return
        flat = [[v for value in parts.values for row in value[i] for v in row] for i in range(count)]
        open_cells = set(range(len(self.target.flat)))
        order: list[int] = []
        while len(order) < count:
            free = [i for i in range(count) if i not in order]
            ready = [i for i in free if all(flat[i][k] in (0, self.target.flat[k]) for k in open_cells)]
            if not ready:
                return
            order.append(ready[0])
            open_cells = {k for k in open_cells if flat[ready[0]][k] == 0}
        if all(self.target.flat[k] == 0 for k in open_cells):
            yield Match(finished("merge_parts_in_order", (parts, tuple(order)), parts.cost + 1.5), 1.0)


def _each(pool: Pool, name: str, values: Frozen, arguments: tuple[Any, ...]) -> Frozen | None:
    """Apply a primitive to grids; None if one fails."""
    try:
        results = tuple([freeze_grid(pool.functions[name](value, *arguments)) for value in values])
    except (IndexError, ValueError):
        return None
    return None if None in results else results


def _fullest_blocks(outputs: Frozen) -> Frozen | None:
    """Cut square outputs into as many blocks as a block has cells, and take the fullest of each."""
    fullest = []
    for output in outputs:
        side = isqrt(len(output))
        if side < 2 or side * side != len(output) or len(output) != len(output[0]):
            return None
        blocks = [
            tuple([row[c : c + side] for row in output[r : r + side]])
            for r in range(0, len(output), side)
            for c in range(0, len(output), side)
        ]
        fullest.append(max(blocks, key=lambda block: sum([1 for row in block for v in row if v])))
    return tuple(fullest)


def _rest(term: Term, target: Target, name: str, *, first: bool) -> Frozen | None:
    """Cut a grid off one side of the outputs; None where it does not lie there."""
    rests = []
    for value, (h, w), output, (height, width) in zip(
        term.values, term.shapes, target.values, target.shapes, strict=True
    ):
        if name == "above":
            if w != width or h >= height or value != (output[:h] if first else output[height - h :]):
                return None
            rests.append(output[h:] if first else output[: height - h])
        else:
            if h != height or w >= width:
                return None
            here, there = (slice(0, w), slice(w, width)) if first else (slice(width - w, width), slice(0, width - w))
            if value != tuple([row[here] for row in output]):
                return None
            rests.append(tuple([row[there] for row in output]))
    return tuple(rests)


def _block_counts(shapes: list[Shape], wanted: list[Shape]) -> tuple[int, int] | None:
    """Tell how many times the shapes go into the outputs, if evenly and always the same."""
    counts = set()
    for (h, w), (height, width) in zip(shapes, wanted, strict=True):
        if height % h or width % w:
            return None
        counts.add((height // h, width // w))
    if len(counts) != 1:
        return None
    down, across = counts.pop()
    return (down, across) if 2 <= down * across <= _MAX_BLOCKS else None


def _is_block(term: Term, target: Target, shapes: list[Shape], r: int, c: int) -> bool:
    return all(
        tuple([row[c * w : c * w + w] for row in output[r * h : r * h + h]]) == value
        for value, output, (h, w) in zip(term.values, target.values, shapes, strict=True)
    )

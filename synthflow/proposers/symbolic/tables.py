"""Finishing a program by a rule for single cells: a table, or a mask between two grids.

A table maps what a cell shows (its colour, and perhaps features) to its colour in the output.
It counts for an example only if the other examples would have taught it the entries that the
example needs: the part of examples for which that holds is the program's confidence.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import compress
from typing import Any

from synthflow.proposers.symbolic.pool import Pool, Term
from synthflow.proposers.symbolic.target import Match, Target, finished

# Limits that keep rules simple and the work bounded. Grids and features are tried cheapest first.
_MAX_ENTRIES = 60  # of a table of colours
_MAX_PAIR_ENTRIES = 80  # of a table of colours and features
_HEADS = 11  # grids that a table may start from
_FEATURES = 900  # features that a table may use besides
_TRIPLE_FEATURES = 46  # features of which a table may use two
_TRIPLE_CELLS = 2500  # cells of all outputs up to which such tables are tried
_WHERE_GRIDS = 70  # grids between which a mask may choose
_WHERE_PAIRS = 40  # pairs of them that are tried
_WHERE_HITS = 5  # masks that are told for a pair
_WHERE_VALUES = 6  # values of a mask that a rule may name
_MAX_LAYERS = 4  # grids that may be laid on each other
_CHECKS_PER_EVALUATION = 64  # quick looks at a feature that count as one evaluation

Key = Any
Table = dict[Key, int]


class Tables:
    """Finds rules for cells over all grids and features that have the outputs' shape."""

    def __init__(self, pool: Pool, target: Target, leaf: Term) -> None:
        self.pool = pool
        self.target = target
        self.leaf = leaf
        self._seen: set[int] = set()
        self._plain: list[Term] = []

    def recolour(self, term: Term) -> Iterator[Match]:
        """Tell the program that replaces colours of one grid by a table."""
        self.target.compare(term)
        found = self._table(term.flat, [term], _MAX_ENTRIES)
        if found is not None:
            table, confidence = found
            if table:
                extra = (0.6 if term.kind == "grid" else 0.8) + 0.15 * len(table)
                yield Match(finished("recolour", (term, table), term.cost + extra), confidence)

    def rules(self) -> Iterator[list[Match]]:
        """Tell, a few at a time, all rules that use at least one grid not seen by an earlier call."""
        same = sorted([n for n in self.pool.grids if n.shapes == self.target.shapes], key=lambda n: n.cost)
        new = {id(term) for term in same} - self._seen
        if not new:
            return
        self._seen |= new
        for term in same:
            self.target.compare(term)
        grids = [term for term in same if term.kind == "grid"]
        for term in same:
            if term.kind == "feature" and id(term) in new:
                self.pool.evaluations += 1
                yield list(self.recolour(term))
        for grid in grids[:_HEADS]:
            yield from self._lookups(grid, same[:_FEATURES], new)
        if grids and len(self.target.flat) < _TRIPLE_CELLS:
            yield from self._double_lookups(grids[0], same[1:_TRIPLE_FEATURES], new)
        yield from self._wheres(grids[:_WHERE_GRIDS], same)
        yield list(self._layers(grids))

    def _table(self, keys: Sequence[Key], terms: Sequence[Term], limit: int) -> tuple[Table, float] | None:
        """Make the table from keys to the output, without entries that change nothing, and its confidence."""
        entries = set(zip(keys, self.target.flat, strict=True))
        table = dict(entries)
        if len(table) != len(entries) or len(entries) > limit:
            return None
        single = len(terms) == 1
        changes = {key: v for key, v in sorted(entries) if (key if single else key[0]) != v}
        return changes, _confidence([set(keys[span]) & changes.keys() for span in self.target.spans])

    def _lookups(self, grid: Term, features: list[Term], new: set[int]) -> Iterator[list[Match]]:
        """Tell the tables of (colour, feature)."""
        clashes = _clashes(grid.flat, self.target.flat, 6)
        for number, feature in enumerate(features):
            if number % _CHECKS_PER_EVALUATION == 0:
                self.pool.evaluations += 1
                yield []
            if feature is grid or (id(grid) not in new and id(feature) not in new):
                continue
            flat = feature.flat
            if any(flat[i] == flat[j] for i, j in clashes):
                continue
            self.pool.evaluations += 1
            found = self._table(list(zip(grid.flat, flat, strict=True)), [grid, feature], _MAX_PAIR_ENTRIES)
            if found is not None:
                cost = grid.cost + feature.cost + 0.8 + 0.2 * len(found[0])
                yield [Match(finished("lookup", (grid, feature, found[0]), cost), found[1])]

    def _double_lookups(self, grid: Term, features: list[Term], new: set[int]) -> Iterator[list[Match]]:
        """Tell the tables of (colour, feature, feature)."""
        clashes = _clashes(grid.flat, self.target.flat, 12)
        splits = [sum([(f.flat[i] != f.flat[j]) << k for k, (i, j) in enumerate(clashes)]) for f in features]
        for number, first in enumerate(features):
            self.pool.evaluations += 1
            yield []
            for second, split in zip(features[number + 1 :], splits[number + 1 :], strict=True):
                if splits[number] | split != (1 << len(clashes)) - 1 or not new & {id(grid), id(first), id(second)}:
                    continue
                self.pool.evaluations += 1
                keys = list(zip(grid.flat, first.flat, second.flat, strict=True))
                found = self._table(keys, [grid, first, second], _MAX_PAIR_ENTRIES)
                if found is not None:
                    cost = grid.cost + first.cost + second.cost + 1.5 + 0.2 * len(found[0])
                    yield [Match(finished("lookup_two", (grid, first, second, found[0]), cost), found[1] - 0.01)]

    def _wheres(self, grids: list[Term], masks: list[Term]) -> Iterator[list[Match]]:
        """Tell the pairs of grids between which some mask chooses rightly."""
        full = self.target.full
        if grids and not self._plain:
            shaped = self.leaf if self.target.fits_shape(self.leaf) else grids[0]
            self._plain = [self._constant(shaped, colour) for colour in sorted(set(self.target.flat))]
        grids = [term for term in grids + self._plain if term.equal != full]
        pairs = [
            (one.cost + other.cost, number, one, other)
            for number, one in enumerate(grids)
            for other in grids[number + 1 :]
            if one.equal | other.equal == full
        ]
        self.pool.evaluations += len(grids)
        yield []
        for _, _, one, other in sorted(pairs, key=lambda pair: pair[:2])[:_WHERE_PAIRS]:
            only_one = (one.equal & ~other.equal).to_bytes(len(self.target.flat), "big")
            only_other = (other.equal & ~one.equal).to_bytes(len(self.target.flat), "big")
            self.pool.evaluations += 1 + len(masks) // _CHECKS_PER_EVALUATION
            fits: list[Match] = []
            for mask in masks:
                values = set(compress(mask.flat, only_one))
                others = set(compress(mask.flat, only_other))
                if len(values) > _WHERE_VALUES or not values.isdisjoint(others):
                    continue
                fits.append(self._where(mask, one, other, values, others, only_one))
                if len(fits) == _WHERE_HITS:
                    break
            yield fits

    def _constant(self, shaped: Term, colour: int) -> Term:
        """Make a grid of one colour, in the shape of one that has the outputs' shape."""
        values = tuple([((colour,) * w,) * h for h, w in self.target.shapes])
        plain = Term("constant_like", (shaped, colour), "grid", values, shaped.cost + 0.4, 1)
        plain.shapes = self.target.shapes
        self.target.compare(plain)
        return plain

    def _layers(self, grids: list[Term]) -> Iterator[Match]:
        """Tell the grids that give the output when laid on each other; each must be right wherever it is not 0.

        The next layer is always the one that covers most of what is left, after J. S. Wind's
        winning entry to the Abstraction and Reasoning Challenge (2020).
        """
        left = int.from_bytes(bytes(map(bool, self.target.flat)), "big")
        covers: list[tuple[int, Term]] = []
        for term in grids:
            cover = int.from_bytes(bytes(map(bool, term.flat)), "big")
            if cover and not cover & ~term.equal:
                covers.append((cover, term))
        self.pool.evaluations += 1 + len(grids) // _CHECKS_PER_EVALUATION
        layers: list[Term] = []
        while left and covers and len(layers) < _MAX_LAYERS:
            cover, best = max(covers, key=lambda item: ((item[0] & left).bit_count(), -item[1].cost))
            if not cover & left:
                return
            left &= ~cover
            layers.append(best)
        if not left and len(layers) > 1:
            whole = layers[0]
            for layer in layers[1:]:
                whole = finished("overlay", (whole, layer), whole.cost + layer.cost + 1.0)
            yield Match(whole, 1.0)

    def _where(self, mask: Term, one: Term, other: Term, values: set[int], others: set[int], only_one: bytes) -> Match:
        confidence = _confidence([set(compress(mask.flat[span], only_one[span])) for span in self.target.spans])
        cost = one.cost + other.cost + mask.cost + 1.0 + 0.2 * len(values)
        if len(others) < len(values):
            return Match(finished("where", (mask, tuple(sorted(others)), other, one), cost), confidence)
        return Match(finished("where", (mask, tuple(sorted(values)), one, other), cost), confidence)


def _confidence(needed: Sequence[Iterable[Hashable]]) -> float:
    """Tell the part of examples whose every need is also a need of another example."""
    counts: dict[Hashable, int] = {}
    for needs in needed:
        for need in needs:
            counts[need] = counts.get(need, 0) + 1
    return sum([1 for needs in needed if all(counts[need] > 1 for need in needs)]) / len(needed)


def _clashes(keys: Sequence[Key], outputs: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """List pairs of cells that look alike and differ in the output: a feature must tell them apart."""
    first: dict[Key, int] = {}
    clashes = []
    for i, key in enumerate(keys):
        j = first.setdefault(key, i)
        if outputs[i] != outputs[j]:
            clashes.append((i, j))
            if len(clashes) == limit:
                break
    return clashes

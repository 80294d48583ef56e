"""The order of the search: which values are looked at, one after the other.

First what one step makes of the input, then features of cells and the rules that use them, then
what a second step makes of the results of the first, the cheapest first. New features, rules and
cuts come in between, at fixed places; a decision tree is tried half-way and at the end.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence

from synthflow.proposers.symbolic.emit import GRID, PREVIOUS
from synthflow.proposers.symbolic.expansion import FEATURE_LEVEL, Expansion
from synthflow.proposers.symbolic.goals import Goals
from synthflow.proposers.symbolic.pool import Frozen, Pool, Term
from synthflow.proposers.symbolic.tables import Tables
from synthflow.proposers.symbolic.target import Match, Target
from synthflow.proposers.symbolic.trees import trees

# Places in the list of second steps, and how much is done there.
_RICH = 25  # so many are also expanded through their objects at once, the others at the end
_FEATURES_AT = {6: 8, 31: 20}  # place: how many more grids get features
_CUTS_AT = (21, 61)  # where boxes around masks are cut out
_RULES_EVERY = 12  # after how many steps rules for cells are looked for again
_TREE_AT = 24  # where a tree is tried, with the first of these depths
_TREE_DEPTHS = (4, 6)

_FIRST_BASES = 6  # how many grids get features at first if the input has not the output's shape
_CUT_MASKS = 500  # masks whose boxes are tried, and grids that they are cut out of
_CUT_GRIDS = 60
_KEPT_NEAR = 24  # near misses that are remembered


class Stages:
    """One run through all stages; it collects what it finds."""

    def __init__(
        self, inputs: Sequence[Frozen], outputs: Sequence[Frozen], previous: Sequence[Frozen] | None, share: slice
    ) -> None:
        """Prepare the stages.

        Args:
            inputs: The input grids, frozen.
            outputs: The output grids, frozen.
            previous: The grids that a script to be repaired gives; then only programs that use them count.
            share: Which of the second steps to take.
        """
        self.fits: list[Match] = []
        """The programs found that give all outputs; whoever hands them out removes them."""
        self.near: list[tuple[float, float, int, Term]] = []
        """The best others: (minus accuracy, cost, number, program), best first."""
        self.target = Target(outputs)
        self.pool = Pool(len(inputs))
        self._grid = self.pool.leaf(GRID, tuple(inputs), 0.0)
        self._previous = None if previous is None else self.pool.leaf(PREVIOUS, tuple(previous), 0.2)
        self._leaves = [self._grid] if self._previous is None else [self._previous, self._grid]
        self._share = share
        self._goals = Goals(self.pool, self.target)
        self._tables = Tables(self.pool, self.target, self._grid)
        self._expansion = Expansion(
            self.pool,
            colours=sorted(_common_colours(inputs) - {0}),
            outer=sorted(_common_colours(outputs))[:4],
            shapes=self.target.shapes,
            found=self._look,
        )

    def run(self) -> Iterator[bool]:
        """Search; yield every few evaluations, True where a stage ends and its programs can be judged."""
        for leaf in self._leaves:
            self._look(leaf)
        for leaf in self._leaves:
            yield from _unjudged(self._expansion.moves(leaf, 1))
        yield self._finish(0)
        yield from self._first_features()
        if self._grid.shapes != self.target.shapes:
            for leaf in self._leaves:
                yield from _unjudged(self._expansion.features(leaf))
            yield from self._cuts()
        steps = self._second_steps()
        yield from self._take(steps)
        for term in steps[self._place(_RICH) :]:
            begin = len(self.pool.grids)
            yield from _unjudged(self._expansion.object_moves(term, 3))
            yield self._finish(begin)
        yield from self._rules()
        if not self.fits:
            yield from self._collect(trees(self.pool, self.target, self._leaves[0], _TREE_DEPTHS[1]))

    def _first_features(self) -> Iterator[bool]:
        bases = [leaf for leaf in self._leaves if self.target.fits_shape(leaf)]
        for base in bases or self._shaped(self.pool.grids)[:_FIRST_BASES]:
            yield from _unjudged(self._expansion.features(base))
        yield from self._rules()

    def _second_steps(self) -> list[Term]:
        """List the results of first steps to expand: cheap and small ones first, and only our share of them."""
        whole = _area(self._grid)
        firsts = [n for n in self.pool.grids if n.kind == "grid" and 1 <= n.level <= FEATURE_LEVEL]
        firsts.sort(key=lambda term: term.cost + 0.5 * _area(term) / whole)
        return firsts[self._share]

    def _take(self, steps: list[Term]) -> Iterator[bool]:
        same_shape = self.target.fits_shape(self._grid)
        for number, term in enumerate(steps):
            begin = len(self.pool.grids)
            with_objects = number < self._place(_RICH)
            yield from _unjudged(self._expansion.moves(term, 3, with_objects=with_objects))
            yield self._finish(begin)
            if not same_shape and number in map(self._place, _CUTS_AT):
                yield from self._cuts()
            for place, count in _FEATURES_AT.items():
                if same_shape and number == self._place(place):
                    for base in self._shaped(steps[: 6 * number])[:count]:
                        yield from _unjudged(self._expansion.features(base))
                    yield from self._rules()
            if (number + 1) % self._place(_RULES_EVERY) == 0:
                yield from self._rules()
            if number + 1 == self._place(_TREE_AT) and not self.fits:
                yield from self._collect(trees(self.pool, self.target, self._leaves[0], _TREE_DEPTHS[0]))

    def _place(self, place: int) -> int:
        """Tell where a place in the whole list is in our share of it."""
        return place // (self._share.step or 1)

    def _look(self, term: Term) -> None:
        """Look whether a new value finishes a program."""
        if term.kind == "parts":
            self._add(self._goals.layers(term))
            return
        self._add(self._goals.reached(term))
        self._add(self._goals.chosen(term))
        if self.target.fits_shape(term):
            self._add(self._tables.recolour(term))
        if term.arguments and any(a == b for a, b in zip(term.shapes, self.target.shapes, strict=True)):
            self._approach(term)

    def _approach(self, term: Term) -> None:
        """Remember a grid that comes near the outputs."""
        accuracy = self.target.accuracy(term)
        if accuracy < 1.0 and (len(self.near) < _KEPT_NEAR or -accuracy < self.near[-1][0]) and self._counts(term):
            insort(self.near, (-accuracy, term.cost, self.pool.evaluations, term))
            self.near = self.near[:_KEPT_NEAR]

    def _finish(self, begin: int) -> bool:
        """Look at what the grids from some place on can be joined to; a stage ends here."""
        self._add(self._goals.joined())
        for term in self.pool.grids[begin:]:
            self._add(self._goals.blocks(term))
        return True

    def _rules(self) -> Iterator[bool]:
        yield from self._collect(self._tables.rules())
        yield self._finish(len(self.pool.grids))

    def _cuts(self) -> Iterator[bool]:
        """Cut the box around what a mask marks, for masks whose boxes have the outputs' shapes."""
        whole = sorted([n for n in self.pool.grids if n.shapes == self._grid.shapes], key=lambda term: term.cost)
        grids = [term for term in whole if term.kind == "grid"][:_CUT_GRIDS]
        for mask in whole[:_CUT_MASKS]:
            self.pool.evaluations += 1
            if [_box_shape(value) for value in mask.values] != self.target.shapes:
                continue
            for grid in grids:
                cost = grid.cost + mask.cost + 1.0
                term, new = self.pool.apply("crop_where", (grid, mask), "grid", cost, FEATURE_LEVEL)
                if term is not None and new:
                    self._look(term)
                yield False
        yield self._finish(len(self.pool.grids))

    def _shaped(self, terms: Iterable[Term]) -> list[Term]:
        """List the grids that have the outputs' shape, the cheapest first."""
        return sorted([n for n in terms if n.kind == "grid" and self.target.fits_shape(n)], key=lambda n: n.cost)

    def _collect(self, found: Iterable[Iterable[Match]]) -> Iterator[bool]:
        for fits in found:
            self._add(fits)
            yield False

    def _add(self, fits: Iterable[Match]) -> None:
        self.fits.extend([fit for fit in fits if self._counts(fit.term)])

    def _counts(self, program: Term) -> bool:
        """Tell whether a program counts: a repair must use what it repairs."""
        return self._previous is None or self._previous in _leaves_of(program)


def _leaves_of(program: Term) -> list[Term]:
    waiting: list[object] = [program]
    seen: set[int] = set()
    leaves = []
    while waiting:
        term = waiting.pop()
        if isinstance(term, list | tuple):
            waiting.extend(term)
        elif isinstance(term, Term) and id(term) not in seen:
            seen.add(id(term))
            waiting.extend(term.arguments)
            if not term.arguments:
                leaves.append(term)
    return leaves


def _unjudged(steps: Iterable[None]) -> Iterator[bool]:
    for _ in steps:
        yield False


def _area(term: Term) -> int:
    return sum([height * width for height, width in term.shapes])


def _box_shape(grid: Frozen) -> tuple[int, int]:
    """Tell height and width of the box around the cells that are not 0; zeros if there is none."""
    rows = [r for r, row in enumerate(grid) if any(row)]
    cols = [c for c in range(len(grid[0])) if any([row[c] for row in grid])]
    return (rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1) if rows else (0, 0)


def _common_colours(grids: Sequence[Frozen]) -> set[int]:
    return set.intersection(*[{v for row in grid for v in row} for grid in grids])

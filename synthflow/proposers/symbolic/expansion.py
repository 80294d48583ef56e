"""What can be computed from one grid: the moves of the search.

Everything here is read off the vocabulary's signatures. From a grid come grids, parts and
objects; from parts and objects come numbers; numbers choose among them; and what is chosen
gives grids again. Each generator yields after a few evaluations, so that a search can pause.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from synthflow.proposers.symbolic.pool import Pool, Shape, Term
from synthflow.proposers.symbolic.vocabulary import FLOWING, Primitive, constant_ranges, select

FEATURE_LEVEL = 2
"""Features are never expanded themselves; this is the level that they are filed under."""

_SORTABLE = 0.6
"""Objects are put in order by numbers that cost at most this, such as size and place."""

Constants = list[tuple[tuple[Any, ...], float]]


class Expansion:
    """Applies the vocabulary to grids of a pool, and reports each new grid and each list of parts."""

    def __init__(
        self,
        pool: Pool,
        *,
        colours: list[int],
        outer: list[int],
        shapes: Sequence[Shape],
        found: Callable[[Term], None],
    ) -> None:
        """Prepare an expansion.

        Args:
            pool: Where values are kept.
            colours: The colours but 0 that all inputs have.
            outer: The colours that all outputs have.
            shapes: The outputs' shapes.
            found: Called with every new grid and every new list of parts.
        """
        self.pool = pool
        self.ranges = constant_ranges(colours, outer)
        self.shapes = list(shapes)
        self.found = found

    def moves(self, grid: Term, level: int, *, with_objects: bool = True) -> Iterator[None]:
        """Apply everything that leads from one grid to grids."""
        own = self._ranges_for(grid)
        for primitive in select("grid", gives="grid"):
            self._call(primitive, (grid,), level, own)
            yield
        for primitive in select("grid", gives="parts"):
            for parts in self._call(primitive, (grid,), level, own):
                yield from self._from_parts(grid, parts, level)
        if with_objects:
            yield from self.object_moves(grid, level)

    def object_moves(self, grid: Term, level: int) -> Iterator[None]:
        """Apply everything that leads from one grid through its objects to grids."""
        for objects in self._objects(grid, level):
            for primitive in _EACH_OBJECTS:
                flowing = (grid, objects) if primitive.takes[0] == "grid" else (objects,)
                self._call(primitive, flowing, level)
            yield
            for primitive in select("grid", "objects", gives="shades"):
                for shades in self._call(primitive, (grid, objects), level):
                    for painter in select("grid", "objects", "shades", gives="grid"):
                        self._call(painter, (grid, objects, shades), level)
            for primitive in _PROPERTIES:
                for numbers in self._call(primitive, (grid, objects), level):
                    if any(len(set(value)) > 1 for value in numbers.values):
                        self._choose(grid, objects, numbers, level, sortable=primitive.cost <= _SORTABLE)
                yield

    def features(self, grid: Term) -> Iterator[None]:
        """Compute what can be told about every cell of a grid."""
        for primitive in select("grid", gives="feature"):
            self._call(primitive, (grid,), FEATURE_LEVEL)
            yield
        for objects in self._objects(grid, FEATURE_LEVEL):
            for primitive in select("grid", "objects", gives="feature"):
                self._call(primitive, (grid, objects), FEATURE_LEVEL)
            for primitive in _PROPERTIES:
                for numbers in self._call(primitive, (grid, objects), FEATURE_LEVEL):
                    for marker in select("numbers", gives="marks"):
                        for marks in self._call(marker, (numbers,), FEATURE_LEVEL):
                            self._call(_PAINT, (grid, objects, marks), FEATURE_LEVEL)
                yield

    def _objects(self, grid: Term, level: int) -> Iterator[Term]:
        for primitive in _FINDERS:
            for objects in self._call(primitive, (grid,), level):
                if objects.arguments[0] is grid and objects.name == primitive.name:
                    yield objects

    def _choose(self, grid: Term, objects: Term, numbers: Term, level: int, *, sortable: bool) -> None:
        for primitive in select("objects", "numbers", gives="cells"):
            for cells in self._call(primitive, (objects, numbers), level):
                for use in select("grid", "cells", gives="grid"):
                    self._call(use, (grid, cells), level)
        for primitive in select("objects", "numbers", gives="chosen"):
            if primitive.name != "sort_objects" or sortable:
                for chosen in self._call(primitive, (objects, numbers), level):
                    for use in select("grid", "chosen", gives="grid"):
                        self._call(use, (grid, chosen), level)

    def _from_parts(self, grid: Term, parts: Term, level: int) -> Iterator[None]:
        for primitive in select("parts", gives="grid"):
            self._call(primitive, (parts,), level)
        yield
        for primitive in select("parts", gives="counts"):
            for counts in self._call(primitive, (parts,), level):
                for choice in select("parts", "counts", gives="grid"):
                    self._call(choice, (parts, counts), level)
                if parts.name == "split_parts":
                    for summary in select("grid", "counts", gives="grid"):
                        self._call(summary, (grid, counts), level)
        yield

    def _call(
        self, primitive: Primitive, flowing: tuple[Term, ...], level: int, own: dict[str, Constants] | None = None
    ) -> list[Term]:
        """Apply a primitive with every choice of its constants; list the results, each once."""
        kinds = [kind for kind in primitive.takes if kind not in FLOWING]
        cost = max([term.cost for term in flowing]) + primitive.cost
        results: list[Term] = []
        for chosen in product(*[(own or {}).get(kind, self.ranges.get(kind, [])) for kind in kinds]):
            constants = tuple([value for values, _ in chosen for value in values])
            extra = sum([surcharge for _, surcharge in chosen])
            term, new = self.pool.apply(primitive.name, flowing + constants, primitive.gives, cost + extra, level)
            if term is None:
                continue
            if new and primitive.gives in ("grid", "parts"):
                self.found(term)
            if term not in results:
                results.append(term)
        return results

    def _ranges_for(self, grid: Term) -> dict[str, Constants]:
        """Tell the constants that depend on the grid: even shares, and corners of the outputs' size."""
        shares = [
            (share, surcharge)
            for share, surcharge in self.ranges["shares"]
            if all(h % share[0] == 0 and w % share[1] == 0 for h, w in grid.shapes)
        ]
        corners: Constants = []
        output: Constants = []
        if len(set(self.shapes)) == 1 and len(set(grid.shapes)) == 1:
            (height, width), (h, w) = self.shapes[0], grid.shapes[0]
            if height <= h and width <= w and (height, width) != (h, w):
                output = [((height, width), 0.0)]
                corners = [
                    ((top, left, top + height, left + width), 0.0)
                    for top in sorted({0, h - height})
                    for left in sorted({0, w - width})
                ]
        return {"shares": shares, "corner": corners, "output": output}


_FINDERS = select("grid", gives="objects")
_PROPERTIES = select("grid", "objects", gives="numbers")
_EACH_OBJECTS = select("grid", "objects", gives="grid") + select("objects", gives="grid")
_PAINT = select("grid", "objects", "marks", gives="feature")[0]

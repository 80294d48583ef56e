"""The pool: every value found so far, once, with the cheapest known way to compute it.

A term is a call of a primitive on other terms and constants. It holds one value for each
example, all of them frozen (tuples of tuples), so that equal terms are found by hashing.
"""

from typing import TYPE_CHECKING, Any

from synthflow.proposers.symbolic.sources import MAX_SIDE, search_functions

if TYPE_CHECKING:
    from collections.abc import Sequence

Frozen = tuple[Any, ...]
"""A value made of tuples all through, such as a grid; or such values, one for each example."""
Shape = tuple[int, int]

_MAX_OBJECTS = 150
_FAILURES = (IndexError, ValueError, KeyError, TypeError, ZeroDivisionError)


class Term:
    """A value and how it is computed."""

    __slots__ = ("arguments", "cost", "equal", "flat", "kind", "level", "name", "shapes", "values")

    def __init__(
        self, name: str, arguments: tuple[Any, ...], kind: str, values: Frozen, cost: float, level: int
    ) -> None:
        self.name = name
        """The primitive called; `grid` and `previous` are the leaves."""
        self.arguments = arguments
        """Terms, constants, or rows of terms."""
        self.kind = kind
        """The kind of the value, as in the vocabulary."""
        self.values = values
        """One value for each example; empty for a finished program, which needs none."""
        self.cost = cost
        """What its program costs."""
        self.level = level
        """In which round of expansion it was found; 0 for a leaf."""
        self.shapes: list[Shape] = []
        """Height and width of each value, for grids."""
        self.flat: Sequence[int] = []
        """All cells of all values, once `Target.compare` has asked for them."""
        self.equal = -1
        """One bit for each cell that equals the output's; -1 until compared."""


class Pool:
    """All terms of one enumeration, and the count of evaluations spent on them."""

    def __init__(self, examples: int) -> None:
        self.examples = examples
        self.functions = search_functions()
        self.evaluations = 0
        self.grids: list[Term] = []
        """Every grid and feature, in the order found."""
        self._known: dict[tuple[str, Frozen], Term] = {}

    def leaf(self, name: str, values: Frozen, cost: float) -> Term:
        """Add a grid that is given rather than computed."""
        return self._keep(Term(name, (), "grid", values, cost, 0))

    def find(self, values: Frozen) -> Term | None:
        """Find the grid or feature that has these values."""
        return self._known.get(("grid", values))

    def apply(
        self, name: str, arguments: tuple[Any, ...], kind: str, cost: float, level: int
    ) -> tuple[Term | None, bool]:
        """Call a primitive on every example.

        Returns:
            The term and whether it is new; None if any call failed or gave a useless value.
        """
        self.evaluations += 1
        function = self.functions[name]
        freeze = _FREEZE.get(kind, tuple)
        values = []
        try:
            for example in range(self.examples):
                value = freeze(function(*[a.values[example] if type(a) is Term else a for a in arguments]))
                if not value:
                    return None, False
                values.append(value)
        except _FAILURES:
            return None, False
        term = Term(name, arguments, kind, tuple(values), cost, level)
        known = self._known.get((_FAMILY.get(kind, kind), term.values))
        if known is None:
            return self._keep(term), True
        if kind == "grid" and known.kind == "feature":
            known.kind = "grid"
        return known, False

    def _keep(self, term: Term) -> Term:
        self._known[(_FAMILY.get(term.kind, term.kind), term.values)] = term
        if term.kind in ("grid", "feature"):
            term.shapes = [(len(value), len(value[0])) for value in term.values]
            self.grids.append(term)
        return term


def freeze_grid(grid: Any) -> Frozen | None:
    """Make a grid of tuples; None if it is empty, ragged or too large."""
    if not grid or not grid[0] or len(grid) > MAX_SIDE or len(grid[0]) > MAX_SIDE:
        return None
    width = len(grid[0])
    frozen = tuple([tuple(row) for row in grid])
    for row in frozen:
        if len(row) != width:
            return None
    return frozen


def _freeze_objects(objects: Any) -> Frozen | None:
    return tuple([tuple(cells) for cells in objects]) if len(objects) <= _MAX_OBJECTS else None


def _freeze_parts(parts: Any) -> Frozen | None:
    frozen = tuple([freeze_grid(part) for part in parts])
    return None if len(frozen) < 2 or None in frozen else frozen


_FREEZE = {
    "grid": freeze_grid,
    "feature": freeze_grid,
    "objects": _freeze_objects,
    "chosen": _freeze_objects,
    "parts": _freeze_parts,
}
_FAMILY = {"feature": "grid", "chosen": "objects", "marks": "numbers", "shades": "numbers"}

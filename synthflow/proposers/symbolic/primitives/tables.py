"""What finishes a script: tables from what a cell shows to its colour, masks, assemblies."""

# ruff: noqa: B905 -- a script reads better with a plain zip, and its grids have equal shapes

from synthflow.proposers.symbolic.primitives.kinds import Grid
from synthflow.proposers.symbolic.primitives.scale import above, beside


def recolour(grid: Grid, table: dict[int, int]) -> Grid:
    """Replace colours by a table; others stay."""
    return [[table.get(v, v) for v in row] for row in grid]


def lookup(grid: Grid, feature: Grid, table: dict[tuple[int, int], int]) -> Grid:
    """Replace each cell by a table of (its colour, its feature); others stay."""
    return [[table.get((v, f), v) for v, f in zip(*rows)] for rows in zip(grid, feature)]


def lookup_two(grid: Grid, first: Grid, second: Grid, table: dict[tuple[int, int, int], int]) -> Grid:
    """Replace each cell by a table of (its colour, two features); others stay."""
    return [[table.get((v, f, s), v) for v, f, s in zip(*rows)] for rows in zip(grid, first, second)]


def where(mask: Grid, values: tuple[int, ...], grid: Grid, other: Grid) -> Grid:
    """Take the cell of one grid where the mask has one of some values, else of the other."""
    return [[a if m in values else b for m, a, b in zip(*rows)] for rows in zip(mask, grid, other)]


def constant_like(grid: Grid, colour: int) -> Grid:
    """Make a grid of the same shape in one colour."""
    return [[colour for v in row] for row in grid]


def blank(grid: Grid) -> Grid:
    """Make an empty grid of the same shape."""
    return [[0 for v in row] for row in grid]


def assemble(blocks: list[list[Grid]]) -> Grid:
    """Join rows of blocks into one grid."""
    whole: Grid = []
    for line in blocks:
        joined = line[0]
        for block in line[1:]:
            joined = beside(joined, block)
        whole = above(whole, joined)
    return whole


def choose(key: Grid, answers: dict[tuple[tuple[int, ...], ...], Grid]) -> Grid:
    """Answer with the grid that a table holds for a key."""
    return [list(row) for row in answers[tuple([tuple(row) for row in key])]]

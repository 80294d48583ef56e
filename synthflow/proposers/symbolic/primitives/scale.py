"""Making grids larger or smaller, and joining them."""

# ruff: noqa: B905 -- a script reads better with a plain zip, and its grids have equal shapes

from synthflow.proposers.symbolic.primitives.kinds import Grid
from synthflow.proposers.symbolic.primitives.rigid import flip_cols, flip_rows


def upscale(grid: Grid, factor: int) -> Grid:
    """Make every cell a square of cells."""
    return [[v for v in row for i in range(factor)] for row in grid for j in range(factor)]


def upscale_rows(grid: Grid, factor: int) -> Grid:
    """Repeat every row."""
    return [list(row) for row in grid for i in range(factor)]


def upscale_cols(grid: Grid, factor: int) -> Grid:
    """Repeat every column."""
    return [[v for v in row for i in range(factor)] for row in grid]


def downscale(grid: Grid, factor: int) -> Grid:
    """Keep the first cell of every square of cells."""
    return [list(row[::factor]) for row in grid[::factor]]


def tile(grid: Grid, down: int, across: int) -> Grid:
    """Lay copies of the grid beside and below each other."""
    return [list(row) * across for i in range(down) for row in grid]


def beside(left: Grid, right: Grid) -> Grid:
    """Put one grid to the left of another."""
    return [list(a) + list(b) for a, b in zip(left, right)]


def above(top: Grid, bottom: Grid) -> Grid:
    """Put one grid on top of another."""
    return [list(row) for row in top] + [list(row) for row in bottom]


def mirror_right(grid: Grid) -> Grid:
    """Add the mirror image on the right."""
    return beside(grid, flip_cols(grid))


def mirror_down(grid: Grid) -> Grid:
    """Add the mirror image below."""
    return above(grid, flip_rows(grid))


def mirror_both(grid: Grid) -> Grid:
    """Add mirror images on the right and below."""
    return mirror_down(mirror_right(grid))


def mirror_right_once(grid: Grid) -> Grid:
    """Add the mirror image on the right, sharing the middle column."""
    return [list(row) + list(row[::-1])[1:] for row in grid]


def mirror_down_once(grid: Grid) -> Grid:
    """Add the mirror image below, sharing the middle row."""
    return above(grid, flip_rows(grid)[1:])


def add_frame(grid: Grid, colour: int) -> Grid:
    """Put a frame of one colour around the grid."""
    line = [colour] * (len(grid[0]) + 2)
    return [line, *[[colour, *row, colour] for row in grid], list(line)]


def enlarge_canvas(grid: Grid, factor: int) -> Grid:
    """Add empty cells on the right and below, to so many times the size."""
    h, w = len(grid), len(grid[0])
    return [list(row) + [0] * (w * factor - w) for row in grid] + [[0] * (w * factor) for r in range(h * factor - h)]


def extend_edges(grid: Grid) -> Grid:
    """Put a frame around the grid that repeats its edge cells, with 0 in the corners."""
    top = [0, *grid[0], 0]
    bottom = [0, *grid[-1], 0]
    return [top, *[[row[0], *row, row[-1]] for row in grid], bottom]


def count_colours(grid: Grid) -> dict[int, int]:
    """Count the cells of every colour but 0."""
    counts: dict[int, int] = {}
    for row in grid:
        for v in row:
            if v:
                counts[v] = counts.get(v, 0) + 1
    return counts


def upscale_by_colours(grid: Grid) -> Grid:
    """Scale by the number of colours."""
    return upscale(grid, len(count_colours(grid)))


def upscale_by_cells(grid: Grid) -> Grid:
    """Scale by the number of cells that are not 0."""
    return upscale(grid, sum(count_colours(grid).values()))


def tile_by_colours(grid: Grid) -> Grid:
    """Tile as many times, both ways, as there are colours."""
    count = len(count_colours(grid))
    return tile(grid, count, count)

"""Choosing a rectangle of the grid."""

from synthflow.proposers.symbolic.primitives.kinds import Cells, Grid
from synthflow.proposers.symbolic.primitives.rigid import transpose


def filled_cells(grid: Grid) -> Cells:
    """List the cells that are not 0."""
    return [(r, c) for r, row in enumerate(grid) for c, v in enumerate(row) if v]


def box_of(cells: Cells) -> tuple[int, int, int, int]:
    """Find top, left, bottom and right of some cells, the last two exclusive."""
    rows = [r for r, c in cells]
    cols = [c for r, c in cells]
    return min(rows), min(cols), max(rows) + 1, max(cols) + 1


def crop(grid: Grid, top: int, left: int, bottom: int, right: int) -> Grid:
    """Cut out a rectangle, bottom and right exclusive."""
    return [list(row[left:right]) for row in grid[top:bottom]]


def crop_content(grid: Grid) -> Grid:
    """Cut out the box around all cells that are not 0."""
    top, left, bottom, right = box_of(filled_cells(grid))
    return crop(grid, top, left, bottom, right)


def crop_colour(grid: Grid, colour: int) -> Grid:
    """Cut out the box around one colour."""
    cells = [(r, c) for r, row in enumerate(grid) for c, v in enumerate(row) if v == colour]
    top, left, bottom, right = box_of(cells)
    return crop(grid, top, left, bottom, right)


def crop_where(grid: Grid, mask: Grid) -> Grid:
    """Cut out the box around the cells that a mask marks."""
    top, left, bottom, right = box_of(filled_cells(mask))
    return crop(grid, top, left, bottom, right)


def shave(grid: Grid) -> Grid:
    """Cut one row or column off every side."""
    return [list(row[1:-1]) for row in grid[1:-1]]


def top_half(grid: Grid) -> Grid:
    """Keep the upper half, without a middle row."""
    return [list(row) for row in grid[: len(grid) // 2]]


def bottom_half(grid: Grid) -> Grid:
    """Keep the lower half, without a middle row."""
    return [list(row) for row in grid[(len(grid) + 1) // 2 :]]


def left_half(grid: Grid) -> Grid:
    """Keep the left half, without a middle column."""
    return [list(row[: len(row) // 2]) for row in grid]


def right_half(grid: Grid) -> Grid:
    """Keep the right half, without a middle column."""
    return [list(row[(len(row) + 1) // 2 :]) for row in grid]


def merge_equal_rows(grid: Grid) -> Grid:
    """Keep one of every run of equal neighbouring rows."""
    return [list(row) for r, row in enumerate(grid) if r == 0 or list(row) != list(grid[r - 1])]


def merge_equal_lines(grid: Grid) -> Grid:
    """Keep one of every run of equal neighbouring rows, then of columns."""
    return transpose(merge_equal_rows(transpose(merge_equal_rows(grid))))


def drop_empty_rows(grid: Grid) -> Grid:
    """Remove the rows that are all 0."""
    return [list(row) for row in grid if any(row)]


def drop_empty_lines(grid: Grid) -> Grid:
    """Remove the rows and the columns that are all 0."""
    return transpose(drop_empty_rows(transpose(drop_empty_rows(grid))))


def repeating_tile(grid: Grid) -> Grid:
    """Cut out the smallest tile that the whole grid repeats."""
    h, w = len(grid), len(grid[0])
    tall = [k for k in range(1, h + 1) if all(list(grid[r]) == list(grid[r - k]) for r in range(k, h))]
    wide = [k for k in range(1, w + 1) if all(row[c] == row[c - k] for row in grid for c in range(k, w))]
    return crop(grid, 0, 0, tall[0], wide[0])

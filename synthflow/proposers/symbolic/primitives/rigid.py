"""The moves that keep every cell: mirrors, turns, shifts, swapping two colours."""

from synthflow.proposers.symbolic.primitives.kinds import Grid


def flip_rows(grid: Grid) -> Grid:
    """Turn the grid upside down."""
    return [list(row) for row in grid[::-1]]


def flip_cols(grid: Grid) -> Grid:
    """Mirror the grid from left to right."""
    return [list(row[::-1]) for row in grid]


def transpose(grid: Grid) -> Grid:
    """Swap rows and columns."""
    return [[row[c] for row in grid] for c in range(len(grid[0]))]


def anti_transpose(grid: Grid) -> Grid:
    """Mirror the grid along its other diagonal."""
    return flip_rows(flip_cols(transpose(grid)))


def rotate_90(grid: Grid) -> Grid:
    """Turn the grid clockwise by a quarter."""
    return transpose(flip_rows(grid))


def rotate_180(grid: Grid) -> Grid:
    """Turn the grid by a half."""
    return flip_rows(flip_cols(grid))


def rotate_270(grid: Grid) -> Grid:
    """Turn the grid counterclockwise by a quarter."""
    return flip_rows(transpose(grid))


def shift(grid: Grid, down: int, right: int) -> Grid:
    """Move all cells; what comes in from outside is 0."""
    h, w = len(grid), len(grid[0])
    return [
        [grid[r - down][c - right] if 0 <= r - down < h and 0 <= c - right < w else 0 for c in range(w)]
        for r in range(h)
    ]


def shift_around(grid: Grid, down: int, right: int) -> Grid:
    """Move all cells; what leaves on one side comes in on the other."""
    h, w = len(grid), len(grid[0])
    return [[grid[(r - down) % h][(c - right) % w] for c in range(w)] for r in range(h)]


def swap_colours(grid: Grid, one: int, other: int) -> Grid:
    """Exchange two colours."""
    return [[other if v == one else one if v == other else v for v in row] for row in grid]

"""Rays, links between like cells, and whole rows and columns."""

# ruff: noqa: B905 -- a script reads better with a plain zip, and its grids have equal shapes

from synthflow.proposers.symbolic.primitives.kinds import Grid
from synthflow.proposers.symbolic.primitives.rigid import transpose


def overlay(top: Grid, bottom: Grid) -> Grid:
    """Show the top grid, and the bottom one where the top is 0."""
    return [[a if a else b for a, b in zip(upper, lower)] for upper, lower in zip(top, bottom)]


def ray(grid: Grid, down: int, right: int) -> Grid:
    """Let every cell shine in one direction until something stands in the way."""
    h, w = len(grid), len(grid[0])
    lit = [list(row) for row in grid]
    for r in range(h) if down >= 0 else range(h - 1, -1, -1):
        for c in range(w) if right >= 0 else range(w - 1, -1, -1):
            if lit[r][c] == 0 and 0 <= r - down < h and 0 <= c - right < w:
                lit[r][c] = lit[r - down][c - right]
    return lit


def rays_sideways(grid: Grid) -> Grid:
    """Let every cell shine left and right."""
    return overlay(ray(grid, 0, 1), ray(grid, 0, -1))


def rays_upright(grid: Grid) -> Grid:
    """Let every cell shine up and down."""
    return overlay(ray(grid, 1, 0), ray(grid, -1, 0))


def rays_cross(grid: Grid) -> Grid:
    """Let every cell shine left, right, up and down."""
    return overlay(rays_sideways(grid), rays_upright(grid))


def rays_diagonal(grid: Grid) -> Grid:
    """Let every cell shine along both diagonals."""
    falling = overlay(ray(grid, 1, 1), ray(grid, -1, -1))
    rising = overlay(ray(grid, 1, -1), ray(grid, -1, 1))
    return overlay(falling, rising)


def link(grid: Grid, down: int, right: int) -> Grid:
    """Join like cells that see each other along one direction."""
    there = ray(grid, down, right)
    back = ray(grid, -down, -right)
    return [[a if a == b else v for a, b, v in zip(*rows)] for rows in zip(there, back, grid)]


def link_rows(grid: Grid) -> Grid:
    """Join like cells that see each other in a row."""
    return link(grid, 0, 1)


def link_cols(grid: Grid) -> Grid:
    """Join like cells that see each other in a column."""
    return link(grid, 1, 0)


def link_diagonal(grid: Grid) -> Grid:
    """Join like cells that see each other along a diagonal."""
    return overlay(link(grid, 1, 1), link(grid, 1, -1))


def link_cross(grid: Grid) -> Grid:
    """Join like cells that see each other in a row or a column."""
    return overlay(grid, overlay(link_rows(grid), link_cols(grid)))


def between(grid: Grid, down: int, right: int) -> Grid:
    """Mark the empty cells with something on both sides."""
    there = ray(grid, down, right)
    back = ray(grid, -down, -right)
    return [[1 if a and b and not v else 0 for a, b, v in zip(*rows)] for rows in zip(there, back, grid)]


def between_ways(grid: Grid) -> Grid:
    """Mark empty cells between others: 1 in the row, 2 in the column, 3 in both."""
    sideways = between(grid, 0, 1)
    upright = between(grid, 1, 0)
    return [[a + 2 * b for a, b in zip(*rows)] for rows in zip(sideways, upright)]


def row_main(grid: Grid) -> Grid:
    """Paint every row in the colour most frequent in it."""
    return [[max(sorted(set(row)), key=lambda v: row.count(v))] * len(row) for row in grid]


def col_main(grid: Grid) -> Grid:
    """Paint every column in the colour most frequent in it."""
    return transpose(row_main(transpose(grid)))


def row_first(grid: Grid) -> Grid:
    """Paint every row in its first colour that is not 0."""
    return [([v for v in row if v] + [0])[:1] * len(row) for row in grid]


def col_first(grid: Grid) -> Grid:
    """Paint every column in its first colour that is not 0."""
    return transpose(row_first(transpose(grid)))


def sort_rows(grid: Grid) -> Grid:
    """Order the rows by how many cells are not 0."""
    return [list(row) for row in sorted(grid, key=lambda row: sum(1 for v in row if v))]


def sort_cols(grid: Grid) -> Grid:
    """Order the columns by how many cells are not 0."""
    return transpose(sort_rows(transpose(grid)))


def cross_lines(grid: Grid) -> Grid:
    """Draw the full row and column through every cell that is not 0."""
    rows = [([v for v in row if v] + [0])[0] for row in grid]
    cols = [([v for v in col if v] + [0])[0] for col in transpose(grid)]
    return [[v or a or b for v, b in zip(row, cols)] for row, a in zip(grid, rows)]


def join_in_rows(grid: Grid) -> Grid:
    """Fill every row between its outermost cells with the first one's colour."""
    joined = [list(row) for row in grid]
    for row in joined:
        filled = [c for c, v in enumerate(row) if v]
        for c in range(filled[0] + 1, filled[-1]) if filled else []:
            row[c] = row[c] or row[filled[0]]
    return joined


def join_in_cols(grid: Grid) -> Grid:
    """Fill every column between its outermost cells with the first one's colour."""
    return transpose(join_in_rows(transpose(grid)))


def border_links(grid: Grid) -> Grid:
    """Keep only the rows and columns that begin and end in one colour, and fill them with it."""
    rows = [row[0] if row[0] == row[-1] else 0 for row in grid]
    cols = [a if a == b else 0 for a, b in zip(grid[0], grid[-1])]
    return [[a or b for b in cols] for a in rows]


def corner_paths(grid: Grid) -> Grid:
    """Mark the way from the first filled cell along its row, then along the column, to the last."""
    cells = [(r, c) for r, row in enumerate(grid) for c, v in enumerate(row) if v]
    (top, start), (bottom, end) = cells[0], cells[-1]
    left, right = min(start, end), max(start, end)
    return [
        [1 if (r == top and left <= c <= right) or (c == end and top <= r <= bottom) else 0 for c in range(len(row))]
        for r, row in enumerate(grid)
    ]

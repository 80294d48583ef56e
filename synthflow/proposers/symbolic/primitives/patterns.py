"""Completing a grid from what repeats in it: periods and symmetries."""

from synthflow.proposers.symbolic.primitives.kinds import Grid
from synthflow.proposers.symbolic.primitives.lines import overlay
from synthflow.proposers.symbolic.primitives.rigid import (
    flip_cols,
    flip_rows,
    rotate_90,
    rotate_180,
    rotate_270,
    transpose,
)


def fill_period(grid: Grid) -> Grid:
    """Fill the empty cells from the smallest tile that explains the others."""
    h, w = len(grid), len(grid[0])
    sizes = [(p * q, p, q) for p in range(1, h + 1) for q in range(1, w + 1) if p * q <= h * w // 2]
    for area, p, q in sorted(sizes):
        tile: dict[int, int] = {}
        fits = True
        for r in range(h):
            base = r % p * q
            for c, v in enumerate(grid[r]):
                if v and tile.setdefault(base + c % q, v) != v:
                    fits = False
                    break
            if not fits:
                break
        if fits and len(tile) == area:
            return [[tile[r % p * q + c % q] for c in range(w)] for r in range(h)]
    return [list(row) for row in grid]


def fill_row_periods(grid: Grid) -> Grid:
    """Continue in every row what repeats in it."""
    done = []
    for row in grid:
        best = list(row)
        for period in range(1, len(row)):
            tile: dict[int, int] = {}
            if all(not v or tile.setdefault(c % period, v) == v for c, v in enumerate(row)) and len(tile) == period:
                best = [tile[c % period] for c in range(len(row))]
                break
        done.append(best)
    return done


def fill_col_periods(grid: Grid) -> Grid:
    """Continue in every column what repeats in it."""
    return transpose(fill_row_periods(transpose(grid)))


def fill_diagonals(grid: Grid) -> Grid:
    """Continue diagonals that repeat."""
    h, w = len(grid), len(grid[0])
    cells = [(r, c, v) for r, row in enumerate(grid) for c, v in enumerate(row) if v]
    for period in range(1, h + w):
        for sign in (1, -1):
            tile: dict[int, int] = {}
            fits = all(tile.setdefault((r + sign * c) % period, v) == v for r, c, v in cells)
            if fits and len(tile) == period:
                return [[tile[(r + sign * c) % period] for c in range(w)] for r in range(h)]
    return [list(row) for row in grid]


def continue_rows(grid: Grid) -> Grid:
    """Repeat the pattern of the filled rows downwards to the end."""
    rows = [list(row) for row in grid]
    filled = max([r for r, row in enumerate(rows) if any(row)]) + 1
    for period in range(1, filled + 1):
        if all(rows[r] == rows[r - period] for r in range(period, filled)):
            return [rows[r % period] for r in range(len(rows))]
    return rows


def mirror_sums(grid: Grid) -> tuple[int, int]:
    """Find the mirror axes that most cells agree with, as sums of mirrored rows and columns."""
    h, w = len(grid), len(grid[0])
    cells = [(r, c, v) for r, row in enumerate(grid) for c, v in enumerate(row) if v]
    best = (-1000000, h - 1, w - 1)
    for rows in range(h - 1, h + 3):
        for cols in range(w - 1, w + 3):
            score = 0
            for r, c, v in cells:
                if rows - r < h and grid[rows - r][c]:
                    score += 1 if grid[rows - r][c] == v else -50
                if cols - c < w and grid[r][cols - c]:
                    score += 1 if grid[r][cols - c] == v else -50
            if score > best[0]:
                best = (score, rows, cols)
    return best[1], best[2]


def fill_symmetry(grid: Grid) -> Grid:
    """Fill the empty cells from their mirror images."""
    h, w = len(grid), len(grid[0])
    rows, cols = mirror_sums(grid)
    full = [list(row) for row in grid]
    for _pass in range(2):
        for r in range(h):
            for c in range(w):
                for a, b in ((rows - r, c), (r, cols - c), (rows - r, cols - c), (c, r)):
                    if full[r][c] == 0 and 0 <= a < h and 0 <= b < w:
                        full[r][c] = full[a][b]
    return full


def symmetrize(grid: Grid) -> Grid:
    """Lay the grid over its mirror images."""
    return overlay(overlay(grid, flip_cols(grid)), overlay(flip_rows(grid), rotate_180(grid)))


def symmetrize_turns(grid: Grid) -> Grid:
    """Lay the grid over its turned images."""
    return overlay(overlay(grid, rotate_90(grid)), overlay(rotate_180(grid), rotate_270(grid)))


def symmetrize_content(grid: Grid) -> Grid:
    """Lay what is drawn over its own mirror images in its box made square."""
    cells = [(r, c) for r, row in enumerate(grid) for c, v in enumerate(row) if v]
    rows = min([r for r, c in cells]) + max([r for r, c in cells])
    cols = min([c for r, c in cells]) + max([c for r, c in cells])
    full = [list(row) for row in grid]
    for r, c in cells:
        for a, b in ((rows - r, c), (r, cols - c), (rows - r, cols - c)):
            full[a][b] = full[a][b] or grid[r][c]
    return full


def continue_cols(grid: Grid) -> Grid:
    """Repeat the pattern of the filled columns to the right, to the end."""
    return transpose(continue_rows(transpose(grid)))


def extend_down(grid: Grid, halves: int) -> Grid:
    """Make the grid so many halves as tall by repeating what repeats in its rows."""
    rows = [list(row) for row in grid]
    h = len(rows)
    periods = [k for k in range(1, h + 1) if all(rows[r] == rows[r - k] for r in range(k, h))]
    return [list(rows[r % periods[0]]) for r in range(h * halves // 2)]


def extend_right(grid: Grid, halves: int) -> Grid:
    """Make the grid so many halves as wide by repeating what repeats in its columns."""
    return transpose(extend_down(transpose(grid), halves))

"""Grids that tell something about every cell: where it is, what is around it."""

from synthflow.proposers.symbolic.primitives.crop import box_of
from synthflow.proposers.symbolic.primitives.kinds import Grid, Objects
from synthflow.proposers.symbolic.primitives.objects import neighbours
from synthflow.proposers.symbolic.primitives.rigid import transpose


def row_numbers(grid: Grid) -> Grid:
    """Number the rows from 0."""
    return [[r for v in row] for r, row in enumerate(grid)]


def col_numbers(grid: Grid) -> Grid:
    """Number the columns from 0."""
    return [list(range(len(row))) for row in grid]


def row_cycle(grid: Grid, period: int) -> Grid:
    """Number the rows again and again."""
    return [[r % period for v in row] for r, row in enumerate(grid)]


def col_cycle(grid: Grid, period: int) -> Grid:
    """Number the columns again and again."""
    return [[c % period for c in range(len(row))] for row in grid]


def diagonal_cycle(grid: Grid, period: int) -> Grid:
    """Number the rising diagonals again and again."""
    return [[(r + c) % period for c in range(len(row))] for r, row in enumerate(grid)]


def antidiagonal_cycle(grid: Grid, period: int) -> Grid:
    """Number the falling diagonals again and again."""
    return [[(r - c) % period for c in range(len(row))] for r, row in enumerate(grid)]


def border_distance(grid: Grid) -> Grid:
    """Tell how far each cell is from the border of the grid."""
    h, w = len(grid), len(grid[0])
    return [[min(r, c, h - 1 - r, w - 1 - c) for c in range(w)] for r in range(h)]


def depth(grid: Grid) -> Grid:
    """Tell how deep each cell lies inside the cells that are not 0."""
    h, w = len(grid), len(grid[0])
    deep = [[1 if v else 0 for v in row] for row in grid]
    level = 1
    grown = True
    while grown:
        grown = False
        for r in range(1, h - 1):
            for c in range(1, w - 1):
                if deep[r][c] == level and all(deep[a][b] >= level for a, b in neighbours(r, c, True)):
                    deep[r][c] = level + 1
                    grown = True
        level += 1
    return deep


def neighbour_counts(grid: Grid, diagonal: bool) -> Grid:
    """Count the neighbours of each cell that are not 0."""
    h, w = len(grid), len(grid[0])
    padded = [[0] * (w + 2), *[[0, *[1 if v else 0 for v in row], 0] for row in grid], [0] * (w + 2)]
    steps = neighbours(1, 1, diagonal)
    return [[sum([padded[r + a][c + b] for a, b in steps]) for c in range(w)] for r in range(h)]


def like_neighbours(grid: Grid, diagonal: bool) -> Grid:
    """Count the neighbours of each cell that have its colour."""
    h, w = len(grid), len(grid[0])
    padded = [[-1] * (w + 2), *[[-1, *row, -1] for row in grid], [-1] * (w + 2)]
    steps = neighbours(1, 1, diagonal)
    return [[sum([padded[r + a][c + b] == grid[r][c] for a, b in steps]) for c in range(w)] for r in range(h)]


def enclosed(grid: Grid, diagonal: bool) -> Grid:
    """Mark the empty cells that no empty path joins to the border."""
    h, w = len(grid), len(grid[0])
    inner = [[0 if v else 1 for v in row] for row in grid]
    reached = [(r, c) for r in range(h) for c in range(w) if (r in (0, h - 1) or c in (0, w - 1)) and inner[r][c]]
    for r, c in reached:
        inner[r][c] = 0
    for r, c in reached:
        for a, b in neighbours(r, c, diagonal):
            if 0 <= a < h and 0 <= b < w and inner[a][b]:
                inner[a][b] = 0
                reached.append((a, b))
    return inner


def row_counts(grid: Grid) -> Grid:
    """Tell each cell how many cells of its row are not 0."""
    return [[sum([1 for v in row if v])] * len(row) for row in grid]


def col_counts(grid: Grid) -> Grid:
    """Tell each cell how many cells of its column are not 0."""
    return transpose(row_counts(transpose(grid)))


def uniform_rows(grid: Grid) -> Grid:
    """Mark the rows of one colour."""
    return [[1 if len(set(row)) == 1 else 0] * len(row) for row in grid]


def uniform_cols(grid: Grid) -> Grid:
    """Mark the columns of one colour."""
    return transpose(uniform_rows(transpose(grid)))


def filled_rows(grid: Grid) -> Grid:
    """Mark the rows that hold something."""
    return [[1 if any(row) else 0] * len(row) for row in grid]


def filled_cols(grid: Grid) -> Grid:
    """Mark the columns that hold something."""
    return transpose(filled_rows(transpose(grid)))


def row_variety(grid: Grid) -> Grid:
    """Tell each cell how many colours its row has."""
    return [[len({v for v in row if v})] * len(row) for row in grid]


def col_variety(grid: Grid) -> Grid:
    """Tell each cell how many colours its column has."""
    return transpose(row_variety(transpose(grid)))


def box_marks(grid: Grid, objects: Objects) -> Grid:
    """Mark the boxes around objects: 1 on the edge, 2 inside."""
    marks = [[0 for v in row] for row in grid]
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        for r in range(top, bottom):
            for c in range(left, right):
                edge = r in (top, bottom - 1) or c in (left, right - 1)
                marks[r][c] = max(marks[r][c], 1 if edge else 2)
    return marks


def box_rings(grid: Grid, objects: Objects) -> Grid:
    """Number the rings of the box around each object, 1 for the outermost."""
    rings = [[0 for v in row] for row in grid]
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        for r in range(top, bottom):
            for c in range(left, right):
                rings[r][c] = min(r - top, c - left, bottom - 1 - r, right - 1 - c) + 1
    return rings


def rows_in_object(grid: Grid, objects: Objects) -> Grid:
    """Number the rows of each object from 1."""
    rows = [[0 for v in row] for row in grid]
    for cells in objects:
        top = min([r for r, c in cells])
        for r, c in cells:
            rows[r][c] = r - top + 1
    return rows


def cols_in_object(grid: Grid, objects: Objects) -> Grid:
    """Number the columns of each object from 1."""
    cols = [[0 for v in row] for row in grid]
    for cells in objects:
        left = min([c for r, c in cells])
        for r, c in cells:
            cols[r][c] = c - left + 1
    return cols


def row_offset(grid: Grid) -> Grid:
    """Tell how far each cell is from the middle row, in half rows."""
    h = len(grid)
    return [[abs(2 * r - h + 1) for v in row] for r, row in enumerate(grid)]


def col_offset(grid: Grid) -> Grid:
    """Tell how far each cell is from the middle column, in half columns."""
    return transpose(row_offset(transpose(grid)))


def largest_blank(grid: Grid) -> Grid:
    """Mark the largest empty rectangle."""
    h, w = len(grid), len(grid[0])
    best = (0, 0, 0, 0, 0)
    for top in range(h):
        free = [True] * w
        for bottom in range(top, h):
            run = 0
            for c in range(w):
                free[c] = free[c] and grid[bottom][c] == 0
                run = run + 1 if free[c] else 0
                area = run * (bottom - top + 1)
                if area > best[0]:
                    best = (area, top, bottom, c - run + 1, c)
    area, top, bottom, left, right = best
    return [[1 if area and top <= r <= bottom and left <= c <= right else 0 for c in range(w)] for r in range(h)]


def path_parity(grid: Grid) -> Grid:
    """Tell 1 or 2 for empty cells an odd or even number of empty steps from the least frequent colour."""
    h, w = len(grid), len(grid[0])
    colours = [v for row in grid for v in row if v]
    rarest = min(sorted(set(colours)), key=lambda v: colours.count(v))
    steps = [[0 for v in row] for row in grid]
    reached = [(r, c) for r in range(h) for c in range(w) if grid[r][c] == rarest]
    for r, c in reached:
        for a, b in neighbours(r, c, False):
            if 0 <= a < h and 0 <= b < w and grid[a][b] == 0 and steps[a][b] == 0:
                steps[a][b] = 2 if steps[r][c] == 1 else 1
                reached.append((a, b))
    return steps

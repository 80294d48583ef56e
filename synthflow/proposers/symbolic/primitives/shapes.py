"""Growing, cleaning, filling and dropping what is drawn."""

from synthflow.proposers.symbolic.primitives.crop import box_of, filled_cells
from synthflow.proposers.symbolic.primitives.features import enclosed
from synthflow.proposers.symbolic.primitives.kinds import Grid, Objects
from synthflow.proposers.symbolic.primitives.lines import overlay
from synthflow.proposers.symbolic.primitives.objects import find_objects, neighbours
from synthflow.proposers.symbolic.primitives.rigid import flip_cols, flip_rows, transpose


def dilate(grid: Grid, diagonal: bool) -> Grid:
    """Let every coloured cell spread to its empty neighbours."""
    h, w = len(grid), len(grid[0])
    grown = [list(row) for row in grid]
    for r, c in filled_cells(grid):
        for a, b in neighbours(r, c, diagonal):
            if 0 <= a < h and 0 <= b < w and grown[a][b] == 0:
                grown[a][b] = grid[r][c]
    return grown


def spread(grid: Grid) -> Grid:
    """Let the colours spread until no cell is empty."""
    h, w = len(grid), len(grid[0])
    full = [list(row) for row in grid]
    front = filled_cells(grid)
    for r, c in front:
        for a, b in neighbours(r, c, False):
            if 0 <= a < h and 0 <= b < w and full[a][b] == 0:
                full[a][b] = full[r][c]
                front.append((a, b))
    return full


def smooth(grid: Grid) -> Grid:
    """Give every cell the colour most frequent around it."""
    h, w = len(grid), len(grid[0])
    smoothed = []
    for r in range(h):
        line = []
        for c in range(w):
            around = [grid[a][b] for a, b in neighbours(r, c, True) if 0 <= a < h and 0 <= b < w]
            around.append(grid[r][c])
            line.append(max(around[::-1], key=lambda v: around.count(v)))
        smoothed.append(line)
    return smoothed


def drop_small(grid: Grid, objects: Objects, size: int) -> Grid:
    """Blank the objects with at most so many cells."""
    kept = [list(row) for row in grid]
    for cells in objects:
        for r, c in cells if len(cells) <= size else []:
            kept[r][c] = 0
    return kept


def fill_boxes(grid: Grid, objects: Objects) -> Grid:
    """Fill the empty cells of the box around each object with its colour."""
    filled = [list(row) for row in grid]
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        colour = grid[cells[0][0]][cells[0][1]]
        for r in range(top, bottom):
            for c in range(left, right):
                filled[r][c] = filled[r][c] or colour
    return filled


def frame_boxes(grid: Grid, objects: Objects) -> Grid:
    """Draw a frame in its colour around the box of each object."""
    h, w = len(grid), len(grid[0])
    framed = [list(row) for row in grid]
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        colour = grid[cells[0][0]][cells[0][1]]
        for r in range(max(top - 1, 0), min(bottom + 1, h)):
            for c in range(max(left - 1, 0), min(right + 1, w)):
                framed[r][c] = framed[r][c] or colour
    return framed


def fill_enclosed(grid: Grid, diagonal: bool) -> Grid:
    """Fill what is enclosed with the colour to its left."""
    filled = [list(row) for row in grid]
    for r, c in filled_cells(enclosed(grid, diagonal)):
        filled[r][c] = filled[r][c - 1]
    return filled


def gravity_down(grid: Grid) -> Grid:
    """Let every cell fall down."""
    columns = [[v for v in col if v] for col in transpose(grid)]
    return transpose([[0] * (len(grid) - len(col)) + col for col in columns])


def gravity_up(grid: Grid) -> Grid:
    """Let every cell rise up."""
    return flip_rows(gravity_down(flip_rows(grid)))


def gravity_right(grid: Grid) -> Grid:
    """Let every cell move to the right."""
    return transpose(gravity_down(transpose(grid)))


def gravity_left(grid: Grid) -> Grid:
    """Let every cell move to the left."""
    return flip_cols(gravity_right(flip_cols(grid)))


def fall_down(grid: Grid, diagonal: bool, mixed: bool) -> Grid:
    """Let whole objects fall down until something stops them."""
    h, w = len(grid), len(grid[0])
    fallen = [[0] * w for r in range(h)]
    for cells in sorted(find_objects(grid, diagonal, mixed), key=lambda cells: -box_of(cells)[2]):
        steps = 0
        while all(r + steps + 1 < h and fallen[r + steps + 1][c] == 0 for r, c in cells):
            steps += 1
        for r, c in cells:
            fallen[r + steps][c] = grid[r][c]
    return fallen


def fall_up(grid: Grid, diagonal: bool, mixed: bool) -> Grid:
    """Let whole objects rise until something stops them."""
    return flip_rows(fall_down(flip_rows(grid), diagonal, mixed))


def fall_right(grid: Grid, diagonal: bool, mixed: bool) -> Grid:
    """Let whole objects move to the right until something stops them."""
    return transpose(fall_down(transpose(grid), diagonal, mixed))


def fall_left(grid: Grid, diagonal: bool, mixed: bool) -> Grid:
    """Let whole objects move to the left until something stops them."""
    return flip_cols(fall_right(flip_cols(grid), diagonal, mixed))


def pull_to(grid: Grid, anchor: int) -> Grid:
    """Move every object towards the cells of one colour until it touches them."""
    h, w = len(grid), len(grid[0])
    still = {(r, c) for r, c in filled_cells(grid) if grid[r][c] == anchor}
    pulled = [[v if v == anchor else 0 for v in row] for row in grid]
    for cells in find_objects([[0 if v == anchor else v for v in row] for row in grid], True, True):
        paths = []
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            for steps in range(1, max(h, w)):
                if any((r + down * steps, c + right * steps) in still for r, c in cells):
                    paths.append((steps - 1, down * (steps - 1), right * (steps - 1)))
                    break
        down, right = min(paths)[1:] if paths else (0, 0)
        for r, c in cells:
            pulled[r + down][c + right] = grid[r][c]
    return pulled


def halo(grid: Grid) -> Grid:
    """Draw in the least frequent colour around everything that is drawn."""
    colours = [v for row in grid for v in row if v]
    rarest = min(sorted(set(colours)), key=lambda v: colours.count(v))
    return overlay(grid, [[rarest if v else 0 for v in row] for row in dilate(grid, True)])

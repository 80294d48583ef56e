"""Connected groups of cells: finding, choosing, cutting, painting."""

# ruff: noqa: B905 -- a script reads better with a plain zip, and its grids have equal shapes

from synthflow.proposers.symbolic.primitives.crop import box_of, crop
from synthflow.proposers.symbolic.primitives.kinds import Cells, Grid, Numbers, Objects
from synthflow.proposers.symbolic.primitives.lines import overlay
from synthflow.proposers.symbolic.primitives.rigid import flip_cols, flip_rows, rotate_180
from synthflow.proposers.symbolic.primitives.scale import above, beside


def neighbours(r: int, c: int, diagonal: bool) -> Cells:
    """List the four or eight cells next to a cell, some perhaps outside."""
    sides = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
    if not diagonal:
        return sides
    return [*sides, (r - 1, c - 1), (r - 1, c + 1), (r + 1, c - 1), (r + 1, c + 1)]


def find_objects(grid: Grid, diagonal: bool, mixed: bool) -> Objects:
    """Find connected groups of cells that are not 0, of one colour or of mixed colours."""
    h, w = len(grid), len(grid[0])
    seen = [[v == 0 for v in row] for row in grid]
    objects = []
    for r in range(h):
        for c in range(w):
            if seen[r][c]:
                continue
            seen[r][c] = True
            cells = [(r, c)]
            for y, x in cells:
                for a, b in neighbours(y, x, diagonal):
                    if 0 <= a < h and 0 <= b < w and not seen[a][b] and (mixed or grid[a][b] == grid[y][x]):
                        seen[a][b] = True
                        cells.append((a, b))
            objects.append(sorted(cells))
    return objects


def find_gaps(grid: Grid, diagonal: bool) -> Objects:
    """Find connected groups of cells that are 0."""
    return find_objects([[0 if v else 1 for v in row] for row in grid], diagonal, False)


def find_regions(grid: Grid, diagonal: bool) -> Objects:
    """Find connected groups of cells of one colour, 0 included."""
    return find_objects([[v + 1 for v in row] for row in grid], diagonal, False)


def find_colours(grid: Grid) -> Objects:
    """Take all cells of a colour as one object."""
    groups: dict[int, Cells] = {}
    for r, row in enumerate(grid):
        for c, v in enumerate(row):
            if v:
                groups.setdefault(v, []).append((r, c))
    return [groups[v] for v in sorted(groups)]


def pick_largest(objects: Objects, values: Numbers) -> Cells:
    """Choose the object with the highest value."""
    return objects[values.index(max(values))]


def pick_smallest(objects: Objects, values: Numbers) -> Cells:
    """Choose the object with the lowest value."""
    return objects[values.index(min(values))]


def keep_largest(objects: Objects, values: Numbers) -> Objects:
    """Keep the objects with the highest value."""
    return [o for o, v in zip(objects, values) if v == max(values)]


def keep_smallest(objects: Objects, values: Numbers) -> Objects:
    """Keep the objects with the lowest value."""
    return [o for o, v in zip(objects, values) if v == min(values)]


def sort_objects(objects: Objects, values: Numbers) -> Objects:
    """Order the objects by value, lowest first."""
    order = sorted(range(len(objects)), key=lambda i: values[i])
    return [objects[i] for i in order]


def cut_object(grid: Grid, cells: Cells) -> Grid:
    """Cut out an object, with 0 around it."""
    top, left, bottom, right = box_of(cells)
    inside = set(cells)
    return [[grid[r][c] if (r, c) in inside else 0 for c in range(left, right)] for r in range(top, bottom)]


def cut_box(grid: Grid, cells: Cells) -> Grid:
    """Cut out the box around an object."""
    top, left, bottom, right = box_of(cells)
    return crop(grid, top, left, bottom, right)


def keep_object(grid: Grid, cells: Cells) -> Grid:
    """Blank all cells but those of an object."""
    inside = set(cells)
    return [[v if (r, c) in inside else 0 for c, v in enumerate(row)] for r, row in enumerate(grid)]


def drop_object(grid: Grid, cells: Cells) -> Grid:
    """Blank the cells of an object."""
    inside = set(cells)
    return [[0 if (r, c) in inside else v for c, v in enumerate(row)] for r, row in enumerate(grid)]


def keep_objects(grid: Grid, objects: Objects) -> Grid:
    """Blank all cells but those of some objects."""
    inside = {rc for cells in objects for rc in cells}
    return [[v if (r, c) in inside else 0 for c, v in enumerate(row)] for r, row in enumerate(grid)]


def drop_objects(grid: Grid, objects: Objects) -> Grid:
    """Blank the cells of some objects."""
    inside = {rc for cells in objects for rc in cells}
    return [[0 if (r, c) in inside else v for c, v in enumerate(row)] for r, row in enumerate(grid)]


def colour_cell(grid: Grid, cells: Cells) -> Grid:
    """Answer one cell in an object's colour."""
    r, c = cells[0]
    return [[grid[r][c]]]


def paint_in_colour(grid: Grid, cells: Cells) -> Grid:
    """Paint all cells that are not 0 in an object's colour."""
    r, c = cells[0]
    return [[grid[r][c] if v else 0 for v in row] for row in grid]


def paint_objects(grid: Grid, objects: Objects, values: Numbers) -> Grid:
    """Write every object's value into its cells, and 0 elsewhere."""
    painted = [[0 for v in row] for row in grid]
    for cells, value in zip(objects, values):
        for r, c in cells:
            painted[r][c] = value
    return painted


def colour_objects(grid: Grid, objects: Objects, values: Numbers) -> Grid:
    """Paint every object in the colour given for it."""
    return overlay(paint_objects(grid, objects, values), grid)


def objects_in_row(grid: Grid, objects: Objects) -> Grid:
    """Put the cut-out objects beside each other."""
    joined = cut_object(grid, objects[0])
    for cells in objects[1:]:
        joined = beside(joined, cut_object(grid, cells))
    return joined


def objects_in_column(grid: Grid, objects: Objects) -> Grid:
    """Put the cut-out objects below each other."""
    joined = cut_object(grid, objects[0])
    for cells in objects[1:]:
        joined = above(joined, cut_object(grid, cells))
    return joined


def stack_objects(grid: Grid, objects: Objects) -> Grid:
    """Lay the cut-out objects on each other, the last on top."""
    stacked = cut_object(grid, objects[0])
    for cells in objects[1:]:
        stacked = overlay(cut_object(grid, cells), stacked)
    return stacked


def colours_in_column(grid: Grid, objects: Objects) -> Grid:
    """List the objects' colours in a column."""
    return [[grid[o[0][0]][o[0][1]]] for o in objects]


def colours_in_row(grid: Grid, objects: Objects) -> Grid:
    """List the objects' colours in a row."""
    return [[grid[o[0][0]][o[0][1]] for o in objects]]


def count_in_row(objects: Objects) -> Grid:
    """Draw a row of as many 1 as there are objects."""
    return [[1] * len(objects)]


def count_on_diagonal(objects: Objects) -> Grid:
    """Draw a diagonal of as many 1 as there are objects."""
    count = len(objects)
    return [[1 if r == c else 0 for c in range(count)] for r in range(count)]


def object_bars(grid: Grid, objects: Objects) -> Grid:
    """Draw a bar for every colour, as long as its number of objects."""
    counts: dict[int, int] = {}
    for cells in objects:
        r, c = cells[0]
        counts[grid[r][c]] = counts.get(grid[r][c], 0) + 1
    longest = max(counts.values())
    return [[v] * counts[v] + [0] * (longest - counts[v]) for v in sorted(counts, key=lambda v: (-counts[v], v))]


def replace_object(grid: Grid, cells: Cells, picture: Grid) -> Grid:
    """Put a picture in place of an object's box."""
    top, left, bottom, right = box_of(cells)
    changed = [list(row) for row in grid]
    for r in range(top, bottom):
        changed[r][left:right] = list(picture[r - top])
    return changed


def flip_each_rows(grid: Grid, objects: Objects) -> Grid:
    """Turn every object upside down in its place."""
    for cells in objects:
        grid = replace_object(grid, cells, flip_rows(cut_object(grid, cells)))
    return grid


def flip_each_cols(grid: Grid, objects: Objects) -> Grid:
    """Mirror every object from left to right in its place."""
    for cells in objects:
        grid = replace_object(grid, cells, flip_cols(cut_object(grid, cells)))
    return grid


def turn_each(grid: Grid, objects: Objects) -> Grid:
    """Turn every object by a half in its place."""
    for cells in objects:
        grid = replace_object(grid, cells, rotate_180(cut_object(grid, cells)))
    return grid

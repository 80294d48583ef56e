"""Numbers that tell objects apart, and what can be done with such numbers."""

from synthflow.proposers.symbolic.primitives.crop import box_of
from synthflow.proposers.symbolic.primitives.kinds import Cells, Grid, Numbers, Objects
from synthflow.proposers.symbolic.primitives.objects import find_objects, neighbours


def sizes(grid: Grid, objects: Objects) -> Numbers:
    """Count each object's cells."""
    return [len(cells) for cells in objects]


def tops(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's top row."""
    return [min([r for r, c in cells]) for cells in objects]


def lefts(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's leftmost column."""
    return [min([c for r, c in cells]) for cells in objects]


def box_size(cells: Cells) -> tuple[int, int]:
    """Tell the height and width of the box around some cells."""
    top, left, bottom, right = box_of(cells)
    return bottom - top, right - left


def heights(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's height."""
    return [box_size(cells)[0] for cells in objects]


def widths(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's width."""
    return [box_size(cells)[1] for cells in objects]


def box_areas(grid: Grid, objects: Objects) -> Numbers:
    """Tell the area of the box around each object."""
    return [box_size(cells)[0] * box_size(cells)[1] for cells in objects]


def box_gaps(grid: Grid, objects: Objects) -> Numbers:
    """Count the cells of each object's box that are not the object's."""
    return [box_size(cells)[0] * box_size(cells)[1] - len(cells) for cells in objects]


def elongations(grid: Grid, objects: Objects) -> Numbers:
    """Tell 0 for an object in a square box, 1 in a tall one, 2 in a wide one."""
    shapes = [box_size(cells) for cells in objects]
    return [0 if h == w else 1 if h > w else 2 for h, w in shapes]


def colour_variety(grid: Grid, objects: Objects) -> Numbers:
    """Count the colours in each object."""
    return [len({grid[r][c] for r, c in cells}) for cells in objects]


def minority_cells(grid: Grid, objects: Objects) -> Numbers:
    """Count the cells of each object that are not of its main colour."""
    found = []
    for cells in objects:
        colours = [grid[r][c] for r, c in cells]
        found.append(len(cells) - max([colours.count(v) for v in set(colours)]))
    return found


def outline(cells: Cells) -> Cells:
    """Move an object to the corner, to compare shapes."""
    top, left = box_of(cells)[:2]
    return sorted([(r - top, c - left) for r, c in cells])


def shape_twins(grid: Grid, objects: Objects) -> Numbers:
    """Count the objects that have the same shape as each."""
    shapes = [outline(cells) for cells in objects]
    return [shapes.count(shape) for shape in shapes]


def colour_twins(grid: Grid, objects: Objects) -> Numbers:
    """Count the objects that have the same colours as each."""
    colours = [sorted({grid[r][c] for r, c in cells}) for cells in objects]
    return [colours.count(colour) for colour in colours]


def exact_twins(grid: Grid, objects: Objects) -> Numbers:
    """Count the objects that look like each, in shape and colours."""
    looks = [(outline(cells), [grid[r][c] for r, c in sorted(cells)]) for cells in objects]
    return [looks.count(look) for look in looks]


def border_contacts(grid: Grid, objects: Objects) -> Numbers:
    """Tell 1 for an object that touches the border of the grid, else 0."""
    h, w = len(grid), len(grid[0])
    return [1 if any(r in (0, h - 1) or c in (0, w - 1) for r, c in cells) else 0 for cells in objects]


def mirror_axes(grid: Grid, objects: Objects) -> Numbers:
    """Count in how many of two ways each object is its own mirror image."""
    found = []
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        look = {(r, c): grid[r][c] for r, c in cells}
        sideways = all(look.get((r, left + right - 1 - c)) == v for (r, c), v in look.items())
        upright = all(look.get((top + bottom - 1 - r, c)) == v for (r, c), v in look.items())
        found.append((1 if sideways else 0) + (1 if upright else 0))
    return found


def hole_counts(grid: Grid, objects: Objects) -> Numbers:
    """Count the holes in each object."""
    found = []
    for cells in objects:
        top, left, bottom, right = box_of(cells)
        inside = set(cells)
        around = [
            [0 if (r, c) in inside else 1 for c in range(left - 1, right + 1)] for r in range(top - 1, bottom + 1)
        ]
        found.append(len(find_objects(around, False, False)) - 1)
    return found


def rim(grid: Grid, cells: Cells) -> Numbers:
    """List the colours next to an object."""
    h, w = len(grid), len(grid[0])
    inside = set(cells)
    next_to = [rc for r, c in cells for rc in neighbours(r, c, False) if rc not in inside]
    return [grid[r][c] for r, c in next_to if 0 <= r < h and 0 <= c < w and grid[r][c]]


def rim_variety(grid: Grid, objects: Objects) -> Numbers:
    """Count the colours next to each object."""
    return [len(set(rim(grid, cells))) for cells in objects]


def rim_colours(grid: Grid, objects: Objects) -> Numbers:
    """Tell the main colour next to each object, 0 if there is none."""
    rims = [rim(grid, cells) or [0] for cells in objects]
    return [max(sorted(set(near)), key=lambda v: near.count(v)) for near in rims]


def main_colours(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's most frequent colour."""
    colours = [[grid[r][c] for r, c in cells] for cells in objects]
    return [max(sorted(set(own)), key=lambda v: own.count(v)) for own in colours]


def rare_colours(grid: Grid, objects: Objects) -> Numbers:
    """Tell each object's least frequent colour."""
    colours = [[grid[r][c] for r, c in cells] for cells in objects]
    return [min(sorted(set(own)), key=lambda v: own.count(v)) for own in colours]


def plus_one(values: Numbers) -> Numbers:
    """Add one to every number, so that none is 0."""
    return [v + 1 for v in values]


def mark_highest(values: Numbers) -> Numbers:
    """Give 2 to the highest numbers and 1 to the others."""
    return [2 if v == max(values) else 1 for v in values]


def mark_lowest(values: Numbers) -> Numbers:
    """Give 2 to the lowest numbers and 1 to the others."""
    return [2 if v == min(values) else 1 for v in values]


def rank_from_highest(values: Numbers) -> Numbers:
    """Rank the numbers, 1 for the highest."""
    order = sorted(set(values), reverse=True)
    return [order.index(v) + 1 for v in values]


def rank_from_lowest(values: Numbers) -> Numbers:
    """Rank the numbers, 1 for the lowest."""
    order = sorted(set(values))
    return [order.index(v) + 1 for v in values]


def odd_or_even(values: Numbers) -> Numbers:
    """Give 1 to even numbers and 2 to odd ones."""
    return [v % 2 + 1 for v in values]


def up_to_three(values: Numbers) -> Numbers:
    """Add one to every number, taking all above three as three."""
    return [min(v, 3) + 1 for v in values]

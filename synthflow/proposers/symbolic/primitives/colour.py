"""Choosing, dropping and counting colours; grids stamped by other grids."""

from synthflow.proposers.symbolic.primitives.kinds import Grid, Numbers
from synthflow.proposers.symbolic.primitives.rigid import swap_colours
from synthflow.proposers.symbolic.primitives.scale import count_colours


def keep_colour(grid: Grid, colour: int) -> Grid:
    """Blank all cells but those of one colour."""
    return [[v if v == colour else 0 for v in row] for row in grid]


def drop_colour(grid: Grid, colour: int) -> Grid:
    """Blank the cells of one colour."""
    return [[0 if v == colour else v for v in row] for row in grid]


def as_mask(grid: Grid) -> Grid:
    """Make every cell that is not 0 a 1."""
    return [[1 if v else 0 for v in row] for row in grid]


def colour_order(grid: Grid) -> Numbers:
    """List the colours but 0, most frequent first."""
    counts = count_colours(grid)
    return sorted(counts, key=lambda v: (-counts[v], v))


def keep_main_colour(grid: Grid) -> Grid:
    """Keep the most frequent colour."""
    return keep_colour(grid, colour_order(grid)[0])


def keep_rare_colour(grid: Grid) -> Grid:
    """Keep the least frequent colour."""
    return keep_colour(grid, colour_order(grid)[-1])


def drop_main_colour(grid: Grid) -> Grid:
    """Drop the most frequent colour."""
    return drop_colour(grid, colour_order(grid)[0])


def drop_rare_colour(grid: Grid) -> Grid:
    """Drop the least frequent colour."""
    return drop_colour(grid, colour_order(grid)[-1])


def paint_main_colour(grid: Grid) -> Grid:
    """Paint the whole grid in its most frequent colour."""
    colour = colour_order(grid)[0]
    return [[colour for v in row] for row in grid]


def paint_rare_colour(grid: Grid) -> Grid:
    """Paint the whole grid in its least frequent colour."""
    colour = colour_order(grid)[-1]
    return [[colour for v in row] for row in grid]


def paint_content(grid: Grid) -> Grid:
    """Paint all cells that are not 0 in the least frequent colour."""
    colour = colour_order(grid)[-1]
    return [[colour if v else 0 for v in row] for row in grid]


def invert(grid: Grid) -> Grid:
    """Fill the empty cells with the main colour and empty the others."""
    colour = colour_order(grid)[0]
    return [[0 if v else colour for v in row] for row in grid]


def swap_two_colours(grid: Grid) -> Grid:
    """Exchange the two most frequent colours."""
    first, second = colour_order(grid)[:2]
    return swap_colours(grid, first, second)


def clear_background(grid: Grid) -> Grid:
    """Exchange the colour of most cells with 0."""
    cells = [v for row in grid for v in row]
    background = max(sorted(set(cells)), key=lambda v: cells.count(v))
    return swap_colours(grid, background, 0)


def stamp(grid: Grid, picture: Grid) -> Grid:
    """Put a copy of a picture in place of every cell that is not 0."""
    return [[p if v else 0 for v in row for p in line] for row in grid for line in picture]


def stamp_itself(grid: Grid) -> Grid:
    """Put a copy of the grid in place of each of its cells that is not 0."""
    return stamp(grid, grid)


def stamp_itself_inverted(grid: Grid) -> Grid:
    """Put a copy of the grid in place of each of its cells that is 0."""
    return stamp([[0 if v else 1 for v in row] for row in grid], grid)


def stamp_itself_on_main(grid: Grid) -> Grid:
    """Put a copy of the grid in place of every cell of its main colour."""
    return stamp(keep_main_colour(grid), grid)


def stamp_itself_on_rare(grid: Grid) -> Grid:
    """Put a copy of the grid in place of every cell of its rarest colour."""
    return stamp(keep_rare_colour(grid), grid)


def colours_by_count(grid: Grid) -> Grid:
    """List the colours in a column, most frequent first."""
    return [[v] for v in colour_order(grid)]


def colour_bars(grid: Grid) -> Grid:
    """Draw a bar for every colour, as long as its number of cells."""
    counts = count_colours(grid)
    longest = max(counts.values())
    return [[v] * counts[v] + [0] * (longest - counts[v]) for v in colour_order(grid)]


def filled_in_order(grid: Grid) -> Grid:
    """List in a row the cells that are not 0, as they are read."""
    return [[v for row in grid for v in row if v]]


def main_colour_cell(grid: Grid) -> Grid:
    """Answer one cell of the most frequent colour."""
    return [[colour_order(grid)[0]]]


def rare_colour_cell(grid: Grid) -> Grid:
    """Answer one cell of the least frequent colour."""
    return [[colour_order(grid)[-1]]]

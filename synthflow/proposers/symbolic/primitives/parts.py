"""Grids made of parts: splitting, choosing, merging, summing up."""

# ruff: noqa: B905 -- a script reads better with a plain zip, and its grids have equal shapes

from synthflow.proposers.symbolic.primitives.crop import crop
from synthflow.proposers.symbolic.primitives.kinds import Grid, Numbers, Parts
from synthflow.proposers.symbolic.primitives.lines import overlay
from synthflow.proposers.symbolic.primitives.rigid import flip_cols, flip_rows, transpose


def separators(grid: Grid, colour: int) -> Numbers:
    """List the rows that are all of one colour."""
    return [r for r, row in enumerate(grid) if all(v == colour for v in row)]


def separator_colour(grid: Grid) -> int:
    """Find the colour of rows or columns that are all of one colour, rather one that is nowhere else."""
    turned = transpose(grid)
    colours = [line[0] for line in [list(row) for row in grid] + turned if line[0] and len(set(line)) == 1]
    only_lines = []
    for colour in colours:
        rows, cols = len(separators(grid, colour)), len(separators(turned, colour))
        if sum([row.count(colour) for row in grid]) == rows * len(grid[0]) + cols * len(grid) - rows * cols:
            only_lines.append(colour)
    return (only_lines + colours)[0]


def spans(cuts: Numbers, end: int) -> list[tuple[int, int]]:
    """List the stretches between cuts, without the empty ones."""
    starts = [0] + [cut + 1 for cut in cuts]
    return [(a, b) for a, b in zip(starts, [*cuts, end]) if b > a]


def split_parts(grid: Grid) -> Parts:
    """Split the grid at the rows and columns that are all of one colour."""
    colour = separator_colour(grid)
    rows = spans(separators(grid, colour), len(grid))
    cols = spans(separators(transpose(grid), colour), len(grid[0]))
    return [crop(grid, top, left, bottom, right) for top, bottom in rows for left, right in cols]


def split_evenly(grid: Grid, down: int, across: int) -> Parts:
    """Split the grid into equal parts."""
    h, w = len(grid) // down, len(grid[0]) // across
    return [crop(grid, r * h, c * w, r * h + h, c * w + w) for r in range(down) for c in range(across)]


def split_squares(grid: Grid) -> Parts:
    """Split a long grid into squares."""
    h, w = len(grid), len(grid[0])
    return split_evenly(grid, h // w, 1) if h > w else split_evenly(grid, 1, w // h)


def part(parts: Parts, number: int) -> Grid:
    """Choose a part by its place."""
    return parts[number]


def part_cells(parts: Parts) -> Numbers:
    """Count the cells of each part that are not 0."""
    return [sum([1 for row in p for v in row if v]) for p in parts]


def part_variety(parts: Parts) -> Numbers:
    """Count the colours in each part."""
    return [len({v for row in p for v in row}) for p in parts]


def part_twins(parts: Parts) -> Numbers:
    """Count the parts that look like each."""
    looks = [[list(row) for row in p] for p in parts]
    return [looks.count(look) for look in looks]


def part_shape_twins(parts: Parts) -> Numbers:
    """Count the parts that have the same shape drawn as each."""
    looks = [[[1 if v else 0 for v in row] for row in p] for p in parts]
    return [looks.count(look) for look in looks]


def part_axes(parts: Parts) -> Numbers:
    """Count in how many of three ways each part is its own mirror image."""
    found = []
    for p in parts:
        rows = [list(row) for row in p]
        mirrors = [flip_rows(rows), flip_cols(rows), transpose(rows)]
        found.append(sum([1 for mirror in mirrors if mirror == rows]))
    return found


def part_colours(parts: Parts) -> Numbers:
    """Tell the most frequent colour of each part, 0 only if there is no other."""
    colours = [[v for row in p for v in row if v] or [0] for p in parts]
    return [max(sorted(set(own)), key=lambda v: own.count(v)) for own in colours]


def part_full(parts: Parts) -> Numbers:
    """Tell 1 for a part without a 0, else 0."""
    return [1 if all(v for row in p for v in row) else 0 for p in parts]


def part_fullest(parts: Parts) -> Numbers:
    """Tell 1 for the parts with the most cells that are not 0, else 0."""
    counts = part_cells(parts)
    return [1 if v == max(counts) else 0 for v in counts]


def highest_part(parts: Parts, values: Numbers) -> Grid:
    """Choose the part with the highest value."""
    return parts[values.index(max(values))]


def lowest_part(parts: Parts, values: Numbers) -> Grid:
    """Choose the part with the lowest value."""
    return parts[values.index(min(values))]


def merge_parts(parts: Parts) -> Grid:
    """Lay the parts on each other, the first on top."""
    merged = parts[0]
    for p in parts[1:]:
        merged = overlay(merged, p)
    return merged


def merge_parts_backwards(parts: Parts) -> Grid:
    """Lay the parts on each other, the last on top."""
    return merge_parts(parts[::-1])


def merge_parts_in_order(parts: Parts, order: Numbers) -> Grid:
    """Lay the parts on each other, the first of an order on top."""
    return merge_parts([parts[i] for i in order])


def common_cells(parts: Parts) -> Grid:
    """Keep the cells that are not 0 in any part."""
    return [[rows[0][c] if all(row[c] for row in rows) else 0 for c in range(len(rows[0]))] for rows in zip(*parts)]


def table_of_parts(grid: Grid, values: Numbers) -> Grid:
    """Lay out one number for each part, as the parts lie in the grid."""
    rows = len(spans(separators(grid, separator_colour(grid)), len(grid)))
    wide = len(values) // rows
    return [list(values[r * wide : r * wide + wide]) for r in range(rows)]


def split_corners(grid: Grid, height: int, width: int) -> Parts:
    """Cut a part of some size out of each corner; the parts may overlap."""
    h, w = len(grid), len(grid[0])
    return [crop(grid, top, left, top + height, left + width) for top in (0, h - height) for left in (0, w - width)]

"""Small tasks in the manner of ARC, made by rule, each with a held-out pair."""

import random


def rows(seed, height, width, colours):
    """Draw a grid."""
    draw = random.Random(seed)
    return [[draw.choice(colours) for _ in range(width)] for _ in range(height)]


def stamped(grid):
    """Put the grid in place of each of its own coloured cells."""
    return [[p if v else 0 for v in row for p in line] for row in grid for line in grid]


def merged(grid):
    """Show 3 where neither of two halves, left and right of a bar, has anything."""
    half = len(grid[0]) // 2
    return [[3 if not row[c] and not row[half + 1 + c] else 0 for c in range(half)] for row in grid]


def barred(seed):
    """Draw two pictures with a bar between them."""
    left, right = rows(seed, 4, 4, [0, 1]), rows(seed + 100, 4, 4, [0, 2])
    return [[*a, 5, *b] for a, b in zip(left, right, strict=True)]


def pairs(rule, grids):
    """Apply a rule to grids."""
    return [(grid, rule(grid)) for grid in grids]


STAMP = pairs(stamped, [rows(seed, 3, 3, [0, seed % 9 + 1]) for seed in range(5)])
NEITHER = pairs(merged, [barred(seed) for seed in range(4)])
RECOLOUR = pairs(
    lambda g: [[{1: 4, 2: 6}.get(v, v) for v in row] for row in g], [rows(s, 4, 5, [0, 1, 2]) for s in (1, 2, 3)]
)
ON_RED = pairs(
    lambda g: [[8 if v == 2 and 2 not in (row[0], row[-1]) else v for v in row] for row in g],
    [
        [[2, 2, 2, 2], [1, 2, 2, 1], [2, 2, 2, 2]],
        [[2, 2, 2], [2, 2, 2], [1, 2, 1]],
        [[1, 2, 2, 2, 1], [2] * 5, [2] * 5],
    ],
)
FLIP = pairs(lambda g: g[::-1], [rows(seed, 3, 4, [0, 1, 2, 3]) for seed in (5, 6, 7)])
TASKS = {"stamp": STAMP, "neither": NEITHER, "recolour": RECOLOUR, "on_red": ON_RED, "flip": FLIP}


def run(script, grid, **names):
    """Run a script in an empty namespace."""
    space = {"inputs": {names.get("input_field", "input_grid"): [list(row) for row in grid]}}
    exec(script, space)
    return space["result"][names.get("output_field", "output_grid")]

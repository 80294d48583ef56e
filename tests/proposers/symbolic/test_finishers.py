"""Finishing steps turn a value that is nearly the output into a program."""

import pytest

from synthflow.proposers.symbolic.emit import write_script
from synthflow.proposers.symbolic.engine import CONFIDENT
from synthflow.proposers.symbolic.goals import Goals
from synthflow.proposers.symbolic.pool import Pool, freeze_grid
from synthflow.proposers.symbolic.tables import Tables
from synthflow.proposers.symbolic.target import Target
from synthflow.proposers.symbolic.trees import trees
from tests.proposers.symbolic.tasks import run

A = [[1, 0, 2], [0, 3, 0]]


def workshop(inputs, outputs):
    """Make a pool with the input in it, and its target."""
    pool, target = Pool(len(inputs)), Target([freeze_grid(output) for output in outputs])
    return pool, target, pool.leaf("grid", tuple(freeze_grid(grid) for grid in inputs), 0.0)


def right(fit, inputs, outputs):
    """Tell whether a fit's script gives the outputs."""
    script = write_script(fit.term, input_field="input_grid", output_field="output_grid")
    return [run(script, grid) for grid in inputs] == list(outputs)


@pytest.mark.parametrize(
    ("output", "call"),
    [
        (A, "return grid"),
        ([row[::-1] for row in A], "return flip_cols(grid)"),
        ([[v for v in row for _ in "ab"] for row in A for _ in "ab"], "return upscale(grid, 2)"),
        ([[7] * 5, *[[7, *row, 7] for row in A], [7] * 5], "return add_frame(grid, 7)"),
    ],
)
def test_a_grid_one_known_step_from_the_output_is_a_goal(output, call):
    """The output's mirror image, unscaled form and unframed form each finish a program."""
    pool, target, leaf = workshop([A], [output])

    (fit,) = Goals(pool, target).reached(leaf)

    assert right(fit, [A], [output])
    assert call in write_script(fit.term, input_field="input_grid", output_field="output_grid")


def test_the_rest_of_the_output_is_looked_up():
    """Where a grid is a strip of the output and the rest is known too, they are joined."""
    output = [row + row[::-1] for row in A]
    pool, target, leaf = workshop([A], [output])
    goals = Goals(pool, target)
    list(goals.reached(leaf))

    before = list(goals.joined())
    list(goals.reached(leaf))
    pool.apply("flip_cols", (leaf,), "grid", 1.0, 1)
    (fit,) = goals.joined()

    assert before == []
    assert right(fit, [A], [output])


def test_blocks_are_laid_from_variants_of_one_grid():
    """An output of copies, mirror images and blanks is assembled block by block."""
    top = [[*row, 0, 0, 0] for row in A]
    output = top + [row[::-1] + row for row in A]
    pool, target, leaf = workshop([A], [output])

    (fit,) = Goals(pool, target).blocks(leaf)

    assert right(fit, [A], [output])


def test_layers_find_the_order_of_the_parts():
    """Parts that cover each other are laid on each other in the order the output shows."""
    grid = [[1, 1, 2, 0, 0, 3, 0, 4]]
    pool, target, leaf = workshop([grid], [[[2, 3]]])
    parts, _ = pool.apply("split_evenly", (leaf, 1, 4), "parts", 1.0, 1)

    (fit,) = Goals(pool, target).layers(parts)

    assert right(fit, [grid], [[[2, 3]]])


def test_a_recolour_is_confident_where_every_example_shows_it():
    """An entry that only one example shows would not have been learnt without it."""
    inputs, outputs = [[[1, 2]], [[1, 3]]], [[[5, 2]], [[5, 6]]]
    pool, target, leaf = workshop(inputs, outputs)

    (fit,) = Tables(pool, target, leaf).recolour(leaf)

    assert right(fit, inputs, outputs)
    assert fit.confidence == 0.5


def test_rules_use_features_and_masks():
    """What a colour alone cannot tell, a feature may: as a table or as a mask between two grids."""
    inputs = [[[0, 1, 0], [1, 1, 1], [0, 1, 0]], [[1, 1, 1], [1, 1, 0], [1, 1, 1]]]
    outputs = [[[0, 1, 0], [1, 7, 1], [0, 1, 0]], [[1, 1, 1], [1, 7, 0], [1, 1, 1]]]
    pool, target, leaf = workshop(inputs, outputs)
    pool.apply("border_distance", (leaf,), "feature", 0.8, 2)

    fits = [fit for some in Tables(pool, target, leaf).rules() for fit in some]

    assert {fit.term.name for fit in fits} == {"lookup", "where"}
    assert all(right(fit, inputs, outputs) for fit in fits)
    assert max(fit.confidence for fit in fits) == 1.0


def test_constants_have_the_output_shape():
    """Where the input is larger than the output, a plain grid is made like one that is not."""
    inputs = [[[0, 1, 0, 5], [2, 0, 0, 5]], [[3, 0, 0, 5], [0, 0, 4, 5]]]
    outputs = [[[0, 1], [7, 0]], [[3, 0], [0, 0]]]
    pool, target, leaf = workshop(inputs, outputs)
    pool.apply("left_half", (leaf,), "grid", 1.0, 1)
    half = pool.grids[1]
    pool.apply("keep_colour", (half, 2), "feature", 2.0, 2)

    fits = [fit for some in Tables(pool, target, leaf).rules() for fit in some]

    assert "where" in {fit.term.name for fit in fits}
    assert all(right(fit, inputs, outputs) for fit in fits)


def test_layers_of_grids_cover_the_output():
    """Grids that are right wherever they show something are laid on each other."""
    inputs = [[[1, 0, 0], [0, 0, 2]]]
    outputs = [[[1, 0, 1], [2, 0, 2]]]
    pool, target, leaf = workshop(inputs, outputs)
    pool.apply("flip_cols", (leaf,), "grid", 1.0, 1)

    fits = [fit for some in Tables(pool, target, leaf).rules() for fit in some if fit.term.name == "overlay"]

    assert [right(fit, inputs, outputs) for fit in fits] == [True]


def test_whole_answers_are_looked_up():
    """Where small outputs repeat, a key that tells them apart is enough; keys seen once are doubtful."""
    inputs = [[[1, 1]], [[2, 2]], [[1, 1]], [[3, 3]]]
    outputs = [[[7]], [[8]], [[7]], [[8]]]
    pool, target, leaf = workshop(inputs, outputs)

    (fit,) = Goals(pool, target).chosen(leaf)

    assert right(fit, inputs, outputs)
    assert fit.confidence == 0.5


def test_a_tree_asks_several_features():
    """Where no single rule fits a tree of masks may; one example alone gives it no confidence."""
    inputs = [[[c for c in range(4)] for _ in range(4)]]
    outputs = [[[9 if r == 2 else 8 if c == 1 else c for c in range(4)] for r in range(4)]]
    pool, target, leaf = workshop(inputs, outputs)
    pool.apply("row_numbers", (leaf,), "feature", 0.8, 2)

    ((fit,),) = trees(pool, target, leaf, 4)

    assert right(fit, inputs, outputs)
    assert fit.confidence == 0.0


def test_a_tree_that_the_other_examples_confirm_is_trusted():
    """Left out, each example is still right by the tree that the others grow; even so a rule would count more."""
    inputs = [[[(r + c + n) % 3 for c in range(4)] for r in range(4)] for n in range(3)]
    outputs = [[[9 if r == 2 else 8 if v == 1 else v for v in row] for r, row in enumerate(grid)] for grid in inputs]
    pool, target, leaf = workshop(inputs, outputs)
    pool.apply("row_numbers", (leaf,), "feature", 0.8, 2)

    ((fit,),) = trees(pool, target, leaf, 4)

    assert right(fit, inputs, outputs)
    assert 0.5 < fit.confidence < CONFIDENT

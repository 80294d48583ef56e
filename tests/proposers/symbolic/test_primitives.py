"""Every primitive does what its one line of documentation says."""

import importlib
import inspect

import pydantic_monty
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.symbolic.primitives import (
    colour,
    crop,
    features,
    lines,
    objects,
    parts,
    patterns,
    properties,
    rigid,
    scale,
    shapes,
    tables,
)
from synthflow.proposers.symbolic.sources import MODULES, with_needs

L = [[1, 0], [2, 2]]
RING = [[0, 0, 0, 0], [0, 3, 3, 3], [0, 3, 0, 3], [0, 3, 3, 3]]
TWO = [[4, 0, 0], [4, 0, 6]]
FOUR, SIX = [(0, 0), (1, 0)], [(1, 2)]
PARTS = [[[1, 0]], [[2, 2]]]


def grids():
    """Draw grids of colours."""
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=5)
    )


CASES = [
    (rigid.flip_rows, [L], [[2, 2], [1, 0]]),
    (rigid.flip_cols, [L], [[0, 1], [2, 2]]),
    (rigid.transpose, [[[1, 2, 3]]], [[1], [2], [3]]),
    (rigid.anti_transpose, [L], [[2, 0], [2, 1]]),
    (rigid.rotate_90, [L], [[2, 1], [2, 0]]),
    (rigid.rotate_180, [L], [[2, 2], [0, 1]]),
    (rigid.rotate_270, [L], [[0, 2], [1, 2]]),
    (rigid.shift, [L, 1, 0], [[0, 0], [1, 0]]),
    (rigid.shift_around, [L, 1, 0], [[2, 2], [1, 0]]),
    (rigid.swap_colours, [L, 1, 2], [[2, 0], [1, 1]]),
    (crop.filled_cells, [L], [(0, 0), (1, 0), (1, 1)]),
    (crop.box_of, [[(2, 1), (4, 0)]], (2, 0, 5, 2)),
    (crop.crop, [RING, 1, 1, 3, 3], [[3, 3], [3, 0]]),
    (crop.crop_content, [RING], [[3, 3, 3], [3, 0, 3], [3, 3, 3]]),
    (crop.crop_colour, [TWO, 4], [[4], [4]]),
    (crop.crop_where, [TWO, [[0, 0, 1], [0, 0, 1]]], [[0], [6]]),
    (crop.shave, [RING], [[3, 3], [3, 0]]),
    (crop.top_half, [[[1], [2], [3]]], [[1]]),
    (crop.bottom_half, [[[1], [2], [3]]], [[3]]),
    (crop.left_half, [[[1, 2, 3]]], [[1]]),
    (crop.right_half, [[[1, 2, 3]]], [[3]]),
    (crop.merge_equal_rows, [[[1, 1], [1, 1], [2, 2]]], [[1, 1], [2, 2]]),
    (crop.merge_equal_lines, [[[1, 1], [1, 1], [2, 2]]], [[1], [2]]),
    (crop.drop_empty_rows, [[[0, 0], [0, 5]]], [[0, 5]]),
    (crop.drop_empty_lines, [[[0, 0], [0, 5]]], [[5]]),
    (crop.repeating_tile, [[[1, 2, 1], [1, 2, 1]]], [[1, 2]]),
    (scale.upscale, [[[1, 2]], 2], [[1, 1, 2, 2], [1, 1, 2, 2]]),
    (scale.upscale_rows, [[[1, 2]], 2], [[1, 2], [1, 2]]),
    (scale.upscale_cols, [[[1, 2]], 2], [[1, 1, 2, 2]]),
    (scale.downscale, [[[1, 1, 2, 2], [1, 1, 2, 2]], 2], [[1, 2]]),
    (scale.tile, [[[1, 2]], 2, 2], [[1, 2, 1, 2], [1, 2, 1, 2]]),
    (scale.beside, [[[1]], [[2]]], [[1, 2]]),
    (scale.above, [[[1]], [[2]]], [[1], [2]]),
    (scale.mirror_right, [[[1, 2]]], [[1, 2, 2, 1]]),
    (scale.mirror_down, [[[1], [2]]], [[1], [2], [2], [1]]),
    (scale.mirror_both, [[[1, 2]]], [[1, 2, 2, 1], [1, 2, 2, 1]]),
    (scale.mirror_right_once, [[[1, 2]]], [[1, 2, 1]]),
    (scale.mirror_down_once, [[[1], [2]]], [[1], [2], [1]]),
    (scale.add_frame, [[[1]], 3], [[3, 3, 3], [3, 1, 3], [3, 3, 3]]),
    (scale.enlarge_canvas, [[[1]], 2], [[1, 0], [0, 0]]),
    (scale.extend_edges, [[[1, 2]]], [[0, 1, 2, 0], [1, 1, 2, 2], [0, 1, 2, 0]]),
    (scale.count_colours, [L], {1: 1, 2: 2}),
    (scale.upscale_by_colours, [[[1, 2]]], [[1, 1, 2, 2], [1, 1, 2, 2]]),
    (scale.upscale_by_cells, [[[1, 0, 1]]], [[1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1]]),
    (scale.tile_by_colours, [[[1, 2]]], [[1, 2, 1, 2], [1, 2, 1, 2]]),
    (colour.keep_colour, [L, 2], [[0, 0], [2, 2]]),
    (colour.drop_colour, [L, 2], [[1, 0], [0, 0]]),
    (colour.as_mask, [L], [[1, 0], [1, 1]]),
    (colour.colour_order, [L], [2, 1]),
    (colour.keep_main_colour, [L], [[0, 0], [2, 2]]),
    (colour.keep_rare_colour, [L], [[1, 0], [0, 0]]),
    (colour.drop_main_colour, [L], [[1, 0], [0, 0]]),
    (colour.drop_rare_colour, [L], [[0, 0], [2, 2]]),
    (colour.paint_main_colour, [L], [[2, 2], [2, 2]]),
    (colour.paint_rare_colour, [L], [[1, 1], [1, 1]]),
    (colour.paint_content, [L], [[1, 0], [1, 1]]),
    (colour.invert, [L], [[0, 2], [0, 0]]),
    (colour.swap_two_colours, [L], [[2, 0], [1, 1]]),
    (colour.clear_background, [[[8, 8, 0]]], [[0, 0, 8]]),
    (colour.stamp, [[[1, 0]], [[5, 6]]], [[5, 6, 0, 0]]),
    (colour.stamp_itself, [[[1, 0]]], [[1, 0, 0, 0]]),
    (colour.stamp_itself_inverted, [[[1, 0]]], [[0, 0, 1, 0]]),
    (colour.stamp_itself_on_main, [[[1, 1, 2]]], [[1, 1, 2, 1, 1, 2, 0, 0, 0]]),
    (colour.stamp_itself_on_rare, [[[1, 1, 2]]], [[0, 0, 0, 0, 0, 0, 1, 1, 2]]),
    (colour.colours_by_count, [L], [[2], [1]]),
    (colour.colour_bars, [L], [[2, 2], [1, 0]]),
    (colour.filled_in_order, [L], [[1, 2, 2]]),
    (colour.main_colour_cell, [L], [[2]]),
    (colour.rare_colour_cell, [L], [[1]]),
    (lines.overlay, [[[1, 0]], [[2, 2]]], [[1, 2]]),
    (lines.ray, [[[1, 0, 2, 0]], 0, 1], [[1, 1, 2, 2]]),
    (lines.rays_sideways, [[[0, 1, 0]]], [[1, 1, 1]]),
    (lines.rays_upright, [[[0], [1], [0]]], [[1], [1], [1]]),
    (lines.rays_cross, [[[0, 0], [0, 1]]], [[0, 1], [1, 1]]),
    (lines.rays_diagonal, [[[0, 0], [0, 1]]], [[1, 0], [0, 1]]),
    (lines.link, [[[1, 0, 1]], 0, 1], [[1, 1, 1]]),
    (lines.link_rows, [[[1, 0, 1, 0, 2]]], [[1, 1, 1, 0, 2]]),
    (lines.link_cols, [[[1], [0], [1]]], [[1], [1], [1]]),
    (lines.link_diagonal, [[[1, 0, 0], [0, 0, 0], [0, 0, 1]]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (lines.link_cross, [[[1, 0, 1], [0, 0, 0], [1, 0, 0]]], [[1, 1, 1], [1, 0, 0], [1, 0, 0]]),
    (lines.between, [[[1, 0, 2]], 0, 1], [[0, 1, 0]]),
    (lines.between_ways, [[[1, 0, 2]]], [[0, 1, 0]]),
    (lines.row_main, [[[1, 2, 2]]], [[2, 2, 2]]),
    (lines.col_main, [[[1], [2], [2]]], [[2], [2], [2]]),
    (lines.row_first, [[[0, 3, 4]]], [[3, 3, 3]]),
    (lines.col_first, [[[0], [3], [4]]], [[3], [3], [3]]),
    (lines.sort_rows, [[[1, 1], [0, 1]]], [[0, 1], [1, 1]]),
    (lines.sort_cols, [[[1, 0], [1, 1]]], [[0, 1], [1, 1]]),
    (lines.cross_lines, [[[0, 0], [0, 3]]], [[0, 3], [3, 3]]),
    (lines.join_in_rows, [[[0, 5, 0, 0, 6]]], [[0, 5, 5, 5, 6]]),
    (lines.join_in_cols, [[[5], [0], [6]]], [[5], [5], [6]]),
    (lines.border_links, [[[0, 4, 0], [3, 0, 3], [0, 4, 0]]], [[0, 4, 0], [3, 3, 3], [0, 4, 0]]),
    (lines.corner_paths, [[[2, 0, 0], [0, 0, 0], [0, 0, 3]]], [[1, 1, 1], [0, 0, 1], [0, 0, 1]]),
    (objects.neighbours, [1, 1, False], [(0, 1), (2, 1), (1, 0), (1, 2)]),
    (objects.find_objects, [TWO, True, False], [FOUR, SIX]),
    (objects.find_objects, [[[1, 2]], False, True], [[(0, 0), (0, 1)]]),
    (objects.find_gaps, [TWO, False], [[(0, 1), (0, 2), (1, 1)]]),
    (objects.find_regions, [[[0, 1]], False], [[(0, 0)], [(0, 1)]]),
    (objects.find_colours, [[[2, 1, 2]]], [[(0, 1)], [(0, 0), (0, 2)]]),
    (objects.pick_largest, [[FOUR, SIX], [2, 1]], FOUR),
    (objects.pick_smallest, [[FOUR, SIX], [2, 1]], SIX),
    (objects.keep_largest, [[FOUR, SIX], [2, 2]], [FOUR, SIX]),
    (objects.keep_smallest, [[FOUR, SIX], [2, 1]], [SIX]),
    (objects.sort_objects, [[FOUR, SIX], [2, 1]], [SIX, FOUR]),
    (objects.cut_object, [RING, [(1, 1), (2, 1), (2, 2)]], [[3, 0], [3, 0]]),
    (objects.cut_box, [TWO, [(0, 0), (1, 1)]], [[4, 0], [4, 0]]),
    (objects.keep_object, [TWO, SIX], [[0, 0, 0], [0, 0, 6]]),
    (objects.drop_object, [TWO, SIX], [[4, 0, 0], [4, 0, 0]]),
    (objects.keep_objects, [TWO, [SIX]], [[0, 0, 0], [0, 0, 6]]),
    (objects.drop_objects, [TWO, [SIX]], [[4, 0, 0], [4, 0, 0]]),
    (objects.colour_cell, [TWO, SIX], [[6]]),
    (objects.paint_in_colour, [TWO, SIX], [[6, 0, 0], [6, 0, 6]]),
    (objects.paint_objects, [TWO, [FOUR, SIX], [2, 1]], [[2, 0, 0], [2, 0, 1]]),
    (objects.colour_objects, [TWO, [SIX], [1]], [[4, 0, 0], [4, 0, 1]]),
    (objects.objects_in_row, [TWO, [SIX, SIX]], [[6, 6]]),
    (objects.objects_in_column, [TWO, [SIX, SIX]], [[6], [6]]),
    (objects.stack_objects, [TWO, [[(0, 0)], SIX]], [[6]]),
    (objects.colours_in_column, [TWO, [FOUR, SIX]], [[4], [6]]),
    (objects.colours_in_row, [TWO, [FOUR, SIX]], [[4, 6]]),
    (objects.count_in_row, [[FOUR, SIX]], [[1, 1]]),
    (objects.count_on_diagonal, [[FOUR, SIX]], [[1, 0], [0, 1]]),
    (objects.object_bars, [TWO, [FOUR, SIX, SIX]], [[6, 6], [4, 0]]),
    (objects.replace_object, [TWO, SIX, [[9]]], [[4, 0, 0], [4, 0, 9]]),
    (objects.flip_each_rows, [L, [[(0, 0), (1, 0), (1, 1)]]], [[2, 2], [1, 0]]),
    (objects.flip_each_cols, [L, [[(0, 0), (1, 0), (1, 1)]]], [[0, 1], [2, 2]]),
    (objects.turn_each, [L, [[(0, 0), (1, 0), (1, 1)]]], [[2, 2], [0, 1]]),
    (properties.sizes, [TWO, [FOUR, SIX]], [2, 1]),
    (properties.tops, [TWO, [FOUR, SIX]], [0, 1]),
    (properties.lefts, [TWO, [FOUR, SIX]], [0, 2]),
    (properties.box_size, [FOUR], (2, 1)),
    (properties.heights, [TWO, [FOUR, SIX]], [2, 1]),
    (properties.widths, [TWO, [FOUR, SIX]], [1, 1]),
    (properties.box_areas, [TWO, [[(0, 0), (1, 1)]]], [4]),
    (properties.box_gaps, [TWO, [[(0, 0), (1, 1)]]], [2]),
    (properties.elongations, [TWO, [FOUR, SIX]], [1, 0]),
    (properties.colour_variety, [L, [[(0, 0), (1, 0)], [(1, 1)]]], [2, 1]),
    (properties.minority_cells, [L, [[(0, 0), (1, 0), (1, 1)]]], [1]),
    (properties.outline, [[(3, 4), (2, 4)]], [(0, 0), (1, 0)]),
    (properties.shape_twins, [TWO, [[(0, 0)], SIX, FOUR]], [2, 2, 1]),
    (properties.colour_twins, [TWO, [[(0, 0)], SIX, FOUR]], [2, 1, 2]),
    (properties.exact_twins, [TWO, [[(0, 0)], [(1, 0)], SIX]], [2, 2, 1]),
    (properties.border_contacts, [RING, [[(1, 1)], [(3, 3)]]], [0, 1]),
    (properties.mirror_axes, [TWO, [FOUR, [(0, 0), (1, 0), (1, 2)]]], [2, 0]),
    (properties.hole_counts, [RING, objects.find_objects(RING, False, False)], [1]),
    (properties.rim, [L, [(0, 1)]], [2, 1]),
    (properties.rim_variety, [L, [[(0, 1)]]], [2]),
    (properties.rim_colours, [TWO, [[(0, 1), (1, 1)]]], [4]),
    (properties.main_colours, [L, [[(0, 0), (1, 0), (1, 1)]]], [2]),
    (properties.rare_colours, [L, [[(0, 0), (1, 0), (1, 1)]]], [1]),
    (properties.plus_one, [[0, 4]], [1, 5]),
    (properties.mark_highest, [[1, 3]], [1, 2]),
    (properties.mark_lowest, [[1, 3]], [2, 1]),
    (properties.rank_from_highest, [[5, 9, 5]], [2, 1, 2]),
    (properties.rank_from_lowest, [[5, 9, 5]], [1, 2, 1]),
    (properties.odd_or_even, [[2, 3]], [1, 2]),
    (properties.up_to_three, [[2, 7]], [3, 4]),
    (features.row_numbers, [L], [[0, 0], [1, 1]]),
    (features.col_numbers, [L], [[0, 1], [0, 1]]),
    (features.row_cycle, [[[0], [0], [0]], 2], [[0], [1], [0]]),
    (features.col_cycle, [[[0, 0, 0]], 2], [[0, 1, 0]]),
    (features.diagonal_cycle, [L, 2], [[0, 1], [1, 0]]),
    (features.antidiagonal_cycle, [L, 3], [[0, 2], [1, 0]]),
    (features.border_distance, [[[0] * 3] * 3], [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    (features.depth, [[[1] * 3] * 3], [[1, 1, 1], [1, 2, 1], [1, 1, 1]]),
    (features.neighbour_counts, [L, False], [[1, 2], [2, 1]]),
    (features.neighbour_counts, [L, True], [[2, 3], [2, 2]]),
    (features.like_neighbours, [L, False], [[0, 0], [1, 1]]),
    (features.enclosed, [RING, False], [[0] * 4, [0] * 4, [0, 0, 1, 0], [0] * 4]),
    (features.row_counts, [L], [[1, 1], [2, 2]]),
    (features.col_counts, [L], [[2, 1], [2, 1]]),
    (features.uniform_rows, [L], [[0, 0], [1, 1]]),
    (features.uniform_cols, [[[1, 2], [1, 3]]], [[1, 0], [1, 0]]),
    (features.filled_rows, [[[0, 0], [0, 1]]], [[0, 0], [1, 1]]),
    (features.filled_cols, [[[0, 0], [0, 1]]], [[0, 1], [0, 1]]),
    (features.row_variety, [L], [[1, 1], [1, 1]]),
    (features.col_variety, [L], [[2, 1], [2, 1]]),
    (features.box_marks, [[[0] * 3] * 3, [[(0, 0), (2, 2)]]], [[1, 1, 1], [1, 2, 1], [1, 1, 1]]),
    (features.box_rings, [[[0] * 3] * 3, [[(0, 0), (2, 2)]]], [[1, 1, 1], [1, 2, 1], [1, 1, 1]]),
    (features.row_offset, [[[0], [0], [0]]], [[2], [0], [2]]),
    (features.col_offset, [[[0, 0]]], [[1, 1]]),
    (features.largest_blank, [[[1, 0, 0], [0, 0, 0]]], [[0, 1, 1], [0, 1, 1]]),
    (features.path_parity, [[[0, 0, 2, 5, 5]]], [[2, 1, 0, 0, 0]]),
    (features.rows_in_object, [TWO, [FOUR]], [[1, 0, 0], [2, 0, 0]]),
    (features.cols_in_object, [L, [[(1, 0), (1, 1)]]], [[0, 0], [1, 2]]),
    (shapes.dilate, [[[0, 0], [0, 5]], False], [[0, 5], [5, 5]]),
    (shapes.spread, [[[3, 0, 0]]], [[3, 3, 3]]),
    (shapes.smooth, [[[1, 1], [1, 2]]], [[1, 1], [1, 1]]),
    (shapes.drop_small, [TWO, [FOUR, SIX], 1], [[4, 0, 0], [4, 0, 0]]),
    (shapes.fill_boxes, [[[5, 0], [0, 5]], [[(0, 0), (1, 1)]]], [[5, 5], [5, 5]]),
    (shapes.frame_boxes, [[[0, 0, 0], [0, 5, 0]], [[(1, 1)]]], [[5, 5, 5], [5, 5, 5]]),
    (shapes.fill_enclosed, [RING, False], [[0] * 4, [0, 3, 3, 3], [0, 3, 3, 3], [0, 3, 3, 3]]),
    (shapes.gravity_down, [[[1, 0], [0, 2]]], [[0, 0], [1, 2]]),
    (shapes.gravity_up, [[[1, 0], [0, 2]]], [[1, 2], [0, 0]]),
    (shapes.gravity_right, [[[1, 0], [0, 2]]], [[0, 1], [0, 2]]),
    (shapes.gravity_left, [[[1, 0], [0, 2]]], [[1, 0], [2, 0]]),
    (shapes.fall_down, [[[1, 1], [0, 0], [0, 2]], False, False], [[0, 0], [1, 1], [0, 2]]),
    (shapes.fall_up, [[[0, 0], [1, 1]], False, False], [[1, 1], [0, 0]]),
    (shapes.fall_right, [[[1, 0], [1, 0]], False, False], [[0, 1], [0, 1]]),
    (shapes.fall_left, [[[0, 1], [0, 1]], False, False], [[1, 0], [1, 0]]),
    (shapes.pull_to, [[[8, 0, 0, 3]], 8], [[8, 3, 0, 0]]),
    (shapes.halo, [[[0, 0, 0], [0, 7, 0], [0, 0, 0]]], [[7, 7, 7], [7, 7, 7], [7, 7, 7]]),
    (patterns.fill_period, [[[1, 2, 1, 2], [1, 0, 1, 2]]], [[1, 2, 1, 2], [1, 2, 1, 2]]),
    (patterns.fill_row_periods, [[[1, 2, 0, 2]]], [[1, 2, 1, 2]]),
    (patterns.fill_col_periods, [[[1], [2], [0], [2]]], [[1], [2], [1], [2]]),
    (patterns.fill_diagonals, [[[1, 2], [2, 0]]], [[1, 2], [2, 1]]),
    (patterns.continue_rows, [[[1], [2], [0], [0]]], [[1], [2], [1], [2]]),
    (patterns.continue_cols, [[[1, 2, 0, 0]]], [[1, 2, 1, 2]]),
    (patterns.extend_down, [[[1], [2]], 3], [[1], [2], [1]]),
    (patterns.extend_right, [[[1, 2, 1, 2]], 3], [[1, 2, 1, 2, 1, 2]]),
    (patterns.mirror_sums, [[[1, 2, 1]]], (0, 2)),
    (patterns.fill_symmetry, [[[1, 2, 0]]], [[1, 2, 1]]),
    (patterns.symmetrize, [[[1, 0], [0, 0]]], [[1, 1], [1, 1]]),
    (patterns.symmetrize_turns, [[[1, 0], [0, 0]]], [[1, 1], [1, 1]]),
    (patterns.symmetrize_content, [[[0, 4, 0], [0, 4, 4], [0, 0, 0]]], [[0, 4, 4], [0, 4, 4], [0, 0, 0]]),
    (parts.separators, [L, 2], [1]),
    (parts.separator_colour, [L], 2),
    (parts.separator_colour, [[[7, 7], [4, 4], [0, 7]]], 4),
    (parts.spans, [[2], 5], [(0, 2), (3, 5)]),
    (parts.split_parts, [[[1, 5, 2], [3, 5, 4]]], [[[1], [3]], [[2], [4]]]),
    (parts.split_evenly, [[[1, 2]], 1, 2], [[[1]], [[2]]]),
    (parts.split_squares, [[[1, 2, 3]]], [[[1]], [[2]], [[3]]]),
    (parts.split_corners, [[[1, 2, 3]], 1, 2], [[[1, 2]], [[2, 3]], [[1, 2]], [[2, 3]]]),
    (parts.part, [PARTS, 1], [[2, 2]]),
    (parts.part_cells, [PARTS], [1, 2]),
    (parts.part_variety, [PARTS], [2, 1]),
    (parts.part_twins, [[*PARTS, [[1, 0]]]], [2, 1, 2]),
    (parts.part_shape_twins, [[*PARTS, [[3, 0]]]], [2, 1, 2]),
    (parts.part_axes, [PARTS], [1, 2]),
    (parts.part_colours, [[*PARTS, [[0, 0]]]], [1, 2, 0]),
    (parts.part_full, [PARTS], [0, 1]),
    (parts.part_fullest, [PARTS], [0, 1]),
    (parts.highest_part, [PARTS, [1, 2]], [[2, 2]]),
    (parts.lowest_part, [PARTS, [1, 2]], [[1, 0]]),
    (parts.merge_parts, [PARTS], [[1, 2]]),
    (parts.merge_parts_backwards, [PARTS], [[2, 2]]),
    (parts.merge_parts_in_order, [PARTS, (1, 0)], [[2, 2]]),
    (parts.common_cells, [PARTS], [[1, 0]]),
    (parts.table_of_parts, [[[1, 5, 2], [5, 5, 5], [3, 5, 4]], [9, 8, 7, 6]], [[9, 8], [7, 6]]),
    (tables.recolour, [L, {1: 7}], [[7, 0], [2, 2]]),
    (tables.lookup, [L, [[0, 0], [0, 1]], {(2, 1): 9}], [[1, 0], [2, 9]]),
    (tables.lookup_two, [L, [[0, 0], [0, 1]], L, {(2, 1, 2): 9}], [[1, 0], [2, 9]]),
    (tables.where, [L, (1,), [[9, 9], [9, 9]], L], [[9, 0], [2, 2]]),
    (tables.choose, [[[1]], {((1,),): [[3, 4]]}], [[3, 4]]),
    (tables.constant_like, [L, 4], [[4, 4], [4, 4]]),
    (tables.blank, [L], [[0, 0], [0, 0]]),
    (tables.assemble, [[[[[1]], [[2]]], [[[3]], [[4]]]]], [[1, 2], [3, 4]]),
]


def functions():
    """List all primitives and helpers."""
    modules = [importlib.import_module(f"synthflow.proposers.symbolic.primitives.{name}") for name in MODULES]
    return [
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    ]


def frozen(value):
    """Turn all lists into tuples."""
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(("function", "arguments", "expected"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_primitive_does_what_it_says(function, arguments, expected):
    """A small example of each primitive, worked out by hand, comes out right."""
    assert function(*arguments) == expected


def test_no_primitive_is_without_an_example():
    """The table above names every function of the primitives' files."""
    assert {function.__name__ for function, _, _ in CASES} == {function.__name__ for function in functions()}


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.__name__)
def test_every_primitive_is_documented_in_one_line(function):
    """A script stays short because each docstring is one sentence."""
    assert function.__doc__.endswith(".")
    assert "\n" not in function.__doc__


@pytest.mark.parametrize(("function", "arguments", "expected"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_rows_may_be_lists_or_tuples(function, arguments, expected):
    """The search works on tuples and a script on lists: the answer is the same, and arguments are left alone."""
    before = repr(arguments)
    on_tuples = function(*[a if isinstance(a, dict) else frozen(a) for a in arguments])

    assert frozen(on_tuples) == frozen(expected)
    assert frozen(function(*arguments)) == frozen(expected)
    assert repr(arguments) == before


def test_the_sandbox_agrees():
    """Each primitive's source, with what it needs and nothing else, gives the same answer in Monty."""
    with pydantic_monty.Monty() as pool:
        for function, arguments, expected in CASES:
            source = "\n\n".join(definition.source for definition in with_needs({function.__name__}))
            call = f"{function.__name__}({', '.join(map(repr, arguments))})"
            with pool.checkout() as session:
                answer = session.feed_run(f"{source}\n\n{call}")

            assert answer == expected, function.__name__


@given(grids())
def test_turning_four_times_changes_nothing(grid):
    """Quarter turns form a cycle of four, and two of them are a half turn."""
    twice = rigid.rotate_90(rigid.rotate_90(grid))

    assert twice == rigid.rotate_180(grid)
    assert rigid.rotate_90(rigid.rotate_90(twice)) == grid
    assert rigid.rotate_270(rigid.rotate_90(grid)) == grid


@given(grids())
def test_mirrors_undo_themselves(grid):
    """Every mirror image of a mirror image is the grid."""
    for mirror in (rigid.flip_rows, rigid.flip_cols, rigid.transpose, rigid.anti_transpose):
        assert mirror(mirror(grid)) == grid


@given(grids(), st.integers(2, 4))
def test_downscaling_undoes_upscaling(grid, factor):
    """A grid made larger and smaller again is the same."""
    assert scale.downscale(scale.upscale(grid, factor), factor) == grid


@given(grids(), st.booleans(), st.booleans())
def test_objects_hold_every_coloured_cell_once(grid, diagonal, mixed):
    """Objects partition the cells that are not 0, in order of their first cells."""
    found = objects.find_objects(grid, diagonal, mixed)

    assert sorted(cell for cells in found for cell in cells) == crop.filled_cells(grid)
    assert found == sorted(found)


@given(grids())
def test_gravity_keeps_the_cells(grid):
    """Falling moves colours but makes and loses none."""
    settled = shapes.gravity_down(grid)

    assert sorted(v for row in settled for v in row) == sorted(v for row in grid for v in row)
    assert shapes.gravity_down(settled) == settled

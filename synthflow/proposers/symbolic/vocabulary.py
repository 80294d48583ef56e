"""What every primitive takes and gives, what it costs and what its result is called.

One line a primitive: name, cost, the noun that names its result in a script, and its
signature. Values that flow have the kinds

* ``grid``, and ``feature``: a grid of numbers about cells rather than of colours,
* ``objects``, ``chosen`` (some of them), ``cells`` (one of them),
* ``numbers`` (one for each object), ``marks`` (the same, none of them 0), ``shades`` (colours),
* ``parts`` and ``counts`` (one number for each part),
* ``goal``, only as a result: a grid that is made to reach the outputs or to swap the background,
  never by a move of the search.

All other words of a signature are constants. ``table``, ``values``, ``answers``, ``blocks`` (rows
of grids) and ``order`` are worked out where a program is finished; ``corner`` and ``output`` follow
from the shapes of the grid and the outputs; moves draw the others from `constant_ranges`.
Costs order the search and rank its programs: simpler and more usual means cheaper.
"""

import functools
from dataclasses import dataclass

FLOWING = {"grid", "feature", "objects", "chosen", "cells", "numbers", "marks", "shades", "parts", "counts"}


@dataclass(frozen=True)
class Primitive:
    """One line of the vocabulary."""

    name: str
    """The function's name."""
    cost: float
    """What using it adds to a program's cost."""
    noun: str
    """What a script calls its result."""
    takes: tuple[str, ...]
    """The kinds of its arguments, in order."""
    gives: str
    """The kind of its result."""

    @property
    def flowing(self) -> tuple[str, ...]:
        """The kinds of those arguments that are not constants."""
        return tuple(kind for kind in self.takes if kind in FLOWING)


_TABLE = """
flip_rows              1    flipped    grid -> grid
flip_cols              1    mirrored   grid -> grid
transpose              1    turned     grid -> grid
rotate_90              1    turned     grid -> grid
rotate_180             1    turned     grid -> grid
rotate_270             1    turned     grid -> grid
anti_transpose         1    turned     grid -> grid
crop_content           1    content    grid -> grid
shave                  1    inner      grid -> grid
top_half               1    half       grid -> grid
bottom_half            1    half       grid -> grid
left_half              1    half       grid -> grid
right_half             1    half       grid -> grid
repeating_tile         1    unit       grid -> grid
mirror_right           1    doubled    grid -> grid
mirror_down            1    doubled    grid -> grid
mirror_both            1    doubled    grid -> grid
mirror_right_once      1    doubled    grid -> grid
mirror_down_once       1    doubled    grid -> grid
merge_equal_lines      1    condensed  grid -> grid
merge_equal_rows       1    condensed  grid -> grid
drop_empty_lines       1    condensed  grid -> grid
drop_empty_rows        1    condensed  grid -> grid
keep_main_colour       1    kept       grid -> grid
keep_rare_colour       1    kept       grid -> grid
drop_main_colour       1    rest       grid -> grid
drop_rare_colour       1    rest       grid -> grid
stamp_itself           1    stamped    grid -> grid
stamp_itself_inverted  1    stamped    grid -> grid
stamp_itself_on_main   1    stamped    grid -> grid
stamp_itself_on_rare   1    stamped    grid -> grid
rays_sideways          1    rays       grid -> grid
rays_upright           1    rays       grid -> grid
rays_cross             1    rays       grid -> grid
rays_diagonal          1    rays       grid -> grid
cross_lines            1    crossed    grid -> grid
join_in_rows           1.2  joined     grid -> grid
join_in_cols           1.2  joined     grid -> grid
link_rows              1    linked     grid -> grid
link_cols              1    linked     grid -> grid
link_diagonal          1    linked     grid -> grid
link_cross             1    linked     grid -> grid
gravity_down           1    settled    grid -> grid
gravity_up             1    settled    grid -> grid
gravity_left           1    settled    grid -> grid
gravity_right          1    settled    grid -> grid
smooth                 1    smoothed   grid -> grid
spread                 1    spread_out grid -> grid
halo                   1.3  ringed     grid -> grid
fill_period            1    completed  grid -> grid
fill_row_periods       1    completed  grid -> grid
fill_col_periods       1    completed  grid -> grid
fill_diagonals         1    completed  grid -> grid
fill_symmetry          1    completed  grid -> grid
continue_rows          1.1  completed  grid -> grid
continue_cols          1.1  completed  grid -> grid
extend_down            1.3  extended   grid halves -> grid
extend_right           1.3  extended   grid halves -> grid
border_links           1.1  linked     grid -> grid
corner_paths           1.3  path       grid -> grid
symmetrize             1    symmetric  grid -> grid
symmetrize_turns       1    symmetric  grid -> grid
symmetrize_content     1.1  symmetric  grid -> grid
colours_by_count       1    listed     grid -> grid
colour_bars            1    bars       grid -> grid
main_colour_cell       1    answer     grid -> grid
rare_colour_cell       1    answer     grid -> grid
sort_rows              1    ordered    grid -> grid
sort_cols              1    ordered    grid -> grid
filled_in_order        1    listed     grid -> grid
paint_main_colour      1    painted    grid -> grid
paint_rare_colour      1    painted    grid -> grid
paint_content          1.2  painted    grid -> grid
swap_two_colours       1.2  swapped    grid -> grid
invert                 1    inverted   grid -> grid
row_first              1    rows       grid -> grid
col_first              1    columns    grid -> grid
row_main               1    rows       grid -> grid
col_main               1    columns    grid -> grid
clear_background       1    cleared    grid -> grid
upscale_by_colours     1    enlarged   grid -> grid
upscale_by_cells       1    enlarged   grid -> grid
tile_by_colours        1.2  tiled      grid -> grid
extend_edges           1.2  extended   grid -> grid
keep_colour            1.2  kept       grid colour -> grid
drop_colour            1.2  rest       grid colour -> grid
crop_colour            1.2  content    grid colour -> grid
pull_to                1.4  pulled     grid colour -> grid
add_frame              1.4  framed     grid outer -> grid
upscale                1.1  enlarged   grid factor -> grid
enlarge_canvas         1.3  canvas     grid factor -> grid
downscale              1.2  reduced    grid factor -> grid
upscale_rows           1.3  enlarged   grid double -> grid
upscale_cols           1.3  enlarged   grid double -> grid
dilate                 1.2  grown      grid diagonal -> grid
fill_enclosed          1.2  filled     grid diagonal -> grid
fall_down              1.4  settled    grid diagonal mixed -> grid
fall_up                1.4  settled    grid diagonal mixed -> grid
fall_left              1.4  settled    grid diagonal mixed -> grid
fall_right             1.4  settled    grid diagonal mixed -> grid
ray                    1.3  rays       grid way -> grid
shift                  1.4  shifted    grid way -> grid
shift_around           1.5  shifted    grid way -> grid
crop                   1.3  corner     grid corner -> grid

split_parts            0.5  parts      grid -> parts
split_squares          0.6  parts      grid -> parts
split_evenly           0.7  parts      grid shares -> parts
split_corners          0.8  parts      grid output -> parts
part                   0.5  chosen     parts place -> grid
merge_parts            0.7  merged     parts -> grid
merge_parts_backwards  0.8  merged     parts -> grid
common_cells           0.8  common     parts -> grid
part_cells             0.3  filled     parts -> counts
part_variety           0.3  variety    parts -> counts
part_twins             0.3  twins      parts -> counts
part_shape_twins       0.3  twins      parts -> counts
part_axes              0.3  axes       parts -> counts
part_colours           0.3  colours    parts -> counts
part_full              0.3  full       parts -> counts
part_fullest           0.3  fullest    parts -> counts
highest_part           0.4  chosen     parts counts -> grid
lowest_part            0.4  chosen     parts counts -> grid
table_of_parts         0.7  summary    grid counts -> grid

find_objects           0.3  objects    grid diagonal mixed -> objects
find_gaps              0.6  gaps       grid diagonal -> objects
find_regions           0.6  regions    grid diagonal -> objects
find_colours           0.5  colours    grid -> objects
sizes                  0.3  sizes      grid objects -> numbers
tops                   0.6  tops       grid objects -> numbers
lefts                  0.6  lefts      grid objects -> numbers
shape_twins            0.6  twins      grid objects -> numbers
colour_twins           0.6  twins      grid objects -> numbers
hole_counts            0.5  holes      grid objects -> numbers
border_contacts        0.5  at_border  grid objects -> numbers
heights                0.8  heights    grid objects -> numbers
widths                 0.8  widths     grid objects -> numbers
elongations            0.8  shapes     grid objects -> numbers
box_areas              0.8  areas      grid objects -> numbers
box_gaps               0.8  gaps       grid objects -> numbers
colour_variety         0.8  variety    grid objects -> numbers
minority_cells         0.8  minority   grid objects -> numbers
exact_twins            0.8  twins      grid objects -> numbers
mirror_axes            0.8  axes       grid objects -> numbers
rim_variety            0.8  contacts   grid objects -> numbers
main_colours           0.4  colours    grid objects -> shades
rare_colours           0.4  colours    grid objects -> shades
rim_colours            0.4  colours    grid objects -> shades
pick_largest           0.2  chosen     objects numbers -> cells
pick_smallest          0.2  chosen     objects numbers -> cells
keep_largest           0.3  chosen     objects numbers -> chosen
keep_smallest          0.3  chosen     objects numbers -> chosen
sort_objects           0.2  in_order   objects numbers -> chosen
cut_object             0.2  cutout     grid cells -> grid
cut_box                0.3  cutout     grid cells -> grid
keep_object            0.4  kept       grid cells -> grid
drop_object            0.5  rest       grid cells -> grid
colour_cell            0.4  answer     grid cells -> grid
paint_in_colour        0.6  painted    grid cells -> grid
keep_objects           0.5  kept       grid chosen -> grid
drop_objects           0.6  rest       grid chosen -> grid
objects_in_row         0.5  joined     grid chosen -> grid
objects_in_column      0.5  joined     grid chosen -> grid
colours_in_column      0.5  listed     grid chosen -> grid
colours_in_row         0.5  listed     grid chosen -> grid
paint_objects          0.4  painted    grid objects shades -> grid
colour_objects         0.5  painted    grid objects shades -> grid
stack_objects          0.8  stacked    grid objects -> grid
object_bars            0.8  bars       grid objects -> grid
flip_each_rows         1.0  flipped    grid objects -> grid
flip_each_cols         1.0  mirrored   grid objects -> grid
turn_each              1.0  turned     grid objects -> grid
fill_boxes             1.0  filled     grid objects -> grid
frame_boxes            1.0  framed     grid objects -> grid
drop_small             1.0  cleaned    grid objects size -> grid
count_in_row           0.8  counted    objects -> grid
count_on_diagonal      0.9  counted    objects -> grid

row_numbers            0.8  rows       grid -> feature
col_numbers            0.8  columns    grid -> feature
border_distance        0.8  distance   grid -> feature
depth                  0.8  deepness   grid -> feature
row_counts             0.8  in_row     grid -> feature
col_counts             0.8  in_column  grid -> feature
uniform_rows           0.8  uniform    grid -> feature
uniform_cols           0.8  uniform    grid -> feature
filled_rows            0.8  filled     grid -> feature
filled_cols            0.8  filled     grid -> feature
row_variety            0.8  variety    grid -> feature
col_variety            0.8  variety    grid -> feature
row_offset             0.8  offset     grid -> feature
col_offset             0.8  offset     grid -> feature
largest_blank          0.8  blank_box  grid -> feature
path_parity            0.9  parity     grid -> feature
between_ways           0.8  inner      grid -> feature
as_mask                0.5  mask       grid -> feature
enclosed               0.5  inside     grid diagonal -> feature
row_cycle              0.8  rows       grid period -> feature
col_cycle              0.8  columns    grid period -> feature
diagonal_cycle         0.8  diagonals  grid period -> feature
antidiagonal_cycle     0.8  diagonals  grid period -> feature
neighbour_counts       0.8  near       grid diagonal -> feature
like_neighbours        0.8  alike      grid diagonal -> feature
box_marks              0.6  boxes      grid objects -> feature
box_rings              0.7  rings      grid objects -> feature
rows_in_object         0.8  rows       grid objects -> feature
cols_in_object         0.8  columns    grid objects -> feature
plus_one               0.3  marks      numbers -> marks
mark_highest           0.2  highest    numbers -> marks
mark_lowest            0.2  lowest     numbers -> marks
rank_from_highest      0.2  ranks      numbers -> marks
rank_from_lowest       0.2  ranks      numbers -> marks
odd_or_even            0.5  parity     numbers -> marks
up_to_three            0.5  marks      numbers -> marks
paint_objects          0.2  painted    grid objects marks -> feature

recolour               0    recoloured grid table -> grid
lookup                 0    looked_up  grid feature table -> grid
lookup_two             0    looked_up  grid feature feature table -> grid
where                  0    chosen     feature values grid grid -> grid
constant_like          0    plain      grid outer -> grid
blank                  0    empty      grid -> goal
overlay                0    layered    grid grid -> goal
choose                 0    answer     grid answers -> goal
tile                   0    tiled      grid shares -> goal
beside                 0    joined     grid grid -> goal
above                  0    joined     grid grid -> goal
assemble               0    assembled  blocks -> goal
crop_where             1    cutout     grid feature -> goal
merge_parts_in_order   0    merged     parts order -> goal
swap_colours           0.25 swapped    grid outer outer -> goal
"""


def _read(table: str) -> tuple[Primitive, ...]:
    lines = [line.split() for line in table.splitlines() if line.strip()]
    return tuple(
        Primitive(name=name, cost=float(cost), noun=noun, takes=tuple(signature[:-2]), gives=signature[-1])
        for name, cost, noun, *signature in lines
    )


VOCABULARY: tuple[Primitive, ...] = _read(_TABLE)
NOUNS: dict[str, str] = {primitive.name: primitive.noun for primitive in VOCABULARY}


@functools.cache
def select(*flowing: str, gives: str) -> tuple[Primitive, ...]:
    """List the primitives with these flowing arguments and this result, in order of the table."""
    return tuple(p for p in VOCABULARY if p.flowing == flowing and p.gives == gives)


def constant_ranges(colours: list[int], outer: list[int]) -> dict[str, list[tuple[tuple[int, ...], float]]]:
    """Tell the values that each kind of constant may have.

    Args:
        colours: The colours but 0 that all inputs have.
        outer: The colours that all outputs have.

    Returns:
        For each kind a list of (arguments, what they add to the cost).
    """
    ways = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
    shares = ((1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (3, 3), (1, 4), (4, 1))
    return {
        "colour": [((colour,), 0.0) for colour in colours],
        "outer": [((colour,), 0.0) for colour in outer],
        "factor": [((factor,), 0.0) for factor in (2, 3, 4)],
        "halves": [((halves,), 0.0) for halves in (3, 4)],
        "double": [((2,), 0.0)],
        "size": [((1,), 0.0), ((2,), 0.1)],
        "period": [((period,), 0.1 * period) for period in (2, 3, 4)],
        "place": [((place,), 0.0) for place in range(9)],
        "diagonal": [((True,), 0.0), ((False,), 0.2)],
        "mixed": [((False,), 0.0), ((True,), 0.2)],
        "way": [(way, 0.0) for way in ways],
        "shares": [(share, 0.0) for share in shares],
    }

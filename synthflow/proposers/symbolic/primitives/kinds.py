"""The kinds of values that primitives take and give."""

Grid = list[list[int]]
Cells = list[tuple[int, int]]
Objects = list[Cells]
Numbers = list[int]
Parts = list[Grid]

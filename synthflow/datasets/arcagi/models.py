"""The types of ARC-AGI: colours, grids, and what goes into and comes out of a program that solves a task."""

from enum import IntEnum
from typing import Annotated

from synthflow.data_models.data_model import DataModel, Field

LARGEST_SIDE = 30


class Color(IntEnum):
    """The colour of a cell, from 0 (black) to 9; it equals its number."""

    BLACK = 0
    BLUE = 1
    RED = 2
    GREEN = 3
    YELLOW = 4
    GREY = 5
    MAGENTA = 6
    ORANGE = 7
    AZURE = 8
    MAROON = 9


Grid = Annotated[
    list[Annotated[list[Color], Field(min_length=1, max_length=LARGEST_SIDE)]],
    Field(min_length=1, max_length=LARGEST_SIDE),
]


class ArcPair(DataModel):
    """A grid, and what the rule of the task makes of it."""

    input_grid: Grid = Field(description="A grid before the rule: rows of colours from 0 to 9.")
    output_grid: Grid = Field(description="The same grid after the rule.")


class ArcInput(DataModel):
    """Solved examples of a rule, and a grid to apply it to."""

    examples: list[ArcPair] = Field(description="Pairs that show the rule; never the grid that is asked about.")
    input_grid: Grid = Field(description="The grid to transform: rows of colours from 0 to 9.")


class ArcOutput(DataModel):
    """The transformed grid."""

    output_grid: Grid = Field(description="The grid after the rule: rows of equal length, colours from 0 to 9.")


def get_input_data_model() -> type[ArcInput]:
    """Give the DataModel class of a row's input: `examples` and `input_grid`."""
    return ArcInput


def get_output_data_model() -> type[ArcOutput]:
    """Give the DataModel class of a row's answer: `output_grid`."""
    return ArcOutput


def default_instructions() -> str:
    """Give instructions for whoever writes scripts that solve ARC-AGI tasks."""
    return _INSTRUCTIONS


_INSTRUCTIONS = """\
Each row is one puzzle about the same hidden rule, which turns an input grid into an output grid.
A grid is a list of rows of equal length; a cell is a colour from 0 to 9, and 0 is usually the background.

Write a script that applies the rule to inputs["input_grid"] and assigns {"output_grid": ...} to result.
- Find one rule that explains every row exactly: a single wrong cell makes the answer wrong.
- Compare input and output: their sizes, what stays, what moves, and which colours appear or vanish.
  Think of objects (connected cells), symmetry, repetition, gravity, counting, sorting, filling, cropping and scaling.
- Compute sizes, positions and colours from the grid, so that the rule also holds on grids not yet seen.
  Never answer by recognising a particular grid.
- inputs["examples"] holds other pairs of the task. A script may learn from them what differs between
  tasks, such as a colour table, but the rule itself belongs in the code.
- Return new lists of plain integers, each row as long as the others, with at least one cell.
"""

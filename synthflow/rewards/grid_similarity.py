"""GridSimilarity: partial credit for a grid that is nearly right.

The two terms are the Jaccard index (intersection over union) of the two shapes, and
its mean over the colours, as is usual in image segmentation: a rare colour weighs as
much as the background, so that an unchanged background does not look like success.

Source: Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11 (1912).
"""

from collections import Counter
from itertools import chain, compress
from math import fsum
from operator import eq
from typing import Any, Unpack

from synthflow.data_models.field_mask import Masks
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Json
from synthflow.errors import EvaluationError
from synthflow.rewards.reward import Reward

SHAPE_WEIGHT = 0.2


class GridSimilarity(Reward):
    """How much a predicted grid agrees with the true one; 1.0 only when they are equal.

    The reward is `0.2 * shape + 0.8 * cells`, with both grids laid corner on corner:

    - shape: the area that both cover, divided by the area that either covers;
    - cells: for each colour of either grid, the number of cells that have it in both,
      divided by the number that have it in either; then the mean over the colours.

    A prediction that is no rectangular grid is worth 0.0.

    Args:
        field: The field that holds the grid, a list of rows; left out, the one field of the
            true answer that is a grid.
        name: How it is called in messages; `grid_similarity` by default.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Picture(DataModel):
    ...     grid: list[list[int]]
    >>> reward = GridSimilarity()
    >>> asyncio.run(reward(Picture(grid=[[1, 0], [0, 0]]), Picture(grid=[[0, 0], [0, 0]])))
    0.5
    """

    def __init__(self, field: str | None = None, *, name: str | None = None, **masks: Unpack[Masks]) -> None:
        super().__init__(name, **masks)
        self.field = field

    def call(self, y_true: Any, y_pred: Any) -> float:
        """Compare the grids."""
        if not isinstance(y_true, JsonDataModel) or not isinstance(y_pred, JsonDataModel):
            raise EvaluationError(f"Reward {self.name!r} compares one grid, and was given several outputs or none.")
        field = self.field or self._only_grid(y_true)
        truth, prediction = y_true.get(field), y_pred.get(field)
        if not is_grid(truth):
            raise EvaluationError(
                f"Reward {self.name!r} compares the field {field!r}, and in a true answer it is {truth!r:.200}, not a "
                f"grid such as [[0, 1], [2, 3]]. The answer has {', '.join(map(repr, y_true.keys()))}."
            )
        return similarity(truth, prediction) if is_grid(prediction) else 0.0

    def _only_grid(self, y_true: JsonDataModel) -> str:
        grids = [field for field, value in y_true.items() if is_grid(value)]
        if len(grids) != 1:
            raise EvaluationError(
                f"Reward {self.name!r} compares one grid, and the true answer has {len(grids)} among its fields "
                f"{', '.join(map(repr, y_true.keys()))}.\n"
                f"  GridSimilarity({(grids or list(y_true.keys()) or ['grid'])[0]!r})   <- name the field"
            )
        return grids[0]


def is_grid(value: Json) -> bool:
    """Tell whether a value is a rectangular list of rows with at least one cell, each a number or text."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, list) and row and len(row) == len(value[0]) for row in value)
        and {int, float, str, bool}.issuperset(map(type, chain(*value)))
    )


def similarity(truth: list[list[Json]], prediction: list[list[Json]]) -> float:
    """Give the reward for two rectangular grids.

    >>> similarity([[1, 2]], [[1, 2]]), similarity([[1, 1]], [[1]])
    (1.0, 0.5)
    """
    if truth == prediction:
        return 1.0
    height, other_height, width, other_width = len(truth), len(prediction), len(truth[0]), len(prediction[0])
    overlap = min(height, other_height) * min(width, other_width)
    shape = overlap / (height * width + other_height * other_width - overlap)
    counts, other_counts = Counter(chain(*truth)), Counter(chain(*prediction))
    agreeing = Counter(
        chain.from_iterable(
            compress(row, map(eq, row, other_row)) for row, other_row in zip(truth, prediction, strict=False)
        )
    )
    colours = counts.keys() | other_counts.keys()
    overlaps = (agreeing[colour] / (counts[colour] + other_counts[colour] - agreeing[colour]) for colour in colours)
    cells = fsum(overlaps) / len(colours)  # fsum: the same in whatever order the colours come
    return SHAPE_WEIGHT * shape + (1 - SHAPE_WEIGHT) * cells

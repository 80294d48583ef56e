"""Pictures of ARC-AGI tasks: input, truth and prediction of each pair, as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthflow.data_models.operators import ValueOperators
from synthflow.datasets.arcagi.models import LARGEST_SIDE, Color
from synthflow.datasets.arcagi.tasks import RawGrid, get_task
from synthflow.errors import DataError

if TYPE_CHECKING:
    import drawsvg

PALETTE = {
    Color.BLACK: "#000000",
    Color.BLUE: "#0074d9",
    Color.RED: "#ff4136",
    Color.GREEN: "#2ecc40",
    Color.YELLOW: "#ffdc00",
    Color.GREY: "#aaaaaa",
    Color.MAGENTA: "#f012be",
    Color.ORANGE: "#ff851b",
    Color.AZURE: "#7fdbff",
    Color.MAROON: "#870c25",
}
LINE_COLOR, TEXT_COLOR = "#555555", "#222222"
LARGEST_CELL, LONGEST_GRID = 24, 240  # pixels
GAP, TEXT_HEIGHT, LABEL_WIDTH, TITLE_WIDTH = 20, 14, 80, 110  # pixels


@dataclass(frozen=True)
class Column:
    """One pair of the picture, from top to bottom."""

    title: str
    """What stands above it."""
    grids: tuple[RawGrid | None, ...]
    """Input, truth and prediction; None leaves the place empty."""

    @property
    def remark(self) -> str:
        """How the prediction differs from the truth; '' without one."""
        _, truth, prediction = self.grids
        if prediction is None or truth is None:
            return ""
        if _shape(truth) != _shape(prediction):
            return f"{_shape(prediction)}, not {_shape(truth)}"
        wrong = len(_differing(truth, prediction))
        return f"{wrong} cell{'s' if wrong > 1 else ''} wrong" if wrong else "right"


def plot_task(
    task: Any,
    prediction: Any = None,
    to_file: str | Path | None = "task.svg",
    *,
    filepath: str | Path | None = None,
    arc_version: int = 1,
) -> str:
    """Draw a task as an SVG picture: a column per pair, with the input above the truth above the prediction.

    A cell that was predicted wrongly has a white dot.

    Args:
        task: Name of a task, whose training pairs are drawn before its test pairs; or rows
            `(x, y)`, each a data model or a list or array of them, such as `(x_test, y_test)`.
        prediction: What was predicted for the test pairs, or for the rows: a data model with
            `output_grid`, a grid, or a list or array with one for each, None where there is none.
        to_file: Where to write; None writes nothing.
        filepath: A JSON file with the task, as in `load_data`; `task` is then its title or None.
        arc_version: 1 or 2, where to look for the name.

    Returns:
        The path written to; the SVG text when `to_file` is None.

    Raises:
        DataError: There is no such task, or the predictions are not one for each pair.

    >>> plot_task("007bbfb7", to_file=None).count("<text")
    8
    """
    if task is None or isinstance(task, str):
        columns = _task_columns(task, prediction, filepath, arc_version)
    else:
        columns = _row_columns(task, prediction)
    text = _svg(columns)
    if to_file is None:
        return text
    Path(to_file).write_text(text, encoding="utf-8")
    return str(to_file)


def _task_columns(name: str | None, prediction: Any, filepath: str | Path | None, arc_version: int) -> list[Column]:
    task = get_task(name, filepath, arc_version)
    predictions = _predictions(prediction, len(task.test))
    columns = [Column(f"train {number}", (pair.input, pair.output, None)) for number, pair in enumerate(task.train, 1)]
    return columns + [
        Column(f"test {number}", (pair.input, pair.output, predicted))
        for number, (pair, predicted) in enumerate(zip(task.test, predictions, strict=True), 1)
    ]


def _row_columns(rows: Any, prediction: Any) -> list[Column]:
    if not isinstance(rows, tuple) or len(rows) != 2:
        raise DataError(
            f"{rows!r:.200} is neither the name of a task nor rows.\n"
            '  plot_task("007bbfb7")          <- by name\n'
            "  plot_task((x_test, y_test))    <- the rows that load_data gave"
        )
    xs, ys = ([side] if isinstance(side, ValueOperators) else list(side) for side in rows)
    if not xs or len(xs) != len(ys):
        raise DataError(f"x has {len(xs)} rows and y has {len(ys)}; a picture needs as many of both, at least one.")
    predictions = _predictions(prediction, len(xs))
    return [
        Column(f"row {number}", (_grid(x, "input_grid"), _grid(y, "output_grid"), predicted))
        for number, (x, y, predicted) in enumerate(zip(xs, ys, predictions, strict=True), 1)
    ]


def _predictions(prediction: Any, count: int) -> list[RawGrid | None]:
    """Bring predictions into the form of one grid or None for each pair."""
    if prediction is None:
        return [None] * count
    if isinstance(prediction, ValueOperators) or _is_grid(prediction):
        prediction = [prediction]
    given = list(prediction)
    if len(given) != count:
        raise DataError(f"There are {len(given)} predictions for {count} pairs; give one for each, None where none.")
    return [None if one is None else _grid(one, "output_grid") for one in given]


def _grid(value: Any, field: str) -> RawGrid:
    grid: Any = value.get_json().get(field) if isinstance(value, ValueOperators) else value
    if not _is_grid(grid):
        raise DataError(
            f"A picture needs grids: lists of rows of colours from 0 to 9, in {field!r}, not {value!r:.200}."
        )
    return [[int(cell) for cell in row] for row in grid]


def _is_grid(value: Any) -> bool:
    """Tell whether a value can be drawn; its rows may differ in length, as those of a wrong prediction."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= LARGEST_SIDE
        and all(isinstance(row, list) and 1 <= len(row) <= LARGEST_SIDE for row in value)
        and all(isinstance(cell, int) and 0 <= cell < len(Color) for row in value for cell in row)
    )


def _shape(grid: RawGrid) -> str:
    widths = sorted({len(row) for row in grid})
    return f"{len(grid)}x{'/'.join(map(str, widths))}"


def _differing(truth: RawGrid, prediction: RawGrid) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, (true_cells, cells) in enumerate(zip(truth, prediction, strict=False))
        for column, (true_cell, cell) in enumerate(zip(true_cells, cells, strict=False))
        if true_cell != cell
    ]


def _svg(columns: Sequence[Column]) -> str:
    """Lay the columns out side by side, each kind of grid in a band of its own height."""
    import drawsvg

    bands = [[column.grids[band] for column in columns] for band in range(3)]
    longest = max(side for band in bands for grid in band if grid for side in (len(grid), _width(grid)))
    cell = min(LARGEST_CELL, LONGEST_GRID // longest)
    heights = [max((len(grid) for grid in band if grid), default=0) * cell for band in bands]
    widths = [max(TITLE_WIDTH, *(_width(grid) * cell for grid in column.grids if grid)) for column in columns]
    shown = [band for band in range(3) if heights[band]]
    tops = {
        band: TEXT_HEIGHT + 2 * GAP + sum(heights[before] + GAP for before in shown if before < band) for band in shown
    }
    total = max(tops[band] + heights[band] for band in shown) + TEXT_HEIGHT + GAP

    drawing = drawsvg.Drawing(LABEL_WIDTH + sum(width + GAP for width in widths), total)
    drawing.append(drawsvg.Rectangle(0, 0, drawing.width, drawing.height, fill="white"))
    for band in shown:
        drawing.append(_text(("input", "truth", "prediction")[band], GAP / 2, tops[band] + TEXT_HEIGHT))
    left = LABEL_WIDTH
    for column, width in zip(columns, widths, strict=True):
        drawing.append(_text(column.title, left, GAP + TEXT_HEIGHT / 2))
        for band in shown:
            if grid := column.grids[band]:
                _draw(drawing, grid, left, tops[band], cell)
        if column.remark and (truth := column.grids[1]) and (prediction := column.grids[2]):
            _dot(drawing, _differing(truth, prediction), left, tops[2], cell)
            drawing.append(_text(column.remark, left, tops[2] + len(prediction) * cell + TEXT_HEIGHT + 2))
        left += width + GAP
    return str(drawing.as_svg())


def _width(grid: RawGrid) -> int:
    return max(map(len, grid))


def _text(words: str, left: float, baseline: float) -> "drawsvg.Text":
    import drawsvg

    return drawsvg.Text(words, TEXT_HEIGHT, left, baseline, font_family="sans-serif", fill=TEXT_COLOR)


def _draw(drawing: "drawsvg.Drawing", grid: RawGrid, left: int, top: int, cell: int) -> None:
    """Draw the cells, one path per colour, so that a large grid stays a small file."""
    for color, fill in PALETTE.items():
        if places := [
            (row, column) for row, cells in enumerate(grid) for column, one in enumerate(cells) if one == color
        ]:
            _squares(drawing, places, left, top, cell, cell, fill=fill, stroke=LINE_COLOR, stroke_width=0.5)


def _dot(drawing: "drawsvg.Drawing", places: Iterable[tuple[int, int]], left: int, top: int, cell: int) -> None:
    """Mark cells with a white square that is seen on every colour."""
    third = cell / 3
    _squares(drawing, places, left + third, top + third, cell, third, fill="white", stroke="black", stroke_width=1)


def _squares(
    drawing: "drawsvg.Drawing",
    places: Iterable[tuple[int, int]],
    left: float,
    top: float,
    step: float,
    side: float,
    **style: Any,
) -> None:
    import drawsvg

    path = drawsvg.Path(**style)
    for row, column in places:
        path.M(round(left + column * step, 2), round(top + row * step, 2)).h(side).v(side).h(-side).Z()
    drawing.append(path)

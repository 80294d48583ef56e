"""The rows of an ARC-AGI task, so that no row tells its own answer.

| row | `input_grid` | `examples` |
|---|---|---|
| training, `one_leave_out=True` | of a training pair | the other training pairs |
| training, `one_leave_out=False` | of a training pair | none |
| test | of a test pair | all training pairs |

No pair with a row's own input grid is ever among its examples, even where a task shows
the same pair twice; and no test pair is among any row's examples.
"""

import random
from pathlib import Path
from typing import TYPE_CHECKING

from synthflow.datasets.arcagi.models import ArcInput, ArcOutput, ArcPair
from synthflow.datasets.arcagi.tasks import Pair, Task, get_task
from synthflow.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Columns = tuple[NDArray[np.object_], NDArray[np.object_]]

Row = tuple[ArcInput, ArcOutput]


def load_data(
    task_name: str | None = None,
    filepath: str | Path | None = None,
    arc_version: int = 1,
    one_leave_out: bool = True,
    permutation: bool = False,
    repeat: int = 1,
    curriculum_learning: bool = True,
    seed: int = 0,
) -> "tuple[Columns, Columns]":
    """Load one task as rows to train on and rows to test on; the first use reads the data of a version.

    Args:
        task_name: Name of the task, such as `"007bbfb7"`; with `filepath` it may be left out.
        filepath: A JSON file `{"train": [{"input": ..., "output": ...}], "test": [...]}`
            to read instead of the tasks that are known by name.
        arc_version: 1 for ARC-AGI-1, 2 for ARC-AGI-2.
        one_leave_out: Whether a training row carries the other training pairs as examples;
            else it carries none.
        permutation: Whether to add rows whose examples stand in another order: a row with n
            examples becomes n rows, all different, the first in the order of the task.
        repeat: How many times each training row occurs, 1 or more.
        curriculum_learning: Whether training rows go from small input grids to large ones,
            which can be seen without the answer; else they stand in the order of the task.
        seed: Chooses the orders of `permutation`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of DataModels. Each x has
        `examples` and `input_grid`, each y has `output_grid`.

    Raises:
        DataError: There is no such task or file, the file is no task, or `repeat` is below 1.

    >>> (x_train, y_train), (x_test, y_test) = load_data("007bbfb7")
    >>> len(x_train), len(x_train[0].examples), len(x_test), len(x_test[0].examples)
    (5, 4, 1, 5)
    >>> x_train[0].get_json()["input_grid"]
    [[0, 7, 7], [7, 7, 7], [0, 7, 7]]
    """
    if repeat < 1:
        raise DataError(f"repeat is how many times each row occurs, 1 or more, not {repeat!r}.")
    task = get_task(task_name, filepath, arc_version)
    train = [row for row in _training_rows(task, one_leave_out, permutation, seed) for _ in range(repeat)]
    if curriculum_learning:
        train.sort(key=_cells)
    return _columns(train), _columns([_row(pair, _others(pair, task.train)) for pair in task.test])


def _training_rows(task: Task, one_leave_out: bool, permutation: bool, seed: int) -> list[Row]:
    rows = []
    for number, pair in enumerate(task.train):
        examples = _others(pair, task.train) if one_leave_out else []
        orders = _orders(len(examples), f"{seed} {number}") if permutation else [list(range(len(examples)))]
        rows += [_row(pair, [examples[index] for index in order]) for order in orders]
    return rows


def _others(pair: Pair, pairs: tuple[Pair, ...]) -> list[Pair]:
    """Give the pairs that do not show the answer to this one."""
    return [other for other in pairs if other.input != pair.input]


def _orders(count: int, seed: str) -> list[list[int]]:
    """Give as many different orders as there are things to order, the natural one first; one if there is nothing.

    >>> [len(_orders(count, "seed")) for count in range(5)]
    [1, 1, 2, 3, 4]
    """
    orders, chance = [list(range(count))], random.Random(seed)
    while len(orders) < count:
        order = chance.sample(range(count), count)
        if order not in orders:
            orders.append(order)
    return orders


def _row(pair: Pair, examples: list[Pair]) -> Row:
    shown = [ArcPair(input_grid=other.input, output_grid=other.output) for other in examples]
    return ArcInput(examples=shown, input_grid=pair.input), ArcOutput(output_grid=pair.output)


def _cells(row: Row) -> int:
    grid = row[0].input_grid
    return len(grid) * len(grid[0])


def _columns(rows: list[Row]) -> "Columns":
    import numpy as np

    columns = np.empty((2, len(rows)), dtype=object)
    for number, (x, y) in enumerate(rows):
        columns[0, number], columns[1, number] = x, y
    return columns[0], columns[1]

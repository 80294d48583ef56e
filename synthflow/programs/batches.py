"""Rows from what a person gives to fit, evaluate or predict: arrays, lists, dicts, generators."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Json, Validator, describe
from synthflow.errors import DataError
from synthflow.graph.structure import leaves
from synthflow.search.candidate import Row


class Dataset:
    """Rows with the schemas of their answers.

    Args:
        rows: The rows.
        target: A data model for each answer of a row, in their structure; None without answers.
    """

    def __init__(self, rows: list[Row], target: Any) -> None:
        self.rows = rows
        self.target = target

    def split(self, fraction: float) -> tuple["Dataset", "Dataset"]:
        """Set the last `fraction` of the rows aside.

        Raises:
            DataError: The fraction is not in [0, 1), or no row would be left to train on.
        """
        if not 0 <= fraction < 1:
            raise DataError(f"validation_split is a fraction of the rows, from 0 to below 1, not {fraction!r}.")
        kept = math.floor(len(self.rows) * (1 - fraction) + 1e-9)
        if not kept:
            raise DataError(
                f"validation_split={fraction} of {len(self.rows)} rows leaves none to train on. Give more rows, "
                "or split less."
            )
        return Dataset(self.rows[:kept], self.target), Dataset(self.rows[kept:], self.target)


def load(x: Any, y: Any = None, *, inputs: Any = None, batches: int | None = None) -> Dataset:
    """Read all rows.

    Args:
        x: A list, tuple or array of data models; for a program with several inputs a list,
            tuple or dict of such, one per input; or a generator or other iterable of
            batches `(x, y)`, each of these forms, read once to its end.
        y: The answers, in the same forms; left out for a generator or when only predicting.
        inputs: The declared inputs of the program, in their structure; None checks nothing.
        batches: How many batches to read from a generator; None reads to its end.

    Raises:
        DataError: There are no rows, x and y differ in length, or a row is not what the
            program takes; the message names the row and the field.
    """
    if _is_columns(x, inputs) or _is_column(x):
        return _read(x, y, inputs)
    if not isinstance(x, Iterable):
        raise DataError(f"x takes a list or array of data models, or a generator of batches, not {x!r:.200}.")
    if y is not None:
        raise DataError("A generator yields (x, y) batches, so y is not given beside it.")
    parts = [_read(*_pair(batch), inputs) for batch in islice(x, batches)]
    if not parts:
        raise DataError(
            "The generator yielded no batch. One that was read to its end before has nothing left: make a new one."
        )
    return Dataset([row for part in parts for row in part.rows], parts[0].target)


def predictions_array(predictions: Sequence[Any]) -> Any:
    """Put predictions in a NumPy object array of one dimension."""
    import numpy as np

    array = np.empty(len(predictions), dtype=object)
    for index, prediction in enumerate(predictions):
        array[index] = prediction
    return array


def _read(x: Any, y: Any, inputs: Any) -> Dataset:
    xs = list(_rows(x, inputs))
    if not xs:
        raise DataError("There are no rows: x is empty.")
    checks = [Validator(promise.get_schema()) for promise in leaves(inputs)] if inputs is not None else []
    for number, row in enumerate(xs):
        _check(number, row, checks)
    if y is None:
        return Dataset([Row(_json(row), None) for row in xs], None)
    ys = list(_rows(y, None if _is_column(y) else y))
    if len(xs) != len(ys):
        raise DataError(f"x has {len(xs)} rows and y has {len(ys)}; each row needs its answer.")
    for number, answer in enumerate(ys):
        if not all(leaf is None or isinstance(leaf, ValueOperators) for leaf in leaves(answer)):
            raise DataError(f"y[{number}] is {answer!r:.200}; each answer is a data model, such as Answer(text=...).")
    return Dataset([Row(_json(row), _json(answer)) for row, answer in zip(xs, ys, strict=True)], ys[0])


def _rows(columns: Any, structure: Any) -> Iterator[Any]:
    """Turn one column per input into one structure of values per row."""
    if isinstance(structure, dict):
        columns = {name: list(_rows(columns[name], part)) for name, part in structure.items()}
        _same_length(columns)
        yield from (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    elif isinstance(structure, (list, tuple)):
        parts = {
            str(index): list(_rows(column, part))
            for index, (column, part) in enumerate(zip(columns, structure, strict=True))
        }
        _same_length(parts)
        yield from (list(values) for values in zip(*parts.values(), strict=True))
    else:
        yield from columns


def _same_length(columns: dict[str, list[Any]]) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"The inputs differ in length: {lengths}. Each row needs a value for every input.")


def _check(number: int, row: Any, checks: list[Validator]) -> None:
    for value, check in zip(leaves(row), checks, strict=False):
        if value is None:
            continue
        if not isinstance(value, ValueOperators):
            raise DataError(
                f"x[{number}] is {value!r:.200}; each row is a data model.\n"
                f"  The program takes {describe(check.schema)}."
            )
        if wrong := check.mismatch(value.get_json()):
            raise DataError(
                f"x[{number}] does not fit the program's input: {wrong}.\n  The program takes {describe(check.schema)}."
            )


def _json(values: Any) -> Json:
    if isinstance(values, dict):
        return {name: _json(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_json(value) for value in values]
    return None if values is None else values.get_json()


def _is_column(x: Any) -> bool:
    """Tell a list or array of data models from other things."""
    if not hasattr(x, "__len__") or isinstance(x, (dict, str, bytes, ValueOperators)):
        return False
    return all(item is None or isinstance(item, ValueOperators) or not isinstance(item, Iterable) for item in x)


def _is_columns(x: Any, inputs: Any) -> bool:
    """Tell one column per declared input from a single column."""
    if isinstance(inputs, dict):
        return isinstance(x, dict) and set(x) == set(inputs)
    if isinstance(inputs, (list, tuple)):
        return isinstance(x, (list, tuple)) and len(x) == len(inputs) and all(map(_is_column, x))
    return False


def _pair(batch: Any) -> tuple[Any, Any]:
    if isinstance(batch, tuple) and len(batch) == 2:
        return batch
    raise DataError(f"A generator yields batches as pairs (x, y), not {batch!r:.200}.")

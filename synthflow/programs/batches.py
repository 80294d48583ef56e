"""Rows from what a person gives to fit, evaluate or predict: arrays, lists, dicts, generators."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from synthflow.data_models.canonical import plain
from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Json, Validator, describe
from synthflow.errors import DataError
from synthflow.graph.structure import leaves
from synthflow.graph.symbolic import Source, SymbolicDataModel
from synthflow.search.candidate import Row


class Dataset:
    """Rows with the schemas of their inputs and answers.

    Args:
        rows: The rows.
        inputs: A promise or data model for each input of a row, in their structure.
        target: A data model for each answer of a row, in their structure; None where all answers are None.
        answered: Whether there are answers, if only None.
    """

    def __init__(self, rows: list[Row], inputs: Any, target: Any, *, answered: bool = True) -> None:
        self.rows = rows
        self.inputs = inputs
        self.target = target
        self.answered = answered

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
        return self._of(self.rows[:kept]), self._of(self.rows[kept:])

    def _of(self, rows: list[Row]) -> "Dataset":
        return Dataset(rows, self.inputs, self.target, answered=self.answered)


def load(x: Any, y: Any = None, *, inputs: Any = None, batches: int | None = None) -> Dataset:
    """Read all rows.

    Args:
        x: A list, tuple or array of data models; for a program with several inputs a list,
            tuple or dict of such, one per input; or a generator or other iterable of
            batches `(x, y)`, each of these forms, read once to its end.
        y: The answers, in the same forms; left out for a generator or when only predicting.
        inputs: The declared inputs of the program, in their structure; None takes those of the first row.
        batches: How many batches to read from a generator; None reads to its end.

    Raises:
        DataError: There are no rows, x and y differ in length, or a row is not what the
            program takes; the message names the row and the field.
    """
    if isinstance(x, ValueOperators) or isinstance(y, ValueOperators):
        raise DataError("x and y hold one data model per row, in a list: fit(x=[question], y=[answer]).")
    if isinstance(x, Sequence) and len(x) and isinstance(x[0], dict) and not isinstance(inputs, (list, tuple)):
        raise DataError(
            f"x[0] is a plain dict: {x[0]!r:.200}.\n"
            "  x=[Question(**row) for row in rows]   <- each row is an object of your DataModel class"
        )
    in_columns = isinstance(x, dict) or (y is not None and isinstance(x, (list, tuple)))
    if _is_column(x) or _is_columns(x, inputs) or (in_columns and inputs is None):
        return _read(x, y, inputs)
    if in_columns:
        raise DataError(f"x holds {_shape(x)}, and the program takes {_shape(inputs)}. Give x in the same structure.")
    if not isinstance(x, Iterable):
        raise DataError(f"x takes a list or array of data models, or a generator of batches, not {x!r:.200}.")
    if y is not None:
        raise DataError("A generator yields (x, y) batches, so y is not given beside it.")
    parts = [_read(*_pair(batch), inputs) for batch in islice(x, batches)]
    if not parts:
        raise DataError(
            "The generator yielded no batch. One that was read to its end before has nothing left: make a new one."
        )
    rows = [row for part in parts for row in part.rows]
    return Dataset(rows, parts[0].inputs, parts[0].target, answered=parts[0].answered)


def predictions_array(predictions: Sequence[Any]) -> Any:
    """Put predictions in a NumPy object array of one dimension."""
    import numpy as np

    array = np.empty(len(predictions), dtype=object)
    for index, prediction in enumerate(predictions):
        array[index] = prediction
    return array


def _read(x: Any, y: Any, inputs: Any) -> Dataset:
    xs = list(_rows(x, _structure(x, "x") if inputs is None else inputs))
    if not xs:
        raise DataError("There are no rows: x is empty.")
    inputs = xs[0] if inputs is None else inputs
    checks = [_Check(example) for example in leaves(inputs)]
    for number, row in enumerate(xs):
        for value, check in zip(leaves(row), checks, strict=True):
            check(number, value)
    if y is None:
        return Dataset([Row(_json(row), None) for row in xs], inputs, None, answered=False)
    ys = list(_rows(y, _structure(y, "y")))
    if len(xs) != len(ys):
        raise DataError(f"x has {len(xs)} rows and y has {len(ys)}; each row needs its answer.")
    for number, answer in enumerate(ys):
        if not all(leaf is None or isinstance(leaf, ValueOperators) for leaf in leaves(answer)):
            raise DataError(f"y[{number}] is {answer!r:.200}; each answer is a data model, such as Answer(text=...).")
    target = next((answer for answer in ys if all(leaf is not None for leaf in leaves(answer))), ys[0])
    rows = [Row(_json(row), _json(answer)) for row, answer in zip(xs, ys, strict=True)]
    return Dataset(rows, inputs, target)


def _structure(columns: Any, name: str) -> Any:
    """Give the structure of some columns, with None in the place of each column."""
    if isinstance(columns, dict):
        return {key: _structure(part, f"{name}[{key!r}]") for key, part in columns.items()}
    if _is_column(columns):
        return None
    if isinstance(columns, (list, tuple)):
        return [_structure(part, f"{name}[{index}]") for index, part in enumerate(columns)]
    raise DataError(f"{name} takes a list or array of data models, not {columns!r:.200}.")


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


class _Check:
    """Refuses what one input of the program does not take.

    Args:
        example: The promise of that input, or the value of the first row.
    """

    def __init__(self, example: Any) -> None:
        schema = example.get_schema() if isinstance(example, (SymbolicDataModel, ValueOperators)) else {}
        self._validator = Validator(schema)
        source = example.node.operation if isinstance(example, SymbolicDataModel) else None
        self._optional = isinstance(source, Source) and source.optional
        self._takes = f"  The program takes {describe(schema)}."

    def __call__(self, number: int, value: Any) -> None:
        if value is None and self._optional:
            return
        if not isinstance(value, ValueOperators):
            hint = "\n  Input(..., optional=True)   <- if a row may lack it" if value is None else ""
            raise DataError(f"x[{number}] is {value!r:.200}; each row is a data model.\n{self._takes}{hint}")
        if wrong := self._validator.mismatch(value.get_json()):
            raise DataError(f"x[{number}] does not fit the program's input: {wrong}.\n{self._takes}")


def _json(values: Any) -> Json:
    if isinstance(values, dict):
        return {name: _json(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_json(value) for value in values]
    return None if values is None else plain(values.get_json())


def _is_column(x: Any) -> bool:
    """Tell a list or array of data models from other things."""
    if not (isinstance(x, Sequence) or hasattr(x, "__array__")) or isinstance(x, (str, bytes)):
        return False
    return all(item is None or isinstance(item, ValueOperators) or not isinstance(item, Iterable) for item in x)


def _is_columns(x: Any, inputs: Any) -> bool:
    """Tell one column per declared input from a single column."""
    if isinstance(inputs, dict):
        return isinstance(x, dict) and set(x) == set(inputs)
    if isinstance(inputs, (list, tuple)):
        return isinstance(x, (list, tuple)) and len(x) == len(inputs) and all(map(_is_column, x))
    return False


def _shape(structure: Any) -> str:
    if isinstance(structure, dict):
        return f"columns named {', '.join(map(repr, structure))}"
    return f"{len(structure)} columns" if isinstance(structure, (list, tuple)) else "one column"


def _pair(batch: Any) -> tuple[Any, Any]:
    if isinstance(batch, tuple) and len(batch) == 2:
        return batch
    raise DataError(f"A generator yields batches as pairs (x, y), not {batch!r:.200}.")

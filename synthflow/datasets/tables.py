"""Tables of one's own: CSV and JSON Lines files as typed rows, ready for fit.

A row is what `input_data_model + output_data_model` describes: each field is read from
the column of its name. Columns that no field takes are ignored. What does not fit is
refused, with its file, line and column.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.schema import Json, Schema, properties, renaming, required
from synthflow.datasets.cells import how_to_write, read_cell
from synthflow.datasets.placed import csv_rows, first, json_rows
from synthflow.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Columns = tuple[NDArray[np.object_], NDArray[np.object_]]
    Splits = tuple[Columns, Columns]

Row = tuple[DataModel, DataModel]
Read = Callable[[Json, Schema, Schema, bool], tuple[Json, ...]]
"""From what stands in a file, its field, the definitions and whether it is required, to the value or to nothing."""


def load_csv(
    path: str | Path,
    *,
    input_data_model: type[DataModel],
    output_data_model: type[DataModel],
    columns: Mapping[str, str] | None = None,
    test_split: float = 0.0,
    limit: int | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> "Splits":
    r"""Load a CSV file whose first line names its columns; lines without any value are skipped.

    A cell is read as the type of its field: digits for a number, `true` or `false`, JSON for
    a list or an object. Of a union it is the first type, as declared, that the cell can be
    read as. An empty cell is the field's default; else null, where the field takes that;
    else the empty text.

    Args:
        path: The file.
        input_data_model: What goes into the program.
        output_data_model: What it is to answer.
        columns: The field that a column is read into, for columns that are called otherwise:
            `{"Review text": "text"}`. A field of the answer whose name the input has too is
            called as in `input_data_model + output_data_model`: `text_1`.
        test_split: The fraction of the rows, from 0 to below 1, that is kept for testing: the last ones.
        limit: How many rows to read, from the first; None reads all.
        delimiter: What stands between two cells, one character.
        encoding: How text is written in the file; a byte order mark is dropped.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of DataModels, in the order of the file.

    Raises:
        DataError: There is no such file, it is no such table, a column is missing or there
            twice, or a cell does not fit its field; the message says where.

    >>> from tempfile import TemporaryDirectory
    >>> class Review(DataModel):
    ...     text: str
    >>> class Opinion(DataModel):
    ...     stars: int
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "reviews.csv")
    ...     _ = path.write_text('text,stars\n"Good, if loud.",4\nNever again.,1\n')
    ...     (x_train, y_train), (x_test, y_test) = load_csv(
    ...         path, input_data_model=Review, output_data_model=Opinion, test_split=0.5
    ...     )
    >>> x_train[0], y_train[0], len(x_test)
    (Review(text='Good, if loud.'), Opinion(stars=4), 1)
    """
    layout = _Layout(input_data_model, output_data_model, columns)
    rows = csv_rows(path, delimiter, encoding, layout.check_header)
    return _split(path, [layout.row(*row, read_cell) for row in first(rows, limit)], test_split)


def load_jsonl(
    path: str | Path,
    *,
    input_data_model: type[DataModel],
    output_data_model: type[DataModel],
    columns: Mapping[str, str] | None = None,
    test_split: float = 0.0,
    limit: int | None = None,
) -> "Splits":
    r"""Load a JSON Lines file, which has an object on each line; or a JSON file that is a list of objects.

    Values are taken as they are: a text of digits is no number.

    Args:
        path: The file, in UTF-8.
        input_data_model: What goes into the program.
        output_data_model: What it is to answer.
        columns: The field that a key is read into, as in `load_csv`.
        test_split: The fraction of the rows, from 0 to below 1, that is kept for testing: the last ones.
        limit: How many rows to read, from the first; None reads all.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of DataModels, in the order of the file.

    Raises:
        DataError: There is no such file, a line is no JSON object, lacks a key or has a value
            that does not fit its field; the message says where.

    >>> from tempfile import TemporaryDirectory
    >>> class Sum(DataModel):
    ...     numbers: list[int]
    >>> class Total(DataModel):
    ...     total: int
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "sums.jsonl")
    ...     _ = path.write_text('{"numbers": [1, 2], "total": 3}\n')
    ...     (x_train, y_train), _ = load_jsonl(path, input_data_model=Sum, output_data_model=Total)
    >>> x_train[0], y_train[0]
    (Sum(numbers=[1, 2]), Total(total=3))
    """
    layout = _Layout(input_data_model, output_data_model, columns)
    return _split(path, [layout.row(*row, _as_it_is) for row in first(json_rows(path), limit)], test_split)


def as_arrays(rows: Sequence[Row]) -> "Columns":
    """Put inputs and answers in an object array each."""
    import numpy as np

    arrays = np.empty((2, len(rows)), dtype=object)
    for number, (x, y) in enumerate(rows):
        arrays[0, number], arrays[1, number] = x, y
    return arrays[0], arrays[1]


def _split(path: str | Path, rows: list[Row], test_split: float) -> "Splits":
    if not 0 <= test_split < 1:
        raise DataError(f"test_split is a fraction of the rows, from 0 to below 1, not {test_split!r}.")
    if not rows:
        raise DataError(f"{path} has no rows.")
    kept = math.floor(len(rows) * (1 - test_split) + 1e-9)
    if not kept:
        raise DataError(
            f"test_split={test_split} of {len(rows)} rows leaves none to train on. Give more rows, or split less."
        )
    return as_arrays(rows[:kept]), as_arrays(rows[kept:])


def _as_it_is(value: Json, _field: Schema, _definitions: Schema, _needed: bool) -> tuple[Json, ...]:
    return (value,)


class _Layout:
    """Which column each field of a row is read from.

    Raises:
        DataError: `columns` names a field that neither side has, or leaves one without a column.
    """

    def __init__(
        self, input_data_model: type[DataModel], output_data_model: type[DataModel], columns: Mapping[str, str] | None
    ) -> None:
        for model in (input_data_model, output_data_model):
            if not (isinstance(model, type) and issubclass(model, DataModel)):
                raise TypeError(f"The rows of a table are objects of a DataModel class, and {model!r:.200} is none.")
        self._named = dict(columns or {})
        inputs, outputs = input_data_model.keys(), output_data_model.keys()
        names = renaming(inputs, outputs)
        read_from = self._read_from([*inputs, *names.values()])
        self._sides = (
            _Side(input_data_model, {field: read_from[field] for field in inputs}),
            _Side(output_data_model, {field: read_from[names[field]] for field in outputs}),
        )

    def _read_from(self, fields: list[str]) -> dict[str, str]:
        """Give the column of each field."""
        for column, field in self._named.items():
            if field not in fields:
                raise DataError(
                    f"columns reads {column!r} into {field!r}, which is no field; there {_are(fields)}.\n"
                    f"  columns={{{column!r}: {_nearest(field, fields)!r}}}   <- the column, then the field"
                )
        by_field = {field: column for column, field in self._named.items()}
        read_from = {field: by_field.get(field, field) for field in fields}
        if len(by_field) < len(self._named) or len(set(read_from.values())) < len(fields):
            raise DataError(
                f"columns={self._named!r} reads one column into two fields or two columns into one; "
                f"each field needs a column of its own. There {_are(fields)}."
            )
        return read_from

    def check_header(self, place: str, names: Sequence[str]) -> None:
        """Refuse the first line of a table that names a column twice, or not all that are needed."""
        for name in (column for side in self._sides for column in side.columns.values()):
            if list(names).count(name) > 1:
                places = " and ".join(str(number) for number, other in enumerate(names, 1) if other == name)
                raise DataError(f"{place} names {name!r} more than once: columns {places}. Rename all but one.")
        for name, field in self._named.items():
            if name not in names:
                raise DataError(f"{place} has no {name!r}, which columns reads into {field!r}; there {_are(names)}.")
        other = next((one for one in ";\t|," if one in names[0]), "") if len(names) == 1 else ""
        self._check(place, names, f"\n  delimiter={other!r}   <- if that stands between them" if other else "")

    def row(self, place: str, values: Mapping[str, Json], read: Read) -> Row:
        """Make the data models of a row."""
        self._check(place, values)
        x, y = (side.value(place, values, read) for side in self._sides)
        return x, y

    def _check(self, place: str, names: Iterable[str], hint: str = "") -> None:
        """Refuse what lacks a column of a field that has no default."""
        for side in self._sides:
            for field in side.required:
                if (column := side.columns[field]) not in names:
                    raise DataError(
                        f"{place} has no {column!r}, which {side.model.__name__}.{field} is read from; "
                        f"there {_are(list(names))}.{hint}\n"
                        f"  columns={{{_nearest(column, list(names))!r}: {field!r}}}   <- if it is called otherwise"
                    )


class _Side:
    """One of the two data models of a row, and the column of each of its fields."""

    def __init__(self, model: type[DataModel], columns: dict[str, str]) -> None:
        self.model = model
        self.columns = columns
        schema = model.get_schema()
        self.required = required(schema)
        self._fields = properties(schema)
        self._definitions = schema.get("$defs", {})

    def value(self, place: str, values: Mapping[str, Json], read: Read) -> DataModel:
        """Make the data model of this side."""
        given = {
            field: value
            for field, column in self.columns.items()
            if column in values
            for value in read(values[column], self._fields[field], self._definitions, field in self.required)
        }
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            raise DataError(self._wrong(place, values, error)) from None

    def _wrong(self, place: str, values: Mapping[str, Json], error: ValidationError) -> str:
        """Say what is wrong with the first field that does not fit."""
        wrong = error.errors(include_url=False, include_context=False)[0]
        reason = wrong["msg"][:1].lower() + wrong["msg"][1:]
        field = str(wrong["loc"][0]) if wrong["loc"] else ""
        column = self.columns.get(field)
        if column is None:  # a validator of the whole model
            return f"{place} does not fit {self.model.__name__}: {reason}."
        value, name = values.get(column), f"{self.model.__name__}.{field}"
        where = "".join(f"[{step!r}]" for step in wrong["loc"][1:])
        message = f"{place}, column {column!r}: {value!r:.100} does not fit {name}{where}: {reason}."
        hint = how_to_write(value, self._fields[field], self._definitions) if isinstance(value, str) else ""
        return message + (f"\n  {name} is written as {hint}." if hint else "")


def _are(names: Sequence[str]) -> str:
    return f"are {', '.join(map(repr, names))}" if names else "is nothing"


def _nearest(name: str, names: Sequence[str]) -> str:
    return next(iter(get_close_matches(name, names, n=1)), names[0] if names else "name")

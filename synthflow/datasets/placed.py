"""Placed rows: what stands in a file of rows, each row with the words that say where."""

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from synthflow.data_models.schema import Json
from synthflow.datasets.cells import read_json
from synthflow.errors import DataError

Item = TypeVar("Item")
Placed = tuple[str, dict[str, Json]]
"""A place, such as `reviews.csv, line 3`, and what the row holds there."""

INVALID = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of a byte that the encoding does not have."""


def csv_rows(
    path: str | Path, delimiter: str, encoding: str, check: Callable[[str, Sequence[str]], None]
) -> Iterator[Placed]:
    """Read the rows of a CSV file by the names in its first line; lines without any value are skipped.

    A row that a quoted text spreads over several lines is placed at the first of them.

    Args:
        path: The file.
        delimiter: What stands between two cells.
        encoding: How text is written.
        check: Called with the place and the names of the columns; raises if they will not do.

    Raises:
        DataError: There is no such file, or it is no such table.
    """
    path = _file(path)
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"  # the same without the byte order mark that spreadsheets write
    # An invalid byte becomes a mark, so that its line and column can be told.
    with path.open(newline="", encoding=encoding, errors="surrogateescape") as file:
        lines = _lines(path, csv.reader(file, delimiter=delimiter, strict=True), delimiter)
        place, cells = next(lines, (str(path), []))
        if not cells:
            raise DataError(f"{path} is empty; its first line names the columns.")
        names = [name.strip() for name in cells]
        check(place, names)
        for place, cells in lines:
            if len(cells) != len(names):
                raise DataError(
                    f"{place} has {len(cells)} cells, and the first line names {len(names)} columns.\n"
                    f'  A text with {delimiter!r} or a line break in it stands in quotes, "like, this".'
                )
            yield place, dict(zip(names, cells, strict=True))


def json_rows(path: str | Path) -> Iterator[Placed]:
    """Read the objects of a JSON Lines file, or of a JSON file that is a list of objects; blank lines are skipped.

    Raises:
        DataError: There is no such file, or it is neither.
    """
    path = _file(path)
    with path.open("rb") as lines:
        for count, (number, line) in enumerate(_written(lines)):
            if not count and line.lstrip().startswith(b"["):
                yield from _listed(path)
                return
            yield _object(f"{path}, line {number}", _json(path, line, number))


def first(rows: Iterable[Item], limit: int | None) -> Iterator[Item]:
    """Give the first `limit` rows, or all.

    Raises:
        DataError: The limit is below 1.
    """
    if limit is not None and limit < 1:
        raise DataError(f"limit is how many rows to read, 1 or more, not {limit!r}. Leave it out to read all.")
    return islice(rows, limit)


def _file(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}.")
    return path


def _lines(path: Path, reader: Any, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Give each line of a table that has a value, with its place."""
    while True:
        place = f"{path}, line {reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except UnicodeDecodeError as error:
            raise DataError(f"{place} or after it is not in the encoding {error.encoding}. {_ENCODING}") from None
        except csv.Error as error:
            raise DataError(f"{place} cannot be read: {error}.{_reason(str(error), delimiter)}") from None
        if cells is None:
            return
        for number, cell in enumerate(cells, 1):
            if found := INVALID.search(cell):
                byte = ord(found[0]) - 0xDC00
                raise DataError(f"{place}, column {number}: the byte 0x{byte:02x} is not in its encoding. {_ENCODING}")
        if any(cell.strip() for cell in cells):
            yield place, cells


_ENCODING = 'Save the file as UTF-8, or name the encoding.\n  encoding="cp1252"   <- such as this'


def _reason(error: str, delimiter: str) -> str:
    """Say what is behind an error of the csv module, and what to do."""
    if "field limit" in error:
        return (
            " Is there a quote that is never closed?\n"
            "  csv.field_size_limit(10**9)   <- or call this before, if a cell is that long"
        )
    if "unexpected end" in error:
        return ' A quote that is opened here is never closed; one inside a text is written twice: "say ""no""".'
    if "expected after" in error:
        return f' After the quote that ends a text comes {delimiter!r}; one inside it is written twice: "say ""no""".'
    return ""


def _written(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield number, text.rstrip()


def _listed(path: Path) -> Iterator[Placed]:
    for number, value in enumerate(_json(path, path.read_bytes().removeprefix(codecs.BOM_UTF8)), 1):
        yield _object(f"{path}, row {number}", value)


def _json(path: Path, text: bytes, line: int = 1) -> Json:
    """Read JSON that starts on a line of a file."""
    try:
        return read_json(text.decode())
    except UnicodeDecodeError as error:
        line += text.count(b"\n", 0, error.start)
        column = error.start - text.rfind(b"\n", 0, error.start)
        reason = f"column {column}: the byte 0x{text[error.start]:02x} is not UTF-8. Save the file as UTF-8"
    except json.JSONDecodeError as error:
        line += error.lineno - 1
        reason = f"column {error.colno} is not JSON: {error.msg}.\n  {_FORM}"
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}"
    raise DataError(f"{path}, line {line}, {reason}.")


_FORM = '{"question": "...", "answer": "..."}   <- a whole object on each line'


def _object(place: str, value: Json) -> Placed:
    if not isinstance(value, dict):
        raise DataError(f"{place} is {value!r:.100}, not a JSON object.\n  {_FORM}")
    return place, value

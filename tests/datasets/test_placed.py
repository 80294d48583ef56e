"""Rows of files: each with its place, and every way to be broken is told with its line."""

import contextlib
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.datasets.placed import csv_rows, first, json_rows
from synthflow.errors import DataError


@pytest.fixture
def file(tmp_path):
    """Give a function that writes bytes to a file and gives its path."""

    def write(content, name="rows"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def table(path, delimiter=",", encoding="utf-8"):
    """Read a CSV file, its places without the folder."""
    rows = csv_rows(path, delimiter, encoding, lambda place, names: None)
    return [(place.replace(f"{path}, ", ""), row) for place, row in rows]


def objects(path):
    """Read a JSON file, its places without the folder."""
    return [(place.replace(f"{path}, ", ""), row) for place, row in json_rows(path)]


# --- CSV


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n",
        "a,b\n1,2",
        "a,b\r\n1,2\r\n",
        "a,b\r1,2\r",
        "\ufeffa,b\n1,2\n",
        '\ufeff"a","b"\n"1","2"\n',
        " a , b \n1,2\n",
    ],
)
def test_line_ends_marks_and_spaces_around_names_make_no_difference(file, content):
    """Whatever wrote the table, its first row is the same."""
    assert table(file(content)) == [("line 2", {"a": "1", "b": "2"})]


def test_lines_without_any_value_are_skipped(file):
    """Before the names, between rows and at the end; other rows keep their line numbers."""
    assert table(file("\n\na,b\n1,2\n\n , \n3,4\n,\n")) == [
        ("line 4", {"a": "1", "b": "2"}),
        ("line 7", {"a": "3", "b": "4"}),
    ]


def test_a_text_in_quotes_may_hold_line_breaks(file):
    """Its row is placed at its first line, and the next at its own."""
    assert table(file('a,b\n"1\n,""\r\n",2\n3,4\n')) == [
        ("line 2", {"a": '1\n,"\r\n', "b": "2"}),
        ("line 5", {"a": "3", "b": "4"}),
    ]


def test_another_encoding_and_delimiter_can_be_named(file):
    """As of what spreadsheets export in many countries."""
    assert table(file("a;b\né;1,5\n".encode("cp1252")), ";", "cp1252") == [("line 2", {"a": "é", "b": "1,5"})]
    assert table(file("a\tb\né\t2\n".encode("utf-16")), "\t", "utf-16") == [("line 2", {"a": "é", "b": "2"})]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty; its first line names the columns"),
        ("\n \n", "is empty"),
        ("a,b\n1\n", "line 2 has 1 cells, and the first line names 2 columns"),
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells"),
        ('a,b\n1,2\n"1,2\n3,4\n', "line 3 cannot be read: .*A quote that is opened here is never closed"),
        ('a,b\n"x"y,2\n', "line 2 cannot be read: .*After the quote that ends a text comes ','"),
        (f"a,b\n1,2\n{'x' * 140_000},2\n", r"line 3 cannot be read: .*csv.field_size_limit\(10\*\*9\)"),
        (b"a,b\n1,2\n1,caf\xe9\n", "line 3, column 2: the byte 0xe9 is not in its encoding"),
        (b"a,\xff\n1,2\n", "line 1, column 2: the byte 0xff"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(file, content, words):
    """And with what to do."""
    with pytest.raises(DataError, match=f"(?s){words}"):
        table(file(content))


def test_half_a_character_is_refused(file):
    """Of an encoding that takes two bytes for each."""
    with pytest.raises(DataError, match="not in the encoding utf-16"):
        table(file("a,b\n1,2".encode("utf-16") + b"\n"), encoding="utf-16")


# --- JSON


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}\n{"a": 2}\n',
        '\ufeff{"a": 1}\r\n{"a": 2}',
        '[{"a": 1}, {"a": 2}]',
        '\ufeff\n [\n{"a": 1},\n{"a": 2}\n]',
    ],
)
def test_objects_are_read_from_lines_or_from_a_list(file, content):
    """Both with and without a byte order mark."""
    assert [row for _, row in objects(file(content))] == [{"a": 1}, {"a": 2}]


def test_objects_are_placed(file):
    """By their line, blank ones counted; those of a list by their number."""
    assert [place for place, _ in objects(file('\n{"a": 1}\n\n{"a": 2}\n'))] == ["line 2", "line 4"]
    assert [place for place, _ in objects(file('[{"a": 1},\n{"a": 2}]'))] == ["row 1", "row 2"]


def test_values_are_exact(file):
    """Neither a large integer nor a line break of Unicode is lost."""
    assert objects(file('{"a": 123456789012345678901, "b": "x\u2028y\\ud83d\\ude00"}')) == [
        ("line 1", {"a": 123456789012345678901, "b": "x\u2028y\U0001f600"})
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a": 1}\n{"a": }\n', "line 2, column 7 is not JSON: Expecting value"),
        ('{\n"a": 1\n}\n', "line 1, column 2 is not JSON: .*a whole object on each line"),
        ('[{"a": 1},\n{"a" 2}]', "line 2, column 6 is not JSON"),
        ('{"a": NaN}', "line 1, is not JSON: NaN is no JSON value"),
        (f'{{"a": {"[" * 100_000}', "line 1, is not JSON"),
        (f'{{"a": {"9" * 5000}}}', "line 1, is not JSON"),
        ('{"a": "\\ud83d"}', r"line 1, is not JSON: '\\ud83d' is half of a character"),
        ("5\n", "line 1 is 5, not a JSON object"),
        ('[{"a": 1}, [2]]', r"row 2 is \[2\], not a JSON object"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "line 2, column 8: the byte 0xff is not UTF-8"),
        (b'[{"a": 1},\n"\xff"]', "line 2, column 2: the byte 0xff is not UTF-8"),
    ],
)
def test_broken_json_is_refused_with_its_line(file, content, words):
    """And with the column where it is known."""
    with pytest.raises(DataError, match=f"(?s){words}"):
        objects(file(content))


def test_only_the_rows_asked_for_are_read(file):
    """What comes after them may be broken."""
    path = file('{"a": 1}\n{"a": 2}\nbroken')

    assert [row for _, row in first(json_rows(path), 2)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(DataError, match="1 or more, not 0"):
        first(json_rows(path), 0)


@pytest.mark.parametrize("read", [table, objects])
def test_a_file_must_be_there(tmp_path, read):
    """A folder is no file."""
    with pytest.raises(DataError, match=r"There is no file '.*missing'"):
        read(tmp_path / "missing")
    with pytest.raises(DataError, match="There is no file"):
        read(tmp_path)


@given(st.binary() | st.text(alphabet='a,"\n\r[]{}:1 \ufeff').map(str.encode))
def test_any_bytes_are_rows_or_a_data_error(tmp_path_factory, content):
    """Nothing else is raised, whatever the file holds."""
    path = tmp_path_factory.mktemp("any") / "rows"
    path.write_bytes(content)

    for rows in (csv_rows(path, ",", "utf-8", lambda place, names: None), json_rows(path)):
        with contextlib.suppress(DataError):
            assert all(isinstance(row, dict) for _, row in islice(rows, 10))


@given(st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()), min_size=1))
def test_json_lines_come_back(tmp_path_factory, rows):
    """Whatever objects are written, one on each line."""
    path = tmp_path_factory.mktemp("json") / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    assert [row for _, row in json_rows(path)] == rows

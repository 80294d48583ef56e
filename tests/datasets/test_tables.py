"""load_csv and load_jsonl: files of one's own become typed rows, or an error that says where and what to write."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import field_validator, model_validator

from synthflow.data_models.data_model import DataModel, Field
from synthflow.datasets.tables import load_csv, load_jsonl
from synthflow.errors import DataError


class Review(DataModel):
    """What is read."""

    text: str
    words: int = 0


class Opinion(DataModel):
    """What is made of it."""

    stars: int = Field(ge=1, le=5)


class Grid(DataModel):
    """A model whose field has the same name on both sides."""

    cells: list[list[int]]


CSV = "text,words,stars\nGood.,1,4\nNot so good.,3,2\nFine.,1,3\nBad.,1,1\n"


@pytest.fixture
def file(tmp_path):
    """Give a function that writes a file and gives its path."""

    def write(content, name="reviews"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return path

    return write


def reviews(path, load=load_csv, **options):
    """Load reviews."""
    return load(path, input_data_model=Review, output_data_model=Opinion, **options)


# --- What comes out


def test_rows_are_object_arrays_of_data_models(file):
    """In the order of the file; without a split, there is nothing to test on."""
    (x_train, y_train), (x_test, y_test) = reviews(file(CSV))

    assert [(side.dtype, len(side)) for side in (x_train, y_train, x_test, y_test)] == [
        (np.dtype(object), n) for n in (4, 4, 0, 0)
    ]
    assert (x_train[0], y_train[0]) == (Review(text="Good.", words=1), Opinion(stars=4))


def test_both_forms_give_the_same_rows(file):
    """A table, and the objects that say the same."""
    rows = [{"text": "Good.", "words": 1, "stars": 4}, {"text": "Bad.", "words": 2, "stars": 1}]
    lines = file("\n".join(map(json.dumps, rows)), "rows.jsonl")
    table = file("text,words,stars\nGood.,1,4\nBad.,2,1\n", "rows.csv")

    (x_lines, y_lines), _ = reviews(lines, load_jsonl)
    (x_table, y_table), _ = reviews(table)

    assert (list(x_lines), list(y_lines)) == (list(x_table), list(y_table))


def test_the_last_rows_are_kept_for_testing(file):
    """As fit does for validation: unshuffled, and at least one."""
    (x_train, _), (x_test, y_test) = reviews(file(CSV), test_split=0.3)

    assert [x.text for x in x_train] == ["Good.", "Not so good."]
    assert [x.text for x in x_test] == ["Fine.", "Bad."]
    assert [y.stars for y in y_test] == [3, 1]


@given(st.integers(2, 50), st.floats(0, 0.5))
def test_a_split_loses_no_row(tmp_path_factory, count, fraction):
    """Both parts together are all rows; the one to test on has the fraction, rounded up."""
    path = tmp_path_factory.mktemp("split") / "rows.csv"
    path.write_text("text,stars\n" + "x,1\n" * count)

    (x_train, _), (x_test, _) = reviews(path, test_split=fraction)

    assert len(x_train) + len(x_test) == count
    assert fraction * count - 1e-6 <= len(x_test) < fraction * count + 1


def test_a_limit_reads_the_first_rows_and_no_more(file):
    """The split is of those; what comes after them may be broken."""
    (x_train, _), (x_test, _) = reviews(file(CSV + '"'), limit=4, test_split=0.5)

    assert [x.text for x in [*x_train, *x_test]] == ["Good.", "Not so good.", "Fine.", "Bad."]


def test_rows_train_a_program(file):
    """They are what fit, evaluate and predict take."""
    from synthflow.programs.batches import load

    (x, y), _ = reviews(file(CSV))

    assert load(x, y).rows[3].y == {"stars": 1}


class Wide(DataModel):
    """Many types."""

    text: str
    maybe: str | None
    number: float
    flag: bool
    items: list[str]


class Narrow(DataModel):
    """One type."""

    count: int


@given(
    st.lists(
        st.tuples(
            st.text(),
            st.none() | st.text(min_size=1),
            st.floats(allow_nan=False, allow_infinity=False),
            st.booleans(),
            st.lists(st.text()),
            st.integers(),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)]),
)
def test_what_the_csv_module_writes_comes_back(tmp_path_factory, rows, delimiter, form):
    """Whatever the texts hold: quotes, delimiters, line breaks, any character."""
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, delimiter=delimiter, lineterminator=form[0], quoting=form[1])
        writer.writerow(["text", "maybe", "number", "flag", "items", "count"])
        writer.writerows([*row[:4], json.dumps(row[4]), row[5]] for row in rows)

    (x, y), _ = load_csv(path, input_data_model=Wide, output_data_model=Narrow, delimiter=delimiter)

    assert [(one.text, one.maybe, one.number, one.flag, one.items) for one in x] == [row[:5] for row in rows]
    assert [one.count for one in y] == [row[5] for row in rows]


# --- Which column is which field


def test_columns_that_no_field_takes_are_ignored(file):
    """Even where two have one name."""
    (x, y), _ = reviews(file("id,id,text,note,stars\n1,1,Good.,,4\n"))

    assert (x[0], y[0]) == (Review(text="Good."), Opinion(stars=4))


def test_a_column_may_be_called_otherwise(file):
    """In both forms."""
    names = {"Review text": "text", "Rating": "stars"}

    (x, y), _ = reviews(file("Rating,Review text\n4,Good.\n"), columns=names)
    (x_json, _), _ = reviews(file('{"Rating": 4, "Review text": "Good."}', "r.jsonl"), load_jsonl, columns=names)

    assert (x[0], y[0]) == (Review(text="Good."), Opinion(stars=4))
    assert x_json[0] == x[0]


def test_a_name_that_both_sides_have_is_numbered_as_where_models_are_added(file):
    """So the answer is not read from the column of the input."""
    assert (Grid + Grid).keys() == ["cells", "cells_1"]

    (x, y), _ = load_csv(
        file('before,after\n[[1]],"[[2, 3]]"\n'),
        input_data_model=Grid,
        output_data_model=Grid,
        columns={"before": "cells", "after": "cells_1"},
    )

    assert (x[0].cells, y[0].cells) == ([[1]], [[2, 3]])


def test_a_field_is_read_from_its_alias(file):
    """As it stands in the JSON of the data model."""

    class Aliased(DataModel):
        text: str = Field(alias="Text")

    (x, _), _ = load_csv(file("Text,stars\nGood.,4\n"), input_data_model=Aliased, output_data_model=Opinion)

    assert x[0].get_json() == {"Text": "Good."}


def test_a_field_with_a_default_needs_no_column_and_no_value(file):
    """In a table as a whole, or in one of its cells; in JSON in each object by itself."""
    (x, _), _ = reviews(file("text,stars\nGood.,4\n"))
    (y, _), _ = reviews(file("text,words,stars\nGood.,,4\n"))
    (z, _), _ = reviews(file('{"text": "a", "stars": 1}\n{"text": "b", "words": 2, "stars": 1}'), load_jsonl)

    assert (x[0].words, y[0].words, [one.words for one in z]) == (0, 0, [0, 2])


# --- What is refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "text,words\nGood.,1\n",
            r"line 1 has no 'stars', which Opinion\.stars is read from; there are 'text', 'words'",
        ),
        ("Text,stars\nGood.,4\n", r"columns=\{'Text': 'text'\}   <- if it is called otherwise"),
        ("text;stars\nGood.;4\n", "delimiter=';'   <- if that stands between them"),
        ("text,stars,stars\nGood.,4,4\n", "line 1 names 'stars' more than once: columns 2 and 3"),
        ("text,stars\n", "reviews has no rows"),
        (
            "text,stars\nGood.,four\n",
            r"line 2, column 'stars': 'four' does not fit Opinion\.stars: .*digits, such as 5",
        ),
        ("text,stars\nGood.,4\nBad.,0\n", r"line 3, column 'stars': '0' does not fit .*greater than or equal to 1"),
        ("text,stars\nGood.,\n", "line 2, column 'stars': '' does not fit"),
        ("text,stars\nGood.\n", "line 2 has 1 cells"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(file, content, words):
    """With the file, the line, the column, and what to write."""
    with pytest.raises(DataError, match=f"(?s)reviews.*{words}|{words}"):
        reviews(file(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"text": "a", "stars": 4}\n{"text": "b"}\n', "line 2 has no 'stars'.*there are 'text'"),
        ("{}", "line 1 has no 'text'.*there is nothing"),
        ('{"text": "a", "stars": "4"}', "line 1, column 'stars': '4' does not fit Opinion.stars: .*digits"),
        ('{"text": "a", "stars": null}', "column 'stars': None does not fit"),
        ('{"text": "\\ud800", "stars": 1}', "line 1, is not JSON: .* is half of a character"),
        ("\n", "has no rows"),
    ],
)
def test_objects_that_do_not_fit_are_refused(file, content, words):
    """With the file, the line, the key, and what to write."""
    with pytest.raises(DataError, match=f"(?s){words}"):
        reviews(file(content), load_jsonl)


def test_an_error_inside_a_value_says_where(file):
    """By its place in the list."""
    with pytest.raises(DataError, match=r"column 'cells': '.*' does not fit Grid\.cells\[1\]\[0\]: .*integer"):
        load_csv(file('cells,stars\n"[[1], [""x""]]",1\n'), input_data_model=Grid, output_data_model=Opinion)


def test_what_a_validator_says_is_shown(file):
    """Of one field, and of the whole model."""

    class Picky(DataModel):
        text: str
        other: str

        @field_validator("text")
        @classmethod
        def short(cls, text):
            if len(text) > 3:
                raise ValueError("it is too long")
            return text

        @model_validator(mode="after")
        def different(self):
            if self.text == self.other:
                raise ValueError("both are the same")
            return self

    def load(content):
        return load_csv(file(content), input_data_model=Picky, output_data_model=Opinion)

    with pytest.raises(DataError, match=r"line 2, column 'text': 'long' does not fit Picky\.text: .*too long"):
        load("text,other,stars\nlong,b,1\n")
    with pytest.raises(DataError, match=r"line 2 does not fit Picky: .*both are the same"):
        load("text,other,stars\na,a,1\n")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Rating": "star"}, r"'star', which is no field; there are 'text', 'words', 'stars'.*\{'Rating': 'stars'\}"),
        ({"a": "stars", "b": "stars"}, "two columns into one"),
        ({"text": "stars"}, "one column into two fields"),
        ({"Rating": "stars"}, "line 1 has no 'Rating', which columns reads into 'stars'; there are 'text', 'stars'"),
    ],
)
def test_names_that_lead_nowhere_are_refused(file, columns, words):
    """Before any row is read."""
    with pytest.raises(DataError, match=f"(?s){words}"):
        reviews(file("text,stars\nGood.,4\n"), columns=columns)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": 0}, "1 or more, not 0"),
        ({"test_split": 1.0}, "from 0 to below 1, not 1.0"),
        ({"test_split": -0.1}, "from 0 to below 1"),
        ({"test_split": float("nan")}, "from 0 to below 1"),
        ({"test_split": 0.9, "limit": 1}, "of 1 rows leaves none to train on"),
    ],
)
def test_numbers_out_of_range_are_refused(file, options, words):
    """With what they mean."""
    with pytest.raises(DataError, match=words):
        reviews(file(CSV), **options)


@pytest.mark.parametrize("model", [Review + Opinion, {"text": str}, Review(text="a")])
def test_rows_are_of_a_class(file, model):
    """A type without a class makes no values, and an object is no type."""
    with pytest.raises(TypeError, match="objects of a DataModel class"):
        load_csv(file(CSV), input_data_model=model, output_data_model=Opinion)

"""Rows are read from arrays, lists, tuples, dicts, generators and data sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import DataError
from synthflow.graph.structure import leaves
from synthflow.modules.input import Input
from synthflow.programs.batches import Dataset, load, predictions_array
from synthflow.search.candidate import Row
from tests.programs.toy import Answer, Question, X, Y

ROWS = [Row({"n": n}, {"m": n + 1}) for n in range(4)]
ONE = Input(data_model=Question)


class Batches:
    """A data set that can be read again and again."""

    def __iter__(self):
        return iter([(X[:3], Y[:3]), (X[3:], Y[3:])])

    def __len__(self):
        return 2


def objects(values):
    """Make a NumPy array of data models."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize("form", [list, tuple, objects])
def test_lists_tuples_and_arrays_are_columns(form):
    """One data model a row."""
    data = load(form(X), form(Y), inputs=ONE)

    assert data.rows == ROWS
    assert data.target is Y[0]


@pytest.mark.parametrize("batches", [Batches(), list(Batches()), iter(Batches()), (pair for pair in Batches())])
def test_batches_are_read_to_their_end(batches):
    """From a data set, a list, an iterator or a generator."""
    assert load(batches, inputs=ONE).rows == ROWS


def test_an_endless_generator_is_bounded_by_the_number_of_batches():
    """So many are read and no more."""
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield X[:1], Y[:1]

    assert load(endless(), inputs=ONE, batches=3).rows == ROWS[:1] * 3
    assert len(taken) == 3


def test_a_generator_that_was_read_says_so():
    """Nothing is left."""
    used = iter(Batches())
    list(used)

    with pytest.raises(DataError, match="make a new one"):
        load(used, inputs=ONE)


def test_several_inputs_and_outputs_are_read_by_column():
    """As a list, a tuple or a dict, on either side."""
    structure = {"q": ONE, "a": Input(data_model=Answer)}
    data = load({"a": Y, "q": X}, (Y, Y), inputs=structure)
    listed = load([X, Y], {"first": Y, "second": [X[0]] * 4}, inputs=list(structure.values()))

    assert data.rows[2] == Row({"q": {"n": 2}, "a": {"m": 3}}, [{"m": 3}, {"m": 3}])
    assert listed.rows[2] == Row([{"n": 2}, {"m": 3}], {"first": {"m": 3}, "second": {"n": 0}})
    assert [leaf.get_schema()["title"] for leaf in leaves(listed.target)] == ["Answer", "Question"]


def test_without_declared_inputs_the_first_row_says_what_all_take():
    """A program that is a class of one's own declares none."""
    data = load({"q": X, "a": Y}, Y)

    assert data.inputs == {"q": X[0], "a": Y[0]}
    with pytest.raises(DataError, match=r"x\[1\] does not fit"):
        load([X[0], Y[1]], Y[:2])


def test_none_is_a_row_of_an_optional_input_only():
    """The message says how to declare one."""
    optional = Input(data_model=Question, optional=True)

    assert load([X[0], None], Y[:2], inputs=optional).rows[1] == Row(None, {"m": 2})
    with pytest.raises(DataError, match="optional=True"):
        load([X[0], None], Y[:2], inputs=ONE)


def test_an_answer_may_be_none():
    """The schema is that of the first one that is whole."""
    data = load(X[:2], [None, Y[1]], inputs=ONE)

    assert data.rows[0].y is None
    assert data.target is Y[1]


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([], [], "x is empty"),
        (X, Y[:3], "x has 4 rows and y has 3"),
        ([{"n": 1}], Y[:1], r"x\[0\] is a plain dict"),
        (X[0], Y[0], "one data model per row"),
        ([1], Y[:1], r"x\[0\] is 1"),
        (X, [1, 2, 3, 4], r"y\[0\] is 1"),
        (X, "answers", "y takes a list"),
        (X, 3, "y takes a list"),
        (3, None, "x takes a list"),
        ("text", None, "pairs"),
        ([Y[0]], Y[:1], r"x\[0\] does not fit .*'m' was unexpected"),
        ({"q": X}, Y, "columns named 'q', and the program takes one column"),
        ([X, X], Y, "2 columns, and the program takes one column"),
        ((batch for batch in Batches()), Y, "y is not given beside it"),
        ((X for _ in range(2)), None, "pairs"),
    ],
)
def test_rows_that_cannot_be_used_are_named(x, y, words):
    """The message names the row or what is missing."""
    with pytest.raises(DataError, match=words):
        load(x, y, inputs=ONE)


def test_inputs_of_different_lengths_are_named():
    """Each row needs all of them."""
    with pytest.raises(DataError, match=r"differ in length: \{'0': 4, '1': 3\}"):
        load([X, X[:3]], Y, inputs=[ONE, Input(data_model=Question)])


def test_json_data_models_are_rows_too():
    """They are checked against the program's input."""
    schema = {"type": "object", "properties": {"n": {}}}

    assert load([JsonDataModel(json={"n": 0}, schema=schema)], Y[:1], inputs=ONE).rows == ROWS[:1]
    with pytest.raises(DataError, match=r"\$\.n"):
        load([JsonDataModel(json={"n": "0"}, schema=schema)], Y[:1], inputs=ONE)


@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_a_split_loses_no_row_and_keeps_their_order(count, fraction):
    """The last rows are set aside, and at least one is kept."""
    rows = [Row(n, n) for n in range(count)]
    try:
        train, validation = Dataset(rows, ONE, Y[0]).split(fraction)
    except DataError:
        assert count * (1 - fraction) < 1
        return

    assert train.rows + validation.rows == rows
    assert train.rows
    assert abs(len(validation.rows) - count * fraction) < 1


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 2, float("nan")])
def test_a_split_is_from_zero_to_below_one(fraction):
    """The message gives the range."""
    with pytest.raises(DataError, match="from 0 to below 1"):
        Dataset(ROWS, ONE, Y[0]).split(fraction)


def test_predictions_of_any_kind_become_an_array_of_one_dimension():
    """NumPy is kept from taking lists apart."""
    array = predictions_array([[1, 2], None, [3, 4]])

    assert array.shape == (3,)
    assert array.dtype == object

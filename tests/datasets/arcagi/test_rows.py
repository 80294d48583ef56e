"""load_data: typed rows, and none that tells its own answer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.schema import mismatch
from synthflow.datasets import arcagi
from synthflow.datasets.arcagi.rows import load_data
from synthflow.errors import DataError

NAMES = {
    1: arcagi.get_arcagi1_training_task_names() + arcagi.get_arcagi1_evaluation_task_names(),
    2: arcagi.get_arcagi2_training_task_names() + arcagi.get_arcagi2_evaluation_task_names(),
}
TASKS = st.sampled_from([1, 2]).flatmap(lambda version: st.tuples(st.just(version), st.sampled_from(NAMES[version])))


def pair(x, y):
    """Give a row's own pair in JSON."""
    return {"input_grid": x.get_json()["input_grid"], "output_grid": y.get_json()["output_grid"]}


def examples(x):
    """Give a row's examples in JSON."""
    return x.get_json()["examples"]


def write_task(path, sizes=(1, 2, 3), test=4):
    """Write a task whose grids are squares of these sizes, all different."""
    pairs = [{"input": [[1] * n] * n, "output": [[2] * n] * n} for n in [*sizes, test]]
    path.write_text(json.dumps({"train": pairs[:-1], "test": pairs[-1:]}))
    return path


def test_rows_are_object_arrays_of_data_models():
    """Inputs have `examples` and `input_grid`, answers `output_grid`; all fit their schemas."""
    (x_train, y_train), (x_test, y_test) = load_data("007bbfb7")

    assert [(column.dtype, column.shape) for column in (x_train, y_train, x_test, y_test)] == [
        (np.dtype(object), (n,)) for n in (5, 5, 1, 1)
    ]
    assert all(isinstance(x, arcagi.get_input_data_model()) for x in [*x_train, *x_test])
    assert all(isinstance(y, arcagi.get_output_data_model()) for y in [*y_train, *y_test])
    assert mismatch(x_train[0].get_json(), arcagi.get_input_data_model().get_schema()) == ""


def test_colours_equal_integers():
    """A cell is an enumeration member in Python and a plain integer in JSON."""
    (_, y_train), _ = load_data("007bbfb7")
    grid = y_train[0].get("output_grid")
    plain = y_train[0].get_json()["output_grid"]

    assert isinstance(grid[0][0], arcagi.Color)
    assert {type(cell) for row in plain for cell in row} == {int}
    assert grid == plain
    assert [str(int(cell)) for cell in grid[0]] == [str(cell) for cell in plain[0]]


@given(TASKS, st.booleans(), st.booleans(), st.integers(1, 2))
def test_no_row_tells_its_own_answer(task, leave_one_out, permutation, repeat):
    """Of any task, with any options: no own pair and no test pair among a row's examples."""
    version, name = task
    (x_train, y_train), (x_test, y_test) = load_data(
        name, arc_version=version, one_leave_out=leave_one_out, permutation=permutation, repeat=repeat
    )
    held_out = [pair(x, y) for x, y in zip(x_test, y_test, strict=True)]

    for x, y in zip([*x_train, *x_test], [*y_train, *y_test], strict=True):
        own = pair(x, y)
        assert own not in examples(x)
        assert own["input_grid"] not in [example["input_grid"] for example in examples(x)]
        assert not any(test in examples(x) for test in held_out)


def test_leave_one_out_shows_all_other_training_pairs():
    """In the order of the task; test rows show all of them."""
    (x_train, y_train), (x_test, _) = load_data("007bbfb7", curriculum_learning=False)
    pairs = [pair(x, y) for x, y in zip(x_train, y_train, strict=True)]

    for number, x in enumerate(x_train):
        assert examples(x) == pairs[:number] + pairs[number + 1 :]
    assert examples(x_test[0]) == pairs


def test_without_leave_one_out_training_rows_show_no_examples():
    """The rule must then come from the rows alone."""
    (x_train, _), (x_test, _) = load_data("007bbfb7", one_leave_out=False)

    assert [len(examples(x)) for x in x_train] == [0] * 5
    assert len(examples(x_test[0])) == 5


def test_a_pair_that_a_task_shows_twice_is_no_example_of_itself(tmp_path):
    """Neither in training nor in testing."""
    path = write_task(tmp_path / "twice.json", sizes=(1, 1, 2), test=2)

    (x_train, _), (x_test, _) = load_data(filepath=path)

    assert [len(examples(x)) for x in x_train] == [1, 1, 2]
    assert len(examples(x_test[0])) == 2


def test_permutation_adds_rows_whose_examples_stand_in_another_order():
    """Four examples make four rows of each pair, all different, the first in the order of the task."""
    (plain, _), _ = load_data("007bbfb7", curriculum_learning=False)
    (x_train, _), _ = load_data("007bbfb7", permutation=True, curriculum_learning=False)

    assert len(x_train) == 20
    for number, x in enumerate(plain):
        rows = x_train[number * 4 : number * 4 + 4]
        orders = [json.dumps(examples(row)) for row in rows]
        assert orders[0] == json.dumps(examples(x))
        assert len(set(orders)) == 4
        assert len({json.dumps(sorted(examples(row), key=json.dumps)) for row in rows}) == 1


def test_the_seed_chooses_the_orders():
    """The same seed gives the same rows, another seed others."""

    def rows(seed):
        (x_train, _), _ = load_data("007bbfb7", permutation=True, seed=seed)
        return [x.get_json() for x in x_train]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_repeat_repeats_each_training_row():
    """Test rows occur once."""
    (x_train, y_train), (x_test, _) = load_data("007bbfb7", repeat=3)

    assert (len(x_train), len(y_train), len(x_test)) == (15, 15, 1)


@given(TASKS, st.booleans(), st.integers(1, 2))
def test_the_curriculum_goes_from_small_inputs_to_large_ones(task, permutation, repeat):
    """The size of the input is seen without the answer; the rows are the same as without the order."""
    version, name = task
    options = {"arc_version": version, "permutation": permutation, "repeat": repeat}
    (x_train, y_train), _ = load_data(name, **options)
    (x_plain, y_plain), _ = load_data(name, curriculum_learning=False, **options)
    sizes = [len(x.input_grid) * len(x.input_grid[0]) for x in x_train]

    assert sizes == sorted(sizes)
    assert sorted(json.dumps([x.get_json(), y.get_json()]) for x, y in zip(x_train, y_train, strict=True)) == sorted(
        json.dumps([x.get_json(), y.get_json()]) for x, y in zip(x_plain, y_plain, strict=True)
    )


def test_the_answer_does_not_decide_the_order(tmp_path):
    """Rows with inputs of equal size keep the order of the task, whatever their outputs."""
    grids = [{"input": [[color]], "output": [[1] * (4 - color)]} for color in range(3)]
    path = tmp_path / "task.json"
    path.write_text(json.dumps({"train": grids, "test": grids[:1]}))

    (x_train, _), _ = load_data(filepath=path)

    assert [x.input_grid for x in x_train] == [[[0]], [[1]], [[2]]]


def test_two_loads_share_nothing_that_can_be_changed():
    """Changing a row of one leaves the other as it was."""
    (first, _), _ = load_data("007bbfb7")
    first[0].input_grid[0][0] = arcagi.Color.MAROON

    assert load_data("007bbfb7")[0][0][0].get_json()["input_grid"] == [[0, 7, 7], [7, 7, 7], [0, 7, 7]]


def test_a_row_occurs_at_least_once():
    """repeat=0 would leave nothing to train on."""
    with pytest.raises(DataError, match="1 or more, not 0"):
        load_data("007bbfb7", repeat=0)

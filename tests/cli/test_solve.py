"""`synthflow solve` evolves a script that solves a real ARC-AGI task, with no model and no network."""

import json
import subprocess
import sys

import pytest

from synthflow import Program
from synthflow.cli.solve import SEED_SCRIPT, solve_task

FLIP = {
    "train": [
        {"input": [[1, 0, 0]], "output": [[0, 0, 1]]},
        {"input": [[2, 3], [0, 4]], "output": [[3, 2], [4, 0]]},
        {"input": [[5, 6, 0], [7, 0, 0]], "output": [[0, 6, 5], [0, 0, 7]]},
    ],
    "test": [{"input": [[8, 9, 1]], "output": [[1, 9, 8]]}, {"input": [[0, 2]], "output": [[2, 0]]}],
}
LAWLESS = {
    "train": [{"input": [[1]], "output": [[3, 1, 4, 1, 5]]}, {"input": [[1, 1]], "output": [[9], [2], [6]]}],
    "test": [{"input": [[1, 1, 1]], "output": [[5, 3, 5]]}],
}


@pytest.fixture
def task_file(tmp_path):
    """Write a task to a file and give its path."""

    def write(task, name="task.json"):
        path = tmp_path / name
        path.write_text(json.dumps(task))
        return path

    return write


def test_a_real_task_is_solved_from_the_command_line(command, tmp_path):
    """007bbfb7: reward 1.0 on the training rows, the held-out test pair too, and exit code 0."""
    code, out, _ = command("solve", "007bbfb7")

    assert code == 0
    assert "Training rows solved: 5 of 5." in out
    assert "Test pair 1, held out: solved." in out

    folder = tmp_path / "here" / "runs" / "007bbfb7"
    assert sorted(path.name for path in folder.iterdir()) == ["program.json", "task.svg", "transform.py"]
    script = Program.load(folder / "program.json").get_variable("python_synthesis/state")["python_script"]
    assert script.strip() in out
    assert (folder / "task.svg").read_text().startswith("<?xml")


def test_a_task_from_a_file_is_solved_and_its_script_runs_alone(command, task_file, tmp_path):
    """The exported script needs no package, and solves each held-out pair under plain Python."""
    code, out, _ = command("solve", "--file", task_file(FLIP), "--out", tmp_path / "flip", "--no-plot")

    assert code == 0
    assert "Test pair 2, held out: solved." in out
    assert sorted(path.name for path in (tmp_path / "flip").iterdir()) == ["program.json", "transform.py"]
    for pair in FLIP["test"]:
        done = subprocess.run(
            [sys.executable, "-I", tmp_path / "flip" / "transform.py"],
            input=json.dumps({"examples": [], "input_grid": pair["input"]}),
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout)["output_grid"] == pair["output"]


def test_a_task_without_a_rule_is_not_solved(command, task_file):
    """What cannot be solved is said so, what there is gets saved, and the exit code is 1."""
    code, out, _ = command("solve", "--file", task_file(LAWLESS, "lawless.json"), "--epochs", 1)

    assert code == 1
    assert "Training rows solved: 0 of 2." in out
    assert "Test pair 1, held out: not solved." in out
    assert "Written to runs/lawless: program.json, transform.py, task.svg." in out


def test_a_task_has_to_be_named(command):
    """Neither a name nor a file is an error that shows both."""
    code, out, err = command("solve")

    assert (code, out) == (2, "")
    assert "--file task.json" in err


@pytest.mark.parametrize("options", [["typo"], ["--file", "broken.json"]])
def test_no_folder_is_made_for_what_is_no_task(command, tmp_path, options):
    """A misspelt name, or a file that holds no task, is an error that leaves nothing behind."""
    (tmp_path / "here" / "broken.json").write_text("[]")

    code, out, err = command("solve", *options)

    assert (code, out) == (2, "")
    assert "DataError" in err
    assert not (tmp_path / "here" / "runs").exists()


async def test_without_epochs_the_seed_is_judged(task_file):
    """Zero epochs propose nothing: the script is the seed, which solves a task that changes nothing."""
    same = {"train": [{"input": [[1, 2]], "output": [[1, 2]]}], "test": [{"input": [[3]], "output": [[4]]}]}

    solution = await solve_task("same", epochs=0, file=task_file(same))

    assert (solution.script, solution.train, solution.test) == (SEED_SCRIPT, (True,), (False,))
    assert not solution.solved


async def test_the_number_of_workers_changes_nothing(task_file):
    """Same seed, same run: one worker and three write the same population."""
    file = task_file(FLIP)

    runs = [await solve_task("flip", epochs=3, workers=workers, file=file) for workers in (1, 3)]

    assert runs[0].program.population == runs[1].program.population
    assert runs[0].history.history == runs[1].history.history

"""`synthflow solve` evolves a script that solves a real ARC-AGI task, with no model and no network."""

import json
import subprocess
import sys

import pytest

from synthflow import Program
from synthflow.cli.solve import SEED_SCRIPT, solve_task
from tests.model_server import failure

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


MIRROR = {
    "thinking": "Each row is read backwards.",
    "python_script": """
result = {"output_grid": [row[::-1] for row in inputs["input_grid"]]}
""",
}
GUESSES = [{"thinking": "", "python_script": f'result = {{"output_grid": [[{n}]]}}'} for n in range(1, 9)]


@pytest.fixture
def keyed(monkeypatch):
    """A key in the environment, as users have one."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")


def with_model(model_server, task, *options):
    """Give the command that lets a model on a server of one's own write the scripts."""
    asked = ("--language-model", "openai/test", "--api-base", model_server.url)
    return ("solve", "--file", task, "--out", "flip", "--no-plot", "--population-size", "2", *asked, *options)


def test_a_model_solves_a_task_and_is_paid_once(command, task_file, model_server, keyed, tmp_path):
    """What it took is told; given again, the command asks nobody."""
    model_server.answer = MIRROR
    task = task_file(FLIP)
    code, out, _ = command(*with_model(model_server, task))
    asked = model_server.count
    again, told, _ = command(*with_model(model_server, task))

    assert (code, again) == (0, 0)
    assert asked == 2
    assert "Calls of models: 2, tokens: " in out
    assert "paid: unknown." in out
    assert model_server.count == asked
    assert "Calls of models: 2 (2 of them from the ledger)" in told
    assert "paid: $0.0000." in told
    files = sorted(path.name for path in (tmp_path / "here" / "flip").iterdir())
    assert files == ["ledger.sqlite", "program.json", "transform.py"]


def test_search_and_model_write_together(command, task_file, model_server, keyed):
    """With `--mix` every other script is the model's."""
    model_server.answer = MIRROR
    code, out, _ = command(*with_model(model_server, task_file(FLIP), "--mix", "--population-size", "4"))

    assert code == 0
    assert model_server.count == 2
    assert "Training rows solved: 3 of 3." in out


def test_embeddings_tell_scripts_apart(command, task_file, model_server, keyed):
    """They are asked of the same server."""
    model_server.answer = [
        {"thinking": "", "python_script": f'result = {{"output_grid": [[{n}]]}}'} for n in range(1, 9)
    ]
    options = ("--embedding-model", "openai/test-embedding", "--epochs", "3")
    code, _, _ = command(*with_model(model_server, task_file(LAWLESS), *options))

    assert code == 1
    assert model_server.embeddings


def test_a_dead_server_is_reported_and_nothing_is_overwritten(command, task_file, model_server, keyed, tmp_path):
    """The exit code is 2, and what the service said is told; an earlier result stays."""
    model_server.answer = MIRROR
    task = task_file(FLIP)
    command(*with_model(model_server, task))
    solved = (tmp_path / "here" / "flip" / "program.json").read_text()
    model_server.answer = failure(401, "no such key")
    code, out, err = command(*with_model(model_server, task, "--ledger", tmp_path / "other.sqlite"))

    assert code == 2
    assert "training ended: language model: authentication" in out
    assert "Failures, authentication: 2." in out
    assert "no such key" in err
    assert (tmp_path / "here" / "flip" / "program.json").read_text() == solved


def test_what_was_learned_before_the_server_died_is_written(command, task_file, model_server, keyed, tmp_path):
    """The best so far is kept; the exit code says that the task is not solved."""
    better = {"thinking": "", "python_script": 'result = {"output_grid": [[9], [2], [6]]}'}
    model_server.answer = [better, better, failure(401)]
    code, _, _ = command(*with_model(model_server, task_file(LAWLESS)))

    assert code == 1
    assert "[9], [2], [6]" in (tmp_path / "here" / "flip" / "program.json").read_text()


def test_calls_are_bounded(command, task_file, model_server, keyed):
    """By `--max-calls`."""
    model_server.answer = [
        {"thinking": "", "python_script": f'result = {{"output_grid": [[{n}]]}}'} for n in range(1, 9)
    ]
    _, out, _ = command(*with_model(model_server, task_file(LAWLESS), "--max-calls", "3"))

    assert model_server.count == 3
    assert "training ended: budget: calls" in out


@pytest.mark.parametrize("option", [["--mix"], ["--embedding-model", "a/b"], ["--api-base", "x"], ["--ledger", "x"]])
def test_what_needs_a_model_says_so(command, option):
    """Exit code 2."""
    code, _, err = command("solve", "007bbfb7", *option)

    assert code == 2
    assert "needs --language-model" in err

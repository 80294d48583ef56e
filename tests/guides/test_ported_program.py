"""A program written for Synalinks runs when one word is changed, and trains with its models and without."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("ported_program.py")
SOLUTION = """
grid = inputs["input_grid"]
result = {"output_grid": [[cell * bool(there) for there in row for cell in line] for row in grid for line in grid]}
"""


def run(folder, *arguments):
    """Run the program in an empty folder and give what it found."""
    done = subprocess.run(
        [sys.executable, PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout.splitlines()[-1])


def test_the_offline_part_runs_as_written(tmp_path):
    """Loading, wiring and running the seed need no model: the seed echoes its input, cleanly, and solves nothing."""
    found = run(tmp_path, "build")

    assert found["rows"] == [5, 1]
    assert (found["seed_echoes"], found["seed_solves"], found["seed_stderr"]) == (True, False, "")
    assert found["truth"].splitlines()[0] == "0 0 0 0 7 7 0 7 7"
    assert list(tmp_path.iterdir()) == []


def test_the_training_part_runs_without_models(tmp_path):
    """The epoch that solves is the last, and its script is in the variable and first among the candidates."""
    found = run(tmp_path, "train")

    assert found["keys"] == ["reward", "mean_reward", "val_reward", "val_mean_reward"]
    assert found["epochs"] == 1
    assert (found["best_reward"], found["already_sorted"]) == (1.0, True)
    assert found["best_script"] == found["script_in_use"]
    assert found["held_out_solved"]


def test_the_training_part_runs_with_models(tmp_path, model_server):
    """Eight scripts are asked for in a generation; the second solves, and each is embedded at most once."""

    def written(body):
        number = len(model_server.chats)
        wrong = f"result = {{'output_grid': [[{number}]]}}"
        return {"thinking": "", "python_script": wrong if number <= 8 else SOLUTION}

    model_server.answer = written
    found = run(tmp_path, "train", model_server.url)

    embedded = [request.question[0] for request in model_server.embeddings]
    assert found["keys"] == ["reward", "mean_reward", "val_reward", "val_mean_reward"]
    assert (found["epochs"], found["best_reward"], found["already_sorted"]) == (1, 1.0, True)
    assert found["best_script"] == found["script_in_use"] == SOLUTION
    assert found["held_out_solved"]
    assert len(model_server.chats) == 16
    assert {request.body["model"] for request in model_server.chats} == {"test"}
    assert len(set(embedded)) == len(embedded) == 9  # the seed and the first generation, while the second was written

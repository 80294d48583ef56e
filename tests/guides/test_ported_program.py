"""A program written for Synalinks runs when one word is changed, and trains when OMEGA is given no models."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("ported_program.py")


def run(argument, folder):
    """Run the program in an empty folder and give what it found."""
    done = subprocess.run([sys.executable, PROGRAM, argument], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout.splitlines()[-1])


def test_the_offline_part_runs_as_written(tmp_path):
    """Loading, wiring and running the seed need no model: the seed echoes its input, cleanly, and solves nothing."""
    found = run("build", tmp_path)

    assert found["rows"] == [5, 1]
    assert (found["seed_echoes"], found["seed_solves"], found["seed_stderr"]) == (True, False, "")
    assert found["truth"].splitlines()[0] == "0 0 0 0 7 7 0 7 7"
    assert list(tmp_path.iterdir()) == []


def test_the_training_part_runs_without_models(tmp_path):
    """The epoch that solves is the last, and its script is in the variable and first among the candidates."""
    found = run("train", tmp_path)

    assert found["keys"] == ["reward", "mean_reward", "val_reward", "val_mean_reward"]
    assert found["epochs"] == 1
    assert (found["best_reward"], found["already_sorted"]) == (1.0, True)
    assert found["best_script"] == found["script_in_use"]
    assert found["held_out_solved"]

"""Every guide runs offline from top to bottom, and ends as it says."""

import subprocess
import sys
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "guides"
LAST_LINES = {
    "01_first_program.py": [
        "Every message reaches its team: True",
        "A loaded copy answers the same: True",
    ],
    "02_data_models.py": [
        "A graph promises the types that the operators declare: True",
        "A program answers what the operators give: True",
    ],
    "03_few_shot.py": [
        "The reward rose, and never fell: True",
        "No validation row is shown: True",
        "No row was shown its own answer: True",
        "The budget was kept: True",
        "The second run paid nothing: True",
        "It came to the same: True",
    ],
    "04_python_synthesis.py": [
        "The held-out test pair is solved: True",
        "A loaded copy answers the same: True",
        "The exported script solves it too: True",
    ],
    "05_prompt_evolution.py": [
        "The reward rose, and never fell: True",
        "The best text is in use: True",
        "Nothing was embedded twice: True",
        "It does better on rows that nobody saw: True",
    ],
    "06_scripts_with_a_model.py": [
        "The model's script solves it: True",
        "So does that of both: True",
        "And a script with a tool adds up: True",
    ],
}


def test_every_guide_is_run():
    """The table of this file names each script of the folder."""
    assert sorted(LAST_LINES) == sorted(path.name for path in GUIDES.glob("*.py"))


@pytest.mark.parametrize("name", LAST_LINES)
def test_a_guide_runs_to_its_end(name, tmp_path):
    """It writes nothing where it was started, and its last lines hold."""
    done = subprocess.run([sys.executable, GUIDES / name], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-len(LAST_LINES[name]) :] == LAST_LINES[name]
    assert list(tmp_path.iterdir()) == []

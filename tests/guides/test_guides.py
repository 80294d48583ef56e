"""Every guide runs offline from top to bottom, and ends as it says."""

import subprocess
import sys
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "guides"
LAST_LINES = {
    "04_python_synthesis.py": [
        "The held-out test pair is solved: True",
        "A loaded copy answers the same: True",
        "The exported script solves it too: True",
    ],
}


def test_every_guide_is_run():
    """The table of this file names each script of the folder."""
    assert sorted(LAST_LINES) == sorted(path.name for path in GUIDES.glob("*.py"))


@pytest.mark.parametrize("name", LAST_LINES)
def test_a_guide_runs_to_its_end(name, tmp_path):
    """It trains for real, writes nothing where it was started, and its last lines hold."""
    done = subprocess.run([sys.executable, GUIDES / name], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-len(LAST_LINES[name]) :] == LAST_LINES[name]
    assert list(tmp_path.iterdir()) == []

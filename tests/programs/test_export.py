"""The learned script, exported, runs by itself and answers as in the sandbox."""

import json
import subprocess
import sys

import pytest

from synthflow.errors import SavingError
from synthflow.modules.input import Input
from synthflow.programs.program import Program
from synthflow.programs.sequential import Sequential
from tests.programs.toy import GOOD, Increment, Question, X, make_program, synthesis

LONG = '''import json
import sys

def step(n):
    """Give the next number, "quoted" and 'quoted'."""
    return n + 1

print("thinking about", inputs["n"])
json, sys = None, None
result = {"m": step(inputs["n"])}
'''


def run(path, inputs):
    """Run an exported script in an interpreter that sees nothing installed."""
    return subprocess.run(
        [sys.executable, "-I", "-S", path], input=json.dumps(inputs), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("script", [GOOD, LONG, "\n\n" + GOOD + "\n\n"])
async def test_it_gives_the_answers_of_the_sandbox(script, tmp_path):
    """Alone on standard output, whatever the script prints or names its variables."""
    program = await make_program(script)
    program.export(tmp_path / "next.py")

    for x in X:
        ran = run(tmp_path / "next.py", x.get_json())
        assert json.loads(ran.stdout) == {"m": (await program(x))["m"]}
    assert script.strip("\n") in (tmp_path / "next.py").read_text()


@pytest.mark.parametrize("description", ['Say """no""".', "ends in a backslash \\", '"', "{script}\nsecond line", ""])
async def test_any_description_makes_a_title(description, tmp_path):
    """The file stays Python."""
    program = await make_program(GOOD)
    program.description = description
    program.export(tmp_path / "next.py")

    assert json.loads(run(tmp_path / "next.py", {"n": 1}).stdout) == {"m": 2}


async def test_a_failing_script_fails_loudly(tmp_path):
    """There is no default outside the sandbox."""
    (await make_program("result = 1 / 0")).export(tmp_path / "next.py")
    ran = run(tmp_path / "next.py", {"n": 1})

    assert ran.returncode == 1
    assert "ZeroDivisionError" in ran.stderr
    assert ran.stdout == ""


async def test_what_is_more_than_one_script_points_to_save(tmp_path):
    """A chain, or a class with a call of its own."""
    inputs = Input(data_model=Question)
    chain = Program(inputs=inputs, outputs=await synthesis()(await Increment()(inputs)), name="chain")

    for program in (chain, Sequential([synthesis()])):
        with pytest.raises(SavingError, match=r"program\.save"):
            program.export(tmp_path / "next.py")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("script", "words"), [("result = (", "syntax error in line 1"), ("from __future__ import annotations", "Remove it")]
)
async def test_a_script_that_cannot_stand_in_a_file_is_refused(script, words, tmp_path):
    """The message says why."""
    with pytest.raises(SavingError, match=words):
        (await make_program(script)).export(tmp_path / "next.py")

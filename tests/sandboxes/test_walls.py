"""The words about the walls are true of the installed Monty: every claim is run."""

import re

import pytest

from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits, Verdict
from synthflow.sandboxes.walls import ABSENT_BUILTINS, ABSENT_MODULES, MODULES, WALLS, WORKING, instead


@pytest.mark.parametrize(("what", "script"), WORKING)
async def test_what_is_said_to_work_works(what, script):
    """The script that shows a feature runs to its end."""
    execution = await MontySandbox().run(script, inputs={})

    assert execution.verdict is Verdict.ok, execution.stderr


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: wall.construct)
async def test_a_wall_stands_where_it_is_said_to(wall):
    """The construct fails with the error named and the advice in stderr; what is advised works."""
    sandbox = MontySandbox()

    failed = await sandbox.run(wall.fails, inputs={})
    repaired = await sandbox.run(wall.works, inputs={})

    assert failed.verdict in (Verdict.syntax, Verdict.runtime)
    assert re.search(wall.error, failed.stderr)
    assert wall.advice[1:] in failed.stderr
    assert repaired.verdict is Verdict.ok, repaired.stderr


@pytest.mark.parametrize(("module", "names"), MODULES)
async def test_a_module_that_is_named_can_be_imported(module, names):
    """So can each name listed for it."""
    lines = [f"import {module}", *(f"from {module} import {name}" for name in names.split()), "result = 1"]

    execution = await MontySandbox().run("\n".join(lines), inputs={})

    assert execution.verdict is Verdict.ok, execution.stderr


@pytest.mark.parametrize("line", [*(f"import {name}" for name in ABSENT_MODULES), *ABSENT_BUILTINS])
async def test_what_is_said_to_be_absent_is_absent(line):
    """A module or a built-in name that is listed as missing is missing, and the error has a hint."""
    execution = await MontySandbox().run(f"{line}\nresult = 1", inputs={})

    assert execution.verdict is Verdict.runtime
    assert "Hint: " in execution.stderr


def test_the_walls_of_a_sandbox_name_its_limits():
    """The text for prompts says what this sandbox allows."""
    walls = MontySandbox(Limits(timeout=2.5, memory=32)).walls

    assert "2.5 seconds" in walls
    assert "32 MiB" in walls
    assert all(wall.construct in walls and wall.advice in walls for wall in WALLS)


def test_an_error_of_the_script_itself_gets_no_hint():
    """Advice is given for walls only."""
    assert instead("ZeroDivisionError: division by zero") == ""

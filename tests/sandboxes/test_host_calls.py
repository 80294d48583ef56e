"""Scripts call tools through text that is counted and measured, and no tool can hold up the sandbox."""

import asyncio
import contextvars
import re
import threading

import pytest

from synthflow.errors import BudgetExceeded, LanguageModelError, SandboxError
from synthflow.sandboxes.console import clip
from synthflow.sandboxes.host_calls import REPORT
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits, Verdict
from synthflow.sandboxes.walls import TOOL_WALL, describe_tools
from synthflow.sandboxes.workers import PATIENCE, cores

LIMITS = Limits(timeout=1.0)


def echo(*args, **kwargs):
    """Give back what was given."""
    return [args, kwargs]


def run(script, limits=LIMITS, **tools):
    """Run a script with tools."""
    return MontySandbox(limits).run(script, inputs={"n": 1}, tools=tools or {"echo": echo})


async def test_a_script_calls_a_tool():
    """With values of every kind of JSON; tuples become lists."""
    found = await run("result = echo(inputs['n'], 2.5, (None, True), text='é\\n\\\"', deep={'a': [{}]})")

    assert found.result == [[1, 2.5, [None, True]], {"text": 'é\n"', "deep": {"a": [{}]}}]
    assert found.verdict is Verdict.ok
    assert found.stderr == ""


@pytest.mark.parametrize(
    "script",
    [
        "result = [echo(n)[0][0] for n in range(3)]",
        "def each(ns):\n    return [echo(n)[0][0] for n in ns]\nresult = each([0, 1, 2])",
        "result = []\nfor n in range(3):\n    result.append(echo(n)[0][0])",
        "class A:\n    def go(self, n):\n        return echo(n)[0][0]\nresult = [A().go(n) for n in range(3)]",
        "again = echo\nresult = [again(n)[0][0] for n in range(3)]",
        "import asyncio\nasync def main():\n    return [echo(n)[0][0] for n in range(3)]\nresult = asyncio.run(main())",
    ],
)
async def test_a_tool_is_called_wherever_a_script_calls_functions(script):
    """In loops, comprehensions, functions and methods."""
    assert (await run(script)).result == [0, 1, 2]


async def test_the_wall_of_tools_stands_where_it_is_said_to():
    """The error has the advice, and what is advised works."""
    failed, repaired = [await run(script, tool=lambda n: n) for script in (TOOL_WALL.fails, TOOL_WALL.works)]

    assert failed.verdict is Verdict.runtime
    assert re.search(TOOL_WALL.error, failed.stderr)
    assert f"Hint: {TOOL_WALL.advice.capitalize()}." in failed.stderr
    assert repaired.result == [1, 2]


@pytest.mark.parametrize("script", ["echo(1)", "_tool('echo', '[[], {}]')", "_json.loads('1')"])
async def test_without_tools_there_is_nothing_to_call(script):
    """Not in a run beside one that has tools, either."""
    sandbox = MontySandbox(LIMITS)

    await sandbox.run("result = echo()", inputs={}, tools={"echo": echo})
    found = await sandbox.run(f"{script}\nresult = 1", inputs={})

    assert found.verdict is Verdict.runtime
    assert "NameError" in found.stderr


SWALLOW = """
found = []
for n in range(9):
    try:
        found.append(tool())
    except Exception as error:
        found.append(str(error))
result = found
"""


@pytest.mark.parametrize("script", ["result = tool()", SWALLOW])
@pytest.mark.parametrize("error", [LanguageModelError("no server", "connection"), BudgetExceeded("calls")])
async def test_what_is_not_of_the_script_ends_the_run_and_is_raised(script, error):
    """That a model cannot be asked, or a budget is used up, is no fault of a script's, and none can swallow it."""
    called = []

    def tool():
        called.append(1)
        raise error

    with pytest.raises(type(error)) as raised:
        await run(script, tool=tool)

    assert (raised.value, len(called)) == (error, 1)
    assert (await run("result = echo(1)")).verdict is Verdict.ok


async def test_a_tool_runs_no_script():
    """It would wait for the place that its own script holds, so it is refused at once, not after the time limit."""
    sandbox = MontySandbox(Limits(wall_time=20))

    def tool():
        return asyncio.run(sandbox.run("result = 1", inputs={})).result

    runs = (sandbox.run("result = tool()", inputs={}, tools={"tool": tool}) for _ in range(2 * cores()))
    ends = await asyncio.gather(*runs, return_exceptions=True)

    assert all(isinstance(end, SandboxError) and "cannot run a script" in str(end) for end in ends)
    assert (await sandbox.run("result = 1", inputs={})).result == 1


async def test_what_a_tool_raises_is_an_exception_of_the_script():
    """In plain words, at the script's own line, and without a line of the host's."""

    def boom():
        raise LookupError("no such city")

    found = await run("x = 1\nboom()\nresult = 1", boom=boom)

    assert found.verdict is Verdict.runtime
    assert found.stderr.splitlines() == [
        "Traceback (most recent call last):",
        '  File "script.py", line 2, in <module>',
        "    boom()",
        "    ~~~~~~",
        "RuntimeError: boom failed: LookupError: no such city",
    ]


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError(), SystemExit(3), KeyboardInterrupt(), MemoryError()])
async def test_whatever_a_tool_raises_can_be_caught(error):
    """The script goes on; nothing of it ends the host."""

    def boom():
        raise error

    script = "try:\n    boom()\nexcept RuntimeError as error:\n    result = str(error)"

    assert (await run(script, boom=boom)).result == f"boom failed: {type(error).__name__}: {error}"


async def test_a_long_error_is_cut():
    """A tool may say any amount."""

    def boom():
        raise ValueError("x" * 10_000_000)

    found = await run("try:\n    boom()\nexcept RuntimeError as error:\n    result = str(error)", boom=boom)

    assert found.result == clip(f"boom failed: ValueError: {'x' * 10_000_000}", REPORT)


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("{1, 2}", "not JSON serializable"),
        ("lambda: 1", "not JSON serializable"),
        ("range(3)", "not JSON serializable"),
        ("float('nan')", "not JSON compliant"),
        ("{(1, 2): 3}", "keys must be"),
        ("'x' * 2_000_000", "echo was given more than 1,000,000 characters of JSON"),
        ("list(range(500_000))", "echo was given more than 1,000,000 characters of JSON"),
    ],
)
async def test_arguments_are_json_of_a_bounded_size(argument, why):
    """Else the script gets an exception that says so, and the tool is not called."""
    called = []

    found = await run(f"result = note({argument})".replace("note", "echo"), echo=called.append)

    assert found.verdict is Verdict.runtime
    assert why in found.stderr
    assert called == []


HOSTILE_ARGUMENTS = {
    "shared lists": "x = [1]\nfor _ in range(60):\n    x = [x, x]\necho(x)",
    "a cycle": "x = []\nx.append(x)\necho(x)",
    "a deep list": "x = []\nfor _ in range(900):\n    x = [x]\nresult = len(echo(x))",
    "a list beyond all depth": "x = []\nfor _ in range(100_000):\n    x = [x]\necho(x)",
    "a native text": "_tool('echo', 'x' * 20_000_000)",
    "a native list": "_tool('echo', [1])",
    "shared native lists": "x = [1]\nfor _ in range(60):\n    x = [x, x]\n_tool('echo', x)",
    "no arguments": "_tool()",
    "an unknown tool": "_tool('os.system', '[[\"id\"], {}]')",
    "a name that is no text": "_tool(['echo'], '[[], {}]')",
    "text that is no JSON": "_tool('echo', '[[')",
    "JSON of another shape": "_tool('echo', '7')",
    "deep JSON": "_tool('echo', '[' * 500_000)",
    "positions that are no list": "_tool('echo', '[7, {}]')",
}


@pytest.mark.parametrize("script", HOSTILE_ARGUMENTS.values(), ids=HOSTILE_ARGUMENTS)
async def test_no_argument_harms_the_host(script, full_share):
    """It ends in a limit or an exception, and the next run is unharmed."""
    found = await run(f"{script}\nresult = 1")

    assert found.verdict in (Verdict.ok, Verdict.runtime, Verdict.memory, Verdict.timeout, Verdict.refused)
    assert (await run("result = echo(7)")).result == [[7], {}]


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (object(), "echo returned what is not JSON"),
        ({1, 2}, "echo returned what is not JSON"),
        (float("nan"), "echo returned what is not JSON"),
        ("x" * 50_000_000, "echo returned more than 1,000,000 characters of JSON"),
    ],
)
async def test_results_are_json_of_a_bounded_size(result, why):
    """50 MB never reach the sandbox; the script gets an exception that it may catch."""
    found = await run("try:\n    echo()\nexcept ValueError as error:\n    result = str(error)", echo=lambda: result)

    assert found.verdict is Verdict.ok
    assert why in found.result


async def test_a_script_changes_nothing_of_the_host():
    """What it is given is a copy."""
    kept = {"list": [1]}

    found = await run("x = get()\nx['list'].append(2)\nresult = get()", get=lambda: kept)

    assert found.result == kept == {"list": [1]}


@pytest.mark.parametrize(
    "script",
    [
        "def echo(n):\n    return 'own'\nresult = echo(1)",
        "echo = lambda n: 'own'\nresult = echo(1)",
    ],
)
async def test_a_script_may_have_a_function_of_that_name(script):
    """Its own is called then, and the tool is not."""
    called = []

    found = await run(script, echo=called.append)

    assert found.result == "own"
    assert called == []


@pytest.mark.parametrize("call", ["note(1)", "note()", "_tool()", "_tool('note', 'x')", "_tool(name='note')"])
async def test_calls_are_counted(call):
    """A script that calls without end is stopped, whatever it catches; calls in vain count too."""
    called, limits = [], Limits(tool_calls=5)
    script = f"for _ in range(10 ** 6):\n    try:\n        {call}\n    except BaseException:\n        pass\nresult = 1"

    found = await run(script, limits, note=called.append)

    assert found.verdict is Verdict.refused
    assert found.result is None
    assert called == ([1] * 5 if call == "note(1)" else [])


async def test_the_last_call_that_is_allowed_is_made():
    """And the one after it is not; the reason names the limit."""
    called = []
    limits = Limits(tool_calls=3)

    allowed = await run("result = [note(n) for n in range(3)]", limits, note=called.append)
    refused = await run("result = [note(n) for n in range(4)]", limits, note=called.append)

    assert allowed.verdict is Verdict.ok
    assert refused.verdict is Verdict.refused
    assert called == [0, 1, 2, 0, 1, 2]
    assert "calls tools more than 3 times (tool_calls)" in refused.stderr


async def test_the_time_of_tools_is_not_the_scripts():
    """A slow tool uses up `wall_time`, and nothing of `timeout`."""
    waiting = threading.Event()
    limits = Limits(timeout=0.2, wall_time=30.0)

    found = await run("result = [wait(), wait()]", limits, wait=lambda: waiting.wait(0.3))

    assert found.verdict is Verdict.ok
    assert found.result == [False, False]


async def test_a_tool_that_never_returns_ends_the_run():
    """As a timeout that says why; every worker serves on, though the tool's threads go on."""
    released, limits = threading.Event(), Limits(timeout=1.0, wall_time=0.3)
    runs = [run("wait()\nresult = 1", limits, wait=released.wait) for _ in range(cores() + 1)]

    found = await asyncio.gather(*runs)
    after = await run("result = 1")
    left = [thread for thread in threading.enumerate() if thread.name == "synthflow-tool-wait"]
    released.set()

    assert {one.verdict for one in found} == {Verdict.timeout}
    assert "limit of 0.3 seconds (wall_time)" in found[0].stderr
    assert after.result == 1
    assert len(left) == len(runs)


async def test_a_script_with_tools_has_its_own_limit_still(full_share):
    """An endless loop after a call, and an operation that looks at no clock, end at `timeout`."""
    for line in ("pass", "'ab' * 9 + 'c' in s"):
        script = f"s = 'ab' * 10_000_000\necho()\nwhile True:\n    {line}"

        found = await run(script, Limits(timeout=0.3, wall_time=60.0))

        assert found.verdict is Verdict.timeout
        assert "0.3 seconds (timeout)" in found.stderr
        assert found.seconds < 0.3 * PATIENCE + 10


async def test_a_run_that_is_called_off_does_not_wait_for_its_tool():
    """The worker and its thread are free, though the tool still runs."""
    begun, released = threading.Event(), threading.Event()

    def wait():
        begun.set()
        released.wait()

    task = asyncio.create_task(run("wait()\nresult = 1", Limits(wall_time=600.0), wait=wait))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = await asyncio.gather(*(run("result = 1") for _ in range(cores())))
    released.set()

    assert [one.result for one in after] == [1] * cores()


async def test_a_tool_sees_the_context_of_the_run():
    """What it sets there, no other call sees."""
    variable = contextvars.ContextVar("variable", default=0)

    def count():
        variable.set(variable.get() + 1)
        return variable.get()

    variable.set(7)

    assert (await run("result = [count(), count()]", count=count)).result == [8, 8]


async def test_what_a_script_prints_before_a_call_is_kept():
    """In its order, also when it is stopped."""
    found = await run("print('a')\necho()\nprint('b')\necho()\nresult = 1", Limits(tool_calls=1))

    assert found.verdict is Verdict.refused
    assert found.stdout.startswith("a")


@pytest.mark.parametrize("name", ["inputs", "result", "_tool", "_json", "a b", "", "while", "a-b"])
async def test_a_name_that_no_script_can_use_is_refused(name):
    """Before anything runs."""
    with pytest.raises(ValueError, match="cannot call a tool by the name"):
        await run("result = 1", **{name: echo})


async def test_syntax_is_told_as_ever():
    """With the script's own file and line."""
    found = await run("x = 1\nx = (")

    assert found.verdict is Verdict.syntax
    assert 'File "script.py", line 2' in found.stderr


def test_tools_are_described_with_their_limits():
    """For whoever writes scripts."""
    text = describe_tools(["echo(n: integer) gives integer. Give back."], Limits(tool_calls=7, wall_time=2.5))

    assert "- echo(n: integer) gives integer. Give back." in text
    assert "7 times" in text
    assert "2.5 seconds" in text
    assert TOOL_WALL.construct in text

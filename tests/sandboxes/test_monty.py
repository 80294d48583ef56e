"""The contract of the Monty sandbox: `inputs` in, `result` out, and a verdict with words for all that goes wrong."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthflow.errors import SandboxError
from synthflow.sandboxes.monty import NESTING, MontySandbox, nesting, plain_json
from synthflow.sandboxes.sandbox import MAXIMA, Limits, Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=10,
)


async def run(script, inputs=None, **limits):
    """Run one script in a new sandbox."""
    return await MontySandbox(Limits(**{"timeout": 1.0, **limits})).run(script, inputs=inputs or {})


async def test_a_script_reads_inputs_and_assigns_result():
    """The answer comes back as JSON, with what was printed and the time it took."""
    execution = await run("print('hello')\nresult = {'sum': sum(inputs['xs'])}", {"xs": [1, 2]})

    assert execution.verdict is Verdict.ok
    assert execution.result == {"sum": 3}
    assert (execution.stdout, execution.stderr) == ("hello\n", "")
    assert 0 < execution.seconds < 60


VERDICTS = {
    "result = {}": (Verdict.ok, ""),
    "result = (1, 2)": (Verdict.ok, ""),
    "": (Verdict.missing_result, "without assigning `result`"),
    "x = 1": (Verdict.missing_result, "without assigning `result`"),
    "def f():\n    result = 1\nf()": (Verdict.missing_result, "at the top level"),
    "x = 1\ny = = 2": (Verdict.syntax, 'File "script.py", line 2'),
    "x = 1\n\0": (Verdict.syntax, "SyntaxError"),
    "x = '\ud800'": (Verdict.syntax, "not valid UTF-8"),
    "def f():\n    yield 1": (Verdict.syntax, "line 2"),
    "x = 1\nx / 0": (Verdict.runtime, "line 2, in <module>\n    x / 0"),
    "import sys\nsys.exit()": (Verdict.runtime, "let the script run to its end"[1:]),
    "raise SystemExit": (Verdict.runtime, "SystemExit"),
    "raise KeyboardInterrupt": (Verdict.runtime, "KeyboardInterrupt"),
    "raise TimeoutError('feed time limit exceeded: mine')": (Verdict.runtime, "line 1"),
    "raise MemoryError('mine')": (Verdict.runtime, "MemoryError: mine"),
    "raise MemoryError('memory limit exceeded')": (Verdict.runtime, "line 1"),
    "raise MemoryError('the worker exceeded its memory limit')": (Verdict.runtime, "line 1"),
    "raise RuntimeError('suspension limit of mine')": (Verdict.runtime, "line 1"),
    "def f():\n    return f()\nf()": (Verdict.runtime, "RecursionError"),
    "result = {1}": (Verdict.schema, "Object of type set"),
    "result = float('nan')": (Verdict.schema, "nan"),
    "result = {(1, 2): 3}": (Verdict.schema, "TypeError"),
    "result = []\nresult.append(result)": (Verdict.schema, "Circular"),
    "result = 9 ** 9 ** 5": (Verdict.schema, "4300 digits"),
    "while True:\n    pass": (Verdict.timeout, "limit of 0.3 seconds (timeout)"),
    "x = [0] * 10 ** 12": (Verdict.memory, "limit of 64 MiB (memory)"),
    "result = 'x' * 1001": (Verdict.refused, "1,000 characters"),
    "result = 1" + " " * 1000: (Verdict.refused, "1,010 characters; at most 1,000 are allowed (source)"),
    f"result = []\nfor _ in range({NESTING}):\n    result = [result]": (Verdict.refused, "one inside the other"),
    "while True:\n    try:\n        nope\n    except NameError:\n        pass": (Verdict.refused, "suspension limit"),
    "while True:\n    print('x' * 100)": (Verdict.refused, "prints more than"),
}


@pytest.mark.parametrize("script", VERDICTS, ids=lambda script: repr(script[:40]))
async def test_each_ending_has_its_verdict_and_its_words(script, full_share):
    """A failure gives no result and a text with what is needed to repair the script."""
    verdict, words = VERDICTS[script]

    execution = await run(script, timeout=0.3, source=1000, result=1000)

    assert execution.verdict is verdict, execution.stderr
    assert words in execution.stderr
    assert (execution.verdict is Verdict.ok) == (execution.stderr == "") == (execution.result is not None)


@settings(max_examples=40, deadline=None)
@given(JSON)
async def test_json_passes_through_unchanged(value):
    """What goes in as JSON comes out as the same JSON, but for whole numbers beyond 4300 digits."""
    execution = await run("result = inputs['value']", {"value": value})

    assert execution.verdict is Verdict.ok, execution.stderr
    assert json.dumps(execution.result) == json.dumps(value)


async def test_no_two_places_of_the_inputs_share_a_list():
    """Changing one row of a grid leaves the others alone, even where the caller used one list twice."""
    row = [0, 0]

    execution = await run("g = inputs['grid']\ng[0][0] = 1\nresult = g", {"grid": [row, row]})

    assert execution.result == [[1, 0], [0, 0]]
    assert row == [0, 0]


@pytest.mark.parametrize(
    ("given_value", "seen"),
    [("\ud800", "?"), (float("nan"), None), (float("inf"), None), ([2**70, float("nan")], [2**70, None])],
)
async def test_what_json_cannot_say_does_not_crash(given_value, seen):
    """Half a character becomes a question mark, and a number that is none becomes None."""
    execution = await run("result = [inputs['value']]", {"value": given_value})

    assert execution.result == [seen]


async def test_inputs_that_are_not_json_raise():
    """They come from a person's code, so the error is the person's."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        await run("result = 1", {"value": object()})


@pytest.mark.parametrize(
    "script",
    [
        "json = 3\nresult = 1",
        "def dumps(*_, **__):\n    return 'fake'\ndef len(_):\n    return 0\nresult = 1",
        "_json = None\nresult = 1",
        "import json\ntry:\n    json.dumps = lambda *_, **__: 'fake'\nexcept AttributeError:\n    pass\nresult = 1",
    ],
)
async def test_a_script_cannot_change_how_its_result_is_written(script):
    """Names that the script defines do not reach the line that reads `result`."""
    assert (await run(script)).result == 1


async def test_what_the_script_printed_to_stderr_comes_before_the_reason():
    """Both are there, each on lines of its own."""
    execution = await run("import sys\nprint('note', end='', file=sys.stderr)\n1 / 0")

    assert execution.stderr.startswith("note\nTraceback")
    assert execution.stderr.endswith("ZeroDivisionError: division by zero")


async def test_long_output_is_cut_in_the_middle():
    """The beginning and the end stay, and the text says how much went."""
    execution = await run("print('a' * 500 + 'b' * 500)\nresult = 1", printed=100)

    assert execution.stdout == "a" * 50 + "\n... 901 characters cut ...\n" + "b" * 49 + "\n"


async def test_long_reports_are_cut_in_the_middle():
    """An exception with a message of any length leaves a report that a prompt can hold."""
    execution = await run("raise ValueError('x' * 1_000_000)")

    assert execution.verdict is Verdict.runtime
    assert execution.stderr.startswith("Traceback")
    assert len(execution.stderr) < 5_000


async def test_nothing_leaks_from_one_run_to_the_next():
    """Names, modules' state and shadowed built-ins of a script are gone in the next one."""
    sandbox = MontySandbox()
    await sandbox.run("import random\nrandom.seed(1)\nlen = None\nleft = 1\nresult = left", inputs={})

    execution = await sandbox.run("try:\n    result = left\nexcept NameError:\n    result = len([0, 0])", inputs={})

    assert execution.result == 2


async def test_clock_and_chance_are_the_same_in_every_run():
    """Two runs of one script agree, whatever it asks the machine for."""
    script = "import random, time, datetime\ntime.sleep(3600)\n"
    script += "result = [random.random(), time.time(), str(datetime.datetime.now()), hash('a')]"

    first, second = await run(script), await run(script)

    assert first.verdict is Verdict.ok
    assert first.result == second.result


@pytest.mark.parametrize(
    "script",
    [
        "result = open('/etc/passwd').read()",
        "open('/tmp/synthflow', 'w')",
        "import os\nresult = os.listdir('/')",
        "import os\nresult = os.environ['PATH']",
        "import os\nresult = os.getenv('PATH')",
        "import os\nos.system('true')",
        "import socket",
        "import urllib.request",
        "import subprocess",
        "result = __import__('os')",
    ],
)
async def test_files_environment_network_and_programs_are_out_of_reach(script):
    """A script has nothing but its inputs."""
    execution = await run(script)

    assert execution.verdict is Verdict.runtime
    assert execution.stderr


LARGEST = {
    "result = len('" + "x" * (MAXIMA["source"] - 16) + "')": MAXIMA["source"] - 16,
    "x = []\nfor _ in range(9_990):\n    x = [x]\nresult = len(repr(x))": 2 * 9_991,
    "def f(n):\n    return n and 1 + f(n - 1)\nresult = f(9_990)": 9_990,
    f"result = 'x' * {MAXIMA['result'] - 2}": "x" * (MAXIMA["result"] - 2),
    f"print('x' * {MAXIMA['printed'] - 1})\nresult = 1": 1,
}


@pytest.mark.parametrize("script", LARGEST, ids=lambda script: repr(script[-40:]))
async def test_the_largest_limits_can_be_used_up(script):
    """Every limit at its maximum gives a sandbox in which scripts that need as much are right."""
    execution = await MontySandbox(Limits(**MAXIMA)).run(script, inputs={})

    assert execution.verdict is Verdict.ok, execution.stderr
    assert execution.result == LARGEST[script]
    assert len(execution.stdout) in (0, MAXIMA["printed"])


def test_the_limits_survive_save_and_load():
    """A sandbox is built again from its config, through JSON."""
    sandbox = MontySandbox(Limits(timeout=2.0, memory=32, printed=100))

    loaded = MontySandbox.from_config(json.loads(json.dumps(sandbox.get_config())))

    assert loaded.limits == sandbox.limits


def test_a_missing_worker_program_raises_at_construction(monkeypatch, tmp_path):
    """Without a worker there is no sandbox, and the error says how to install it."""
    monkeypatch.setenv("MONTY_BIN", str(tmp_path / "monty"))

    with pytest.raises(SandboxError, match=r'pip install "pydantic-monty>=1\.4,<1\.5"'):
        MontySandbox()


def test_a_missing_library_raises_at_construction(monkeypatch):
    """Scripts never run outside a sandbox."""
    monkeypatch.setitem(sys.modules, "pydantic_monty._binary", None)

    with pytest.raises(SandboxError, match=r'pip install "pydantic-monty>=1\.4,<1\.5"'):
        MontySandbox()


def test_importing_the_sandbox_does_not_import_monty():
    """The library is loaded when a sandbox is made, not before."""
    code = "import sys, synthflow.sandboxes.monty; sys.exit('pydantic_monty' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(JSON)
def test_a_plain_copy_is_equal_and_separate(value):
    """JSON is copied as it is."""
    assert json.dumps(plain_json({"value": value})) == json.dumps({"value": value})


@given(st.integers(0, 2000))
def test_nesting_is_counted_without_recursion(depth):
    """Depth is told for values that Python could not walk recursively."""
    value = 0
    for _ in range(depth):
        value = [value]

    assert nesting(value) == depth

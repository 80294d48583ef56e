"""PythonSynthesis: `inputs` in, `result` out, and never an exception."""

import asyncio
import time

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.schema import mismatch
from synthflow.data_models.variable import overlay
from synthflow.errors import SchemaError
from synthflow.graph import trace
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.trace import Note, Trace
from synthflow.modules.input import Input
from synthflow.modules.python_synthesis import PythonSynthesis
from synthflow.modules.tool import Tool
from synthflow.programs.program import Program
from synthflow.sandboxes import workers
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Execution as Run
from synthflow.sandboxes.sandbox import Limits, Verdict
from tests.modules.saved import in_a_fresh_process


class Grid(DataModel):
    """A grid."""

    grid: list[list[int]]


class Answer(DataModel):
    """An answer."""

    output_grid: list[list[int]]


class Remark(DataModel):
    """An answer that may say nothing."""

    note: str = ""


DEFAULT = {"output_grid": [[0]]}
FLIP = "result = {'output_grid': [row[::-1] for row in inputs['grid']]}"
TASK = Grid(grid=[[1, 2], [3, 4]])


def synthesis(script, **options):
    """Make a module that answers with grids."""
    return PythonSynthesis(data_model=Answer, python_script=script, default_return_value=DEFAULT, **options)


async def test_inputs_go_in_and_result_comes_out():
    """With what was printed, in the order of the promise."""
    found = await synthesis(f"print('flipping')\n{FLIP}")(TASK)

    assert found.get_json() == {"output_grid": [[2, 1], [4, 3]], "stdout": "flipping\n", "stderr": ""}
    assert list(found.keys()) == ["output_grid", "stdout", "stderr"]
    assert mismatch(found.get_json(), found.get_schema()) == ""


@pytest.mark.parametrize("script", [FLIP, "boom"])
async def test_what_is_promised_is_delivered(script):
    """One schema in both phases, whether the run succeeds or fails."""
    inputs = Input(data_model=Grid)
    outputs = await synthesis(script)(inputs)

    found = await Runner(Graph(inputs, outputs)).run([TASK.to_json_data_model()])

    assert outputs.keys() == ["output_grid", "stdout", "stderr"]
    assert found.get_schema() == outputs.get_schema()
    assert mismatch(found.get_json(), outputs.get_schema()) == ""


FAILURES = [
    ("result = {", "syntax", "SyntaxError"),
    ("result = {'output_grid': [[1 / 0]]}", "runtime", "ZeroDivisionError"),
    ("raise ValueError('own words')", "runtime", "own words"),
    ("answer = 1", "missing_result", "without assigning `result`"),
    ("", "missing_result", "without assigning `result`"),
    ("result = {}", "schema", "'output_grid' is a required property"),
    ("result = None", "schema", "not of type 'object'"),
    ("result = 0", "schema", "not of type 'object'"),
    ("result = []", "schema", "not of type 'object'"),
    ("result = ''", "schema", "not of type 'object'"),
    ("result = False", "schema", "not of type 'object'"),
    ("result = {'output_grid': [['x']]}", "schema", "$.output_grid[0][0]"),
    ("result = {'output_grid': [[1]], 'stdout': 'mine'}", "schema", "'stdout' was unexpected"),
    ("result = {'output_grid': [[1]], 'more': 2}", "schema", "'more' was unexpected"),
    ("result = {1, 2}", "schema", "JSON"),
    ("result = {'output_grid': [[float('nan')]]}", "schema", "JSON"),
    ("import sys\nsys.exit(0)", "runtime", ""),
    ("import sys\nresult = {'output_grid': [[1]]}\nsys.exit()", "runtime", ""),
    ("raise SystemExit", "runtime", ""),
    ("exit()", "runtime", "exit"),
    ("import numpy", "runtime", "numpy"),
    ("import subprocess", "runtime", "subprocess"),
    ("open('/etc/passwd').read()", "runtime", ""),
]


@pytest.mark.parametrize(("script", "verdict", "reason"), FAILURES)
async def test_a_failure_gives_the_default_and_a_reason(script, verdict, reason):
    """Whatever the script does wrong: no exception, the default as it is, and words for its writer."""
    kept = Trace()

    with trace.tracing(kept):
        found = await synthesis(script)(TASK)

    assert found["output_grid"] == DEFAULT["output_grid"]
    assert reason in found["stderr"]
    assert found["stderr"].strip()
    assert mismatch(found.get_json(), found.get_schema()) == ""
    assert kept.notes == [Note(verdict, found["stderr"])]


async def test_an_endless_loop_ends_at_the_timeout(monkeypatch):
    """The reason names the limit, and the next run is unharmed."""
    monkeypatch.setattr(workers, "processor_seconds", lambda pid: time.monotonic())  # neighbours change no verdict
    module = synthesis("while True:\n    pass", timeout=0.2)

    found = await module(TASK)

    assert found["output_grid"] == [[0]]
    assert "0.2 seconds" in found["stderr"]
    assert (await synthesis(FLIP)(TASK))["output_grid"] == [[2, 1], [4, 3]]


async def test_what_was_printed_before_a_failure_is_kept():
    """In stdout, and the reason in stderr."""
    found = await synthesis("print('before')\nresult = {'output_grid': 'no'}")(TASK)

    assert found["stdout"] == "before\n"
    assert (
        "Schema error: `result` does not fit the output schema (output_grid: array of array of integer)"
        in found["stderr"]
    )
    assert "$.output_grid" in found["stderr"]


async def test_a_script_cannot_change_its_input():
    """Neither for the next module nor for the next run."""
    script = "inputs['grid'].append([9])\nresult = {'output_grid': inputs['grid']}"
    value = TASK.to_json_data_model()

    first = await synthesis(script)(value)
    second = await synthesis(script)(value)

    assert first["output_grid"] == second["output_grid"] == [[1, 2], [3, 4], [9]]
    assert value.get_json() == {"grid": [[1, 2], [3, 4]]}


async def test_an_empty_answer_may_be_right():
    """Falsy results are judged by the schema alone."""
    module = PythonSynthesis(data_model=Remark, python_script="result = {}", default_return_value={"note": "none"})

    assert (await module(TASK)).get_json() == {"stdout": "", "stderr": ""}


async def test_none_gives_none():
    """A branch that is not taken runs no script."""
    assert await synthesis(FLIP)(None) is None


async def test_several_inputs_are_merged_first():
    """A list is refused when it is wired, and the message shows the operator."""
    one, other = Input(data_model=Grid), Input(data_model=Grid)

    with pytest.raises(SchemaError, match=r"reads one value.*\n.*a \+ b"):
        await synthesis(FLIP)([one, other])
    assert "output_grid" in await synthesis(FLIP)(one + other)


async def test_the_script_may_be_returned():
    """As the first field, promised and delivered, also when the run fails."""
    for script in (FLIP, "boom"):
        module = synthesis(script, return_python_script=True)

        promised, found = await module(Input(data_model=Grid)), await module(TASK)

        assert promised.keys() == list(found.keys()) == ["python_script", "output_grid", "stdout", "stderr"]
        assert found["python_script"] == script
        assert mismatch(found.get_json(), promised.get_schema()) == ""


async def test_another_script_is_tried_by_an_overlay():
    """Many at once through one module, each run with its own script, and the module keeps its own."""
    module = synthesis(FLIP, return_python_script=True)
    scripts = [f"result = {{'output_grid': [[{number}]]}}" for number in range(6)]

    async def attempt(script):
        with overlay({module.state: {"python_script": script}}):
            return await module(TASK)

    found = await asyncio.gather(*map(attempt, scripts))

    assert [one["output_grid"] for one in found] == [[[number]] for number in range(6)]
    assert [one["python_script"] for one in found] == scripts
    assert module.state["python_script"] == FLIP


async def test_seed_scripts_come_after_the_first_script():
    """Without doubles; the first is in force."""
    module = synthesis(FLIP, seed_scripts=["result = 1", FLIP, "result = 2", "result = 1"])

    seeds = [seed["python_script"] for seed in module.state.get("seed_candidates")]
    assert seeds == [FLIP, "result = 1", "result = 2"]
    assert module.state.get("python_script") == FLIP
    assert module.state.get("best_candidates") == []


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"default_return_value": None}, ValueError, "needs default_return_value="),
        ({"python_script": None}, ValueError, "needs python_script="),
        ({"default_return_value": {"output_grid": [["x"]]}}, SchemaError, r"\$\.output_grid\[0\]\[0\]"),
        ({"default_return_value": {}}, SchemaError, "'output_grid' is a required property"),
        ({"python_script": 3}, TypeError, "string of Python source, not 3"),
        ({"seed_scripts": "result = 1"}, TypeError, r"seed_scripts=\[script\]"),
        ({"seed_scripts": [None]}, TypeError, "string of Python source, not None"),
        ({"data_model": None}, SchemaError, "not both or neither"),
        ({"schema": {"type": "object"}}, SchemaError, "not both or neither"),
        ({"timeout": 1, "sandbox": MontySandbox()}, ValueError, "timeout= or sandbox=, not both"),
        ({"timeout": 0}, ValueError, "timeout=0"),
        ({"timeout": -1}, ValueError, "timeout=-1"),
        ({"timout": 1}, TypeError, "timout"),
    ],
)
def test_a_wrong_argument_is_an_error_at_construction(options, error, reason):
    """The message names the argument and what to write."""
    arguments = {"data_model": Answer, "python_script": FLIP, "default_return_value": DEFAULT} | options

    with pytest.raises(error, match=reason):
        PythonSynthesis(**arguments)


@pytest.mark.parametrize("field", ["stdout", "stderr", "python_script"])
def test_a_reserved_field_is_an_error_at_construction(field):
    """The module uses these names for its own output."""
    schema = {"type": "object", "properties": {field: {"type": "string"}}}

    with pytest.raises(SchemaError, match=f"'{field}'.*Rename the field"):
        PythonSynthesis(schema=schema, python_script=FLIP, default_return_value={field: ""})


def test_the_default_timeout_is_five_seconds():
    """And `timeout=` changes it alone."""
    assert synthesis(FLIP).sandbox.limits == Limits()
    assert Limits().timeout == 5.0
    assert synthesis(FLIP, timeout=2).sandbox.limits == Limits(timeout=2)


def test_the_config_keeps_everything():
    """Script, seeds, default, options, words and the limits of the sandbox."""
    limits = Limits(timeout=1.5, memory=32, recursion=200, source=1000, result=2000, printed=300)
    module = synthesis(
        FLIP,
        seed_scripts=["result = 1"],
        return_python_script=True,
        sandbox=MontySandbox(limits),
        name="flipper",
        description="Flips grids.",
        trainable=False,
    )

    again = PythonSynthesis.from_config(module.get_config())

    assert again.get_config() == module.get_config() | {"sandbox": again.sandbox}
    assert MontySandbox.from_config(module.sandbox.get_config()).limits == again.sandbox.limits == limits
    assert again.state.seed_candidates == module.state.seed_candidates
    assert (again.name, again.description, again.trainable) == ("flipper", "Flips grids.", False)
    assert again.output_schema(TASK) == module.output_schema(TASK)
    assert again.state.description == "Flips grids."


def test_a_writer_is_told_target_and_walls():
    """The schema that `result` must fit, and what the sandbox allows."""
    module = synthesis(FLIP)

    assert module.target == Answer.get_schema()
    assert module.walls == module.sandbox.walls
    assert module.deterministic


async def test_any_sandbox_serves():
    """A sandbox is whatever runs a script and tells how it ended."""

    class Paper:
        limits, walls = Limits(), "none"

        async def run(self, script, *, inputs):
            return Run(Verdict.ok, {"output_grid": [[len(script)]]}, "", "a warning", 0.0)

        def get_config(self):
            return {}

    found = await synthesis("12345", sandbox=Paper())(TASK)

    assert found.get_json() == {"output_grid": [[5]], "stdout": "", "stderr": "a warning"}


async def test_a_module_in_a_graph_is_found_by_its_variable():
    """Its path is `state` below the module."""
    module = synthesis(FLIP, name="flipper")

    assert [path for path, _ in module.named_variables()] == ["state"]
    assert module.trainable_variables == [module.state]
    assert synthesis(FLIP, trainable=False).trainable_variables == []


def mirror(row: list[int]) -> list[int]:
    """Turn a row around.

    Args:
        row: The row.
    """
    return row[::-1]


async def later(row: list[int]) -> list[int]:
    """Turn a row around, later."""
    return row[::-1]


MIRRORED = "result = {'output_grid': [mirror(row) for row in inputs['grid']]}"


async def test_a_script_calls_tools():
    """Functions and Tool objects, by their names."""
    module = synthesis(MIRRORED, tools=[mirror])
    renamed = synthesis(MIRRORED.replace("mirror", "turn"), tools=[Tool(mirror, name="turn")])

    assert (await module(TASK))["output_grid"] == [[2, 1], [4, 3]]
    assert (await renamed(TASK))["output_grid"] == [[2, 1], [4, 3]]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("mirror('ab')", "arguments of tool 'mirror' do not fit: $.row: 'ab' is not of type 'array'"),
        ("mirror()", "missing a required argument: 'row'"),
        ("mirror(line=[1])", "missing a required argument: 'row'"),
        ("mirror({1})", "not JSON serializable"),
    ],
)
async def test_a_wrong_call_of_a_tool_is_told_in_stderr(call, reason):
    """As whatever else the script does wrong."""
    found = await synthesis(f"{call}\n{MIRRORED}", tools=[mirror])(TASK)

    assert found["output_grid"] == DEFAULT["output_grid"]
    assert reason in found["stderr"]


def test_with_tools_equal_inputs_may_have_other_outputs():
    """So nothing is believed in another run; and the writer is told what there is to call."""
    with_tools, without = synthesis(MIRRORED, tools=[mirror]), synthesis(FLIP)

    assert without.deterministic
    assert not with_tools.deterministic
    assert "- mirror(row: array of integer) gives array of integer. Turn a row around." in with_tools.walls
    assert "  row: The row." in with_tools.walls
    assert with_tools.walls.startswith(without.walls)
    assert "Tools" not in without.walls


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ([later], "'later' is async, and a script cannot wait for it"),
        ([mirror, mirror], "Two tools are called 'mirror'"),
        ([Tool(mirror, name="inputs")], "cannot call a tool by the name 'inputs'"),
        ([Tool(mirror, name="_tool")], "cannot call a tool by the name '_tool'"),
    ],
)
def test_a_tool_that_no_script_can_call_is_refused(tools, why):
    """When the module is made."""
    with pytest.raises(ValueError, match=why):
        synthesis(FLIP, tools=tools)


async def test_tools_survive_saving(tmp_path):
    """Their functions are given by whoever loads the file."""
    inputs = Input(data_model=Grid)
    program = Program(inputs=inputs, outputs=await synthesis(MIRRORED, tools=[mirror])(inputs))
    source = 'def mirror(row: list[int]) -> list[int]:\n    """Turn a row around."""\n    return row[::-1]'

    outputs, _ = in_a_fresh_process(program, tmp_path / "p.json", TASK.get_json(), source, ["mirror"])

    assert outputs["output_grid"] == [[2, 1], [4, 3]]

"""A program as the search sees it: what it tells of its variables, and how it runs candidates."""

import asyncio

import pytest

from synthflow.errors import EvaluationError, SandboxError
from synthflow.graph.structure import to_json
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.modules.lambda_module import Lambda
from synthflow.programs.evaluation import ATTEMPTS, Evaluation, from_json
from synthflow.programs.program import Program
from synthflow.programs.sequential import Sequential
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.reward_function import RewardFunctionWrapper
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Execution, Verdict
from synthflow.search.candidate import Row
from tests.programs.toy import GOOD, HALF, SEED, Answer, Increment, Question, X, Y, make_program, synthesis

PATH = "python_synthesis/state"
REWARD = ExactMatch(in_mask=["m"])
ROWS = [Row({"n": n}, {"m": n + 1}) for n in range(4)]


def evaluation(program, reward=REWARD):
    """Make one over questions and answers."""
    return Evaluation(program, reward, X[0], Y[0])


class Wobbly(MontySandbox):
    """Cannot run the first scripts."""

    def __init__(self, failures):
        super().__init__()
        self.left = failures

    async def run(self, script, *, inputs):
        """Fail, as long as failures are left."""
        self.left -= 1
        if self.left >= 0:
            return Execution(Verdict.infrastructure, None, "", "no worker", 0.0)
        return await super().run(script, inputs=inputs)


async def test_candidates_run_at_once_without_touching_the_program():
    """Each sees its own values, and each row its own verdict."""
    program = await make_program()
    scripts = [GOOD, HALF, "raise ValueError(str(inputs['n']))", "result = {'m': 9}"] * 5
    runs = [evaluation(program).run({PATH: {"python_script": script}}, ROWS) for script in scripts]
    cells = await asyncio.gather(*runs)

    assert [[cell.reward for cell in row] for row in cells[:4]] == [[1, 1, 1, 1], [1, 1, 0, 0], [0] * 4, [0] * 4]
    assert cells[4:8] == cells[:4]
    assert [(cell.verdict, str(n) in cell.feedback) for n, cell in enumerate(cells[2])] == [("runtime", True)] * 4
    assert program.get_variable(PATH).value == {"python_script": SEED}


async def test_a_cell_holds_what_a_writer_can_learn_from():
    """The prediction, the verdict and the text of the failure."""
    (cell,) = await evaluation(await make_program()).run({PATH: {"python_script": "print('hi')\n1/0"}}, ROWS[:1])

    assert (cell.reward, cell.verdict) == (0.0, "runtime")
    assert "ZeroDivisionError" in cell.feedback
    assert cell.prediction["m"] == -1
    assert cell.prediction["stdout"] == "hi\n"


async def test_the_variable_of_a_single_script_is_direct():
    """The rows show what it must do, and its writer is told types and walls."""
    info = evaluation(await make_program(description="Add one.")).variables_info()[PATH]

    assert info.direct
    assert (info.path, info.description) == (PATH, "Add one.")
    assert (info.inputs["title"], info.outputs["title"]) == ("Question", "Answer")
    assert list(info.schema["properties"]) == ["python_script"]
    assert "Python" in info.walls


async def test_only_a_script_from_the_only_input_to_the_only_output_is_direct():
    """In a chain, beside another output or input, or twice, the rows do not show it."""
    one, two = Input(data_model=Question), Input(data_model=Question)
    chained = Program(inputs=one, outputs=await Identity()(await synthesis()(one)))
    twice = Program(inputs=one, outputs=[await synthesis()(one), await synthesis()(one)])
    merged = Program(inputs=[one, two], outputs=await synthesis()(one + two))

    for program in (chained, twice, merged):
        assert not any(info.direct for info in evaluation(program).variables_info().values())


async def test_a_script_in_an_inner_program_is_told_its_own_place():
    """Direct if both programs are; its types and walls are those of its module."""
    inner, inputs = await make_program(name="inner"), Input(data_model=Question)
    around = Program(inputs=inputs, outputs=await inner(inputs))
    row = Sequential([Increment(trainable=False), synthesis()], name="row")
    chained = Program(inputs=inputs, outputs=await row(inputs))
    direct = evaluation(around).variables_info()[f"inner/{PATH}"]
    later = evaluation(chained).variables_info()[f"row/{PATH}"]

    assert (direct.direct, later.direct) == (True, False)
    for info in (direct, later):
        assert (info.inputs["title"], info.outputs["title"]) == ("Question", "Answer")
        assert "Python" in info.walls


async def test_a_program_with_a_call_of_its_own_tells_what_its_module_knows():
    """The walls and the answer's type; what the module reads is not known."""

    class Own(Program):
        def __init__(self):
            super().__init__()
            self.script = synthesis()

        async def call(self, inputs):
            """Run it."""
            return await self.script(inputs)

    info = evaluation(Own()).variables_info()["script/state"]

    assert (info.direct, info.outputs["title"], info.inputs) == (False, "Answer", {"type": "object"})
    assert "Python" in info.walls


async def test_the_fingerprint_names_all_that_a_cell_depends_on():
    """But not the values that are searched."""
    program, other = await make_program(), await make_program()
    before = evaluation(program).fingerprint()
    other.get_variable(PATH).assign({"python_script": GOOD})

    assert evaluation(other).fingerprint() == before
    assert evaluation(program, ExactMatch()).fingerprint() != before
    assert evaluation(await make_program(timeout=1.0)).fingerprint() != before
    frozen = await make_program(trainable=False)
    one = evaluation(frozen).fingerprint()
    frozen.get_variable(PATH).assign({"python_script": GOOD})
    assert evaluation(frozen).fingerprint() != one


async def test_a_program_is_as_deterministic_as_its_parts():
    """A module inside a module counts, and so does the reward."""
    inputs = Input(data_model=Question)
    dice = Lambda(lambda x: x, data_model=Question, deterministic=False)
    program = Program(inputs=inputs, outputs=await Sequential([dice])(inputs))

    assert evaluation(await make_program()).deterministic
    assert not evaluation(program).deterministic
    wobbly = RewardFunctionWrapper(lambda y_true, y_pred: 1.0, deterministic=False)
    assert not evaluation(await make_program(), wobbly).deterministic


async def test_what_could_not_be_run_is_run_again():
    """A right answer is not scored as a failure because the machine was busy."""
    program = await make_program(sandbox=Wobbly(ATTEMPTS - 1))
    (cell,) = await evaluation(program).run({PATH: {"python_script": GOOD}}, ROWS[:1])

    assert (cell.reward, cell.verdict) == (1.0, "ok")
    with pytest.raises(SandboxError, match=r"(?s)through no fault of its own.*'n': 0"):
        await evaluation(await make_program(sandbox=Wobbly(99))).run({}, ROWS[:1])


async def test_a_module_that_raises_is_a_persons_error():
    """It names the module, the candidate and the row."""

    def broken(inputs):
        raise ValueError("not today")

    inputs = Input(data_model=Question)
    outputs = await synthesis()(await Lambda(broken, data_model=Question, name="mine")(inputs))
    program = Program(inputs=inputs, outputs=outputs)

    with pytest.raises(EvaluationError, match=r"(?s)ValueError: not today.*'mine'.*candidate [0-9a-f]+ on row .*0"):
        await evaluation(program).run({PATH: {"python_script": SEED}}, ROWS[:1])


def test_structures_of_models_become_json_and_come_back():
    """None stays None."""
    models = {"a": [Question(n=1), None], "b": (Answer(m=2),)}
    json = to_json(models)

    assert json == {"a": [{"n": 1}, None], "b": ({"m": 2},)}
    assert from_json(json, {"a": [Question(n=0), Question(n=0)], "b": (Answer(m=0),)}) == models
    assert from_json({"any": 1}, None).get_json() == {"any": 1}

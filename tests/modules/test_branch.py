"""A Branch runs one of its modules, in whose place its answer stands."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import GraphError, SchemaError
from synthflow.modules.branch import Branch
from synthflow.modules.generator import Generator
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.modules.lambda_module import Lambda
from synthflow.modules.module import Module
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.modules.saved import in_a_fresh_process


class Task(DataModel):
    """What is to be done."""

    task: str


class Number(DataModel):
    """A number."""

    number: int


class Text(DataModel):
    """A text."""

    text: str


def decided(choice):
    """Give what a model says that decides so."""
    return {"thinking": "Hm.", "choice": choice}


def branch(*said, **options):
    """Make a branch between a number and a text, and its model, which says this."""
    model = ScriptedLanguageModel(list(said))
    ends = [Generator(data_model=kind, language_model=model) for kind in (Number, Text)]
    labels = ["number", "text"]
    return Branch(question="Which?", labels=labels, branches=ends, language_model=model, **options), model


TASK = Task(task="1 + 1")


async def test_only_the_chosen_branch_runs():
    """Its answer stands in its place, after the decision; all other places are None."""
    module, model = branch(decided("text"), {"text": "two"})

    number, text = await module(TASK)

    assert number is None
    assert text.get_json() == {**decided("text"), "text": "two"}
    assert len(model.requests) == 2


@pytest.mark.parametrize("inject", [True, False])
async def test_the_branch_reads_the_decision_when_told_so(inject):
    """After the fields of the input."""
    module, model = branch(decided("number"), {"number": 2}, inject_decision=inject)

    await module(TASK)

    injected = '{"task": "1 + 1", "thinking": "Hm.", "choice": "number"}'
    assert model.requests[1].messages[-1]["content"] == (injected if inject else '{"task": "1 + 1"}')


@pytest.mark.parametrize("returned", [True, False])
async def test_what_is_promised_is_delivered(returned):
    """A promise for each label; they are merged with `|`."""
    module, _ = branch(decided("text"), {"text": "two"}, return_decision=returned)
    inputs = Input(data_model=Task)

    number, text = await module(inputs)
    program = Program(inputs=inputs, outputs=number | text)
    found = await program(TASK)

    before = ["thinking", "choice"] if returned else []
    assert (number.keys(), text.keys()) == ([*before, "number"], [*before, "text"])
    assert found.get_json() == {**(decided("text") if returned else {}), "text": "two"}


async def test_a_branch_may_be_any_module():
    """A program, a module that only wires others, or one that answers None."""

    class Wiring(Module):
        def __init__(self):
            super().__init__()
            self.inner = Identity()

        async def call(self, inputs):
            return await self.inner(inputs)

    inputs = Input(data_model=Task)
    program = Program(inputs=inputs, outputs=await Identity()(inputs))
    nothing = Lambda(lambda value: None, data_model=Text)
    model = ScriptedLanguageModel([decided("a"), decided("b"), decided("c")])
    module = Branch(
        question="?",
        labels=["a", "b", "c"],
        branches=[program, Wiring(), nothing],
        inject_decision=False,
        return_decision=False,
        language_model=model,
    )

    promised = await module(inputs)
    found = [await module(TASK) for _ in range(3)]

    assert [one.keys() for one in promised] == [["task"], ["task"], ["text"]]
    assert [[one and one.get_json() for one in row] for row in found] == [
        [TASK.get_json(), None, None],
        [None, TASK.get_json(), None],
        [None, None, None],
    ]


async def test_a_branch_has_one_output():
    """One with several could not be told apart from the others' places."""

    class Two(Module):
        def output_schema(self, inputs):
            return inputs.get_schema(), inputs.get_schema()

    module = Branch(question="?", labels=["a", "b"], branches=[Two(), Identity()], language_model="a/b")

    with pytest.raises(GraphError, match="branch for 'a' has several outputs"):
        await module(Input(data_model=Task))


async def test_it_reads_one_value():
    """Several are to be merged first."""
    module, _ = branch()

    with pytest.raises(SchemaError, match="merge several into one"):
        await module([Input(data_model=Task)])


@pytest.mark.parametrize("branches", [[], [Identity()], [Identity()] * 3, [Identity(), len]])
def test_there_is_a_module_for_each_label(branches):
    """Else the labels lead nowhere."""
    with pytest.raises(ValueError, match="a module for each of 2 labels"):
        Branch(question="?", labels=["a", "b"], branches=branches, language_model="a/b")


def test_the_variables_of_all_branches_are_its_own():
    """Those of the decision too; freezing the branch freezes them all."""
    module, _ = branch()
    frozen, _ = branch(trainable=False, name="choice")

    assert [path for path, _ in module.named_variables()] == [
        f"{part}/{name}" for part in ("decision", "branches", "branches_1") for name in ("state", "examples")
    ]
    assert len(module.trainable_variables) == 6
    assert frozen.trainable_variables == []
    assert frozen.name == "choice"


def test_its_calls_are_the_decision_and_one_branch():
    """The branch that makes most."""
    cheap, dear = ScriptedLanguageModel([], reask=0), ScriptedLanguageModel([], reask=9)
    ends = [Generator(language_model=cheap), Generator(language_model=dear)]
    module = Branch(question="?", labels=["a", "b"], branches=ends, language_model=cheap)

    assert module.most_calls() == 11
    assert module.waits
    assert not module.deterministic


async def test_it_survives_saving(tmp_path):
    """What each branch has learned, too."""
    module, _ = branch(decided("number"), {"number": 2}, return_decision=False, instructions="Decide.")
    module.branches[0].language_model = ScriptedLanguageModel([{"number": 2}])
    module.branches[0].state.assign({"instructions": "learned"})
    inputs = Input(data_model=Task)
    number, text = await module(inputs)
    program = Program(inputs=inputs, outputs=[number, text])

    outputs, variables = in_a_fresh_process(program, tmp_path / "p.json", TASK.get_json())

    assert outputs == [{"number": 2}, None]
    assert variables["branch/branches/state"] == {"instructions": "learned"}
    assert variables["branch/decision/state"] == {"instructions": "Decide."}

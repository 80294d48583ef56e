"""ChainOfThought thinks first, and leaves the answer's fields their names."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import SchemaError
from synthflow.modules.chain_of_thought import ChainOfThought
from synthflow.modules.input import Input
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.modules.saved import in_a_fresh_process


class Question(DataModel):
    """What is asked."""

    question: str


class Answer(DataModel):
    """What is answered."""

    answer: int


class Thought(DataModel):
    """An answer that is a thought."""

    thinking: int


TWO = Question(question="1 + 1")
SAID = {"thinking": "One and one.", "answer": 2}


async def test_it_thinks_before_it_answers():
    """The thoughts are the first field, in the promise and in the output."""
    module = ChainOfThought(data_model=Answer, language_model=ScriptedLanguageModel([SAID]))

    found = await module(TWO)

    assert list(found.keys()) == list(module.target["properties"]) == ["thinking", "answer"]
    assert found.get_json() == SAID


async def test_an_answer_that_has_thinking_keeps_it():
    """The module's own thoughts go under another name, and still come first."""
    said = {"thinking_1": "Hm.", "thinking": 2}
    module = ChainOfThought(data_model=Thought, language_model=ScriptedLanguageModel([said]))

    found = await module(TWO)

    assert list(module.target["properties"]) == ["thinking_1", "thinking"]
    assert found.get_json() == said


async def test_inputs_are_returned_when_asked_for():
    """Before all else."""
    module = ChainOfThought(data_model=Answer, language_model=ScriptedLanguageModel([SAID]), return_inputs=True)

    assert list((await module(TWO)).keys()) == ["question", "thinking", "answer"]


def test_it_needs_a_type():
    """There is nothing to think about before an answer of no type."""
    with pytest.raises(SchemaError, match="Give either schema="):
        ChainOfThought(language_model="a/b")


async def test_it_survives_saving(tmp_path):
    """The thoughts are not added a second time."""
    module = ChainOfThought(data_model=Answer, language_model=ScriptedLanguageModel([SAID]), instructions="Add.")
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await module(inputs))

    outputs, variables = in_a_fresh_process(program, tmp_path / "p.json", TWO.get_json())

    assert outputs == SAID
    assert variables["chain_of_thought/state"] == {"instructions": "Add."}

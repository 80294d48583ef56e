"""SelfCritique gives words and a reward between 0 and 1."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import LanguageModelError
from synthflow.modules.input import Input
from synthflow.modules.self_critique import SelfCritique
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.modules.saved import in_a_fresh_process


class Answer(DataModel):
    """What is answered."""

    answer: str


SAID = {"critique": "Right.", "reward": 1.0}
PARIS = Answer(answer="Paris")


def critique(*said, **options):
    """Make a module whose model says this."""
    return SelfCritique(language_model=ScriptedLanguageModel(list(said)), **options)


async def test_the_critique_follows_what_is_judged():
    """By default the input is returned too."""
    assert (await critique(SAID)(PARIS)).get_json() == {"answer": "Paris", **SAID}
    assert (await critique(SAID, return_inputs=False)(PARIS)).get_json() == SAID


@pytest.mark.parametrize("reward", [1.5, -0.1, "high", None])
async def test_a_reward_out_of_range_is_no_answer(reward):
    """The model is told, and in the end it is an error."""
    with pytest.raises(LanguageModelError, match="reward"):
        await critique(*[{"critique": "x", "reward": reward}] * 3)(PARIS)


def test_it_has_instructions_of_its_own():
    """They are said where a person says nothing, and are not saved as a person's."""
    assert "reward" in critique().state["instructions"]
    assert critique(instructions="Judge.").state["instructions"] == "Judge."
    assert critique(seed_instructions=["Weigh."]).state["instructions"] == "Weigh."
    assert "instructions" not in critique().get_config()


async def test_it_survives_saving(tmp_path):
    """With whether inputs are returned."""
    inputs = Input(data_model=Answer)
    program = Program(inputs=inputs, outputs=await critique(SAID, return_inputs=False)(inputs))

    outputs, variables = in_a_fresh_process(program, tmp_path / "p.json", PARIS.get_json())

    assert outputs == SAID
    assert list(variables) == ["self_critique/state", "self_critique/examples"]

"""A Decision is one of its labels, or an error."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import LanguageModelError
from synthflow.modules.decision import Decision
from synthflow.modules.input import Input
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.modules.saved import in_a_fresh_process


class Task(DataModel):
    """A task that has a question of its own."""

    question: str


SUM = Task(question="1 + 1?")
SAID = {"thinking": "Digits.", "choice": "sum"}


def decision(*said, **options):
    """Make a decision whose model says this, and the model."""
    model = ScriptedLanguageModel(list(said))
    return Decision(**{"question": "What is it?", "labels": ["sum", "essay"], "language_model": model} | options), model


async def test_a_label_is_chosen():
    """After some thinking; the labels are part of the schema that is asked for."""
    module, model = decision(SAID)

    found = await module(SUM)

    assert found.get_json() == SAID
    assert model.requests[0].schema["properties"]["choice"]["enum"] == ["sum", "essay"]


async def test_the_question_stands_apart_from_the_input():
    """So a field of the same name is no trouble, and no instructions can lose it."""
    module, model = decision(SAID, prompt_template="{{ instructions }}", instructions="Choose.")

    await module(SUM)

    system, said = model.requests[0].messages
    assert system["content"] == 'Choose.\n\nQuestion: What is it?\nLabels: ["sum", "essay"]'
    assert said["content"] == '{"question": "1 + 1?"}'


async def test_another_label_is_no_answer():
    """The model is told, and may choose again."""
    module, model = decision({"thinking": "", "choice": "poem"}, SAID)

    assert (await module(SUM))["choice"] == "sum"
    assert len(model.requests) == 2

    module, _ = decision(*[{"thinking": "", "choice": "poem"}] * 3)
    with pytest.raises(LanguageModelError, match="poem"):
        await module(SUM)


@pytest.mark.parametrize("labels", [[], ["one"], ["a", "a"], ["a", ""], "ab", ["a", 7]])
def test_labels_that_decide_nothing_are_refused(labels):
    """There are at least two, each once."""
    with pytest.raises(ValueError, match="label"):
        decision(labels=labels)


async def test_it_survives_saving(tmp_path):
    """With its question and labels."""
    inputs = Input(data_model=Task)
    program = Program(inputs=inputs, outputs=await decision(SAID)[0](inputs))

    outputs, _ = in_a_fresh_process(program, tmp_path / "p.json", SUM.get_json())
    (loaded,) = Program.load(tmp_path / "p.json").modules.values()

    assert outputs == SAID
    assert (loaded.question, loaded.labels) == ("What is it?", ["sum", "essay"])

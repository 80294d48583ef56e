"""ProgramAsJudge: a program reads both sides, and answers with a reward."""

import json

import pytest

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError, LanguageModelError, SchemaError
from synthflow.graph.trace import Trace, note, tracing_rows
from synthflow.modules.input import Input
from synthflow.modules.module import Module
from synthflow.programs.objects import decode, encode
from synthflow.programs.program import Program
from synthflow.rewards.program_as_judge import ProgramAsJudge


class Answer(DataModel):
    """An answer."""

    text: str


class Judgement(DataModel):
    """What the judge says."""

    reward: float = Field(ge=0.0, le=1.0)


class Leniency(DataModel):
    """How much a wrong answer is worth."""

    wrong: float


class Compare(Module):
    """Judges; its variable says how leniently."""

    def __init__(self, wrong=0.0):
        super().__init__()
        self.state = self.add_variable(Leniency(wrong=wrong))

    def output_schema(self, inputs):
        """Give a judgement."""
        return Judgement.get_schema()

    async def call(self, inputs):
        """Compare the two texts."""
        return Judgement(reward=1.0 if inputs["text"] == inputs["text_1"] else self.state["wrong"])


RIGHT, WRONG = (Answer(text="a"), Answer(text="a")), (Answer(text="a"), Answer(text="b"))
KNOWN = {kind.__name__: kind for kind in (Compare, Program, ProgramAsJudge)}


async def make_program(wrong=0.0):
    """Wire the judge."""
    inputs = Input(data_model=Answer + Answer)
    return Program(inputs=inputs, outputs=await Compare(wrong)(inputs), name="judge")


def answering(answer):
    """Make a judge that always says the same."""

    async def judge(value):
        return answer

    return judge


async def test_the_program_reads_the_true_answer_and_then_the_prediction():
    """A field of both is the truth's by its name, and the prediction's with `_1`."""
    seen = []

    async def judge(value):
        seen.append(value.get_json())
        return Judgement(reward=0.5)

    prediction = JsonDataModel(json={"text": "b", "stdout": ""}, schema={"type": "object"})

    assert await ProgramAsJudge(judge)(Answer(text="a"), prediction) == 0.5
    await ProgramAsJudge(judge, in_mask=["text"])(Answer(text="a"), prediction)
    await ProgramAsJudge(judge)(None, prediction)
    assert seen == [{"text": "a", "text_1": "b", "stdout": ""}, {"text": "a", "text_1": "b"}, prediction.get_json()]


async def test_a_program_judges():
    """As a module that is awaited with one value."""
    reward = ProgramAsJudge(await make_program(0.25))

    assert (await reward(*RIGHT), await reward(*WRONG), await reward(RIGHT[0], None)) == (1.0, 0.25, 0.0)


@pytest.mark.parametrize(("critique", "told"), [("The capital is right.", "The capital is right."), (["odd"], "")])
async def test_its_critique_is_the_feedback_of_the_row(critique, told):
    """Where it is a text; how the judge's own script ended is not the row's business."""

    async def judge(value):
        note("timeout", "The judge was slow.")
        return JsonDataModel(json={"reward": 0.5, "critique": critique}, schema={"type": "object"})

    traces = [Trace(), Trace()]
    with tracing_rows(traces):
        rewards = await ProgramAsJudge(judge).score([RIGHT[0]] * 2, [RIGHT[1], None])

    assert rewards == [0.5, 0.0]
    assert [trace.feedback for trace in traces] == [told, ""]
    assert traces[0].verdict == "ok"


@pytest.mark.parametrize("answer", [None, Answer(text="0.5"), 0.5, {"reward": 0.5}])
async def test_an_answer_without_a_reward_is_an_error(answer):
    """It shows what to answer with instead."""
    with pytest.raises(EvaluationError, match=r"(?s)without a field 'reward'.*reward: float = Field\(ge=0.0, le=1.0\)"):
        await ProgramAsJudge(answering(answer))(*WRONG)


@pytest.mark.parametrize("reward", [1.5, -1, "1", True])
async def test_the_reward_is_checked(reward):
    """As that of any reward is."""
    judge = ProgramAsJudge(answering(JsonDataModel(json={"reward": reward}, schema={"type": "object"})))

    if reward is True:
        assert await judge(*WRONG) == 1.0
    else:
        with pytest.raises(EvaluationError, match="'program_as_judge' returned"):
            await judge(*WRONG)


async def test_several_outputs_are_an_error():
    """There is no one value to give."""
    with pytest.raises(EvaluationError, match="several outputs"):
        await ProgramAsJudge(answering(Judgement(reward=1.0)))([Answer(text="a")], [Answer(text="a")])


async def test_a_dead_model_in_the_judge_is_reported_as_such():
    """Its error comes out as it is."""

    async def judge(value):
        raise LanguageModelError("dead", "connection")

    with pytest.raises(LanguageModelError, match="dead"):
        await ProgramAsJudge(judge)(*WRONG)


async def test_what_a_run_must_know_of_it():
    """It waits; whether it always says the same, and what it may take, is for the program to say."""

    class Asking:
        async def __call__(self, value):
            return Judgement(reward=1.0)

        def most_calls(self):
            return 7

    one, other = ProgramAsJudge(Asking(), deterministic=True), ProgramAsJudge(answering(None))

    assert (one.waits, one.deterministic, one.most_calls()) == (True, True, 7)
    assert (other.waits, other.deterministic, other.most_calls()) == (True, False, 0)


async def test_a_trained_judge_is_saved_as_it_judges():
    """Its variables go with it, and not as they first were."""
    program = await make_program()
    reward = ProgramAsJudge(program, in_mask=["text"])
    program.get_variable("compare/state").assign({"wrong": 0.75})
    again = decode(json.loads(json.dumps(encode(reward))), KNOWN)

    assert encode(again) == encode(reward)
    assert await again(*WRONG) == 0.75


async def test_variables_of_another_program_are_refused():
    """The message names those there are."""
    program = await make_program()

    with pytest.raises(ValueError, match=r"no variable 'other/state'; it has 'compare/state'"):
        ProgramAsJudge(program, variables={"other/state": {"wrong": 1.0}})
    with pytest.raises(SchemaError, match="does not fit variable"):
        ProgramAsJudge(program, variables={"compare/state": {"wrong": "x"}})


@pytest.mark.parametrize("wrong", [None, "judge", Compare])
def test_what_cannot_be_called_is_an_error_at_once(wrong):
    """A class must be made into an object first."""
    with pytest.raises(TypeError, match="takes a Program"):
        ProgramAsJudge(wrong)

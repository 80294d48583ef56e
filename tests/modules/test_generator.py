"""A Generator asks once, with its instructions and examples, and its answer fits or is an error."""

import inspect
import json

import pytest

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import mismatch
from synthflow.data_models.variable import overlay
from synthflow.errors import LanguageModelError, SchemaError
from synthflow.graph import trace
from synthflow.graph.trace import Trace
from synthflow.language_models.defaults import set_default_language_model
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.messages import ChatMessage, ChatMessages, ToolCall
from synthflow.modules.generator import Generator, GeneratorOptions
from synthflow.modules.input import Input
from synthflow.modules.module import Module
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.modules.saved import in_a_fresh_process


class Question(DataModel):
    """What is asked."""

    question: str


class Answer(DataModel):
    """What is answered."""

    answer: str


PARIS, ROME = {"answer": "Paris"}, {"answer": "Rome"}
FRANCE, ITALY = Question(question="Capital of France?"), Question(question="Capital of Italy?")


def generator(*answers, **options):
    """Make a generator that is answered so, and the model that answers."""
    model = ScriptedLanguageModel(list(answers) or (lambda request: PARIS))
    return Generator(**{"data_model": Answer, "language_model": model} | options), model


def asked(model):
    """Give the messages of the last question."""
    return list(model.requests[-1].messages)


async def test_the_input_goes_in_as_json_and_the_answer_comes_out():
    """One question: the system message, then the input."""
    module, model = generator(PARIS)

    found = await module(FRANCE)

    assert found.get_json() == PARIS
    assert found.get_schema() == Answer.get_schema() == module.target
    assert len(model.requests) == 1
    assert model.requests[0].schema == Answer.get_schema()
    assert asked(model) == [
        {"role": "system", "content": module.state["instructions"]},
        {"role": "user", "content": '{"question": "Capital of France?"}'},
    ]


async def test_instructions_name_the_fields_where_nobody_gave_any():
    """So that the model knows what to do from the first call."""

    class Described(DataModel):
        """What is answered."""

        answer: str = Field(description="The name of a city,\nin English.")
        sure: bool

    module, _ = generator(data_model=Described)

    lines = module.state["instructions"].splitlines()
    assert lines[1:] == ["- answer (string): The name of a city, in English.", "- sure (boolean)"]


@pytest.mark.parametrize("return_inputs", [False, True])
async def test_what_is_promised_is_delivered(return_inputs):
    """One schema in both phases; a clash of fields is renamed in both."""
    module, _ = generator({"question": "Why?"}, data_model=Question, return_inputs=return_inputs)

    promised = await module(Input(data_model=Question))
    found = await module(FRANCE)

    assert promised.get_schema() == found.get_schema()
    assert mismatch(found.get_json(), promised.get_schema()) == ""
    both = {"question": "Capital of France?", "question_1": "Why?"}
    assert found.get_json() == (both if return_inputs else {"question": "Why?"})


async def test_without_a_type_the_answer_is_a_message():
    """It is asked for as text."""
    module, model = generator("Paris.", data_model=None)

    found = await module(FRANCE)

    assert found.get_json() == ChatMessage(role="assistant", content="Paris.").get_json()
    assert model.requests[0].schema is None


async def test_a_conversation_is_shown_as_it_is():
    """After the system message; roles and calls of tools as they were."""
    module, model = generator("Paris.", data_model=None, instructions="Be brief.")
    call = ToolCall(id="c", name="search", arguments={"q": "France"})
    said = ChatMessages(
        messages=[
            ChatMessage(role="user", content="Capital of France?"),
            ChatMessage(role="assistant", content="Hm.", tool_calls=[call]),
            ChatMessage(role="tool", content="Paris", tool_call_id="c"),
        ]
    )

    await module(said)

    assert asked(model) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Capital of France?"},
        {
            "role": "assistant",
            "content": "Hm.",
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "search", "arguments": '{"q":"France"}'}}
            ],
        },
        {"role": "tool", "content": "Paris", "tool_call_id": "c"},
    ]


async def test_the_other_fields_of_a_conversation_are_shown_before_it():
    """So nothing of the input is lost, and the last message is still the last."""
    module, model = generator("Paris.", data_model=None, instructions="")
    said = ChatMessages(messages=[ChatMessage(role="user", content="And Italy?")])

    await module(FRANCE + said)

    assert asked(model) == [
        {"role": "user", "content": '{"question": "Capital of France?"}'},
        {"role": "user", "content": "And Italy?"},
    ]


@pytest.mark.parametrize("messages", [[], "Hello", [{"role": "king", "content": "x"}], [7], None])
async def test_what_is_no_conversation_is_shown_as_json(messages):
    """A field of that name may mean something else."""
    module, model = generator("ok", data_model=None)

    await module(JsonDataModel(json={"messages": messages}, schema={"type": "object"}))

    assert [json.loads(one["content"]) for one in asked(model)[1:]] == [{"messages": messages}]


async def test_examples_are_shown_as_json():
    """They are given as data models or dicts, and are a variable of their own."""
    module, model = generator(PARIS, examples=[(ITALY, ROME), ({"question": "x"}, Answer(answer="y"))])

    await module(FRANCE)

    assert 'Input: {"question": "Capital of Italy?"}\nAnswer: {"answer": "Rome"}' in asked(model)[0]["content"]
    assert [path for path, _ in module.named_variables()] == ["state", "examples"]
    assert module.examples["examples"][1] == {"inputs": {"question": "x"}, "outputs": {"answer": "y"}}


async def test_a_row_does_not_see_its_own_answer():
    """An example with the inputs of the row is left out for that row alone."""
    module, model = generator(examples=[(FRANCE, PARIS), (ITALY, ROME)])

    await module(FRANCE)
    for_france = asked(model)[0]["content"]
    await module(ITALY)
    for_italy = asked(model)[0]["content"]

    assert "Paris" not in for_france
    assert "Rome" in for_france
    assert "Rome" not in for_italy
    assert "Paris" in for_italy


async def test_schemas_are_shown_when_asked_for():
    """Each by its own argument."""
    module, model = generator(use_inputs_schema=True, use_outputs_schema=True)

    await module(FRANCE)

    assert '"question": {"title"' in asked(model)[0]["content"]
    assert '"answer": {"title"' in asked(model)[0]["content"]


async def test_a_template_of_ones_own_is_used():
    """It reads the same variables."""
    module, model = generator(prompt_template="Do: {{ instructions }}", instructions="add")

    await module(FRANCE)

    assert asked(model)[0]["content"] == "Do: add"


@pytest.mark.parametrize("template", ["{{ nothing }}", "{% for %}", "{{ 9 ** 9 }}"])
def test_a_template_that_cannot_work_is_refused_when_the_module_is_made(template):
    """Not in the middle of a training."""
    with pytest.raises(ValueError, match="prompt_template"):
        generator(prompt_template=template)


async def test_a_template_that_fails_on_what_it_reads_does_so_at_the_first_question():
    """Nothing is rendered before, since a saved file's template may want to take for ever."""
    module, model = generator(prompt_template="{{ instructions.nothing }}")

    with pytest.raises(ValueError, match="prompt_template cannot be rendered"):
        await module(FRANCE)
    assert model.requests == []


async def test_samples_are_answers_of_their_own():
    """With a ledger, modules with the same number share an answer, and others draw another."""
    drawn = iter("abcdef")
    model = ScriptedLanguageModel(lambda _: {"answer": next(drawn)}, ledger=Ledger())
    modules = [generator(language_model=model, sample=sample)[0] for sample in (0, 0, 1, 2)]

    answers = [(await module(FRANCE))["answer"] for module in modules * 2]

    assert answers == ["a", "a", "b", "c"] * 2
    assert [one.sample for one in model.requests] == [0, 1, 2]
    assert modules[2].get_config()["sample"] == 1


async def test_how_to_draw_is_passed_on():
    """Each of the four, where it was given."""
    how = {"temperature": 0.5, "max_tokens": 9, "top_p": 0.9, "reasoning_effort": "low"}
    module, model = generator(PARIS, **how)

    await module(FRANCE)

    assert {name: getattr(model.requests[0], name) for name in how} == how


async def test_a_candidate_is_overlaid():
    """Instructions and examples of a candidate are used in its own evaluation alone."""
    module, model = generator()
    tried = {
        module.state: {"instructions": "Guess."},
        module.examples: {"examples": [{"inputs": {"question": "?"}, "outputs": ROME}]},
    }

    with overlay(tried):
        await module(FRANCE)
    overlaid = asked(model)[0]["content"]
    await module(FRANCE)

    assert overlaid.startswith("Guess.")
    assert "Rome" in overlaid
    assert asked(model)[0]["content"] == module.state["instructions"] != "Guess."


async def test_what_was_answered_is_written_down():
    """The module's own input and its answer, without the fields that are returned along."""
    module, _ = generator(PARIS, return_inputs=True)
    kept = Trace()

    with trace.tracing(kept):
        await module(FRANCE)

    assert [(call.module, call.inputs, call.outputs) for call in kept.calls] == [(module, FRANCE.get_json(), PARIS)]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (["no JSON"] * 3, "json"),
        ([{"answer": 7}] * 3, "schema"),
        ([""] * 3, "empty"),
        ([LanguageModelError("down", "connection")], "connection"),
    ],
)
async def test_no_answer_is_an_error(answers, kind):
    """It says of what kind, nothing is written down, and None is never given."""
    module, _ = generator(*answers)
    kept = Trace()

    with trace.tracing(kept), pytest.raises(LanguageModelError) as caught:
        await module(FRANCE)

    assert caught.value.kind == kind
    assert kept.calls == []


def test_seeds_start_the_search():
    """The current instructions first, each once; without any, the first seed is the current one."""
    module, _ = generator(instructions="a", seed_instructions=["b", "a", "c"])
    seeded, _ = generator(seed_instructions=["b", "c"])

    assert module.state["seed_candidates"] == [{"instructions": text} for text in "abc"]
    assert module.state["instructions"] == "a"
    assert seeded.state["instructions"] == "b"


def test_the_default_model_is_taken_when_the_module_is_made():
    """Without one, the error says how to give one."""
    with pytest.raises(ValueError, match="language model is needed"):
        Generator(data_model=Answer)

    set_default_language_model("openai/some")
    try:
        module = Generator(data_model=Answer)
    finally:
        set_default_language_model(None)

    assert module.language_model.model == "openai/some"


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({"examples": [FRANCE]}, TypeError, r"examples\[0\].*each example is a pair"),
        ({"examples": [("a", "b")]}, TypeError, r"examples\[0\].*both parts are data models or dicts"),
        ({"examples": [(FRANCE, ITALY)]}, SchemaError, r"examples\[0\] does not fit"),
        ({"seed_instructions": "one text"}, TypeError, "takes a list of texts"),
        ({"instructions": 7}, TypeError, "Instructions are a text"),
        ({"schema": Answer.get_schema()}, SchemaError, "not both"),
    ],
)
def test_what_a_person_gave_wrongly_is_refused(options, error, why):
    """When the module is made, with what to write instead."""
    with pytest.raises(error, match=why):
        generator(**options)


async def test_it_reads_one_value():
    """Several are to be merged first."""
    module, _ = generator()

    with pytest.raises(SchemaError, match="merge several into one"):
        await module([Input(data_model=Question), Input(data_model=Question)])


def test_it_waits_for_its_model_and_counts_its_calls():
    """So does whatever holds it."""

    class Twice(Module):
        def __init__(self):
            super().__init__()
            self.parts = [generator(language_model=LanguageModel("a/b", retry=1, reask=2))[0] for _ in range(2)]

    module, _ = generator()

    assert module.waits
    assert not module.deterministic
    assert module.most_calls() == 3
    assert Twice().waits
    assert Twice().most_calls() == 2 * (2 * 3 + 1)
    assert not Module().waits
    assert Module().most_calls() == 0


def test_the_options_of_its_kin_are_its_own():
    """The one list of them, and of their types, keeps up with the constructor."""
    own = {"data_model", "schema", "return_inputs", "self"}

    assert GeneratorOptions.__annotations__.keys() == inspect.signature(Generator.__init__).parameters.keys() - own


async def test_it_survives_saving(tmp_path):
    """In a fresh process: the instructions and examples of now, the model and all settings."""
    model = ScriptedLanguageModel([PARIS])
    module = Generator(
        data_model=Answer,
        language_model=model,
        instructions="first",
        seed_instructions=["second\nline"],
        examples=[(ITALY, ROME)],
        prompt_template="{{ instructions }}\n{{ examples | json }}",
        return_inputs=True,
        temperature=0.5,
    )
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await module(inputs), name="capitals")
    module.state.assign({"instructions": "learned"})

    outputs, variables = in_a_fresh_process(program, tmp_path / "p.json", FRANCE.get_json())
    (loaded,) = Program.load(tmp_path / "p.json").modules.values()

    assert outputs == FRANCE.get_json() | PARIS
    assert variables == {
        "generator/state": {"instructions": "learned"},
        "generator/examples": {"examples": [{"inputs": ITALY.get_json(), "outputs": ROME}]},
    }
    assert loaded.state.seed_candidates == [{"instructions": "first"}, {"instructions": "second\nline"}]
    assert loaded.get_config().keys() == module.get_config().keys()


async def test_through_a_real_client(model_server):
    """The server sees the schema and the messages, and a broken answer is asked for again."""
    model_server.answer = ["no JSON", PARIS]
    module, _ = generator(language_model=model_server.model())

    found = await module(FRANCE)

    assert found.get_json() == PARIS
    assert [one["role"] for one in model_server.requests[0].body["messages"]] == ["system", "user"]
    assert model_server.count == 2

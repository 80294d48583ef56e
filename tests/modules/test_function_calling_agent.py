"""An agent calls tools as long as its model wants to and may, then answers."""

import asyncio
import json

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.schema import mismatch
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.graph import trace
from synthflow.graph.trace import Trace
from synthflow.language_models.provider import Completion
from synthflow.modules.function_calling_agent import AT_ONCE, LONGEST_RESULT, FunctionCallingAgent
from synthflow.modules.input import Input
from synthflow.programs.program import Program
from synthflow.testing import ScriptedLanguageModel
from tests.model_server import calls as called
from tests.modules.saved import in_a_fresh_process


class Question(DataModel):
    """What is asked."""

    question: str


class Answer(DataModel):
    """What is answered."""

    answer: int


SUM = Question(question="1 + 2 and 3 + 4?")


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def divide(a: int, b: int) -> float:
    """Divide."""
    return a / b


def calls(*pairs):
    """Make what a model says that calls tools: `calls(("add", {"a": 1, "b": 2}))`."""
    return Completion(
        tool_calls=tuple(
            {"id": f"c{number}", "name": name, "arguments": json.dumps(arguments)}
            for number, (name, arguments) in enumerate(pairs)
        )
    )


ADD = calls(("add", {"a": 1, "b": 2}))


def agent(*said, **options):
    """Make an agent whose model says this, and the model."""
    model = ScriptedLanguageModel(list(said))
    return FunctionCallingAgent(
        **{"tools": [add, divide], "data_model": Answer, "language_model": model} | options
    ), model


async def test_it_calls_tools_and_then_answers():
    """The results go back in the order of the calls; the answer is asked for without tools, in its type."""
    module, model = agent(calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4})), "I know.", {"answer": 10})

    found = await module(SUM)

    assert found.get_json() == {"answer": 10}
    first, second, last = model.requests
    assert [tool["function"]["name"] for tool in first.tools] == ["add", "divide"]
    assert first.schema is None
    assert [message["role"] for message in second.messages] == ["system", "user", "assistant", "tool", "tool"]
    assert [one["content"] for one in second.messages[-2:]] == ["3", "7"]
    assert [one["tool_call_id"] for one in second.messages[-2:]] == ["c0", "c1"]
    assert second.messages[2]["tool_calls"][1]["function"] == {"name": "add", "arguments": '{"a":3,"b":4}'}
    assert (last.tools, last.schema) == ((), Answer.get_schema())
    assert '"result": "7"' in last.messages[-1]["content"]
    assert '"you_said": "I know."' in last.messages[-1]["content"]


async def test_without_a_type_what_it_says_is_the_answer():
    """No further question is asked."""
    module, model = agent(ADD, "It is 3.", data_model=None)

    found = await module(SUM)

    assert found["content"] == "It is 3."
    assert len(model.requests) == 2


async def test_the_calls_of_a_turn_run_at_once():
    """Two that wait for each other both end."""
    both = asyncio.Barrier(2)

    async def meet(n: int) -> int:
        """Meet."""
        await both.wait()
        return n

    said = calls(("meet", {"n": 1}), ("meet", {"n": 2}))
    module, model = agent(said, "done", tools=[meet], data_model=None)

    await asyncio.wait_for(module(SUM), 10)

    assert [one["content"] for one in model.requests[1].messages[-2:]] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("divide", {"a": 1, "b": 0}, "Error: ZeroDivisionError: division by zero"),
        ("boom", {}, "Error: RuntimeError: a\nb"),
        ("leave", {}, "Error: TimeoutError: "),
    ],
)
async def test_a_tool_that_fails_is_told_to_the_model(name, arguments, told):
    """Which may then try otherwise."""

    def boom():
        """Fail."""
        raise RuntimeError("a\nb")

    async def leave():
        """Give up."""
        raise TimeoutError

    module, model = agent(calls((name, arguments)), "oh", tools=[divide, boom, leave], data_model=None)

    found = await module(SUM)

    assert model.requests[1].messages[-1]["content"] == told
    assert found["content"] == "oh"


@pytest.mark.parametrize("wrong", [("add", {"a": 1}), ("add", {"a": "x", "b": 2}), ("multiply", {"a": 1, "b": 2})])
async def test_a_call_that_does_not_fit_is_asked_for_again(wrong):
    """A tool never sees it."""
    module, model = agent(calls(wrong), ADD, "It is 3.", data_model=None)

    await module(SUM)

    assert model.requests[2].messages[-1] == {"role": "tool", "content": "3", "tool_call_id": "c0"}


@pytest.mark.parametrize("schema", [True, False])
async def test_a_call_that_stays_wrong_ends_the_turns_and_not_the_row(schema):
    """The model is asked for its answer with what it knows by then."""
    wrong = calls(("multiply", {"a": 1}))
    data_model, said, answer = (Answer, {"answer": 3}, {"answer": 3}) if schema else (None, "It is 3.", None)
    module, model = agent(ADD, wrong, wrong, wrong, said, data_model=data_model)

    found = await module(SUM)

    assert found["answer" if schema else "content"] == (3 if schema else "It is 3.")
    assert answer is None or found.get_json() == answer
    assert len(model.requests) == 5
    assert model.requests[-1].tools == ()
    assert '"result": "3"' in model.requests[-1].messages[-1]["content"]
    assert 'I called multiply({"a": 1})' in model.requests[3].messages[-2]["content"]


async def test_another_failure_ends_the_row():
    """A model that is not there cannot answer either."""
    module, _ = agent(ADD, LanguageModelError("down", "connection"))

    with pytest.raises(LanguageModelError, match="down"):
        await module(SUM)


@pytest.mark.parametrize("error", [BudgetExceeded("calls"), LanguageModelError("down", "connection")])
async def test_an_error_of_the_run_is_not_told_to_the_model(error):
    """A tool that asks a model itself may find the budget spent or the provider gone."""

    def ask() -> int:
        """Ask."""
        raise error

    module, model = agent(calls(("ask", {})), "oh", tools=[ask])

    with pytest.raises(type(error)):
        await module(SUM)
    assert len(model.requests) == 1


async def test_it_ends_when_its_turns_are_used_up():
    """Then it is asked for the answer all the same; `most_calls` knows."""
    module, model = agent(ADD, ADD, {"answer": 3}, max_iterations=2)

    found = await module(SUM)

    assert found.get_json() == {"answer": 3}
    assert len(model.requests) == 3
    assert module.most_calls() == 3 * model.most_calls()


async def test_too_many_calls_at_once_are_not_made():
    """The model is told so for each."""
    made = []

    def note(n: int) -> int:
        """Note."""
        made.append(n)
        return n

    said = calls(*(("note", {"n": n}) for n in range(AT_ONCE + 2)))
    module, model = agent(said, "done", tools=[note], data_model=None)

    await module(SUM)

    assert sorted(made) == list(range(AT_ONCE))
    assert "not called" in model.requests[1].messages[-1]["content"]


async def test_a_long_result_is_cut():
    """The model is shown its beginning and its end."""

    def long() -> str:
        """Give much."""
        return "x" * 10_000_000

    module, model = agent(calls(("long", {})), "done", tools=[long], data_model=None)

    await module(SUM)

    assert len(model.requests[1].messages[-1]["content"]) < LONGEST_RESULT + 100


@pytest.mark.parametrize("returned", [False, True])
async def test_what_is_promised_is_delivered(returned):
    """With the trajectory, when asked for."""
    module, _ = agent(ADD, "so", {"answer": 3}, return_inputs_with_trajectory=returned)

    promised = await module(Input(data_model=Question))
    found = await module(SUM)

    assert promised.get_schema() == found.get_schema()
    assert mismatch(found.get_json(), promised.get_schema()) == ""
    use = {"name": "add", "arguments": {"a": 1, "b": 2}, "result": "3"}
    before = {**SUM.get_json(), "trajectory": [use]} if returned else {}
    assert found.get_json() == {**before, "answer": 3}


async def test_what_was_answered_is_written_down():
    """The input and the answer, so that examples can be drawn from it."""
    module, _ = agent(ADD, "so", {"answer": 3}, return_inputs_with_trajectory=True)
    kept = Trace()

    with trace.tracing(kept):
        await module(SUM)

    assert [(call.module, call.inputs, call.outputs) for call in kept.calls] == [
        (module, SUM.get_json(), {"answer": 3})
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"tools": []}, "An agent needs tools"),
        ({"tools": [add, add]}, "Two tools are called 'add'"),
        ({"max_iterations": 0}, "at least 1, got 0"),
    ],
)
def test_an_agent_that_could_do_nothing_is_refused(options, why):
    """When it is made."""
    with pytest.raises(ValueError, match=why):
        agent(**options)


async def test_it_survives_saving(tmp_path):
    """With its tools, whose functions are given by whoever loads it."""
    asks = ScriptedLanguageModel(["I know.", {"answer": 3}])
    module, _ = agent(language_model=asks, tools=[add], max_iterations=2, instructions="Add.")
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await module(inputs))
    source = 'def add(a: int, b: int) -> int:\n    """Add two numbers."""\n    return a + b'

    outputs, variables = in_a_fresh_process(program, tmp_path / "p.json", SUM.get_json(), source, ["add"])

    assert outputs == {"answer": 3}
    assert variables["function_calling_agent/state"] == {"instructions": "Add."}


async def test_through_a_real_client(model_server):
    """The server sees the tools, the calls with their results, and at last the schema alone."""
    model_server.answer = [called(("add", {"a": 1, "b": 2})), "I know.", {"answer": 3}]
    module, _ = agent(language_model=model_server.model())

    found = await module(SUM)

    first, second, last = (one.body for one in model_server.requests)
    assert found.get_json() == {"answer": 3}
    assert [tool["function"]["name"] for tool in first["tools"]] == ["add", "divide"]
    assert second["messages"][-1]["role"] == "tool"
    assert second["messages"][-1]["content"] == "3"
    assert "tools" not in last
    assert "tool" not in {message["role"] for message in last["messages"]}

"""LanguageModel: an answer is checked, asked for again with the reason, and else an error that says why."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.errors import LanguageModelError, SchemaError
from synthflow.language_models.language_model import LONGEST_ANSWER, LanguageModel, Reply, parse_json
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.messages import ChatMessage
from synthflow.language_models.provider import Completion
from synthflow.testing import ScriptedLanguageModel
from tests.language_models.toy import SCHEMA, SEARCH
from tests.model_server import failure

PARIS = {"city": "Paris"}


class City(DataModel):
    """A city."""

    city: str


def call(name, arguments):
    """Say that a function is to be called; `arguments` is JSON text."""
    return Completion(tool_calls=({"id": "1", "name": name, "arguments": arguments},))


async def test_text_is_given_as_it_is():
    """Without a schema, whatever is written is the answer."""
    reply = await ScriptedLanguageModel(['{"not": "read"}'])("?")

    assert reply == Reply('{"not": "read"}')


@pytest.mark.parametrize("asked", [{"data_model": City}, {"schema": SCHEMA}])
async def test_json_is_checked_and_read(asked):
    """A data model and its schema ask for the same."""
    reply = await ScriptedLanguageModel([PARIS])("?", **asked)

    assert reply.checked().value == PARIS


async def test_a_schema_is_given_once():
    """A data model and a schema together are refused."""
    with pytest.raises(SchemaError):
        await ScriptedLanguageModel([PARIS])("?", data_model=City, schema=SCHEMA)


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ("Paris", "json", "not JSON"),
        ("", "empty", "is empty"),
        ({"city": 3}, "schema", "$.city: 3 is not of type 'string'"),
        ("[1]", "schema", "does not fit"),
        ("NaN", "json", "NaN is no JSON value"),
        ('{"city": 1e999}', "json", "not JSON"),
        (r'{"city": "\ud800"}', "json", "surrogates"),
        ("[" * 100_000, "json", "nested"),
        ("9" * 10_000, "json", "digits"),
        ("x" * (LONGEST_ANSWER + 1), "too_large", "more than 1,000,000 characters"),
        (Completion("{", finish_reason="length"), "json", "It ended at max_tokens."),
        (Completion("", finish_reason="content_filter"), "empty", "content_filter"),
    ],
    ids=range(12),
)
async def test_what_cannot_be_used_is_asked_for_again_with_the_reason(answer, kind, reason):
    """The model is shown what it said and what is wrong with it, and the second answer counts."""
    model = ScriptedLanguageModel([answer, PARIS])

    reply = await model("?", schema=SCHEMA)

    assert (reply.value, dict(model.usage.failures), model.usage.of().calls) == (PARIS, {kind: 1}, 2)
    said, told = model.requests[1].messages[1:]
    assert said["role"] == "assistant"
    assert told["content"].startswith("This cannot be used: ")
    assert reason in told["content"]
    assert sum(len(message["content"]) for message in model.requests[1].messages) < 10_000


async def test_after_that_there_is_an_error():
    """It has the kind and reason of the last answer, and what was said; `checked` raises it."""
    model = ScriptedLanguageModel(lambda _: "Paris", reask=2)

    reply = await model("?", schema=SCHEMA)

    assert (reply.value, reply.text, reply.error.kind, len(model.requests)) == (None, "Paris", "json", 3)
    assert reply.error.answered
    assert "scripted/model gave no usable answer in 3 attempts: the answer is not JSON" in str(reply.error)
    with pytest.raises(LanguageModelError):
        reply.checked()


async def test_a_repaired_answer_is_asked_for_with_the_same_schema():
    """All else of the question stays as it was."""
    model = ScriptedLanguageModel(["", PARIS])
    await model("?", schema=SCHEMA, temperature=0.5, sample=3)

    first, second = model.requests
    assert (second.schema, second.temperature, second.sample) == (first.schema, 0.5, 3)


async def test_a_failure_of_the_provider_is_not_asked_about():
    """There was no answer that could be repaired."""
    model = ScriptedLanguageModel([LanguageModelError("no key", "authentication")])

    reply = await model("?")

    assert (reply.error.kind, len(model.requests)) == ("authentication", 1)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        ' \n{"a": 1}\n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```\n',
        'Here:\n\n```json\n{"a":\n 1}\n```\nDone.',
        '  ```json  \n{"a": 1}\n  ```  ',
        '```json\r\n{"a": 1}\r\n```\r\n',
        '```JSON\n{"a": 1}\n```',
        '```python\nx = 1\n```\nSo:\n```json\n{"a": 1}\n```',
        '<think>{"a": 2}, or\n```json\n{"a": 3}\n```?</think>\n{"a": 1}',
        '\n<think>\n</think>\n```json\n{"a": 1}\n```',
    ],
)
def test_json_may_stand_in_a_fence(text):
    """The one code block of a text, after what the model thought, is taken for the answer."""
    assert parse_json(text) == ({"a": 1}, "")


@pytest.mark.parametrize(
    "text", ["", "Paris", "```json\n1\n```\n```json\n2\n```", '{"a": 1} and more', "```\n```", "-", "```json\n1"]
)
def test_what_is_no_json_has_a_reason(text):
    """Two blocks, and JSON with words around it, are not guessed at."""
    value, wrong = parse_json(text)

    assert value is None
    assert wrong


@pytest.mark.parametrize("line", ["```json\n", "```\n", " " * 200 + "\n", "<think>", "```json\r\n```"])
def test_a_text_is_read_once(line):
    """A million characters of anything are read in a moment; 128,000 of fences once took eleven seconds."""
    began = time.process_time()
    parse_json(line * (LONGEST_ANSWER // len(line)))

    assert time.process_time() - began < 5


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["{}", "```json\n{}\n```", "Yes:\n```\n{}\n```"]), st.booleans())
def test_any_json_is_read_back(value, around, ascii_only):
    """Whatever stands in it, also the signs of a fence."""
    text = around.replace("{}", json.dumps(value, ensure_ascii=ascii_only), 1)

    assert parse_json(text) == (value, "")


@given(st.text())
def test_any_text_is_json_or_has_a_reason(text):
    """Nothing that a model writes makes reading it fail."""
    value, wrong = parse_json(text)

    assert wrong == "" or value is None


@given(st.text())
async def test_any_text_ends_as_an_answer_or_an_error(text):
    """A reply has either a value that fits, or an error that says why not."""
    reply = await ScriptedLanguageModel(lambda _: text)("?", schema=SCHEMA)

    assert (reply.error is None) == (reply.value is not None)


async def test_a_call_of_a_tool_is_checked():
    """The arguments are read, and must fit the function's parameters."""
    reply = await ScriptedLanguageModel([call("search", '{"query": "x"}')])("?", tools=[SEARCH])

    assert [(one.id, one.name, one.arguments) for one in reply.tool_calls] == [("1", "search", {"query": "x"})]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (call("find", "{}"), "there is no function 'find'; there are search"),
        (call("search", '{"query": 3}'), "the arguments of search do not fit: $.query"),
        (call("search", ""), "'query' is a required property"),
        (call("search", "not JSON"), "the arguments of search do not fit"),
        (call("search", "[]"), "the arguments of search do not fit"),
    ],
)
async def test_a_wrong_call_is_asked_for_again(wrong, reason):
    """The model is told which function or argument was wrong."""
    model = ScriptedLanguageModel([wrong, call("search", '{"query": "x"}')])

    reply = await model("?", tools=[SEARCH])

    assert (len(reply.tool_calls), dict(model.usage.failures)) == (1, {"tool": 1})
    assert reason in model.requests[1].messages[-1]["content"]


async def test_a_model_is_shown_the_calls_that_were_wrong():
    """With their arguments, else it cannot tell what to put right."""
    model = ScriptedLanguageModel([call("search", '{"query": 3}'), "x"])
    await model("?", tools=[SEARCH])

    assert model.requests[1].messages[1]["content"] == '(I called search({"query": 3}).)'


async def test_a_call_without_an_id_gets_one_of_its_own():
    """It is unlike those of the turns before."""
    unnamed = Completion(tool_calls=({"name": "search", "arguments": '{"query": "x"}'},) * 2)
    model = ScriptedLanguageModel([unnamed, unnamed])
    first = await model("?", tools=[SEARCH])
    said = ChatMessage(role="assistant", tool_calls=list(first.tool_calls))
    second = await model([ChatMessage(role="user", content="?"), said], tools=[SEARCH])

    assert len({one.id for reply in (first, second) for one in reply.tool_calls}) == 4


async def test_arguments_have_a_limit_too():
    """An answer is too large wherever it is large."""
    huge = call("search", json.dumps({"query": "x" * LONGEST_ANSWER}))

    reply = await ScriptedLanguageModel([huge], reask=0)("?", tools=[SEARCH])

    assert (reply.error.kind, reply.tool_calls) == ("too_large", ())


async def test_with_tools_a_text_is_an_answer_too():
    """A model that needs no function answers as it was asked to."""
    reply = await ScriptedLanguageModel([PARIS])("?", tools=[SEARCH], schema=SCHEMA)

    assert (reply.value, reply.tool_calls) == (PARIS, ())


async def test_a_call_overrides_the_model():
    """What is given in a call goes before what the model was made with, also a 0."""
    model = ScriptedLanguageModel(lambda _: "x", temperature=0.7, max_tokens=5, top_p=0.5, reasoning_effort="low")
    await model("?")
    await model("?", temperature=0.0, max_tokens=9, top_p=1.0, reasoning_effort="high")

    asked = [(one.temperature, one.max_tokens, one.top_p, one.reasoning_effort) for one in model.requests]
    assert asked == [(0.7, 5, 0.5, "low"), (0.0, 9, 1.0, "high")]


async def test_a_conversation_is_asked_in_order():
    """Messages of any form reach the provider as they were said."""
    model = ScriptedLanguageModel(["x"])
    await model([ChatMessage(role="system", content="Be brief."), {"role": "user", "content": "?"}])

    assert [message["role"] for message in model.requests[0].messages] == ["system", "user"]


async def test_a_fallback_is_asked_when_there_is_no_answer():
    """Both failures and answers of no use turn to it, asked under its own name."""
    second = ScriptedLanguageModel(lambda _: PARIS, model="scripted/second")
    failing = ScriptedLanguageModel([LanguageModelError("down", "server")], fallback=second)
    babbling = ScriptedLanguageModel(lambda _: "?!", fallback=second, reask=1)

    replies = [await model("?", schema=SCHEMA) for model in (failing, babbling)]

    assert [reply.value for reply in replies] == [PARIS, PARIS]
    assert [(one.model, len(one.messages)) for one in second.requests] == [("scripted/second", 1)] * 2
    assert len(babbling.requests) == 2


async def test_a_fallback_that_fails_says_so():
    """The error is that of the last who was asked."""
    second = ScriptedLanguageModel([LanguageModelError("down too", "timeout")])
    first = ScriptedLanguageModel([LanguageModelError("down", "server")], fallback=second)

    assert (await first("?")).error.kind == "timeout"


@pytest.mark.parametrize(
    ("options", "kind"), [({"ledger": Ledger(mode="read_only")}, "not_recorded"), ({}, "untrusted_server")]
)
async def test_a_fallback_is_no_way_around_a_person(options, kind):
    """Where nothing may be paid for, or a server is not trusted, another model is not asked instead."""
    second = ScriptedLanguageModel(["x"])
    first = ScriptedLanguageModel(["x"], fallback=second, **options)
    first._untrusted = "" if options else "http://somewhere.example"

    assert (await first("?")).error.kind == kind
    assert second.requests == []


async def test_a_fallback_has_settings_of_its_own():
    """They apply where the question says nothing."""
    second = ScriptedLanguageModel(["x", "x"], max_tokens=7, temperature=0.25)
    first = ScriptedLanguageModel(
        lambda _: LanguageModelError("down", "server"), max_tokens=5, top_p=0.5, fallback=second
    )
    await first("?")
    await first("?", max_tokens=9)

    assert [(one.max_tokens, one.temperature, one.top_p) for one in second.requests] == [
        (7, 0.25, None),
        (9, 0.25, None),
    ]
    assert [(one.max_tokens, one.top_p) for one in first.requests] == [(5, 0.5), (9, 0.5)]


def test_a_fallback_by_name_has_the_same_ledger():
    """What was paid for once is not paid for again, whoever answered."""
    ledger = Ledger()

    assert LanguageModel("openai/a", ledger=ledger, fallback="openai/b").fallback.ledger is ledger


async def test_a_fallback_over_the_network(model_server):
    """A server that is not there is replaced by one that is."""
    model = LanguageModel(
        "openai/gone", api_base="http://127.0.0.1:9/v1", api_key="x", retry=0, fallback=model_server.model()
    )

    assert (await model("?")).checked().text == "ok"


def test_the_worst_case_is_known_before():
    """The most HTTP attempts of one question: attempts times answers, and those of the fallback."""
    second = ScriptedLanguageModel([], retry=1, reask=0)

    assert ScriptedLanguageModel([], retry=5, reask=2, fallback=second).most_calls() == 6 * 3 + 2


async def test_the_worst_case_happens(model_server):
    """A server that fails or babbles at its worst is asked exactly that often."""
    model_server.answer = [failure(500), failure(500), "no JSON", failure(500), failure(500), "no JSON"]
    model = model_server.model(retry=2, reask=1)
    reply = await model("?", schema=SCHEMA)

    assert (reply.error.kind, model_server.count, model.most_calls()) == ("json", 6, 6 + 1)


async def test_the_worst_case_knows_of_a_schema_sent_in_vain(model_server):
    """A server that takes none, and then fails at its worst, is asked one time more."""
    answers = [failure(500), "no JSON"] * 2
    model_server.answer = lambda body: failure(400, "no json_schema") if "response_format" in body else answers.pop(0)
    model = model_server.model(retry=1, reask=1)
    reply = await model("?", schema=SCHEMA)

    assert (reply.error.kind, model_server.count, model.most_calls()) == ("json", 5, 5)


async def test_bad_answers_are_recorded_too():
    """They were paid for: a second run goes the same way, and pays for nothing."""
    ledger = Ledger()
    first = ScriptedLanguageModel(["Paris", PARIS], ledger=ledger)
    second = ScriptedLanguageModel([], ledger=ledger)

    replies = [await model("?", schema=SCHEMA) for model in (first, second)]

    assert replies[0] == replies[1]
    assert (len(second.requests), dict(second.usage.failures)) == (0, {"json": 1})


async def test_a_price_may_be_given():
    """It is in dollars for a million tokens, and goes before what a provider says."""
    model = ScriptedLanguageModel(
        [Completion("x", prompt_tokens=10, completion_tokens=2, cost=99.0)], price=(3.0, 15.0)
    )
    await model("?")

    assert await model.price() == (3.0 / 1e6, 15.0 / 1e6)
    assert model.usage.of().cost == pytest.approx(60e-6)


def test_it_tells_its_arguments_but_no_secrets():
    """The key and the ledger belong to the machine."""
    model = LanguageModel("openai/x", api_key="secret", ledger=Ledger(), temperature=0.5)

    assert model.get_config() == {"model": "openai/x", "temperature": 0.5}
    assert LanguageModel.from_config(model.get_config()).temperature == 0.5


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"retry": -1}, {"retry_max_wait": -1}, {"max_concurrency": 0}, {"reask": -1}]
)
def test_numbers_out_of_range_are_refused(wrong):
    """The error names the argument."""
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        ScriptedLanguageModel([], **wrong)


def test_a_model_needs_a_name():
    """Neither a model nor a provider is no model."""
    with pytest.raises(ValueError, match="needs the name"):
        LanguageModel()

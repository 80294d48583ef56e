"""The litellm provider: one attempt is one HTTP request, and whatever comes of it has a kind."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from synthflow.errors import LanguageModelError
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.litellm_provider import _is_strict
from synthflow.language_models.meter import metered
from tests.language_models.toy import SCHEMA, SEARCH, Tally
from tests.model_server import Answer, ModelServer, calls, failure

QUIET = """
import asyncio, sys
from synthflow.language_models.language_model import LanguageModel

async def main(url):
    model = LanguageModel("openai/test", api_base=url, api_key="x", timeout=30, retry=0)
    for _ in range(6):
        await model("hello")

asyncio.run(main(sys.argv[1]))
asyncio.run(main(sys.argv[1]))
"""
LIGHT = """
import socket, sys

def refuse(*_):
    raise AssertionError("something went to the network")

socket.socket.connect = socket.getaddrinfo = refuse
import synthflow
for name in synthflow.__all__:
    getattr(synthflow, name)
import synthflow.language_models.litellm_provider
synthflow.LanguageModel("openai/gpt-5-mini")
print([name for name in ("litellm", "openai", "httpx", "aiohttp") if name in sys.modules])
"""


def choices(message):
    """Write the body of an answer with this message, as it is."""
    return Answer(raw=b'{"choices": [{"index": 0, "message": ' + message.encode() + b"}]}")


FAILURES = [
    ("rate_limit", failure(429)),
    ("rate_limit", Answer(raw=b'{"error": {"message": "slow down", "code": 429}}')),
    ("authentication", failure(401)),
    ("authentication", failure(402)),
    ("authentication", failure(403)),
    ("authentication", failure(429, code="insufficient_quota")),
    ("not_found", failure(404)),
    ("bad_request", failure(400)),
    ("bad_request", failure(400, "it mentions rate limit and 429")),
    ("bad_request", failure(413)),
    ("bad_request", failure(422)),
    ("timeout", failure(408)),
    ("timeout", failure(504)),
    ("server", failure(409)),
    ("server", failure(500)),
    ("server", failure(500, "timeout: authentication 401")),
    ("server", failure(502)),
    ("server", failure(503)),
    ("server", failure(529)),
    ("server", Answer(raw=b"<html>down</html>", status=503, headers={"content-type": "text/html"})),
    ("connection", Answer(end="drop")),
    ("connection", Answer(end="close")),
    ("bad_request", Answer(status=302, raw=b"", headers={"location": "http://127.0.0.1:9/"})),
    ("malformed", Answer(raw=b"")),
    ("malformed", Answer(raw=b'{"choices": [')),
    ("malformed", Answer(raw=b"<html>hello</html>", headers={"content-type": "text/html"})),
    ("malformed", Answer(raw=b"null")),
    ("malformed", Answer(raw=b"[]")),
    ("malformed", Answer(raw=b'"text"')),
    ("malformed", Answer(raw=b"{}")),
    ("malformed", Answer(raw=b'{"choices": null}')),
    ("malformed", Answer(raw=b'{"choices": []}')),
    ("malformed", Answer(raw=b'{"choices": [null]}')),
    ("malformed", Answer(raw=b'{"choices": {"0": 1}}')),
    ("malformed", choices("null")),
    ("malformed", choices('"text"')),
    ("malformed", choices('{"role": "assistant", "content": 3}')),
    ("malformed", choices('{"role": "assistant", "content": ["text"]}')),
    ("malformed", choices('{"role": "assistant", "content": null, "tool_calls": [null]}')),
    ("malformed", choices('{"role": "assistant", "content": null, "tool_calls": [{"function": null}]}')),
    ("malformed", Answer(raw=b'{"error": {"message": "odd", "code": "odd"}}')),
    ("malformed", Answer("text", usage={"prompt_tokens": "many"})),
    ("malformed", Answer(raw=b'{"choices": [{"message": {"content": "\xff"}}]}')),
    ("malformed", Answer(raw=b"not compressed", headers={"content-encoding": "gzip"})),
    ("empty", Answer(text=None)),
    ("empty", Answer(text="  \n")),
    ("too_large", Answer(text="x" * 20_000_000)),
]


@pytest.mark.parametrize(("kind", "answer"), FAILURES, ids=range(len(FAILURES)))
async def test_every_failure_has_a_kind(model_server, kind, answer):
    """Whatever a server does, the reply holds a typed error, the request went out once, and it is counted."""
    model_server.answer = answer
    model = model_server.model(retry=0, reask=0, timeout=60)

    reply = await model("hello")

    assert (reply.error.kind, model_server.count) == (kind, 1)
    assert str(reply.error).startswith("openai/test ")
    assert "Traceback" not in str(reply.error)
    assert (dict(model.usage.failures), model.usage.of().calls) == ({kind: 1}, 1)


@pytest.mark.parametrize("name", ["openai/test", "anthropic/claude-sonnet-4-5", "ollama_chat/test"])
@pytest.mark.parametrize("end", ["drop", "close", "unreachable"])
async def test_a_connection_that_is_lost_may_have_been_billed(model_server, name, end):
    """What could not be sent took nothing; what was sent, and had no whole answer, all that it can have."""
    model_server.answer = Answer(end=end)
    address = {"api_base": "http://127.0.0.1:9"} if end == "unreachable" else {}
    model = model_server.model(name, retry=0, max_tokens=50, **address)

    reply = await model("hello")

    assert reply.error.kind == "connection"
    assert model.usage.of().completion_tokens == (0 if end == "unreachable" else 50)


async def test_a_failure_keeps_nothing_alive(model_server):
    """The error of a reply may be kept for a whole run, so it does not hold the exchange."""
    model_server.answer = [failure(500), Answer(raw=b"{}")]
    replies = [await model_server.model(retry=0)("hello") for _ in range(2)]

    assert [(reply.error.__cause__, reply.error.__context__) for reply in replies] == [(None, None)] * 2


@pytest.mark.parametrize("end", ["hang", "drip"])
async def test_a_server_that_never_ends_is_left(model_server, end):
    """An answer that never comes, and one that never ends, are timeouts."""
    await model_server.model()("Ready?")  # the first call takes its time, whoever answers
    model_server.forget()
    model_server.answer = Answer(end=end)

    reply = await model_server.model(retry=1, timeout=0.7)("hello")

    assert (reply.error.kind, model_server.count) == ("timeout", 2)


async def test_a_server_that_is_not_there_is_told_as_such():
    """The reason names the connection."""
    model = LanguageModel("openai/test", api_base="http://127.0.0.1:9/v1", api_key="x", retry=1, retry_max_wait=0.01)

    reply = await model("hello")

    assert (reply.error.kind, model.usage.of().calls) == ("connection", 2)
    assert "127.0.0.1" in str(reply.error)


@pytest.mark.parametrize("name", ["openai/test", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"])
async def test_without_a_key_nothing_is_sent(monkeypatch, name):
    """A missing key is told at once, and asking again is of no use."""
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(key, raising=False)

    reply = await LanguageModel(name)("hello")

    assert (reply.error.kind, reply.error.answered) == ("authentication", False)


@pytest.mark.parametrize("name", ["nonsense", "no_such_service/model"])
async def test_a_service_that_nobody_knows_is_a_bad_request(name):
    """The error tells the name."""
    reply = await LanguageModel(name, api_key="x")("hello")

    assert reply.error.kind == "bad_request"
    assert name in str(reply.error)


@pytest.mark.parametrize("address", ["localhost:8000", "http://", "ftp://somewhere", ""])
def test_what_is_no_address_is_refused_at_once(address):
    """The error shows one."""
    with pytest.raises(ValueError, match="http://localhost:8000/v1"):
        LanguageModel("openai/test", api_base=address)


@pytest.mark.parametrize(
    "address", ["http://me:word@host/v1", "http://me@host", "http://host/v1?key=word", "http://h#k"]
)
def test_an_address_holds_no_secret(address):
    """It is saved with a program, and told in errors."""
    with pytest.raises(ValueError, match="no user, password or query") as refused:
        LanguageModel("openai/test", api_base=address)

    assert "word" not in str(refused.value).replace("password", "")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after-ms": "x"}, None),
        ({}, None),
    ],
)
async def test_a_server_says_when_to_ask_again(model_server, headers, seconds):
    """Seconds, milliseconds and dates are read; what makes no sense is not."""
    model_server.answer = failure(429, **headers)

    reply = await model_server.model(retry=0)("hello")

    assert reply.error.retry_after == seconds


async def test_a_date_to_ask_again_becomes_seconds(model_server):
    """An HTTP date is so many seconds from now."""
    later = datetime.now(UTC) + timedelta(hours=1)
    model_server.answer = failure(503, **{"retry-after": format_datetime(later, usegmt=True)})

    reply = await model_server.model(retry=0)("hello")

    assert 3000 < reply.error.retry_after <= 3600


async def test_gemini_says_it_in_the_body(model_server):
    """Its delay is read from the details of the error."""
    model_server.answer = Answer(status=429, raw=b'{"error": {"details": [{"retryDelay": "34.5s"}]}}')

    reply = await model_server.model("gemini/gemini-2.5-flash", retry=0)("hello")

    assert (reply.error.kind, reply.error.retry_after) == ("rate_limit", 34.5)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "mistral/mistral-small",
        "hosted_vllm/test",
        "ollama_chat/test",
    ],
)
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("server", failure(500)),
        ("rate_limit", failure(429)),
        ("authentication", failure(403)),
        ("connection", Answer(end="drop")),
        ("malformed", Answer(raw=b"<html>")),
    ],
    ids=["500", "429", "403", "drop", "html"],
)
async def test_a_kind_does_not_depend_on_the_service(model_server, name, kind, answer):
    """Services fail in other words; the kind is the same, and nothing is sent twice unseen."""
    model_server.answer = answer

    reply = await model_server.model(name, retry=0, timeout=60)("hello")

    assert (reply.error.kind, model_server.count) == (kind, 1)


SERVICES = [
    "openai/test",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flash",
    "mistral/mistral-small",
    "ollama_chat/test",
    "azure/test",
]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("status", [301, 307, 308])
async def test_no_redirect_is_followed(model_server, name, status):
    """It would be one more request than is counted, and take the key and the rows to another host."""
    with ModelServer() as other:
        model_server.answer = Answer(raw=b"{}", status=status, headers={"location": f"{other.url}/chat/completions"})
        reply = await model_server.model(name, retry=0, max_tokens=9)("my row")

        assert (model_server.count, other.count, reply.error.kind) == (1, 0, "bad_request")


async def test_where_httpx_is_not_used_no_redirect_is_followed_either(model_server):
    """One service of litellm asks by other means; its answer cannot be read."""
    with ModelServer() as other:
        model_server.answer = Answer(raw=b"", status=307, headers={"location": f"{other.url}/chat/completions"})
        reply = await model_server.model("aiohttp_openai/test", retry=0)("my row")

        assert (model_server.count, other.count, reply.error.answered) == (1, 0, False)


async def test_no_redirect_of_an_embedding_is_followed(model_server):
    """It is told as one."""
    location = {"location": f"{model_server.url}/embeddings"}
    model_server.embed = lambda text: Answer(raw=b"", status=307, headers=location)

    with pytest.raises(LanguageModelError, match="redirect"):
        await model_server.embedding_model()(["my row"])

    assert model_server.count == 1


async def test_elsewhere_redirects_are_followed(model_server):
    """Whoever uses the same libraries for something else sees nothing of this."""
    import httpx

    await model_server.model()("hello")
    model_server.answer = [
        Answer(raw=b"", status=307, headers={"location": f"{model_server.url}/chat/completions"}),
        "there",
    ]
    async with httpx.AsyncClient(follow_redirects=True) as client:
        answer = await client.post(f"{model_server.url}/chat/completions", json={"messages": []})

    assert answer.status_code == 200


@pytest.mark.parametrize("given", [True, False])
async def test_no_key_is_told(model_server, monkeypatch, given):
    """A server that says which key it was sent does not get it into an error, nor into what is kept of one."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    model_server.answer = failure(401, "x" * 400 + " Incorrect API key provided: sk-secret-key" * 9)
    model = model_server.model(retry=0, api_key="sk-secret-key" if given else None)

    reply = await model("hello")

    assert "provided: (the key)" in str(reply.error)
    assert "sk-" not in str(reply.error) + str(model.usage.errors)


@pytest.mark.parametrize("name", ["openai/test", "mistral/mistral-embed", "hosted_vllm/test"])
async def test_embeddings_are_not_sent_twice_unseen(model_server, name):
    """The retries of litellm are off for embeddings too."""
    model_server.embed = lambda text: failure(500)

    with pytest.raises(Exception, match="refused with status 500"):
        await model_server.embedding_model(name, retry=0)(["hello"])

    assert model_server.count == 1


async def test_all_that_is_asked_arrives(model_server):
    """Temperature, lengths and effort are sent; what was left out is not."""
    model = model_server.model(temperature=0.5)
    await model("hello", max_tokens=7, top_p=0.5, reasoning_effort="low")
    await model("hello", temperature=0.0)

    first, second = (one.body for one in model_server.requests)
    assert (first["temperature"], first["max_tokens"], first["top_p"], first["reasoning_effort"]) == (
        0.5,
        7,
        0.5,
        "low",
    )
    assert second == {"model": "test", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.0}


async def test_what_litellm_knows_to_be_impossible_is_told(model_server):
    """A parameter that a model lacks is a bad request; nothing is sent."""
    reply = await model_server.model("openai/gpt-5-mini")("hello", temperature=0.5)

    assert (reply.error.kind, model_server.count) == ("bad_request", 0)
    assert "temperature" in str(reply.error)


async def test_a_schema_is_sent_as_such(model_server):
    """The name is one that OpenAI takes, and strict mode is asked for where it can be."""
    model_server.answer = {"city": "Paris"}

    reply = await model_server.model()("Capital of France?", schema=SCHEMA)

    assert reply.value == {"city": "Paris"}
    assert model_server.requests[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "A_City_", "schema": SCHEMA, "strict": True},
    }


async def test_a_server_without_schemas_is_told_in_words(model_server):
    """The refused request counts as an attempt; from then on the schema stands in the question."""
    model_server.answer = lambda body: (
        failure(400, "response_format is not supported") if "response_format" in body else {"city": "Paris"}
    )
    model = model_server.model()

    replies = [await model("Capital of France?", schema=SCHEMA) for _ in range(2)]

    assert [reply.value for reply in replies] == [{"city": "Paris"}] * 2
    assert (model_server.count, model.usage.of().calls, dict(model.usage.failures)) == (3, 3, {})
    assert model_server.requests[-1].question.startswith("Capital of France?\n\nAnswer with one JSON value")
    assert '"city"' in model_server.requests[-1].question


async def test_a_server_without_schemas_fails_no_question(model_server):
    """Neither the first ones, asked at once, nor where nothing is tried again; each attempt is held and settled."""
    model_server.answer = lambda body: (
        failure(400, "response_format is not supported") if "response_format" in body else {"city": "Paris"}
    )
    model, tally = model_server.model(retry=0, reask=0), Tally()
    with metered(tally):
        replies = await asyncio.gather(*(model(f"question {number}", schema=SCHEMA) for number in range(3)))

    assert [reply.value for reply in replies] == [{"city": "Paris"}] * 3
    assert model_server.count == len(tally.held) == len(tally.settled) == tally.usage.of().calls
    assert (model.most_calls(), dict(model.usage.failures)) == (2, {})


async def test_a_service_without_schemas_is_told_in_words_at_once(model_server):
    """Where litellm knows that it cannot be sent, nothing is sent in vain."""
    model_server.answer = Answer(raw=b'{"text": "{\\"city\\": \\"Paris\\"}", "meta": {}}')
    model = model_server.model("cohere_chat/command-r", retry=0, reask=0)
    await model("Capital of France?", schema=SCHEMA)

    assert model_server.count == 1
    assert "JSON schema" in str(model_server.requests[0].body)


async def test_words_about_a_schema_come_last(model_server):
    """After a tool's answer they are a message of their own."""
    model_server.answer = lambda body: (
        failure(400, "no json_schema here") if "response_format" in body else {"city": ""}
    )
    conversation = [{"role": "user", "content": "?"}, {"role": "tool", "content": "found", "tool_call_id": "1"}]
    await model_server.model()(conversation, schema=SCHEMA)

    roles = [message["role"] for message in model_server.requests[-1].body["messages"]]
    assert roles == ["user", "tool", "user"]


async def test_another_bad_request_does_not_give_schemas_up(model_server):
    """Only a refusal that is about the format turns to words."""
    model_server.answer = [failure(400, "the prompt is too long"), {"city": "Paris"}]
    model = model_server.model()
    refused, taken = [await model("?", schema=SCHEMA) for _ in range(2)]

    assert (refused.error.kind, taken.error) == ("bad_request", None)
    assert "response_format" in model_server.requests[-1].body


@pytest.mark.parametrize(
    ("change", "strict"),
    [
        ({}, True),
        ({"additionalProperties": True}, False),
        ({"required": []}, False),
        ({"properties": {"city": {"type": "string", "maxLength": 3}}}, False),
        ({"properties": {"city": {"type": "string", "default": "x"}}}, False),
        ({"properties": {"city": {}}}, False),
        ({"properties": {"city": {"type": "array"}}}, False),
        ({"properties": {"city": {"type": "array", "items": {"type": "integer"}}}}, True),
        ({"properties": {"city": {"type": "object"}}}, False),
        ({"properties": {"city": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}, True),
        ({"properties": {"city": {"$ref": "#/$defs/City"}}, "$defs": {"City": {"type": "object"}}}, False),
        ({"properties": {"city": {"$ref": "#/$defs/City"}}, "$defs": {"City": {"type": "string"}}}, True),
        ({"type": ["object", "null"]}, False),
    ],
)
def test_strict_mode_is_for_schemas_that_qualify(change, strict):
    """Closed, all fields required, and nothing said that OpenAI refuses."""
    assert _is_strict(SCHEMA | change) is strict


async def test_tools_are_called(model_server):
    """Tools go out as they are, and calls come back checked."""
    model_server.answer = calls(("search", {"query": "x"}), ("search", '{"query": "y"}'))

    reply = await model_server.model()("Find x and y.", tools=[SEARCH])

    assert model_server.requests[0].body["tools"] == [SEARCH]
    assert [(call.name, call.arguments) for call in reply.checked().tool_calls] == [
        ("search", {"query": "x"}),
        ("search", {"query": "y"}),
    ]


async def test_messages_are_not_edited(model_server):
    """What is given to be asked is afterwards as it was."""
    said = {"role": "user", "content": "hello"}
    tool = dict(SEARCH)
    await model_server.model("anthropic/claude-sonnet-4-5", retry=0)([said], tools=[tool])

    assert (said, tool) == ({"role": "user", "content": "hello"}, SEARCH)


async def test_half_a_surrogate_pair_does_not_get_in(model_server):
    """An answer that no file can hold is made one that it can."""
    model_server.answer = choices('{"role": "assistant", "content": "a\\ud800b"}')

    assert (await model_server.model()("hello")).text == "a?b"


async def test_an_unknown_price_is_none(model_server):
    """It is neither free nor an error."""
    model = model_server.model()
    await model("hello")

    assert await model.price() is None
    assert (model.usage.of().cost, model.usage.of().unpriced) == (None, 1)


@pytest.mark.parametrize("name", ["openai/gpt-4o", "gpt-4o"])
async def test_a_known_price_is_charged(model_server, name):
    """The price of a model is found with and without its service, and the cost is tokens times price."""
    model = model_server.model(name)
    await model("hello there")
    reading, writing = await model.price()

    assert model.usage.of().cost == pytest.approx(2 * reading + writing)


@pytest.mark.parametrize("name", ["gemini/gpt-4o", "no_such_service/gpt-4o", "openai/claude-sonnet-4-5"])
async def test_a_price_belongs_to_its_service(name):
    """A name that another service prices says nothing about this one."""
    assert await LanguageModel(name).price() is None


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": None}, {"prompt_tokens": -5, "completion_tokens": -1}])
async def test_tokens_that_are_not_told_are_taken_at_their_most(model_server, usage):
    """A server that says nothing is charged a token a byte, at an unknown price, and so stays in a budget."""
    model_server.answer = Answer("four", usage=usage)
    model = model_server.model("openai/gpt-4o")
    await model("hello")

    told = model.usage.of()
    assert told.prompt_tokens >= len("hello")
    assert (told.completion_tokens, told.cost) == (4, None)


def test_loops_come_and_go(model_server):
    """One model answers in loop after loop of one process."""
    model = model_server.model()

    assert [asyncio.run(model("hello")).text for _ in range(3)] == ["ok"] * 3


async def test_many_are_under_way_at_once(model_server):
    """As many as `max_concurrency` says, and no more."""
    model_server.delay = 0.2
    model = model_server.model(max_concurrency=8)
    await model("warm up")
    model_server.forget()
    await asyncio.gather(*(model(f"question {number}") for number in range(20)))

    assert (model_server.count, model_server.peak) == (20, 8)


async def test_giving_up_ends_the_request(model_server):
    """A cancelled call leaves the server, and is counted as a call."""
    model_server.answer = Answer(end="hang")
    model = model_server.model()
    await LanguageModel("openai/none", api_key="x").price()  # imports litellm
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(model("hello"), 0.5)
    for _ in range(200):
        if not model_server.under_way:
            break
        await asyncio.sleep(0.01)

    assert (model_server.count, model_server.under_way) == (1, 0)
    assert (model.usage.of().calls, dict(model.usage.failures)) == (1, {"cancelled": 1})


def test_nothing_is_printed_nor_warned(model_server):
    """A process that meets answers, errors and odd bodies in two loops says nothing, with warnings as errors."""
    model_server.answer = [
        "fine",
        failure(500),
        choices('{"role": "assistant", "content": 3}'),
        choices('{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}'),
        Answer(end="close"),
        Answer(raw=b"<html>"),
    ]
    command = [sys.executable, "-W", "error", "-c", QUIET, model_server.url]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


def test_importing_synthflow_is_light_and_offline():
    """Every public name and a model are made without litellm and without the network."""
    run = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False)

    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_no_file_of_litellm_runs_at_start():
    """Its installation holds no `.pth` file, as the stolen releases of March 2026 did."""
    from importlib.metadata import files

    assert [str(file) for file in files("litellm") if file.suffix == ".pth"] == []

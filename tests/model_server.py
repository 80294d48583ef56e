"""A model server for tests: speaks the OpenAI wire format on loopback, says what a test tells it to, and counts.

    def test_it(model_server):                      # the fixture in conftest.py
        model_server.answer = lambda body: {"answer": body["messages"][-1]["content"]}
        model = model_server.model(timeout=1)       # a LanguageModel that asks this server
        ...
        assert model_server.count == 1

`answer` is a function, plain or async, from the body of a request to what is said:
a text, JSON (a dict or list, which is said as text), or an `Answer` such as
`failure(429, **{"retry-after": "1"})`, `calls(("search", {"query": "x"}))`,
`Answer(raw=b"<html>")`, `Answer(end="hang")`. A list of these instead of a function says
each once, in order, and then the last one for ever.

As a process of its own, `python tests/model_server.py [--delay 0.2] [--script file.py]`
prints its URL, says what `answer(body)` in the script says, and tells its record at `GET /v1/requests`.
"""

import argparse
import asyncio
import base64
import inspect
import json
import runpy
import struct
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field

BESIDES = {"connection": "keep-alive", "content-type": "application/json"}
DRIP = 0.02
"""Seconds between the bytes of an answer that never ends."""


@dataclass(frozen=True)
class Answer:
    """What the server says to one request; a plain text or JSON value is the short form."""

    text: str | None = ""
    """The content of the message."""
    tool_calls: tuple[tuple[str, object], ...] = ()
    """Name and arguments of functions to call; arguments that are a text are sent as they are."""
    finish_reason: str | None = None
    """Why it ended; by default `stop` or `tool_calls`."""
    usage: dict | None = None
    """Tokens; by default words are counted. `{}` sends none."""
    raw: bytes | None = None
    """The whole body instead of all this."""
    status: int = 200
    """The HTTP status."""
    headers: dict = field(default_factory=dict)
    """More HTTP headers."""
    delay: float | None = None
    """Seconds before it is sent, instead of the server's `delay`."""
    end: str = ""
    """`hang` never answers, `drop` closes at once, `close` closes in the middle of the body, `drip` never ends it."""


def failure(status, message="it failed", *, code=None, **headers):
    """Give an answer that is an error in the OpenAI wire format; `failure(429, **{"retry-after": "1"})`."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return Answer(raw=json.dumps(body).encode(), status=status, headers=headers)


def calls(*tool_calls):
    """Give an answer that calls functions: `calls(("search", {"query": "x"}))`."""
    return Answer(text=None, tool_calls=tool_calls)


@dataclass
class Received:
    """A request that came."""

    path: str
    """Such as `/v1/chat/completions`."""
    body: dict
    """What was asked."""
    headers: dict
    """With lower-case names."""
    arrived: float
    """When, by `time.monotonic()`."""
    answered: bool = False
    """Whether the whole answer was sent to a client that was still there."""

    @property
    def question(self):
        """The content of the last message, or the text to embed."""
        return self.body["messages"][-1]["content"] if "messages" in self.body else self.body["input"]


class ModelServer:
    """Serves from a thread of its own, from `with ModelServer() as server:` to the end of the block."""

    def __init__(self, answer="ok", *, delay=0.0):
        self.answer = answer
        """What to say; see above."""
        self.embed = word_vector
        """A function from a text to its vector, or to an `Answer`."""
        self.delay = delay
        """Seconds that each answer takes."""
        self.requests = []
        """Every request, in order of arrival."""
        self.peak = 0
        """The most requests that were under way at once."""
        self.under_way = 0
        """Requests under way now."""
        self.errors = []
        """What `answer` raised; the end of the block raises the first."""
        self.url = ""
        """Where it is, such as `http://127.0.0.1:4711/v1`."""
        self._loop = asyncio.new_event_loop()
        self._connections = set()
        self._said = 0
        self._thread = threading.Thread(target=self._run, name="model server", daemon=True)

    @property
    def count(self):
        """How many requests came."""
        return len(self.requests)

    @property
    def chats(self):
        """The requests for a completion."""
        return [one for one in self.requests if one.path.endswith("/chat/completions")]

    @property
    def embeddings(self):
        """The requests for an embedding."""
        return [one for one in self.requests if one.path.endswith("/embeddings")]

    def forget(self):
        """Begin to count anew."""
        self.requests, self.peak, self._said = [], self.under_way, 0

    def model(self, name="openai/test", **options):
        """Make a LanguageModel that asks this server."""
        from synthflow.language_models.language_model import LanguageModel

        return LanguageModel(name, **{"api_base": self.url, "api_key": "x", "retry_max_wait": 0.01} | options)

    def embedding_model(self, name="openai/test-embedding", **options):
        """Make an EmbeddingModel that asks this server."""
        from synthflow.language_models.embedding_model import EmbeddingModel

        return EmbeddingModel(name, **{"api_base": self.url, "api_key": "x", "retry_max_wait": 0.01} | options)

    def __enter__(self):
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, kind, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.errors and kind is None:
            raise self.errors[0]

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self):
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=2**26, backlog=256)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _stop(self):
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connection(self, reader, writer):
        task = asyncio.current_task()
        self._connections.add(task)
        try:
            while await self._request(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test has ended
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _request(self, reader, writer):
        """Serve one request; tell whether another may follow on this connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "GET":
            await self._send(writer, Answer(raw=json.dumps([asdict(one) for one in self.requests]).encode()), b"")
            return True
        received = Received(path, _json(body), headers, time.monotonic())
        self.requests.append(received)
        self.under_way += 1
        self.peak = max(self.peak, self.under_way)
        try:
            answer = await self._answer(received)
            await asyncio.sleep(self.delay if answer.delay is None else answer.delay)
            if answer.end == "hang":
                await reader.read(1)  # until the client gives up
                return False
            if answer.end == "drop" or reader.at_eof():
                return False
            received.answered = await self._send(writer, answer, _wire(received, answer))
            return received.answered
        finally:
            self.under_way -= 1

    async def _answer(self, received):
        try:
            if received.path.endswith("/embeddings"):
                said = received.body["input"]
                vectors = [self.embed(text) for text in ([said] if isinstance(said, str) else said)]
                odd = next((one for one in vectors if isinstance(one, Answer)), None)
                return odd or Answer(raw=_embeddings(received.body, vectors))
            answer, number = self.answer, self._said
            self._said += 1
            if isinstance(answer, list):
                answer = answer[min(number, len(answer) - 1)]
            elif callable(answer):
                answer = answer(received.body)
                answer = await answer if inspect.isawaitable(answer) else answer
            if isinstance(answer, (Answer, str)):
                return answer if isinstance(answer, Answer) else Answer(answer)
            return Answer(json.dumps(answer))
        except Exception as error:  # the test's own function failed: say so there, not only in the server's log
            self.errors.append(error)
            return failure(500, repr(error))

    async def _send(self, writer, answer, body):
        body = body if answer.raw is None else answer.raw
        headers = BESIDES | {name.lower(): str(value) for name, value in answer.headers.items()}
        length = {"transfer-encoding": "chunked"} if answer.end == "drip" else {"content-length": str(len(body))}
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in (headers | length).items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        while answer.end == "drip":
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(DRIP)
        writer.write(body[: len(body) // 2] if answer.end == "close" else body)
        await writer.drain()
        return answer.end != "close"


def word_vector(text, dimensions=16):
    """Count the words of a text by the sum of their letters: equal texts have equal vectors."""
    vector = [0.0] * dimensions
    for word in text.split() or [""]:
        vector[sum(map(ord, word)) % dimensions] += 1.0
    return vector


def _json(body):
    """Read what was sent; what is no JSON is told as text."""
    try:
        return json.loads(body)
    except ValueError:
        return {"text": body.decode("latin-1")}


def _wire(received, answer):
    """Write an answer as a chat completion."""
    message = {"role": "assistant", "content": answer.text}
    if answer.tool_calls:
        message["tool_calls"] = [
            {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": _text(arguments)}}
            for number, (name, arguments) in enumerate(answer.tool_calls)
        ]
    read = sum(len(str(one.get("content") or "").split()) for one in received.body.get("messages", []))
    written = len((answer.text or "").split())
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    reason = answer.finish_reason or ("tool_calls" if answer.tool_calls else "stop")
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": received.body.get("model", "test"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": usage if answer.usage is None else answer.usage,
    }
    return json.dumps(body).encode()


def _text(arguments):
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _embeddings(body, vectors):
    packed = body.get("encoding_format") == "base64"
    items = [
        {
            "object": "embedding",
            "index": number,
            "embedding": base64.b64encode(struct.pack(f"<{len(one)}f", *one)).decode() if packed else list(one),
        }
        for number, one in enumerate(vectors)
    ]
    usage = {"prompt_tokens": len(vectors), "total_tokens": len(vectors)}
    return json.dumps({"object": "list", "data": items, "model": body.get("model"), "usage": usage}).encode()


def main():
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--script")
    asked = parser.parse_args()
    with ModelServer(runpy.run_path(asked.script)["answer"] if asked.script else "ok", delay=asked.delay) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

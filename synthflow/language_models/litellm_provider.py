"""The litellm provider: one attempt at one request, over any service that litellm knows.

litellm takes seconds to import and keeps connections, tasks and warnings of its own,
so it lives in a thread: it is imported there by the first call, and every call runs
there. Its retries, its cache and its look-ups on the network are switched off, and no
redirect is followed: it would be a request that nobody counts, and could take the key
and the rows to another host.
What it raises is told apart by what came over the wire, wherever that is known,
and not by the class of the error, which differs from service to service.
"""

import logging
import math
import os
import re
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import cache, wraps
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from synthflow.data_models.canonical import canonical, plain
from synthflow.data_models.schema import Json, Schema
from synthflow.errors import LanguageModelError
from synthflow.language_models.background_loop import BackgroundLoop
from synthflow.language_models.messages import Wire
from synthflow.language_models.provider import AskOtherwise, Completion, Embedding, Request

THREAD = "litellm"
"""How the names of its threads begin."""
QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
"""Prices come from the package, not from the network, and no `.env` file is read."""
FOREVER = 86_400.0
"""Seconds; whoever calls ends an attempt that takes too long, and litellm must not end it before."""
SHOWN = 500
"""Characters of an error that are told."""

KINDS = {401: "authentication", 402: "authentication", 403: "authentication", 404: "not_found", 429: "rate_limit"}
SECRET = re.compile(r"(?:key|token|secret|password|credentials)$", re.I)
"""How the name of a variable of the environment ends whose value is never told."""
SHORTEST_SECRET = 8
"""Characters; what is shorter is also found in words."""

KINDS |= {408: "timeout", 504: "timeout", 409: "server", 425: "server"}
"""What an HTTP status means; of the others, 3xx and 4xx refuse the request, and 5xx are the server's own failures."""
ABOUT_FORMAT = re.compile(r"response.?format|json.?schema|structured.output|response.?schema|output.?format", re.I)
"""A refusal that says this is about the JSON schema."""
LABELS = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Timeout): |Timeout Error: )*(?:\w+Exception - )?")
"""What litellm puts before the words of a server."""
NOISE = re.compile(r"To drop (?:these|unsupported)|Traceback \(most recent")
"""Where what it puts behind them begins."""
NO_KEY = re.compile(r"missing \w*\s*\w*\s*(?:api.?key|credentials)", re.I)
"""What litellm says when the environment holds no key; nothing is sent then."""
BY_INSTRUCTION = "Answer with one JSON value and nothing else. It must fit this JSON schema:\n"

STRICT = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "anyOf", "$defs", "$ref", "enum", "const"}
    | {"title", "description", "format", "pattern", "multipleOf", "minItems", "maxItems"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
"""What a schema may say in the strict mode of OpenAI."""


class LiteLLMProvider:
    """Asks through litellm, which is imported by the first call.

    Args:
        api_base: Address of the server; None for the service's own.
        api_key: The key; None for that of the environment.

    Raises:
        ValueError: `api_base` is no address of a server, or holds a secret.
    """

    most_in_vain = 1
    """A JSON schema is sent in vain once, to a server that takes none."""

    def __init__(self, api_base: str | None = None, api_key: str | None = None) -> None:
        if api_base is not None and not re.match(r"https?://[^/]", api_base):
            raise ValueError(f"api_base is an address such as 'http://localhost:8000/v1', not {api_base!r}.")
        if api_base is not None and ("?" in api_base or "#" in api_base or "@" in urlsplit(api_base).netloc):
            raise ValueError(
                "api_base is the address alone, with no user, password or query in it: it is saved and told.\n"
                '  api_base="https://host/v1", api_key="..."   <- give the key here'
            )
        self._key = api_key
        self._common = {
            "api_base": api_base,
            "api_key": api_key,
            "timeout": FOREVER,
            "max_retries": 0,
            "num_retries": 0,
            "caching": False,
        }
        self._by_instruction: set[str] = set()
        """Models that take no JSON schema, and are told of it in words."""

    async def prepare(self) -> None:
        """Import litellm, before the time of any attempt begins to run."""
        await _home(os.getpid()).run(_ready())

    async def price(self, model: str) -> tuple[float, float] | None:
        """Give the most US dollars that a token read and one written can cost; None when litellm knows no price."""
        return await _home(os.getpid()).run(_price(model))

    async def complete(self, request: Request) -> Completion:
        """Ask once."""
        return await _home(os.getpid()).run(self._complete(request))

    async def embed(self, model: str, text: str) -> Embedding:
        """Ask once."""
        return await _home(os.getpid()).run(self._embed(model, text))

    async def _complete(self, request: Request) -> Completion:
        litellm = _prepared()
        formatted = request.schema is not None and request.model not in self._by_instruction
        try:
            return _completion(await litellm.acompletion(**self._arguments(request, formatted)), request)
        except Exception as error:
            failure = self._failure(error, request.model)
            in_vain = formatted and failure.kind == "bad_request" and ABOUT_FORMAT.search(str(error))
            sent = not isinstance(error, litellm.UnsupportedParamsError)
        # Out here, since what litellm raised holds the whole exchange, and a failure may be kept for long.
        if not in_vain:
            raise failure
        self._by_instruction.add(request.model)
        if sent:
            raise AskOtherwise("it takes no JSON schema")
        return await self._complete(request)

    async def _embed(self, model: str, text: str) -> Embedding:
        litellm = _prepared()
        try:
            return _embedding(await litellm.aembedding(model=model, input=[text], **self._common), text)
        except Exception as error:
            failure = self._failure(error, model)
        raise failure

    def _failure(self, error: Exception, model: str) -> LanguageModelError:
        """Say what an error means, in a few words that hold no key: some servers say which one they were sent."""
        failure = _classified(error, model)
        told = str(failure)
        for secret in {self._key, *(value for name, value in os.environ.items() if SECRET.search(name))}:
            if secret and (secret == self._key or len(secret) >= SHORTEST_SECRET):
                told = told.replace(secret, "(the key)")
        billed = failure.maybe_billed
        return LanguageModelError(told[:SHOWN], failure.kind, failure.retry_after, maybe_billed=billed)

    def _arguments(self, request: Request, formatted: bool) -> dict[str, Any]:
        messages: list[Wire] = plain(list(request.messages))  # litellm edits what it is given
        asked: dict[str, Any] = {
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "top_p": request.top_p,
            "reasoning_effort": request.reasoning_effort,
        }
        arguments = {name: value for name, value in asked.items() if value is not None}
        if request.tools:
            arguments["tools"] = plain(list(request.tools))
            arguments["_skip_mcp_handler"] = True  # else litellm looks through them with a package it does not require
        if request.schema is not None and formatted:
            arguments["response_format"] = {"type": "json_schema", "json_schema": _named(request.schema)}
        elif request.schema is not None:
            messages = _told(messages, request.schema)
        return {**self._common, "model": request.model, "messages": messages, **arguments}


@cache
def _home(process: int) -> BackgroundLoop:
    """Give the thread of litellm in this process; a fork leaves it behind."""
    return BackgroundLoop(THREAD)


async def _ready() -> None:
    _prepared()


def _prepared() -> Any:
    """Give litellm, and keep what is warned in its threads from being printed or raised."""
    litellm = _imported()
    if [one[2] for one in warnings.filters[:1]] != [_WarnedThere]:  # pytest takes it away after each test
        warnings.simplefilter("ignore", _WarnedThere)
    return litellm


@cache
def _imported() -> Any:
    for name, setting in QUIET.items():
        os.environ.setdefault(name, setting)
    warnings.simplefilter("ignore", _WarnedThere)
    litellm: Any = import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.DEFAULT_MAX_RETRIES = 0  # embeddings take a 0 for nothing said, and try three times
    _follow_no_redirect()
    litellm.disable_hf_tokenizer_download = True  # a price is no reason to wait for a model hub
    if "LITELLM_LOG" not in os.environ:  # its records go to whoever has set up logging, and not to standard error
        logging.getLogger("LiteLLM").handlers = [logging.NullHandler()]
    question = [{"role": "user", "content": "Ready?"}]
    litellm.completion("openai/none", question, mock_response="Yes.")  # imports what it left for the first call
    return litellm


def _is_there() -> bool:
    """Tell whether this is a thread of litellm."""
    return threading.current_thread().name.startswith(THREAD)


def _follow_no_redirect() -> None:
    """Let no client follow a redirect in a thread of litellm, which makes them in many places, to follow all.

    All requests of httpx go through `send`, and the few of aiohttp that are not made for
    httpx through `post`. In any other thread they do as ever.
    """
    import aiohttp
    import httpx

    def stay(client: Any, method: str, setting: str) -> None:
        original = getattr(client, method)

        @wraps(original)
        def staying(*args: Any, **kwargs: Any) -> Any:
            return original(*args, **(kwargs | {setting: False} if _is_there() else kwargs))

        setattr(client, method, staying)

    stay(httpx.Client, "send", "follow_redirects")
    stay(httpx.AsyncClient, "send", "follow_redirects")
    stay(aiohttp.ClientSession, "post", "allow_redirects")


class _ByThread(type):
    def __subclasscheck__(cls, category: type) -> bool:
        return _is_there()


class _WarnedThere(Warning, metaclass=_ByThread):
    """Any warning that is given in a thread of litellm: about its own code, or a server's odd answer."""


async def _price(model: str) -> tuple[float, float] | None:
    litellm = _prepared()
    service, _, name = model.partition("/")
    told = litellm.model_cost.get(model)
    if told is None:  # many names stand there without their service
        told = litellm.model_cost.get(name, {})
        told = told if str(told.get("litellm_provider")).startswith(service) else {}
    reading, writing = _dearest(told, "input_cost_per_token"), _dearest(told, "output_cost_per_token")
    return None if reading is None or writing is None else (reading, writing)


def _dearest(told: dict[str, Any], name: str) -> float | None:
    """Give a price, or the one above a number of tokens, where that is higher."""
    found = [cost for key, cost in told.items() if key == name or key.startswith(f"{name}_above_")]
    return max((float(cost) for cost in found if cost is not None), default=None)


def _named(schema: Schema) -> Json:
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", str(schema.get("title", "")))[:64] or "answer"
    return {"name": name, "schema": plain(schema), "strict": _is_strict(schema)}


def _is_strict(schema: Schema) -> bool:
    """Tell whether OpenAI takes a schema in strict mode: closed, with all fields required, and saying nothing else."""
    return schema.get("type") == "object" and all(map(_is_strict_part, _parts(schema)))


def _is_strict_part(part: Schema) -> bool:
    if not STRICT.issuperset(part):
        return False
    if part.get("type") != "object" and "properties" not in part:
        return bool(part) and (part.get("type") != "array" or "items" in part)
    fields = part.get("properties", {})
    return part.get("additionalProperties") is False and set(part.get("required", [])) == set(fields)


def _parts(schema: Schema) -> Iterator[Schema]:
    """Give a schema and all schemas in it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", [])]
    for part in [*inner, schema.get("items")]:
        if isinstance(part, dict):
            yield from _parts(part)


def _told(messages: list[Wire], schema: Schema) -> list[Wire]:
    """Ask for JSON in words, at the end of the last question."""
    wish = BY_INSTRUCTION + canonical(schema).decode()
    last = messages[-1]
    if last["role"] == "user" and isinstance(last["content"], str):
        return [*messages[:-1], {**last, "content": f"{last['content']}\n\n{wish}"}]
    return [*messages, {"role": "user", "content": wish}]


def _completion(response: Any, request: Request) -> Completion:
    choice = response.choices[0]
    text = _text(choice.message.content)
    calls = tuple(
        {"id": _text(call.id), "name": _text(call.function.name), "arguments": _text(call.function.arguments)}
        for call in choice.message.tool_calls or ()
    )
    # A server that does not say how many tokens it took is charged the most that it can have taken.
    read, written = _tokens(response, "prompt_tokens"), _tokens(response, "completion_tokens")
    said = bool(read and (written or not (text or calls)))
    most = len(text.encode("utf-8", "replace")) + sum(
        len(call["arguments"].encode("utf-8", "replace")) for call in calls
    )
    return Completion(
        text,
        calls,
        read or request.size,
        written or most,
        _cost(response) if said else None,
        _text(choice.finish_reason),
    )


def _embedding(response: Any, text: str) -> Embedding:
    vector = tuple(float(one) for one in response.data[0]["embedding"])
    if not vector or not all(map(math.isfinite, vector)):
        raise ValueError("the vector is empty, or holds what is no number")
    read = _tokens(response, "prompt_tokens")
    return Embedding(vector, read or len(text.encode()), _cost(response) if read else None)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.100} is not a text")
    return value


def _tokens(response: Any, name: str) -> int:
    count = getattr(getattr(response, "usage", None), name, None)
    return count if isinstance(count, int) and count > 0 else 0


def _cost(response: Any) -> float | None:
    cost = response._hidden_params.get("response_cost")
    return float(cost) if isinstance(cost, (int, float)) and 0 <= cost < math.inf else None


def _classified(error: Exception, model: str) -> LanguageModelError:
    """Say what an error of litellm means: by the HTTP answer, else by what it came from, else by what litellm says."""
    import httpx

    def found(*kinds: type[BaseException]) -> BaseException | None:
        return next((one for one in chain if isinstance(one, kinds)), None)

    chain = list(_chain(error))
    if isinstance(refused := found(httpx.HTTPStatusError), httpx.HTTPStatusError):
        said = "\n".join(map(str, chain))
        wait = _retry_after(refused.response.headers, said)
        return _by_status(refused.response.status_code, error, model, said, wait)
    if unable := found(ImportError):
        return _failure("cannot be asked", unable, model, "bad_request")
    if found(TimeoutError, httpx.TimeoutException):
        return _failure("gave no answer in time", error, model, "timeout")
    if found(httpx.TransportError, OSError):
        lost = _failure("could not be reached, or did not finish its answer", chain[-1], model, "connection")
        lost.maybe_billed = not found(httpx.ConnectError, ConnectionRefusedError, socket.gaierror)
        return lost
    if NO_KEY.search(str(error)):
        return _failure("cannot be asked", error, model, "authentication")
    status = next((code for one in chain if isinstance(code := getattr(one, "status_code", None), int)), 0)
    stumbled = found(ValueError, TypeError, LookupError, AttributeError, httpx.DecodingError)
    if status in KINDS or (status >= 400 and status != 500 and not stumbled):
        return _by_status(status, error, model, str(error), None)
    return _malformed(stumbled or error, model)  # whatever status litellm made up for it


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error, and those from which it came."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        yield one
        one = one.__cause__ or one.__context__


def _by_status(status: int, error: Exception, model: str, said: str, retry_after: float | None) -> LanguageModelError:
    kind = KINDS.get(status, "bad_request" if 300 <= status < 500 else "server")
    if status < 400:
        return _failure(f"answered with a redirect (status {status}), which is not followed", error, model, kind)
    if kind == "rate_limit" and "insufficient_quota" in said:  # waiting does not fill an account
        kind = "authentication"
    return _failure(f"refused with status {status}", error, model, kind, retry_after)


def _malformed(error: BaseException, model: str) -> LanguageModelError:
    return _failure("gave an answer that cannot be read", error, model, "malformed")


def _failure(
    what: str, error: BaseException, model: str, kind: str, retry_after: float | None = None
) -> LanguageModelError:
    told = " ".join(NOISE.split(LABELS.sub("", str(error)), maxsplit=1)[0].split()) or type(error).__name__
    return LanguageModelError(f"{model} {what}: {told}", kind, retry_after)


def _retry_after(headers: Any, told: str) -> float | None:
    """Read after how many seconds to ask again: from the header, or from where Gemini tells it."""
    said = headers.get("retry-after", "")
    delay = re.search(r'"retryDelay":\s*"([\d.]+)s"', told)
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif delay and not said:
            seconds = float(delay[1])
        elif said[:1].isalpha():
            seconds = parsedate_to_datetime(said).timestamp() - time.time()
        else:
            seconds = float(said)
    except (ValueError, OverflowError, TypeError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None

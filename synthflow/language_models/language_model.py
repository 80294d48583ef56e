"""LanguageModel: asks a model, checks what it answers, and never pays for the same answer twice."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from synthflow.data_models.json_data_model import described_schema
from synthflow.data_models.operators import Described
from synthflow.data_models.schema import Json, Schema, Validator
from synthflow.errors import LanguageModelError
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.messages import ChatMessage, ChatMessages, ToolCall, Wire, conversation, to_wire
from synthflow.language_models.provider import Completion, Provider, Request
from synthflow.language_models.remote_model import Answered, RemoteModel
from synthflow.language_models.usage import Usage

LONGEST_ANSWER = 1_000_000
"""Characters; a longer answer is not read."""
SHOWN = 4_000
"""Characters of an answer that is shown again to the model that is to repair it."""

FENCE = "```"
"""How a line begins that opens or ends a code block of Markdown; no line of JSON does."""
UNCHANGED = frozenset({"not_recorded", "untrusted_server"})
"""Kinds of failures that a person must see to; another model is no help."""


@dataclass(frozen=True)
class Reply:
    """What came of asking: an answer that was checked, or the error that says why there is none."""

    text: str = ""
    """What was written."""
    value: Json = None
    """The answer as JSON that fits the schema asked for; None when none was asked for."""
    tool_calls: tuple[ToolCall, ...] = ()
    """The functions to call."""
    error: LanguageModelError | None = None
    """Why there is no answer, or None."""

    def checked(self) -> "Reply":
        """Give this reply.

        Raises:
            LanguageModelError: It is an error.
        """
        if self.error is not None:
            raise self.error
        return self


class LanguageModel(RemoteModel):
    """A language model: `await model(messages)` gives a `Reply`.

    Asked for JSON, its answer is checked here, whatever the provider promises; one that does
    not fit is asked for again with the reason. What cannot be had is an error value in the
    reply. A failure of the provider that may pass is tried again.

    Args:
        model: `provider/name` as litellm knows it, such as `openai/gpt-5-mini`,
            `anthropic/claude-sonnet-4-5`, `gemini/gemini-3.5-flash` or `ollama_chat/mistral`; a
            server that speaks the OpenAI wire format is `openai/<name>` with `api_base`.
        provider: Who answers instead of litellm; see `Provider`.
        api_base: Address of the server, such as `http://localhost:8000/v1`.
        api_key: The key; by default, that of the environment. It is never saved.
        timeout: Seconds that one attempt may take.
        retry: How many more attempts follow one that failed in a way that may pass.
        retry_max_wait: The longest wait between two attempts, in seconds.
        reask: How often an answer that is of no use is asked for again.
        fallback: Who is asked the same when this one gives no answer, with its own temperature, lengths and effort
            where the question says none. Given by name, it has the ledger of this one.
        max_concurrency: Calls under way at once; more wait for their turn.
        temperature: How freely to draw, from 0; None is the provider's default, as for what follows.
        max_tokens: The most tokens of an answer. A budget of tokens or cost needs it.
        top_p: Draw from the likeliest tokens that make up this probability.
        reasoning_effort: How long to think: `none`, `minimal`, `low`, `medium` or `high`.
        ledger: Where paid answers are kept, so that equal questions get the equal answer, and `sample=` another;
            it belongs to the machine and is not saved.
        price: US dollars for a million tokens read and a million written, where litellm knows no price.

    Raises:
        ValueError: There is neither a model nor a provider, or a number is out of range.
    """

    def __init__(
        self,
        model: str = "",
        *,
        provider: Provider | None = None,
        api_base: str | None = None,
        api_key: str | None = None,
        timeout: float = 120.0,
        retry: int = 5,
        retry_max_wait: float = 60.0,
        reask: int = 2,
        fallback: "LanguageModel | str | None" = None,
        max_concurrency: int = 32,
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_p: float | None = None,
        reasoning_effort: str | None = None,
        ledger: Ledger | None = None,
        price: tuple[float, float] | None = None,
    ) -> None:
        if not model and provider is None:
            raise ValueError('LanguageModel needs the name of a model: LanguageModel("openai/gpt-5-mini").')
        super().__init__(
            model or type(provider).__name__,
            provider=provider or _litellm(api_base, api_key),
            timeout=timeout,
            retry=retry,
            retry_max_wait=retry_max_wait,
            max_concurrency=max_concurrency,
            ledger=ledger,
            price=price,
        )
        if reask < 0:
            raise ValueError(f"reask counts further questions, so it is 0 or more, got {reask}.")
        self.reask = reask
        self.fallback = LanguageModel(fallback, ledger=ledger) if isinstance(fallback, str) else fallback
        self.temperature = temperature
        self.max_tokens = max_tokens
        self.top_p = top_p
        self.reasoning_effort = reasoning_effort

    async def __call__(
        self,
        messages: str | ChatMessages | Sequence[ChatMessage | Wire],
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        tools: Sequence[Wire] = (),
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_p: float | None = None,
        reasoning_effort: str | None = None,
        sample: int = 0,
    ) -> Reply:
        """Ask.

        Args:
            messages: A question, or a conversation.
            data_model: The type that the answer must have; left out with `schema`, the answer is text.
            schema: Its JSON schema, instead of `data_model`.
            tools: Functions that may be called instead of answering, in the OpenAI wire format.
            temperature: Instead of the model's own, as for the next three.
            max_tokens: The most tokens of the answer.
            top_p: Draw from the likeliest tokens that make up this probability.
            reasoning_effort: How long to think.
            sample: Which of several answers to the same question; a ledger keeps each apart.

        Returns:
            The answer, or the error that says why there is none.

        Raises:
            BudgetExceeded: The budget of the run has no room for the call.
        """
        asked = None if data_model is None and schema is None else described_schema(schema, data_model)
        request = Request(
            self.model,
            conversation(messages),
            asked,
            tuple(tools),
            temperature,
            max_tokens,
            top_p,
            reasoning_effort,
            sample,
        )
        return await self.ask(request)

    async def ask(self, request: Request) -> Reply:
        """Ask for an answer that fits `request.schema`, and again while it does not; errors are as for a call.

        What the request leaves open is as this model was made.
        """
        reply = await self._ask(replace(request, model=self.model, **self._defaults(request)))
        if self.fallback is None or reply.error is None or reply.error.kind in UNCHANGED:
            return reply
        return await self.fallback.ask(request)

    def most_calls(self) -> int:
        """Give the HTTP attempts that one question can take at most."""
        own = (self.retry + 1) * (self.reask + 1) + self._most_in_vain
        return own + (self.fallback.most_calls() if self.fallback else 0)

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, but for the key and the ledger, which belong to the machine."""
        return {name: value for name, value in super().get_config().items() if name not in ("api_key", "ledger")}

    def _defaults(self, request: Request) -> dict[str, Any]:
        settings = ("temperature", "max_tokens", "top_p", "reasoning_effort")
        return {name: getattr(self, name) for name in settings if getattr(request, name) is None}

    async def _ask(self, request: Request) -> Reply:
        kind, reason = "", ""
        for _ in range(self.reask + 1):
            try:
                completion = await self._complete(request)
            except LanguageModelError as error:
                return Reply(error=error)
            reply, kind, reason = _read(completion, request)
            if not kind:
                return reply
            self._note(kind, reason)
            request = request.followed_by(*_told(completion, reason))
        why = f"{self.model} gave no usable answer in {self.reask + 1} attempts: {reason}"
        return Reply(text=completion.text[:SHOWN], error=LanguageModelError(why, kind))

    async def _complete(self, request: Request) -> Completion:
        most = await self._most(request.size, request.max_tokens)

        async def send() -> Answered:
            completion: Completion = await self._provider.complete(request)
            used = Usage(1, 0, completion.prompt_tokens, completion.completion_tokens)
            return _to_json(completion), self._priced(used, completion.cost)

        return _from_json(await self._answer(request.key, request.to_json(), most, send))


def _litellm(api_base: str | None, api_key: str | None) -> Provider:
    from synthflow.language_models.litellm_provider import LiteLLMProvider

    return LiteLLMProvider(api_base, api_key)


def _to_json(completion: Completion) -> Json:
    said = completion.text + "".join(str(call.get("arguments")) for call in completion.tool_calls)
    if len(said) > LONGEST_ANSWER:  # kept only as far as it takes to know that it is too long
        completion = replace(completion, text=said[: LONGEST_ANSWER + 1], tool_calls=())
    calls = [{name: _writable(part) for name, part in call.items()} for call in completion.tool_calls]
    return {"text": _writable(completion.text), "tool_calls": calls, "finish_reason": completion.finish_reason}


def _writable(text: Any) -> str:
    """Replace what no file can hold: half of a surrogate pair."""
    return "" if text is None else str(text).encode("utf-8", "replace").decode()


def _from_json(value: Json) -> Completion:
    return Completion(value["text"], tuple(value["tool_calls"]), finish_reason=value["finish_reason"])


def _read(completion: Completion, request: Request) -> tuple[Reply, str, str]:
    """Check an answer: give it, or the kind of what is wrong with it and the reason."""
    nothing = Reply()
    if len(completion.text) > LONGEST_ANSWER:
        return nothing, "too_large", f"the answer has more than {LONGEST_ANSWER:,} characters"
    if completion.tool_calls and request.tools:
        calls, wrong = _tool_calls(completion, request)
        return Reply(completion.text, tool_calls=calls), "tool" if wrong else "", wrong
    if not completion.text.strip():
        ended = f" (it ended with {completion.finish_reason!r})" if completion.finish_reason else ""
        return nothing, "empty", f"the answer is empty{ended}"
    if request.schema is None:
        return Reply(completion.text), "", ""
    value, wrong = parse_json(completion.text)
    if wrong:
        cut = " It ended at max_tokens." if completion.finish_reason == "length" else ""
        return nothing, "json", f"the answer is not JSON: {wrong}.{cut}"
    if wrong := Validator(request.schema).mismatch(value):
        return nothing, "schema", f"the answer does not fit its JSON schema: {wrong}"
    return Reply(completion.text, value), "", ""


def parse_json(text: str) -> tuple[Json, str]:
    r"""Read the JSON of an answer; give it, or what is wrong.

    It may stand in the one Markdown fence of a text, and after what the model thought, in `<think>`.

    >>> parse_json('Here you are:\n```json\n{"a": 1}\n```')
    ({'a': 1}, '')
    """
    thought, ended, said = text.partition("</think>")
    if ended and thought.lstrip().startswith("<think>"):
        text = said
    fenced = _fenced(text)
    try:
        value = json.loads(fenced[0] if len(fenced) == 1 else text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # JSON can tell what no JSON file can hold
        return value, ""
    except RecursionError:
        return None, "it is nested too deeply"
    except ValueError as error:
        return None, str(error)


def _fenced(text: str) -> list[str]:
    """Give the code blocks of Markdown that are JSON, or do not say what they are."""
    blocks: list[str] = []
    inside: list[str] = []
    opened = ""
    for line in text.split("\n"):
        bare = line.strip(" \t\r")
        if opened and bare == FENCE:
            if opened[len(FENCE) :].strip().lower() in ("", "json"):
                blocks.append("\n".join(inside))
            opened, inside = "", []
        elif opened:
            inside.append(line)
        elif bare.startswith(FENCE):
            opened = bare
    return blocks


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _tool_calls(completion: Completion, request: Request) -> tuple[tuple[ToolCall, ...], str]:
    schemas = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in request.tools}
    calls = []
    for number, call in enumerate(completion.tool_calls):
        name = call.get("name")
        if name not in schemas:
            return (), f"there is no function {name!r}; there are {', '.join(schemas)}"
        arguments, wrong = parse_json(call.get("arguments") or "{}")
        wrong = wrong or Validator(schemas[name]).mismatch(arguments)
        if wrong or not isinstance(arguments, dict):
            return (), f"the arguments of {name} do not fit: {wrong or 'they are no object'}"
        known = call.get("id") or f"call_{len(request.messages)}_{number}"  # of no other turn
        calls.append(ToolCall(id=known, name=name, arguments=arguments))
    return tuple(calls), ""


def _told(completion: Completion, reason: str) -> tuple[Wire, Wire]:
    """Show the model what it said, and what is wrong with it."""
    said = completion.text
    if completion.tool_calls:
        called = ", ".join(f"{call.get('name')}({call.get('arguments')})" for call in completion.tool_calls)
        said = f"{said}\n(I called {called}.)".lstrip()
    if len(said) > SHOWN:
        said = f"{said[:SHOWN]} ... ({len(said) - SHOWN:,} characters cut)"
    return (
        to_wire(ChatMessage(role="assistant", content=said or "(nothing)")),
        to_wire(ChatMessage(role="user", content=f"This cannot be used: {reason}\nAnswer again, with that put right.")),
    )

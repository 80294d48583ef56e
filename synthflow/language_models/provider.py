"""Provider: the seam to whoever answers. Anything with `async complete(request)` is a language model.

What is above the seam is the same for all: attempts, waiting, the budget, the check of
every answer and, for a model with a ledger, that equal questions are paid for once.
What is below sends one request once.
"""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Protocol, runtime_checkable

from synthflow.data_models.canonical import canonical, digest
from synthflow.data_models.schema import Json, Schema
from synthflow.language_models.messages import Wire


@dataclass(frozen=True)
class Request:
    """One question to a language model."""

    model: str
    """Who is asked, such as `gemini/gemini-3.5-flash`."""
    messages: tuple[Wire, ...]
    """The conversation, in the OpenAI wire format."""
    schema: Schema | None = None
    """JSON schema that the answer must fit; None asks for text."""
    tools: tuple[Wire, ...] = ()
    """Functions that may be called, in the OpenAI wire format."""
    temperature: float | None = None
    """How freely to draw, from 0; None is the provider's own default, as for what follows."""
    max_tokens: int | None = None
    """The most tokens to write."""
    top_p: float | None = None
    """Draw from the likeliest tokens that make up this probability."""
    reasoning_effort: str | None = None
    """How long to think first: `none`, `minimal`, `low`, `medium` or `high`."""
    sample: int = 0
    """Which of several answers to the same question; it is not sent."""

    def __post_init__(self) -> None:
        """Make equal numbers equal content: 1 and 1.0 are the same temperature."""
        for name in ("temperature", "top_p"):
            if isinstance(value := getattr(self, name), int):
                object.__setattr__(self, name, float(value))

    @cached_property
    def key(self) -> str:
        """The hash of the content: equal keys ask for the same answer."""
        return digest(self.to_json())

    @cached_property
    def size(self) -> int:
        """Bytes of what is sent; no tokenizer makes more tokens of it."""
        return len(canonical([self.messages, self.schema, self.tools])) + 16 * (len(self.messages) + 1)

    def to_json(self) -> Json:
        """Give the content."""
        return asdict(self)

    def followed_by(self, *messages: Wire) -> "Request":
        """Give the same question later in the conversation."""
        return replace(self, messages=(*self.messages, *messages))


@dataclass(frozen=True)
class Completion:
    """One answer, as a provider gave it; nothing in it has been checked."""

    text: str = ""
    """What was written."""
    tool_calls: tuple[Wire, ...] = ()
    """`{"id": ..., "name": ..., "arguments": ...}` for each function to call, all of them text; `arguments` is JSON."""
    prompt_tokens: int = 0
    """Tokens read."""
    completion_tokens: int = 0
    """Tokens written."""
    cost: float | None = None
    """US dollars; None when the price is not known."""
    finish_reason: str = ""
    """Why it ended, such as `stop` or `length`."""


@dataclass(frozen=True)
class Embedding:
    """A text as a vector."""

    vector: tuple[float, ...]
    """Its coordinates."""
    prompt_tokens: int = 0
    """Tokens read."""
    cost: float | None = None
    """US dollars; None when the price is not known."""


class AskOtherwise(Exception):
    """A provider sent a request in vain, and learned from it how to send it otherwise.

    What was sent counts as a call, and neither as a failure nor as one of the attempts; the request is given
    to the provider again at once, and then it may not raise this any more.
    """


@runtime_checkable
class Provider(Protocol):
    """Answers one request with one attempt.

    It asks no other LanguageModel of the same run: the budget would wait for both.

    It may also have `async def price(self, model) -> tuple[float, float] | None`: the most US dollars
    that a token read and one written can cost; without it, the price is not known before an answer.
    And `async def prepare(self) -> None`: what must be done before the time of an attempt begins to run.
    And `most_in_vain = 1`, if it may raise `AskOtherwise`.
    """

    async def complete(self, request: Request) -> Completion:
        """Ask once; whoever calls ends it when it takes too long.

        Args:
            request: What to ask.

        Raises:
            LanguageModelError: There is no answer; its `kind` says why.
        """


@runtime_checkable
class EmbeddingProvider(Protocol):
    """Embeds a text with one attempt."""

    async def embed(self, model: str, text: str) -> Embedding:
        """Ask once, as `Provider.complete` does."""

"""Public fakes: models that answer without a network, for tests, guides and benchmarks."""

import inspect
import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import sqrt
from typing import Any

import orjson

from synthflow.errors import LanguageModelError
from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.provider import Completion, Embedding, Request

Answer = Any
"""What a fake says: text, JSON (a dict or list), a Completion, or an exception to raise."""


class ScriptedLanguageModel(LanguageModel):
    """A language model that says what it is told to, with all of a LanguageModel above it.

    Args:
        answers: What to say: a list, each answer once, in the order in which questions come;
            or a function, plain or async, from a `Request` to an answer.
        model: How it is called.
        **options: As for `LanguageModel`; by default `retry=0`, since nothing passes by itself here.

    >>> import asyncio
    >>> model = ScriptedLanguageModel(["Paris"])
    >>> asyncio.run(model("Capital of France?")).text
    'Paris'
    >>> len(model.requests)
    1
    """

    def __init__(
        self, answers: Sequence[Answer] | Callable[[Request], Answer], *, model: str = "scripted/model", **options: Any
    ) -> None:
        self.answers = answers
        self.requests: list[Request] = []
        """Every question, in the order in which they came."""
        super().__init__(model, provider=_Script(answers, self.requests), **{"retry": 0, **options})


class _Script:
    def __init__(self, answers: Sequence[Answer] | Callable[[Request], Answer], requests: list[Request]) -> None:
        self._answers = answers
        self._requests = requests

    async def complete(self, request: Request) -> Completion:
        number = len(self._requests)
        self._requests.append(request)
        if callable(self._answers):
            answer = self._answers(request)
            answer = await answer if inspect.isawaitable(answer) else answer
        elif number < len(self._answers):
            answer = self._answers[number]
        else:
            raise LanguageModelError(f"The script has {len(self._answers)} answers, and this is one more.", "not_found")
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Completion):
            return answer
        text = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        words = sum(len(str(message.get("content") or "").split()) for message in request.messages)
        return Completion(text, prompt_tokens=words, completion_tokens=len(text.split()), finish_reason="stop")


class HashEmbeddingModel(EmbeddingModel):
    """An embedding model that hashes words: texts with words in common are near each other.

    Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning (2009).

    Args:
        dimensions: Length of each vector, at least 1.
        **options: As for `EmbeddingModel`.

    >>> import asyncio
    >>> (a, b) = asyncio.run(HashEmbeddingModel(64)(["the cat", "cat the"]))
    >>> a == b
    True
    """

    def __init__(self, dimensions: int = 256, **options: Any) -> None:
        if dimensions < 1:
            raise ValueError(f"dimensions must be at least 1, got {dimensions}.")
        self.embedded: list[str] = []
        """Every text that was embedded, in order."""
        super().__init__("hash/words", provider=_Hash(dimensions, self.embedded), **options)


class _Hash:
    def __init__(self, dimensions: int, embedded: list[str]) -> None:
        self._dimensions = dimensions
        self._embedded = embedded

    async def embed(self, model: str, text: str) -> Embedding:
        self._embedded.append(text)
        return Embedding(self._vector(text), prompt_tokens=len(text.split()))

    def _vector(self, text: str) -> tuple[float, ...]:
        vector = [0.0] * self._dimensions
        for word in re.findall(r"\w+|[^\w\s]", text) or [""]:
            hashed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
            vector[hashed % self._dimensions] += 1.0 if hashed >> 63 else -1.0
        length = sqrt(sum(x * x for x in vector)) or 1.0
        return tuple(x / length for x in vector)

"""EmbeddingModel: turns texts into vectors, and never pays for the same text twice."""

from collections.abc import Sequence
from typing import Any

from synthflow.concurrency import at_once
from synthflow.data_models.canonical import digest
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.provider import Embedding, EmbeddingProvider
from synthflow.language_models.remote_model import Answered, RemoteModel
from synthflow.language_models.usage import Usage

Vector = tuple[float, ...]


class EmbeddingModel(RemoteModel):
    """An embedding model: `await model(texts)` gives a vector for each text.

    Each different text of a call is a request, all at once.

    Args:
        model: `provider/name` as litellm knows it, such as `openai/text-embedding-3-small`.
        provider: Who answers instead of litellm; see `EmbeddingProvider`.
        api_base: Address of the server.
        api_key: The key; by default, that of the environment. It is never saved.
        timeout: Seconds that one attempt may take.
        retry: How many more attempts follow one that failed in a way that may pass.
        retry_max_wait: The longest wait between two attempts, in seconds.
        max_concurrency: Calls under way at once; more wait for their turn.
        ledger: Where paid answers are kept; it belongs to the machine and is not saved.
        price: US dollars for a million tokens, where litellm knows no price.

    Raises:
        ValueError: There is neither a model nor a provider, or a number is out of range.
    """

    def __init__(
        self,
        model: str = "",
        *,
        provider: EmbeddingProvider | None = None,
        api_base: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        retry: int = 5,
        retry_max_wait: float = 60.0,
        max_concurrency: int = 32,
        ledger: Ledger | None = None,
        price: float | None = None,
    ) -> None:
        if not model and provider is None:
            raise ValueError('EmbeddingModel needs the name of a model: EmbeddingModel("openai/...").')
        super().__init__(
            model or type(provider).__name__,
            provider=provider or _litellm(api_base, api_key),
            timeout=timeout,
            retry=retry,
            retry_max_wait=retry_max_wait,
            max_concurrency=max_concurrency,
            ledger=ledger,
            price=None if price is None else (price, 0.0),
        )

    async def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """Embed.

        Args:
            texts: The texts; none of them empty.

        Returns:
            A vector for each, in their order.

        Raises:
            LanguageModelError: There is no answer.
            BudgetExceeded: The budget of the run has no room for the call.
        """
        if isinstance(texts, str):
            raise TypeError(f"An embedding model takes a list of texts: await model([{texts!r:.50}]).")
        texts = [text.encode("utf-8", "replace").decode() for text in texts]  # half a character cannot be sent
        different = list(dict.fromkeys(texts))
        vectors = await at_once(self._embed(text) for text in different)
        found = dict(zip(different, vectors, strict=True))
        return [found[text] for text in texts]

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, but for the key and the ledger, which belong to the machine."""
        return {name: value for name, value in super().get_config().items() if name not in ("api_key", "ledger")}

    async def _embed(self, text: str) -> Vector:
        async def send() -> Answered:
            got: Embedding = await self._provider.embed(self.model, text)
            return list(got.vector), self._priced(Usage(calls=1, prompt_tokens=got.prompt_tokens), got.cost)

        about = {"model": self.model, "text": text}
        most = await self._most(len(text.encode()), 0)
        return tuple(await self._answer(digest(about), about, most, send))


def _litellm(api_base: str | None, api_key: str | None) -> EmbeddingProvider:
    from synthflow.language_models.litellm_provider import LiteLLMProvider

    return LiteLLMProvider(api_base, api_key)

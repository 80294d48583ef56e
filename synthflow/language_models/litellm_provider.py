"""The litellm provider: one attempt at one request, over any provider that litellm knows."""

from synthflow.language_models.provider import Completion, Embedding, Request


class LiteLLMProvider:
    """Asks through litellm, which is imported by the first call.

    Args:
        api_base: Address of the server; None for the provider's own.
        api_key: The key; None for that of the environment.
    """

    def __init__(self, api_base: str | None = None, api_key: str | None = None) -> None:
        self._api_base = api_base
        self._api_key = api_key

    async def complete(self, request: Request) -> Completion:
        """Ask once."""
        raise NotImplementedError

    async def embed(self, model: str, text: str) -> Embedding:
        """Ask once."""
        raise NotImplementedError

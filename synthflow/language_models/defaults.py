"""The default language model, for whoever is given none; and the forms in which a model may be given."""

from typing import Any

from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.provider import EmbeddingProvider, Provider

_default: LanguageModel | None = None  # of the process, so that threads and the next cell of a notebook know it too


def set_default_language_model(model: "LanguageModel | str | Provider | None") -> None:
    """Let modules and optimizers that are made from now on, and given no language model, use this one.

    It holds for the whole process. None takes it back, and so does `clear_session()`.
    """
    global _default
    _default = None if model is None else as_language_model(model)


def get_default_language_model() -> LanguageModel | None:
    """Give the default language model, or None."""
    return _default


def as_language_model(model: Any) -> LanguageModel:
    """Take a model in any of its forms: a LanguageModel, a name, or an object with `async complete(request)`.

    Raises:
        ValueError: It is None, and there is no default.
        TypeError: It is none of these.
    """
    if model is None:
        model = _default
        if model is None:
            raise ValueError(
                "A language model is needed, and none was given.\n"
                '  language_model=LanguageModel("openai/gpt-5-mini")   <- give one here, or for all:\n'
                '  set_default_language_model("openai/gpt-5-mini")'
            )
    if isinstance(model, LanguageModel):
        return model
    if isinstance(model, str):
        return LanguageModel(model)
    if not isinstance(model, type) and isinstance(model, Provider):
        return LanguageModel(provider=model)
    raise TypeError(
        f"language_model takes a LanguageModel, a name such as 'openai/gpt-5-mini', or an object with "
        f"`async complete(request)`, not {model!r:.200}."
    )


def as_embedding_model(model: Any) -> EmbeddingModel:
    """Take an embedding model in any of its forms: an EmbeddingModel, a name, or an object with `async embed(...)`.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(model, EmbeddingModel):
        return model
    if isinstance(model, str):
        return EmbeddingModel(model)
    if not isinstance(model, type) and isinstance(model, EmbeddingProvider):
        return EmbeddingModel(provider=model)
    raise TypeError(
        f"embedding_model takes an EmbeddingModel, a name such as 'openai/text-embedding-3-small', or an object with "
        f"`async embed(model, text)`, not {model!r:.200}."
    )

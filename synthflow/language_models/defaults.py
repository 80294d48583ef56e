"""The default language model, for whoever is given none; and the forms in which a model may be given."""

from contextvars import ContextVar
from typing import Any

from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.provider import Provider

_DEFAULT: ContextVar[LanguageModel | None] = ContextVar("default_language_model", default=None)


def set_default_language_model(model: "LanguageModel | str | Provider | None") -> None:
    """Let modules and optimizers that are given no language model use this one; None takes it back.

    It holds for the running context: this thread and the tasks that it starts from here on.
    """
    _DEFAULT.set(None if model is None else as_language_model(model))


def get_default_language_model() -> LanguageModel | None:
    """Give the default language model, or None."""
    return _DEFAULT.get()


def as_language_model(model: Any) -> LanguageModel:
    """Take a model in any of its forms: a LanguageModel, a name, or an object with `async complete(request)`.

    Raises:
        ValueError: It is None, and there is no default.
        TypeError: It is none of these.
    """
    if model is None:
        model = _DEFAULT.get()
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

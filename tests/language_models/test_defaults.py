"""The default model, and the forms in which a model may be given."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from synthflow.language_models.defaults import (
    as_embedding_model,
    as_language_model,
    get_default_language_model,
    set_default_language_model,
)
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.provider import Completion, Embedding
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel


class Echo:
    """Any object with `async complete(request)` is a model."""

    async def complete(self, request):
        """Say what was said."""
        return Completion(request.messages[-1]["content"])


@pytest.fixture
def no_default():
    """Nobody has set a default; afterwards it is as it was."""
    before = get_default_language_model()
    set_default_language_model(None)
    yield
    set_default_language_model(before)


def test_a_name_is_a_model():
    """A text is taken for the name of a model."""
    assert as_language_model("openai/gpt-5-mini").model == "openai/gpt-5-mini"


def test_a_model_is_itself():
    """A LanguageModel is not wrapped."""
    model = ScriptedLanguageModel([])

    assert as_language_model(model) is model


async def test_an_object_that_completes_is_a_model():
    """It is named after its class, and has all of a LanguageModel above it."""
    model = as_language_model(Echo())

    assert (model.model, (await model("hello")).text) == ("Echo", "hello")


@pytest.mark.parametrize("wrong", [3, Echo, object(), ["openai/x"]])
def test_anything_else_is_refused(wrong):
    """The error names the forms."""
    with pytest.raises(TypeError, match="takes a LanguageModel, a name"):
        as_language_model(wrong)


@pytest.mark.usefixtures("no_default")
def test_without_a_default_a_model_is_asked_for():
    """The error shows both ways to give one."""
    with pytest.raises(ValueError, match="set_default_language_model"):
        as_language_model(None)


@pytest.mark.usefixtures("no_default")
def test_the_default_serves_who_is_given_none():
    """It may be given in any form; None takes it back."""
    set_default_language_model("openai/gpt-5-mini")

    assert isinstance(as_language_model(None), LanguageModel)
    set_default_language_model(None)
    assert get_default_language_model() is None


@pytest.mark.usefixtures("no_default")
def test_a_default_holds_for_the_whole_process():
    """Another thread, and another run of a loop, know it too."""

    async def set_it():
        set_default_language_model("openai/other")

    asyncio.run(set_it())
    with ThreadPoolExecutor() as threads:
        assert threads.submit(get_default_language_model).result().model == "openai/other"


class Lengths:
    """Embeds a text as its length."""

    async def embed(self, model, text):
        """Measure."""
        return Embedding((float(len(text)),))


async def test_an_embedding_model_may_be_given_in_any_form():
    """A model is itself, a name is a model, and an object that embeds is one."""
    model = HashEmbeddingModel()

    assert as_embedding_model(model) is model
    assert as_embedding_model("openai/text-embedding-3-small").model == "openai/text-embedding-3-small"
    assert await as_embedding_model(Lengths())(["abc"]) == [(3.0,)]


@pytest.mark.parametrize("wrong", [None, 3, Lengths, Echo()])
def test_what_does_not_embed_is_refused(wrong):
    """The error names the forms."""
    with pytest.raises(TypeError, match="takes an EmbeddingModel, a name"):
        as_embedding_model(wrong)

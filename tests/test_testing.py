"""The public fakes: models without a network, with all of a model above them."""

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.errors import LanguageModelError
from synthflow.language_models.provider import Completion
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


async def test_a_list_is_said_in_order():
    """Each answer is said once; JSON is said as text."""
    model = ScriptedLanguageModel(["one", {"n": 2}])

    assert (await model("?")).text == "one"
    assert (await model("?", schema=SCHEMA)).value == {"n": 2}
    assert [request.schema for request in model.requests] == [None, SCHEMA]


async def test_a_list_that_is_at_its_end_is_a_failure():
    """The reply says how many answers there were."""
    reply = await ScriptedLanguageModel([])("?")

    assert (reply.error.kind, str(reply.error)) == ("not_found", "The script has 0 answers, and this is one more.")


async def test_a_function_sees_the_request():
    """A plain and an async function both answer from what was asked."""

    async def slow(request):
        await asyncio.sleep(0)
        return request.messages[-1]["content"].upper()

    assert (await ScriptedLanguageModel(lambda request: str(request.temperature))("?", temperature=0.5)).text == "0.5"
    assert (await ScriptedLanguageModel(slow)("hello")).text == "HELLO"


async def test_an_exception_is_raised_as_the_provider_would():
    """A LanguageModelError becomes the error of the reply; any other is the person's own, and is raised."""
    failing = ScriptedLanguageModel([LanguageModelError("down", "server")])
    broken = ScriptedLanguageModel(lambda request: 1 / 0)

    assert (await failing("?")).error.kind == "server"
    with pytest.raises(ZeroDivisionError):
        await broken("?")
    assert broken.usage.failures == {"ZeroDivisionError": 1}


async def test_a_completion_is_taken_as_it_is():
    """So a test can set tokens and price."""
    model = ScriptedLanguageModel([Completion("x", prompt_tokens=7, completion_tokens=3, cost=0.25)])
    await model("?")

    assert (model.usage.of().tokens, model.usage.of().cost) == (10, 0.25)


async def test_words_are_its_tokens():
    """Without a completion, words are counted and the price is not known."""
    model = ScriptedLanguageModel(["three words here"])
    await model("two words")

    usage = model.usage.of()
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cost) == (2, 3, None)


@given(st.text(), st.integers(1, 64))
def test_a_hash_embedding_has_length_one(text, dimensions):
    """Every text, the empty one too, has a vector of length 1 in the dimensions asked for."""
    (vector,) = asyncio.run(HashEmbeddingModel(dimensions)([text]))

    assert len(vector) == dimensions
    assert math.isclose(math.hypot(*vector), 1.0) or set(vector) == {0.0}


async def test_common_words_bring_texts_near():
    """Texts that share words are nearer than those that do not, and each text is embedded once."""
    model = HashEmbeddingModel()
    cat, kitten, stone = await model(["the cat sat", "the cat ran", "grey stones roll"])

    assert math.dist(cat, kitten) < math.dist(cat, stone)
    assert model.embedded == ["the cat sat", "the cat ran", "grey stones roll"]


def test_a_vector_needs_a_dimension():
    """None is not a vector."""
    with pytest.raises(ValueError, match="at least 1"):
        HashEmbeddingModel(0)

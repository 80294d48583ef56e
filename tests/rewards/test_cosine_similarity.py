"""CosineSimilarity: from 0 to 1, 1.0 for equal texts, and asks as seldom as it can."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import LanguageModelError
from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.provider import Embedding
from synthflow.programs.objects import decode, encode
from synthflow.rewards.cosine_similarity import CosineSimilarity, similarity
from synthflow.testing import HashEmbeddingModel


class Answer(DataModel):
    """An answer with a note."""

    text: str
    note: str = ""


class Vectors:
    """Embeds texts as it was told to."""

    def __init__(self, **vectors):
        self.vectors = vectors

    async def embed(self, model, text):
        """Look the text up, or raise what is in its place."""
        found = self.vectors[text]
        if isinstance(found, Exception):
            raise found
        return Embedding(tuple(found))


NUMBERS = st.floats(-1e6, 1e6)


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(*[st.lists(NUMBERS, min_size=n, max_size=n)] * 2)))
def test_the_value_is_a_reward_and_the_same_both_ways(vectors):
    """Whatever the vectors, zeros included."""
    one, other = map(tuple, vectors)

    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == pytest.approx(similarity(other, one))
    assert similarity(one, one) == 1.0


@given(st.text(max_size=20), st.text(max_size=20))
async def test_any_two_texts_have_a_reward(truth, guess):
    """Even half of a surrogate pair; equal texts are worth exactly 1.0."""
    reward = await CosineSimilarity(HashEmbeddingModel(16))(Answer(text=truth), Answer(text=guess))

    assert 0.0 <= reward <= 1.0
    assert reward == 1.0 or truth != guess


async def test_half_of_a_surrogate_pair_is_no_error():
    """A model can write one in JSON, and it cannot be sent."""
    prediction = JsonDataModel(json={"text": "\ud800 Paris"}, schema={"type": "object"})

    assert 0.5 < await CosineSimilarity(HashEmbeddingModel(), in_mask=["text"])(Answer(text="Paris"), prediction) < 1.0


async def test_both_texts_are_embedded_at_once_and_compared():
    """The formula is (cosine + 1) / 2."""
    reward = CosineSimilarity(Vectors(east=[1, 0], north=[0, 2], west=[-3, 0]), in_mask=["text"])

    assert await reward(Answer(text="east"), Answer(text="north")) == 0.5
    assert await reward(Answer(text="east"), Answer(text="west")) == 0.0


async def test_equal_texts_are_not_embedded():
    """Nor is an empty text, which is worth nothing against another."""
    model = HashEmbeddingModel()
    reward = CosineSimilarity(model, in_mask=["text"])

    assert await reward(Answer(text="Paris", note="x"), Answer(text="Paris")) == 1.0
    assert await reward(Answer(text="Paris"), Answer(text=" \n")) == 0.0
    assert await reward(Answer(text=""), Answer(text="Paris")) == 0.0
    assert await reward(Answer(text="Paris"), None) == 0.0
    assert model.embedded == []


async def test_texts_are_embedded_as_text_and_all_else_as_json():
    """Texts by the names of their fields; where one side is no text, both are JSON."""
    model = HashEmbeddingModel()
    prediction = JsonDataModel(json={"text": "Rome", "note": "b"}, schema={"type": "object"})
    await CosineSimilarity(model)(Answer(text="Paris", note="a"), prediction)
    number = JsonDataModel(json={"text": 3}, schema={"type": "object"})
    await CosineSimilarity(model, in_mask=["text"])(Answer(text="Oslo"), number)
    await CosineSimilarity(model, in_mask=["text"])([Answer(text="a"), None], [Answer(text="a"), Answer(text="b")])

    assert model.embedded[:4] == ["a\nParis", "b\nRome", '{"text":"Oslo"}', '{"text":3}']
    assert model.embedded[4:] == ['[{"text":"a"},null]', '[{"text":"a"},{"text":"b"}]']


@pytest.mark.parametrize("vector", [[1, 0, 0], [math.nan, 0], [math.inf, 0]])
async def test_vectors_that_cannot_be_compared_are_the_models_failure(vector):
    """Not a reward of 0, and not the reward's fault."""
    with pytest.raises(LanguageModelError, match="cannot be compared"):
        await CosineSimilarity(Vectors(a=[1, 0], b=vector), in_mask=["text"])(Answer(text="a"), Answer(text="b"))


async def test_a_dead_model_is_reported_as_such():
    """Its error comes out as it is."""
    model = EmbeddingModel(provider=Vectors(a=[1], b=LanguageModelError("dead", "connection")), retry=0)

    with pytest.raises(LanguageModelError, match="dead"):
        await CosineSimilarity(model, in_mask=["text"])(Answer(text="a"), Answer(text="b"))


def test_the_worst_case_is_two_texts_with_all_their_attempts():
    """Waiting for another machine all the while."""
    reward = CosineSimilarity(HashEmbeddingModel(retry=2))

    assert (reward.most_calls(), reward.waits, reward.deterministic) == (6, True, True)


def test_a_model_is_given_by_name_too():
    """And what is none is refused at once."""
    assert CosineSimilarity("openai/text-embedding-3-small").embedding_model.model == "openai/text-embedding-3-small"
    for wrong in (None, 3, Vectors):
        with pytest.raises(TypeError, match="embedding_model takes"):
            CosineSimilarity(wrong)


@pytest.mark.parametrize("model", ["openai/text-embedding-3-small", HashEmbeddingModel(8, retry=1)])
def test_it_is_saved_with_its_model(model):
    """As a name or as an object."""
    known = {kind.__name__: kind for kind in (CosineSimilarity, HashEmbeddingModel)}
    reward = CosineSimilarity(model, in_mask=["text"])
    again = decode(json.loads(json.dumps(encode(reward))), known)

    assert encode(again) == encode(reward)
    assert again.embedding_model.retry == reward.embedding_model.retry

"""EmbeddingModel: a vector for each text, each text paid for once."""

import pytest

from synthflow.errors import LanguageModelError
from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.meter import metered
from synthflow.testing import HashEmbeddingModel
from tests.language_models.toy import Tally
from tests.model_server import Answer, failure


async def test_each_different_text_is_a_request(model_server):
    """Vectors come in the order of the texts, and equal texts share one request."""
    vectors = await model_server.embedding_model()(["a b", "c", "a b"])

    assert len(model_server.embeddings) == 2
    assert vectors == [tuple(model_server.embed(text)) for text in ("a b", "c", "a b")]


async def test_half_a_character_is_embedded_as_a_question_mark(model_server):
    """What a model wrote may hold what cannot be sent."""
    vectors = await model_server.embedding_model()(["a \ud800", "a ?"])

    assert vectors == [tuple(model_server.embed("a ?"))] * 2
    assert len(model_server.embeddings) == 1


async def test_requests_go_out_at_once(model_server):
    """The texts of a call are not embedded one after another."""
    model_server.delay = 0.2
    await model_server.embedding_model()(["a", "b", "c", "d"])

    assert model_server.peak == 4


async def test_a_ledger_keeps_vectors(tmp_path, model_server):
    """A text is embedded once, whoever asks."""
    with Ledger(tmp_path / "ledger.db") as ledger:
        first = await model_server.embedding_model(ledger=ledger)(["a", "b"])
        second = await model_server.embedding_model(ledger=ledger)(["b", "a"])

    assert first == second[::-1]
    assert model_server.count == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(401), "authentication"),
        (failure(500), "server"),
        (Answer(raw=b'{"object": "list", "data": []}'), "malformed"),
        (Answer(raw=b'{"object": "list", "data": [{"index": 0, "embedding": null}]}'), "malformed"),
        (Answer(raw=b'{"object": "list", "data": [{"index": 0, "embedding": ["x"]}]}'), "malformed"),
        (Answer(raw=b'{"object": "list", "data": [{"index": 0, "embedding": [1e999]}]}'), "malformed"),
        (Answer(raw=b"<html>"), "malformed"),
        (Answer(raw=b"null"), "malformed"),
        (Answer(end="close"), "connection"),
        (Answer(end="hang"), "timeout"),
    ],
)
async def test_every_failure_has_a_kind(model_server, answer, kind):
    """Whatever comes instead of a vector is a typed error."""
    model_server.embed = lambda text: answer
    model = model_server.embedding_model(retry=0, timeout=0.3 if kind == "timeout" else 30)

    with pytest.raises(LanguageModelError) as caught:
        await model(["a"])

    assert (caught.value.kind, dict(model.usage.failures)) == (kind, {kind: 1})


async def test_a_failure_that_may_pass_is_tried_again(model_server):
    """The second attempt gets the vector."""
    answers = iter([failure(503)])
    model_server.embed = lambda text: next(answers, [1.0])

    assert await model_server.embedding_model()(["a"]) == [(1.0,)]
    assert model_server.count == 2


async def test_a_price_is_held_before_and_charged_after(model_server):
    """The meter sees the most that a text can cost, and then what it cost."""
    tally = Tally()
    with metered(tally):
        await model_server.embedding_model(price=2.0)(["a bé"])

    ((most, used, failed),) = tally.settled
    assert (most.prompt_tokens, most.priced) == (5, pytest.approx(5 * 2.0 / 1e6))
    assert (used.prompt_tokens, used.priced, failed) == (1, pytest.approx(2.0 / 1e6), "")


async def test_one_text_is_not_taken_for_many():
    """A bare text is refused, with what to write."""
    with pytest.raises(TypeError, match=r"await model\(\['abc'\]\)"):
        await HashEmbeddingModel()("abc")


def test_it_tells_its_arguments_but_no_secrets():
    """The key and the ledger belong to the machine."""
    model = EmbeddingModel("openai/x", api_base="http://a/v1", api_key="secret", ledger=Ledger())

    assert model.get_config() == {"model": "openai/x", "api_base": "http://a/v1"}


def test_a_model_needs_a_name():
    """Neither a model nor a provider is no model."""
    with pytest.raises(ValueError, match="needs the name"):
        EmbeddingModel()

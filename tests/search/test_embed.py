"""Candidates are embedded once a run, and a model that fails costs nothing but its vectors."""

import pytest

from synthflow.errors import LanguageModelError
from synthflow.optimizers.omega import OMEGA
from synthflow.search.budget import Budget, Purse
from synthflow.testing import HashEmbeddingModel
from tests.search.toy import RandomEdit, make_search, outcome


class Failing(HashEmbeddingModel):
    """Fails from some text on."""

    def __init__(self, after):
        super().__init__(retry=0)
        self.after = after
        provider = self._provider

        class Fails:
            async def embed(self, model, text):
                if len(provider._embedded) >= after:
                    raise LanguageModelError("nobody is there", "connection")
                return await provider.embed(model, text)

        self._provider = Fails()


async def evolve(model, **options):
    """Run OMEGA over the toy with an embedding model."""
    search = make_search(epochs=range(4), batch_size=9, **options)
    await OMEGA(population_size=3, offspring=4, embedding_model=model, proposers=[RandomEdit()]).run(search)
    return search


async def test_each_candidate_is_embedded_once():
    """However many generations it competes in."""
    model = HashEmbeddingModel()
    search = await evolve(model)

    assert len(model.embedded) == len(set(model.embedded)) <= len(search.archive)
    assert model.embedded


async def test_a_population_that_is_not_full_needs_no_embedding():
    """All stay, however alike."""
    model = HashEmbeddingModel()
    search = make_search()
    await OMEGA(population_size=50, offspring=2, embedding_model=model, proposers=[RandomEdit()]).run(search)

    assert model.embedded == []


@pytest.mark.parametrize("after", [0, 6])
async def test_without_an_answer_behaviour_decides(after):
    """A run whose embedding model is dead is the run that has none; nothing is raised."""
    search = await evolve(Failing(after))
    plain = await evolve(None)

    assert search.stop_reason == plain.stop_reason
    if after == 0:
        assert outcome(search) == outcome(plain)


async def test_embeddings_stay_within_the_budget():
    """They are calls too; without one, behaviour decides."""
    model = HashEmbeddingModel()
    search = await evolve(model, purse=Purse(Budget(calls=5)))

    assert len(model.embedded) == 5
    assert search.purse.spent() == {"calls": 5}
    assert search.stop_reason == "epochs"

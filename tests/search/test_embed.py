"""Candidates are embedded once a run, and a model that fails costs nothing but its vectors."""

import pytest

from synthflow.errors import LanguageModelError
from synthflow.optimizers.omega import OMEGA
from synthflow.search.budget import Budget, Purse
from synthflow.search.candidate import Candidate
from synthflow.testing import HashEmbeddingModel
from tests.search.toy import RandomEdit, make_search, outcome, values


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


@pytest.mark.parametrize("after", [0, 1, 6])
async def test_where_there_is_no_vector_behaviour_decides(after):
    """Nothing is raised, and nobody is asked about again; without any vector it is the run that has no model."""
    model = Failing(after)
    search = await evolve(model)
    plain = await evolve(None)

    assert search.stop_reason == plain.stop_reason
    assert model.usage.of().calls <= len(search.archive)
    if after == 0:
        assert outcome(search) == outcome(plain)


async def test_vectors_of_another_length_are_left_out():
    """A model that changes its mind is compared with nobody."""
    model = HashEmbeddingModel(8)
    search = make_search(seeds=[Candidate(values((n, 0, 0, 0))) for n in range(3)])
    await search.start()
    first = await search.embed(search.population[:1], model)
    both = await search.embed(search.population[:2], HashEmbeddingModel(9))

    assert {len(vector) for vector in both.values()} == {8}
    assert both == first


async def test_embeddings_stay_within_the_budget():
    """They are calls too; without one, behaviour decides."""
    model = HashEmbeddingModel()
    search = await evolve(model, purse=Purse(Budget(calls=5)))

    assert len(model.embedded) == 5
    assert search.purse.spent() == {"calls": 5}
    assert search.stop_reason == "epochs"

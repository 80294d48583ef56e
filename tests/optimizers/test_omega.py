"""OMEGA evolves a population: who breeds, who is shown what, who stays."""

from collections import Counter

import pytest

from synthflow.language_models.defaults import set_default_language_model
from synthflow.optimizers.omega import OMEGA
from synthflow.search.budget import Budget, Purse
from synthflow.search.candidate import Candidate, by_merit
from synthflow.search.novelty import Survival, embedding_text
from synthflow.search.steps import Step
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel
from tests.search.toy import SEED, SOLUTION, Diary, RandomEdit, Scripted, ToyProgram, make_search, rows, values

HALF = Candidate(values((3, 1, 0, 0), 2))
POOR = Candidate(values((4, 4, 4, 4), 4))


async def started(optimizer, *, seeds=(SEED, HALF, POOR), **options):
    """Make a search whose seeds are scored, and a first step over all rows."""
    search = make_search(optimizer.proposers[0], seeds=seeds, **options)
    await search.start()
    return search, Step(1, 0, 0, tuple(search.rows))


async def evolve(optimizer, **options):
    """Run OMEGA over the toy."""
    search = make_search(**{"epochs": range(60), **options})
    await optimizer.run(search)
    return search


async def test_a_task_is_solved():
    """From zeros, OMEGA finds the five constants that the rows hide, and stops at once."""
    search = await evolve(OMEGA(offspring=16, proposers=[RandomEdit()]), epochs=range(200))

    assert search.stop_reason == "solved"
    assert search.best.reward == 1.0
    assert all(cell.reward == 1.0 for cell in search.best.cells.values())


async def test_a_solved_seed_costs_no_proposal():
    """Every seed is scored first, whatever the population size."""
    proposer, program = RandomEdit(), ToyProgram()
    search = await evolve(OMEGA(population_size=1, proposers=[proposer]), seeds=[SEED, POOR, SOLUTION], program=program)

    assert (search.best.id, search.stop_reason, proposer.briefs) == (SOLUTION.id, "solved", [])
    assert program.runs.total() == 12


@pytest.mark.parametrize(("offspring", "expected"), [(None, 3), (1, 1), (7, 7)])
async def test_a_generation_is_a_step_with_so_many_offspring(offspring, expected):
    """By default as many as survive; the population never grows beyond its size."""
    proposer = RandomEdit()
    search = await evolve(
        OMEGA(population_size=3, offspring=offspring, proposers=[proposer]), epochs=range(2), batch_size=2
    )

    assert (search.step, len(proposer.briefs)) == (4, 4 * expected)
    assert len(search.population) <= 3


async def test_survivors_are_those_of_dominated_novelty():
    """One generation keeps what the survival rule keeps of old and new together."""
    search = await evolve(OMEGA(population_size=3, offspring=9, proposers=[RandomEdit()]), epochs=range(1))
    everyone = await search.evaluate(list(search.archive.candidates.values()))

    assert {card.id for card in search.population} == {card.id for card in Survival().survivors(everyone, 3, 3)}


async def test_the_reward_never_falls_and_duplicates_cost_nothing():
    """Over a long run each cell is run once, and no seed is better than the end."""
    program = ToyProgram()
    search = await evolve(
        OMEGA(proposers=[RandomEdit(guesses=2)]), epochs=range(15), program=program, seeds=[SEED, HALF]
    )

    assert set(program.runs.values()) == {1}
    assert any(child.status == "duplicate" for child in search.children)
    assert search.best.reward >= (await search.evaluate([HALF]))[0].reward


async def test_evidence_is_the_drawn_parents_own_failures_in_the_batch():
    """Each brief shows rows that its first parent fails: of the batch where there are any, or else of all."""
    optimizer = OMEGA(selection="random", proposers=[RandomEdit()])
    search, _ = await started(optimizer)
    batch = Step(1, 0, 0, tuple(rows([0, 1])))
    shown = {}
    for slot in range(40):
        brief = optimizer.brief(search, batch, slot)
        assert all(brief.parents[0].cells[row.id].reward < 1.0 for row in brief.evidence)
        shown[brief.parents[0].id] = [row.x for row in brief.evidence]

    assert shown[SEED.id] == [0, 1]
    assert shown[HALF.id] == [1]
    solved_batch = Step(1, 0, 0, tuple(rows([0, 2])))
    briefs = [optimizer.brief(search, solved_batch, slot) for slot in range(40)]
    assert {x for b in briefs if b.parents[0].id == HALF.id for x in [tuple(r.x for r in b.evidence)]} == {(1, 3)}


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.7, 1.0])
async def test_crossover_happens_at_the_merging_rate_with_parents_that_differ(rate):
    """Of two thousand slots the share is within four standard errors, and no parent meets itself."""
    optimizer = OMEGA(merging_rate=rate, selection="random", proposers=[RandomEdit()])
    search, step = await started(optimizer)
    briefs = [optimizer.brief(search, step, slot) for slot in range(2000)]
    crossed = [brief for brief in briefs if len(brief.parents) == 2]

    assert abs(len(crossed) / 2000 - rate) <= 4 * (rate * (1 - rate) / 2000) ** 0.5
    for brief in crossed:
        (path,) = brief.scope
        one, other = (parent.candidate.values[path] for parent in brief.parents)
        assert one != other


async def test_no_crossover_where_it_cannot_be():
    """Neither with a proposer that only mutates, nor with a population of one."""
    mutating = OMEGA(merging_rate=1.0, proposers=[RandomEdit(operations={"mutation"})])
    lonely = OMEGA(merging_rate=1.0, proposers=[RandomEdit()])
    many, step = await started(mutating)
    one, _ = await started(lonely, seeds=[SEED])

    assert all(len(mutating.brief(many, step, slot).parents) == 1 for slot in range(50))
    assert all(len(lonely.brief(one, step, slot).parents) == 1 for slot in range(50))


async def test_crossover_depends_on_the_slots_own_proposer():
    """Of two proposers taking turns only the one that can is asked to."""
    can, cannot = RandomEdit(), Scripted({"b": SEED.values["b"]})
    await evolve(
        OMEGA(merging_rate=1.0, offspring=6, proposers=[can, cannot]), seeds=[SEED, HALF, POOR], epochs=range(1)
    )

    assert {len(brief.parents) for brief in can.briefs} == {2}
    assert {len(brief.parents) for brief in cannot.briefs} == {1}
    assert len(can.briefs) == len(cannot.briefs) == 3


async def test_each_selection_draws_as_it_says():
    """The best always, all alike, or by softmax: the better the more often, with the temperature."""

    async def drawn(**options):
        optimizer = OMEGA(proposers=[RandomEdit()], **options)
        search, step = await started(optimizer)
        return Counter(optimizer.brief(search, step, slot).parents[0].id for slot in range(1500)), search.population

    best, population = await drawn(selection="best")
    uniform, _ = await drawn(selection="random")
    softmax, _ = await drawn()
    cold, _ = await drawn(selection_temperature=1e-6)
    hot, _ = await drawn(selection_temperature=1e6)
    ranked = [card.id for card in population]

    assert best == Counter({ranked[0]: 1500}) == cold
    assert all(400 < uniform[each] < 600 and 400 < hot[each] < 600 for each in ranked)
    assert softmax[ranked[0]] > softmax[ranked[1]] > softmax[ranked[2]] > 0


async def test_one_variable_in_scope_is_changed_by_a_slot():
    """Both variables get their turns; a narrower scope of the search is kept to."""
    optimizer = OMEGA(proposers=[RandomEdit()])
    search, step = await started(optimizer)
    narrow, _ = await started(optimizer, scope={"a": frozenset({"left"})})
    scopes = [dict(optimizer.brief(search, step, slot).scope) for slot in range(30)]

    assert {tuple(scope) for scope in scopes} == {("a",), ("b",)}
    assert dict(optimizer.brief(narrow, step, 0).scope) == {"a": frozenset({"left"})}


async def test_instructions_reach_the_proposer():
    """OMEGA's own words go before the search's."""
    own, none = OMEGA(instructions="mine", proposers=[RandomEdit()]), OMEGA(proposers=[RandomEdit()])
    search, step = await started(own, instructions="the search's")

    assert own.brief(search, step, 0).instructions == "mine"
    assert none.brief(search, step, 0).instructions == "the search's"


def test_a_misspelt_argument_raises():
    """No argument is swallowed."""
    with pytest.raises(TypeError, match="populaton_size"):
        OMEGA(populaton_size=3)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("population_size", 0),
        ("offspring", 0),
        ("k_nearest_fitter", 0),
        ("selection", "tournament"),
        ("selection_temperature", 0.0),
        ("selection_temperature", float("nan")),
        ("merging_rate", 1.5),
        ("merging_rate", -0.1),
    ],
)
def test_a_value_out_of_range_raises_and_is_named(argument, value):
    """The message names the argument and what was given."""
    with pytest.raises(ValueError, match=rf"(?s){argument}.*{value}"):
        OMEGA(**{argument: value})


BROKEN = {"a": {"script": "def main(x):\n    return undefined - 1"}}


async def test_the_last_slot_repairs_a_child_that_failed():
    """Once, in the generation after, where its proposer can repair; no other slot is touched."""
    proposer = Scripted(BROKEN, operations=("mutation", "repair"))
    search = make_search(epochs=range(3), batch_size=9, scope={"a": None})
    await OMEGA(population_size=1, offspring=2, proposers=[proposer]).run(search)
    parents = [brief.parents[0].candidate.values["a"] for brief in proposer.briefs]

    assert parents[:2] == [SEED.values["a"]] * 2
    assert parents[3] == BROKEN["a"]
    assert [parent == BROKEN["a"] for parent in parents[4:]] == [False, False]  # the same again is no new child


@pytest.mark.parametrize(("operations", "offspring"), [(("mutation",), 2), (("mutation", "repair"), 1)])
async def test_without_a_slot_to_spare_nothing_is_repaired_on_purpose(operations, offspring):
    """A proposer that cannot is not asked to, and the only slot goes to the search."""
    proposer = Scripted(BROKEN, operations=operations)
    search = make_search(epochs=range(3), batch_size=9, scope={"a": None})
    await OMEGA(population_size=1, offspring=offspring, proposers=[proposer]).run(search)

    assert all(brief.parents[0].candidate.values["a"] == SEED.values["a"] for brief in proposer.briefs)


async def test_what_failed_to_run_is_told_to_the_next_writer():
    """With the verdict and the last line of its error."""
    proposer = Scripted(BROKEN)
    search = make_search(epochs=range(2), batch_size=9, scope={"a": None})
    await OMEGA(population_size=1, offspring=1, proposers=[proposer]).run(search)

    assert "failed on 4 rows (runtime: NameError" in proposer.briefs[-1].tried[0].reason


async def test_where_scores_are_partly_chance_children_are_screened_on_the_batch():
    """One that is worse there is run on no other row."""
    worse = {"a": {"script": "def main(x):\n    return x - 99"}}
    program = ToyProgram(deterministic=False)
    search = make_search(program=program, seeds=[HALF], batch_size=2, scope={"a": None}, watcher=Diary(stop_at_step=1))
    await OMEGA(population_size=1, proposers=[Scripted(worse)]).run(search)
    child = Candidate({**HALF.values, **worse})

    assert {row for candidate, row in program.runs if candidate == child.id} < {row.id for row in search.rows}
    assert len(search.archive) == 1


async def test_each_slot_changes_what_its_proposer_can_write():
    """Proposers of different variables share one population."""

    class Only(Scripted):
        def __init__(self, path):
            super().__init__({path: {"script": "def main(x):\n    return x"}})
            self.path = path

        def unfit(self, variable):
            return "" if variable.path == self.path else "not mine"

    first, second = Only("a"), Only("b")
    search = make_search(batch_size=9)
    await OMEGA(population_size=4, proposers=[first, second]).run(search)

    assert {tuple(brief.scope) for brief in first.briefs} == {("a",)}
    assert {tuple(brief.scope) for brief in second.briefs} == {("b",)}


def test_models_make_proposers():
    """A language model is given its proposer, with the options for it; beside proposers it is refused."""
    model = ScriptedLanguageModel([])
    optimizer = OMEGA(language_model=model, mutation_temperature=0.9, crossover_temperature=0.1, reasoning_effort="low")
    (proposer,) = optimizer.proposers

    assert proposer.language_model is model
    assert (proposer.mutation_temperature, proposer.crossover_temperature) == (0.9, 0.1)
    assert OMEGA(embedding_model="openai/test").embedding_model.model == "openai/test"
    with pytest.raises(ValueError, match="not both"):
        OMEGA(language_model=model, proposers=[RandomEdit()])


def test_the_default_model_writes_where_there_is_one():
    """And the symbolic search where there is none."""
    chosen = []
    for model in ("openai/test", None):
        set_default_language_model(model)
        chosen.append(type(OMEGA().proposers[0]).__name__)

    assert chosen == ["LanguageModelProposer", "SymbolicProposer"]


@pytest.mark.parametrize("offspring", [2, 8])
async def test_repair_takes_no_slot_from_crossover(offspring):
    """It is given instead of a mutation, so the rate stays what was configured."""
    proposer = Scripted(BROKEN, operations=("mutation", "crossover", "repair"))
    search = make_search(seeds=[SEED, HALF, POOR], epochs=range(5), batch_size=9, scope={"a": None})
    await OMEGA(population_size=4, offspring=offspring, merging_rate=1.0, proposers=[proposer]).run(search)

    assert {len(brief.parents) for brief in proposer.briefs} == {2}


async def test_a_repair_changes_what_the_child_had_changed():
    """All else stays out of its scope."""
    proposer = Scripted(BROKEN, operations=("mutation", "repair"))
    search = make_search(epochs=range(12), batch_size=9)
    await OMEGA(population_size=1, offspring=2, proposers=[proposer]).run(search)
    repairs = [brief for brief in proposer.briefs if brief.parents[0].candidate.values["a"] == BROKEN["a"]]

    assert [dict(brief.scope) for brief in repairs] == [{"a": None}]


async def test_a_batch_that_is_all_there_is_screens_nobody():
    """A child that is worse on it may still stay for being different."""
    worse = {"a": {"script": "def main(x):\n    return x - 99"}}
    search = make_search(program=ToyProgram(deterministic=False), seeds=[HALF], batch_size=9, scope={"a": None})
    await OMEGA(population_size=2, offspring=1, proposers=[Scripted(worse)]).run(search)

    assert len(search.population) == 2


@pytest.mark.parametrize("budget", [None, Budget(calls=10**6)])
async def test_embeddings_settle_a_generation_while_the_next_is_written(budget):
    """Those who were rivals before it are embedded; of the last generation nobody is."""
    model, written = HashEmbeddingModel(), []

    class Noting(RandomEdit):
        async def propose(self, brief, slot):
            written.append((brief.step, len(model.embedded)))
            return await super().propose(brief, slot)

    search = make_search(Noting(), epochs=range(3), batch_size=9, purse=Purse(budget))
    await OMEGA(population_size=2, offspring=4, embedding_model=model, proposers=[search.proposer]).run(search)
    before = {step: known for step, known in reversed(written)}

    assert before[1] == before[2] == 0
    assert 0 < before[3] <= 1 + 4
    assert len(set(model.embedded)) == len(model.embedded) <= 1 + 2 * 4
    assert len(search.population) == 2


async def test_who_stays_in_the_end_is_decided_by_embeddings():
    """Of three rivals, the one that points another way stays, and the better lookalike goes."""

    class Angles(HashEmbeddingModel):
        """Points of the compass."""

        def __init__(self):
            super().__init__()
            self.angles = {SEED.id: (0.0, 1.0), HALF.id: (1.0, 0.1), POOR.id: (1.0, 0.0)}

        async def __call__(self, texts):
            by_text = {embedding_text(one.values): self.angles[one.id] for one in (SEED, HALF, POOR)}
            return [by_text[text] for text in texts]

    search = make_search(Scripted(KeyError("nothing")), seeds=[SEED, HALF, POOR], epochs=range(2), batch_size=9)
    await OMEGA(population_size=2, offspring=1, embedding_model=Angles(), proposers=[search.proposer]).run(search)
    ranked = sorted((card for card in await search.evaluate([SEED, HALF, POOR])), key=by_merit, reverse=True)
    best, second, third = (card.candidate.id for card in ranked)
    compass = Angles().angles
    nearer = abs(compass[second][0] - compass[best][0]) < abs(compass[third][0] - compass[best][0])

    assert {card.id for card in search.population} == {best, third if nearer else second}

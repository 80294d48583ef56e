"""Search: what an optimizer may touch holds what it promises."""

import pytest

from synthflow.search.archive import Archive
from synthflow.search.candidate import Candidate, Row
from tests.search.toy import SEED, SOLUTION, Diary, RandomEdit, Scripted, ToyProgram, make_search, rows, values

HALF = Candidate(values((3, 1, 0, 0), 2))


class Climb:
    """A small optimizer: so many steps, one child each."""

    def __init__(self, steps):
        self.steps = steps

    async def run(self, search):
        """Climb."""
        await search.start()
        async for _ in search.steps(self.steps):
            children = await search.breed([search.brief(search.best)] * 3)
            search.keep([*search.population, *search.scored(children)])


async def test_all_seeds_are_scored_and_kept_best_first():
    """The best of the seeds is the first best; a seed given twice is one."""
    search = make_search(seeds=[SEED, HALF, SEED])
    await search.start()

    assert [card.id for card in search.population] == [HALF.id, SEED.id]
    assert search.best.id == HALF.id


async def test_best_before_the_start_says_what_is_missing():
    """No candidate has been scored yet."""
    with pytest.raises(RuntimeError, match=r"search\.start\(\)"):
        _ = make_search().best


async def test_the_best_never_falls_below_the_seed():
    """Whatever an optimizer keeps or names."""
    search = make_search(seeds=[HALF])
    await search.start()
    (worse,) = await search.evaluate([SEED])
    search.keep([worse], best=worse)

    assert [card.id for card in search.population] == [SEED.id]
    assert search.best.id == HALF.id


async def test_an_optimizer_may_name_another_best_of_equal_reward():
    """The guard holds against a fall, not against a step on level ground."""
    other = Candidate({**SEED.values, "a": {"script": SEED.values["a"]["script"] + "\n"}})
    search = make_search()
    await search.start()
    (level,) = await search.evaluate([other])
    search.keep([level], best=level)

    assert search.best.id == other.id


async def test_an_empty_population_is_refused():
    """There would be nobody to breed from."""
    search = make_search()
    await search.start()

    with pytest.raises(ValueError, match="at least"):
        search.keep([])


async def test_evidence_is_the_first_parents_own_failures():
    """The rows shown are those that this very parent fails, with its cells."""
    search = make_search(seeds=[SEED, HALF])
    await search.start()
    half, seed = search.population
    brief = search.brief(half, seed)

    assert [row.x for row in brief.evidence] == [1, 3]
    assert brief.rows == tuple(search.rows)
    assert all(brief.parents[0].cells[row.id].reward < 1.0 for row in brief.evidence)


async def test_a_brief_carries_what_the_search_knows():
    """Variables, scope, step and instructions are filled in; a caller's own go before."""
    search = make_search(instructions="aim high", scope={"b": None})
    await search.start()
    brief = search.brief(search.best)

    assert (dict(brief.scope), brief.step, brief.instructions) == ({"b": None}, 0, "aim high")
    assert list(brief.variables) == ["a", "b"]
    assert search.brief(search.best, instructions="lower", scope={}, evidence=()).instructions == "lower"


async def test_evaluate_answers_in_the_order_asked():
    """Cards are of the candidates given, on all rows, and known cells cost nothing."""
    program = ToyProgram(jitter=0.001)
    search = make_search(program=program, workers=64)
    await search.start()
    cards = await search.evaluate([SOLUTION, SEED, HALF])

    assert [card.id for card in cards] == [SOLUTION.id, SEED.id, HALF.id]
    assert [card.age for card in cards] == [1, 0, 2]
    assert set(program.runs.values()) == {1}


async def test_repeated_rows_are_run_once_and_weigh_as_often():
    """Three of four rows are the same one."""
    program = ToyProgram()
    search = make_search(program=program, seeds=[HALF], data=rows([0, 0, 0, 1]))
    await search.start()

    assert program.runs.total() == 2
    assert search.best.reward > 0.75


def test_a_sub_search_is_apart_in_chance_and_name():
    """Equal keys draw otherwise under another path, and a path is taken once."""
    search = make_search()
    one, two = search.sub("one"), search.sub("two")

    assert len({s.random("k").random() for s in (search, one, two, make_search(seed=1))}) == 4
    assert make_search().sub("one").random("k").random() == one.random("k").random()
    with pytest.raises(ValueError, match="name of its own"):
        search.sub("one")
    with pytest.raises(ValueError, match="name of its own"):
        search.sub("one/two")


async def test_a_sub_search_starts_from_the_population():
    """What was kept is its seeds, at no cost, and its finds are its own until they are joined."""
    program = ToyProgram()
    search = make_search(Scripted({"b": values(b=3)["b"]}), program=program, seeds=[SEED, HALF])
    await search.start()
    sub = search.sub("one", rows=rows([1]), scope={"b": None})
    await Climb(1).run(sub)

    assert sub.seeds == [HALF, SEED]
    assert (len(sub.archive), len(search.archive)) == (3, 2)
    search.join(sub)
    assert len(search.archive) == 3
    assert program.runs.total() == 8 + 1


async def test_what_a_sub_search_saw_on_other_rows_is_new_on_these():
    """A child known from one row is scored on all, not taken for a duplicate."""
    search = make_search(Scripted({"b": values(b=3)["b"]}))
    await search.start()
    sub = search.sub("one", rows=rows([0]))
    await Climb(1).run(sub)
    search.join(sub)
    (child,) = await search.breed([search.brief(search.best)])

    assert child.status == "scored"
    assert len(child.card.rows) == 4


@pytest.mark.parametrize("workers", [1, 3, 64])
async def test_sub_searches_run_at_once_and_are_joined_in_the_order_written(workers):
    """Three branches at any number of workers leave the same archive and the same bill."""

    async def run(workers, jitter):
        program = ToyProgram(jitter=jitter)
        search = make_search(RandomEdit(jitter=jitter, fail=0.1), program=program, workers=workers)
        await search.start()
        subs = [search.sub(f"{n}") for n in range(3)]
        await search.together([(sub, Climb(4)) for sub in subs])
        bests = [sub.best.id for sub in subs]
        return bests, list(search.archive.candidates), search.archive.tried, sorted(search.evaluator.journal.recorded)

    assert await run(workers, 0.002) == await run(1, 0.0)


async def test_a_branch_that_breaks_out_of_its_loop_is_closed():
    """`together` closes what its branches left open."""

    class Break:
        async def run(self, search):
            await search.start()
            async for _ in search.steps(3):
                break

    diary = Diary()
    search = make_search(watcher=diary)
    await search.start()
    sub = search.sub("one")
    await search.together([(sub, Break())])

    assert diary.events == ["step /one1 begins", "step /one1 ends"]
    assert sub.stop_reason == "optimizer"


async def test_a_given_archive_is_the_one_that_is_filled():
    """An empty one too."""
    archive = Archive()
    search = make_search(archive=archive)
    await search.start()

    assert list(archive.candidates) == [SEED.id]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": []}, "a seed and a row at least"),
        ({"batch_size": 0}, "batch_size"),
        ({"scope": {"c": None}}, "'c'"),
    ],
)
def test_what_cannot_be_searched_is_refused(options, message):
    """The error names what is wrong."""
    with pytest.raises(ValueError, match=message):
        make_search(**options)


def test_rows_are_needed():
    """Without rows nothing can be compared."""
    search = make_search(data=[Row(0, 0)])

    with pytest.raises(ValueError, match="0 rows"):
        search.sub("empty", rows=[])

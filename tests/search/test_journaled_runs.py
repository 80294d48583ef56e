"""A run over a journal that knows the answers is the same run, and a difference is found out."""

import asyncio
import random

import pytest

from synthflow.errors import Diverged
from synthflow.search.journal import Journal
from tests.search.toy import Diary, RandomEdit, Scripted, ToyProgram, make_search, outcome


class Climb:
    """A small optimizer, with a choice of where its chance comes from."""

    def __init__(self, *, hint=lambda search, step: "", steps=6):
        self.hint, self.steps = hint, steps

    async def run(self, search):
        """Climb."""
        await search.start()
        async for step in search.steps(self.steps):
            children = await search.breed([search.brief(search.best, hint=self.hint(search, step))] * 3)
            search.keep([*search.population, *search.scored(children)])


async def run(optimizer, facts=None, proposer=None, **options):
    """Run an optimizer over a journal; give the search and its journal."""
    search = make_search(
        proposer or RandomEdit(fail=0.2),
        journal=Journal(facts),
        program=ToyProgram(),
        batch_size=1,
        epochs=range(9),
        **options,
    )
    async with search.evaluator.journal:
        await optimizer.run(search)
    return search, search.evaluator.journal


async def test_failures_are_recorded_too():
    """A proposer that is back does not change what the resumed run sees: it fails where the first one failed."""
    first, journal = await run(
        Climb(), proposer=Scripted(ConnectionError("away"), {"b": {"script": "def main(x): return 1"}})
    )
    again, paid = await run(Climb(), journal.facts, proposer=Scripted({"b": {"script": "def main(x): return 2"}}))

    assert outcome(again) == outcome(first)
    assert paid.recorded == []


async def test_an_optimizer_with_chance_of_its_own_is_found_out():
    """Drawn from the global generator, a hint differs on resuming, and the place is named."""
    optimizer = Climb(hint=lambda search, step: str(random.random()))
    _, journal = await run(optimizer)

    with pytest.raises(Diverged, match="propose//1/0"):
        await run(optimizer, journal.facts)


async def test_an_optimizer_that_draws_from_the_search_is_resumed():
    """The same keys draw alike again."""
    optimizer = Climb(hint=lambda search, step: str(search.random(step.number).random()))
    first, journal = await run(optimizer)
    again, paid = await run(optimizer, journal.facts)

    assert outcome(again) == outcome(first)
    assert paid.recorded == []


async def test_changed_options_are_found_out():
    """Other words in the brief, another seed: the recorded answers were to another question."""
    _, journal = await run(Climb())

    with pytest.raises(Diverged, match="propose"):
        await run(Climb(), journal.facts, instructions="other words")
    with pytest.raises(Diverged):
        await run(Climb(), journal.facts, seed=1)


async def test_a_proposer_with_chance_of_its_own_is_still_never_paid_twice():
    """A full journal gives the same run; from a part of it the run goes on to an end of its own."""

    class Unseeded(RandomEdit):
        async def propose(self, brief, slot):
            return {"b": {"script": f"def main(x):\n    return x - {random.randrange(10**6)}\n"}}

    first, journal = await run(Climb(), proposer=Unseeded())
    again, paid = await run(Climb(), journal.facts, proposer=Unseeded())
    known = dict(list(journal.facts.items())[:20])
    cut, rest = await run(Climb(), known, proposer=Unseeded())

    assert outcome(again) == outcome(first)
    assert paid.recorded == []
    assert not known.keys() & set(rest.recorded)
    assert cut.stop_reason


async def test_no_work_outlives_a_run_that_is_cancelled():
    """Cancelled in the middle, the run leaves no task, and its journal continues to the same end."""
    whole, _ = await run(Climb())
    reached = asyncio.Event()

    class Counting(Journal):
        def _record(self, key, fact):
            super()._record(key, fact)
            if len(self.recorded) == 25:
                reached.set()

    search = make_search(
        RandomEdit(fail=0.2, jitter=0.002),
        program=ToyProgram(jitter=0.002),
        journal=Counting(),
        batch_size=1,
        epochs=range(9),
    )
    running = asyncio.create_task(Climb().run(search))
    await reached.wait()
    running.cancel()
    await asyncio.wait([running])
    resumed, _ = await run(Climb(), search.evaluator.journal.facts)

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert outcome(resumed) == outcome(whole)


async def test_a_run_that_a_watcher_stopped_continues_to_the_same_end():
    """Stopped at step 3 and run again over its journal, it ends as if never stopped."""
    whole, _ = await run(Climb())
    stopped, journal = await run(Climb(), watcher=Diary(stop_at_step=3))
    resumed, _ = await run(Climb(), journal.facts)

    assert (stopped.step, stopped.stop_reason) == (3, "seen enough")
    assert outcome(resumed) == outcome(whole)


async def test_a_second_fit_pays_for_no_cell_twice():
    """With the cells alone known, all proposals are asked again and nothing is run."""
    first, _ = await run(Climb())
    again, paid = await run(Climb(), first.evaluator.memo())

    assert outcome(again) == outcome(first)
    assert again.evaluator.evaluations == 0
    assert {key.split("/")[0] for key in paid.recorded} == {"propose", "step"}


async def test_an_error_leaves_what_was_committed_readable():
    """When a person's reward raises in the middle, the archive and the best so far are there."""
    program = ToyProgram()

    class Breaks(Climb):
        async def run(self, search):
            await search.start()
            async for step in search.steps():
                if step.number == 4:
                    program.broken = {2}
                children = await search.breed([search.brief(search.best)] * 3)
                search.keep([*search.population, *search.scored(children)])

    search = make_search(RandomEdit(), program=program, batch_size=1, epochs=range(9))

    with pytest.raises(KeyError, match="row 2"):
        await Breaks().run(search)
    assert search.step == 4
    assert len(search.archive) > 1
    assert search.best.reward >= search.population[-1].reward

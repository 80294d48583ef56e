"""Every optimizer is the same run at any number of workers, from a full journal, and from any part of one."""

import pytest

from synthflow.optimizers.climber import Climber
from synthflow.optimizers.convergence import TestConvergence
from synthflow.optimizers.omega import OMEGA
from synthflow.search.journal import Journal
from tests.search.toy import RandomEdit, ToyProgram, make_search, outcome

CASES = {
    "Climber": lambda proposer: Climber(branching=3, max_iterations=12, patience=8, proposers=[proposer]),
    "TestConvergence": lambda proposer: TestConvergence(max_iterations=25, patience=None, proposers=[proposer]),
    "OMEGA": lambda proposer: OMEGA(offspring=6, population_size=4, merging_rate=0.4, proposers=[proposer]),
}
each_optimizer = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


class Killed(BaseException):
    """The machine is gone."""


class Mortal(Journal):
    """A journal whose machine dies after so many facts."""

    def __init__(self, facts, after):
        super().__init__(facts)
        self.after = after

    def _record(self, key, fact):
        if len(self.recorded) >= self.after:
            raise Killed
        super()._record(key, fact)


async def run(make, *, workers=1, jitter=0.0, journal=None, seed=0):
    """Run one optimizer over the toy; one proposal in ten fails, and no 4 may be in the second script."""
    proposer, program = RandomEdit(fail=0.1, jitter=jitter), ToyProgram(jitter=jitter)
    search = make_search(
        proposer,
        program=program,
        journal=journal,
        workers=workers,
        constraints=[lambda values: "a 4" if "- 4" in values["b"]["script"] else ""],
        seed=seed,
        batch_size=3,
        epochs=range(5),
    )
    async with search.evaluator.journal as facts:
        await make(proposer).run(search)
    assert set(program.runs.values()) <= {1}
    return outcome(search), facts


@each_optimizer
@pytest.mark.parametrize("seed", [0, 1])
async def test_any_number_of_workers_gives_the_same_outcome_and_the_same_bill(make, seed):
    """1, 3 and 64 workers with random latencies end alike and pay for the same facts."""
    expected, bill = await run(make, seed=seed)
    for workers in (1, 3, 64):
        result, facts = await run(make, workers=workers, jitter=0.002, seed=seed)
        assert result == expected
        assert sorted(facts.recorded) == sorted(bill.recorded)


@each_optimizer
async def test_a_full_journal_is_replayed_for_nothing(make):
    """The same end, and no fact is paid for."""
    expected, facts = await run(make, workers=64, jitter=0.001)
    result, replay = await run(make, journal=Journal(facts.facts))

    assert result == expected
    assert replay.recorded == []


@each_optimizer
async def test_any_part_of_a_journal_is_continued_to_the_same_end(make):
    """Facts in order of arrival, cut anywhere: the rest of the bill is paid, and nothing twice."""
    expected, facts = await run(make, workers=64, jitter=0.001)
    arrival = list(facts.facts.items())
    for cut in range(0, len(arrival) + 1, max(1, len(arrival) // 12)):
        result, rest = await run(make, workers=64, journal=Journal(dict(arrival[:cut])))
        assert result == expected
        assert sorted([key for key, _ in arrival[:cut]] + rest.recorded) == sorted(facts.recorded)


@each_optimizer
async def test_a_run_killed_again_and_again_ends_as_if_never_killed(make):
    """Every twenty facts the work under way is lost; other numbers of workers go on."""
    expected, _ = await run(make)
    facts, lives, result = {}, 0, None
    while result is None:
        journal = Mortal(facts, after=20)
        try:
            result, _ = await run(make, workers=(8, 1, 32)[lives % 3], jitter=0.001, journal=journal)
        except Killed:
            facts, lives = dict(journal.facts), lives + 1

    assert lives > 1
    assert result == expected


@each_optimizer
async def test_another_seed_is_another_run(make):
    """The seed is what chance depends on."""
    first, _ = await run(make, seed=0)
    second, _ = await run(make, seed=1)

    assert first["archive"] != second["archive"]

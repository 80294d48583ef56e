"""Each (candidate, row) cell is run once."""

import asyncio

import pytest

from synthflow.search.candidate import Candidate, Cell, Row
from synthflow.search.evaluator import Evaluator
from synthflow.search.executors import LocalExecutor
from synthflow.search.journal import Journal
from tests.search.toy import SEED, SOLUTION, ToyProgram, rows


def make(program, journal=None, workers=4):
    """Make an evaluator of a program."""
    return Evaluator(program, journal or Journal(), LocalExecutor(workers))


@pytest.mark.parametrize("batched", [False, True])
async def test_only_missing_cells_are_run(batched):
    """Known rows are answered from the journal; new rows are run."""
    program = ToyProgram(batched=batched)
    evaluator = make(program)
    first = await evaluator.evaluate(SEED, rows(range(2)))
    both = await evaluator.evaluate(SEED, rows(range(4)))

    assert set(program.runs.values()) == {1}
    assert evaluator.evaluations == 4
    assert first.items() <= both.items()


@pytest.mark.parametrize("batched", [False, True])
async def test_many_who_ask_at_once_share_one_run(batched):
    """Ten askers, and twins under other names, pay for each cell once."""
    program = ToyProgram(jitter=0.001, batched=batched)
    evaluator = make(program)
    twin = Candidate(dict(SEED.values), parents=("someone",))

    cells = await asyncio.gather(*[evaluator.evaluate(who, rows()) for who in [SEED, twin] * 5])

    assert set(program.runs.values()) == {1}
    assert all(one == cells[0] for one in cells)


async def test_a_batched_program_gets_all_missing_rows_in_one_call():
    """Four rows come as one batch; to another program they come one by one."""
    together, apart = ToyProgram(batched=True), ToyProgram()
    await make(together).evaluate(SEED, rows())
    await make(apart).evaluate(SEED, rows())

    assert together.batches == [4]
    assert apart.batches == [1, 1, 1, 1]


async def test_equal_rows_are_run_once():
    """A row that occurs thrice is one cell."""
    program = ToyProgram()
    cells = await make(program).evaluate(SOLUTION, rows([1, 1, 1]))

    assert list(cells.values()) == [Cell(1.0, "ok", 4)]
    assert program.runs.total() == 1


@pytest.mark.parametrize("workers", [1, 3])
async def test_the_bound_holds_over_all_candidates(workers):
    """However many candidates are evaluated at once, no more rows run than there are workers."""
    program = ToyProgram(jitter=0.001)
    evaluator = make(program, workers=workers)

    await asyncio.gather(*[evaluator.evaluate(who, rows()) for who in (SEED, SOLUTION)])

    assert program.most == workers


async def test_an_error_of_a_persons_code_is_raised_as_itself():
    """No group is around it, the cells before it are kept, and no task is left."""
    program = ToyProgram(broken={2})
    evaluator = make(program, workers=1)

    with pytest.raises(KeyError, match="the reward raised on row 2"):
        await evaluator.evaluate(SEED, rows())
    assert len(evaluator.journal.facts) == 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_memo_lets_a_second_run_pay_for_nothing():
    """The same program, candidate and rows cost nothing the second time."""
    first, second = ToyProgram(), ToyProgram()
    evaluator = make(first)
    cells = await evaluator.evaluate(SEED, rows())

    assert await make(second, Journal(evaluator.memo())).evaluate(SEED, rows()) == cells
    assert not second.runs


async def test_the_memo_belongs_to_its_program():
    """A program with another fingerprint runs its own cells."""
    other = ToyProgram(name="other")
    evaluator = make(ToyProgram())
    await evaluator.evaluate(SEED, rows())
    await make(other, Journal(evaluator.memo())).evaluate(SEED, rows())

    assert other.runs.total() == 4


async def test_chance_and_the_machines_failures_are_not_remembered():
    """A stochastic program leaves no memo, nor does a cell that timed out or met a broken sandbox."""

    class Tired(ToyProgram):
        def cell(self, values, row):
            return Cell(0.0, ("ok", "timeout", "infrastructure", "runtime")[row.x], None)

    tired, chancy = make(Tired()), make(ToyProgram(deterministic=False))
    await tired.evaluate(SEED, rows())
    await chancy.evaluate(SEED, rows())

    assert sorted(fact.value["verdict"] for fact in tired.memo().values()) == ["ok", "runtime"]
    assert chancy.memo() == {}


async def test_proposals_are_no_part_of_the_memo():
    """Only cells hold for another run."""
    evaluator = make(ToyProgram())
    evaluator.journal.note("propose//1/0", {"values": {}})
    await evaluator.evaluate(SEED, [Row(0, 0)])

    assert len(evaluator.memo()) == 1


async def test_a_program_that_loses_a_row_is_found_out():
    """A cell is never attached to another row."""

    class Short(ToyProgram):
        async def run(self, values, rows):
            return (await super().run(values, rows))[1:]

    with pytest.raises(ValueError, match="zip"):
        await make(Short(batched=True)).evaluate(SEED, rows())


def test_the_first_broken_constraint_is_named():
    """Constraints are asked in order."""
    evaluator = Evaluator(
        ToyProgram(), Journal(), LocalExecutor(), [lambda values: "", lambda values: "too long", lambda values: "late"]
    )

    assert evaluator.violation(SEED) == "too long"

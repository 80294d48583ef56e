"""The symbolic proposer writes scripts for rows of grids, and refuses all else in words."""

import asyncio
import random

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError
from synthflow.optimizers.omega import OMEGA
from synthflow.proposers.symbolic_proposer import SCRIPT, SymbolicProposer, grid_fields, unfit
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Candidate, Cell, Row, Scorecard
from synthflow.search.protocols import VariableInfo

PATH = "python_synthesis/state"
SEED = 'result = {"grid": inputs["grid"]}'
SCHEMA = {"type": "object", "properties": {SCRIPT: {"type": "string"}}, "required": [SCRIPT]}
FEW = 900


class Grid(DataModel):
    """One grid."""

    grid: list[list[int]]


class Two(Grid):
    """Two grids."""

    other: list[list[int]]


class Words(DataModel):
    """No grid."""

    words: list[str]
    lines: list[list[str]]
    n: int


class Pair(DataModel):
    """An example within an input."""

    one: list[list[int]]


class Shown(Grid):
    """A grid, with examples of others beside it."""

    examples: list[Pair]


def info(*, schema=SCHEMA, inputs=Grid, outputs=Grid, direct=True):
    """Describe a variable."""
    return VariableInfo(PATH, "", schema, "", inputs.get_schema(), outputs.get_schema(), "", direct)


def flipped(*grids):
    """Give rows whose answers are the grids upside down."""
    return tuple(Row({"grid": grid}, {"grid": grid[::-1]}) for grid in grids)


ROWS = flipped([[1, 2], [3, 4], [5, 6]], [[7, 0, 7], [1, 1, 0]])


def brief(rows=ROWS, *, step=1, answers=None, verdict="ok", script=SEED, about=None):
    """Show a parent that answered what it was given, or `answers`."""
    about = about or info()
    given = answers or [row.x["grid"] for row in rows]
    cells = {row.id: Cell(0.0, verdict, {"grid": grid}) for row, grid in zip(rows, given, strict=True)}
    parent = Scorecard(Candidate({PATH: {SCRIPT: script}}), cells, tuple(cells))
    return Brief((parent,), rows, rows, {PATH: None}, step=step, variables={PATH: about})


async def propose(proposer, asked, of=4, first=0):
    """Give the answer, or the error, of each slot."""
    slots = [Slot(number, of, random.Random(0)) for number in range(first, of)]
    answers = await asyncio.gather(*(proposer.propose(asked, slot) for slot in slots), return_exceptions=True)
    return [answer if isinstance(answer, Exception) else answer[PATH][SCRIPT] for answer in answers]


def run(script, grid):
    """Run a script under plain Python."""
    space = {"inputs": {"grid": grid}}
    exec(script, space)
    return space["result"]["grid"]


@pytest.fixture
async def proposer():
    """Make one with a small budget, and close it."""
    made = SymbolicProposer(evaluations=FEW, workers=1)
    yield made
    await made.close()


async def test_the_first_slot_gets_the_best_script_and_each_another(proposer):
    """It fits every row, and runs under plain Python."""
    scripts = [script for script in await propose(proposer, brief()) if isinstance(script, str)]

    assert scripts
    assert len(set(scripts)) == len(scripts)
    assert all(run(scripts[0], row.x["grid"]) == row.y["grid"] for row in ROWS)
    assert run(scripts[0], [[9], [8]]) == [[8], [9]]


async def test_the_answers_do_not_depend_on_the_number_of_processes():
    """One or two."""
    answers = []
    for workers in (1, 2):
        proposer = SymbolicProposer(evaluations=FEW, workers=workers)
        answers.append([str(one) for step in (1, 2) for one in await propose(proposer, brief(step=step))])
        await proposer.close()

    assert answers[0] == answers[1]


async def test_an_answer_depends_on_the_brief_and_the_slot_alone(proposer):
    """Not on what was asked before: a resumed run gets the same."""
    later = [str(one) for one in await propose(proposer, brief(step=2))]
    fresh = SymbolicProposer(evaluations=FEW, workers=1)
    await propose(fresh, brief(flipped([[1, 0]], [[0, 2], [3, 3]])))
    await propose(fresh, brief(step=1))
    again = [str(one) for one in await propose(fresh, brief(step=2))]
    await fresh.close()

    assert later == again


async def test_equal_pairs_are_searched_once(proposer):
    """Rows that say the same add nothing, and the order of fields does not matter."""
    doubled = (*ROWS, *ROWS)

    assert await propose(proposer, brief(doubled), of=1) == await propose(proposer, brief(), of=1)


async def test_a_slot_beyond_what_was_found_fails_with_the_number(proposer):
    """The search goes on with the others."""
    answers = await propose(proposer, brief(), of=400, first=398)

    assert all(isinstance(answer, LookupError) for answer in answers)
    assert "The search found" in str(answers[0])
    assert "number 399" in str(answers[0])


async def test_the_last_slot_repairs_its_parent(proposer):
    """It goes on from what the parent answers, and keeps its script."""
    paint = "def paint(grid):\n    return [[v or 5 for v in row] for row in grid]\n"
    script = paint + '\nresult = {"grid": paint(inputs["grid"])}'
    rows = tuple(
        Row({"grid": grid}, {"grid": [[v or 5 for v in row] for row in grid][::-1]})
        for grid in ([[0, 2], [3, 0], [0, 6]], [[7, 0, 7], [1, 1, 0]])
    )
    answers = [[[v or 5 for v in row] for row in row.x["grid"]] for row in rows]
    repaired = (await propose(proposer, brief(rows, answers=answers, script=script), of=3, first=2))[0]

    assert "paint" in repaired
    assert all(run(repaired, row.x["grid"]) == row.y["grid"] for row in rows)
    late = [
        (await propose(proposer, brief(rows, step=step, answers=answers, script=script), of=3, first=2))[0]
        for step in (20, 21)
    ]
    assert all("paint" in repair for repair in late)
    assert late[0] != late[1]


@pytest.mark.parametrize(
    "options",
    [
        {"verdict": "timeout"},
        {"answers": [[[1] * 31], [[1]]]},
        {"answers": [[[1], [1, 2]], [[1]]]},
        {"answers": [[], [[1]]]},
        {"answers": [[[]], [[1]]]},
    ],
)
async def test_a_parent_that_answered_no_grids_is_not_repaired(proposer, options):
    """Its slot gets what it would get if it were not the last one."""
    *_, unrepaired, _ = await propose(proposer, brief(), of=3)
    (answer,) = await propose(proposer, brief(**options), of=2, first=1)

    assert isinstance(unrepaired, str)
    assert answer == unrepaired


async def test_a_parent_that_is_no_python_is_not_repaired(proposer):
    """Its slot fails: nothing that is written after such a script could run."""
    asked = brief(script="result = (", answers=[row.y["grid"][:1] for row in ROWS])
    (answer,) = await propose(proposer, asked, of=2, first=1)

    assert isinstance(answer, LookupError)
    assert "found 0 new programs" in str(answer)


@pytest.mark.parametrize(
    "pairs",
    [
        [([[0] * 40] * 40, [[1]])],
        [([[1, 2], [3]], [[1]])],
        [([], [])],
        [([[]], [[1]])],
        [([[1]], [[1, 2], [3]])],
        [([[-1, 99]], [[10**30]])],
        [([[1]], [[2]])] * 1 + [([[1]], [[3]])],
        [(None, [[1]])],
    ],
)
async def test_rows_that_no_primitive_can_read_fail_their_slot_only(proposer, pairs):
    """Huge, ragged, empty, odd or contradictory grids do not end a run, nor break the next request."""
    rows = tuple(Row({"grid": x}, {"grid": y}) for x, y in pairs)
    answers = await propose(proposer, brief(rows), of=2)

    assert all(isinstance(answer, (str, LookupError, TypeError)) for answer in answers)
    assert isinstance((await propose(proposer, brief(), of=1))[0], str)


async def test_a_limit_of_seconds_marks_the_run_as_cut_short():
    """A generation that ends by the clock cannot be repeated exactly."""
    hard = flipped(*[[[(7 * r * c + n + c) % 10 for c in range(12)] for r in range(12)] for n in range(3)])
    hard = tuple(Row(row.x, {"grid": [[(v * 3 + 1) % 10 for v in line] for line in row.y["grid"]]}) for row in hard)
    short = SymbolicProposer(evaluations=10**6, workers=1, seconds=0.2)
    await propose(short, brief(hard), of=1)

    assert short.truncated
    await short.close()
    assert not short.truncated


async def test_without_a_limit_nothing_is_cut_short(proposer):
    """The budget counts evaluations."""
    await propose(proposer, brief())

    assert not proposer.truncated


def test_it_goes_on_in_a_later_event_loop():
    """A notebook and a script may both use one proposer."""
    made = SymbolicProposer(evaluations=FEW, workers=1)

    async def once():
        answers = await propose(made, brief(), of=2)
        await made.close()
        return [str(answer) for answer in answers]

    assert asyncio.run(once()) == asyncio.run(once())


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (info(schema={"type": "object", "properties": {"prompt": {"type": "string"}}}), "it holds no script"),
        (info(direct=False), "the rows do not show what it must do"),
        (info(inputs=Two), "its input has 2 grids"),
        (info(inputs=Words), "its input has 0 grids"),
        (info(outputs=Two), "its output is not one grid"),
        (info(outputs=Words), "its output is not one grid"),
    ],
)
async def test_what_it_cannot_write_is_said_at_compile(proposer, about, words):
    """With what to do instead; asked anyway, the slot fails."""
    with pytest.raises(CompileError) as raised:
        OMEGA(proposers=[proposer]).check({PATH: about})
    assert words in str(raised.value)
    assert "OMEGA(language_model=...)" in str(raised.value)
    (answer,) = await propose(proposer, brief(about=about), of=1)
    assert isinstance(answer, LookupError)


def test_one_variable_that_it_can_write_is_enough(proposer):
    """The others keep their values."""
    OMEGA(proposers=[proposer]).check({"prose/state": info(direct=False), PATH: info()})

    assert unfit(info()) == ""


def test_grids_are_found_among_other_fields():
    """Those of the examples within an input are not its own."""
    assert grid_fields(Shown.get_schema()) == ["grid"]
    assert grid_fields(Two.get_schema()) == ["grid", "other"]
    assert grid_fields(Words.get_schema()) == []


def test_its_configuration_makes_it_again():
    """It is saved with a program."""
    made = SymbolicProposer(evaluations=600, workers=1, seconds=2.0)

    assert SymbolicProposer(**made.get_config()).get_config() == made.get_config()
    assert made.operations == {"mutation"}


@pytest.mark.parametrize("wrong", [{"evaluations": 2}, {"workers": 0}, {"seconds": 0}, {"seconds": -1.0}])
def test_a_number_below_its_least_is_refused(wrong):
    """The message names it."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SymbolicProposer(**wrong)

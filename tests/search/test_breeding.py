"""Breeding: all slots at once, committed in slot order, and nothing is run twice."""

import asyncio

import pytest

from synthflow.errors import EvaluationError
from synthflow.search.archive import MOST_TRIED
from synthflow.search.candidate import Candidate
from tests.search.toy import SEED, SOLUTION, RandomEdit, Scripted, ToyProgram, make_search, rows, values


def script(n):
    """Give a proposal for the second script."""
    return {"b": values(b=n)["b"]}


async def begun(proposer, **options):
    """Make a search whose seeds are scored."""
    search = make_search(proposer, **options)
    await search.start()
    return search


async def breed(search, count, **options):
    """Breed children of the best."""
    return await search.breed([search.brief(search.best)] * count, **options)


async def test_children_come_in_slot_order_and_so_do_their_ages():
    """The slot that ends last is committed first when it is the lowest."""

    class Backwards(Scripted):
        async def propose(self, brief, slot):
            for _ in range(20 - slot.number):
                await asyncio.sleep(0)
            return await super().propose(brief, slot)

    search = await begun(Backwards(*[script(n) for n in range(1, 9)]), workers=64)
    children = await breed(search, 8)

    assert [child.slot for child in children] == list(range(8))
    assert [child.card.age for child in children] == list(range(1, 9))
    assert search.children == children


async def test_slot_0_wins_a_tie():
    """Of two children alike in reward the lower slot is the better by merit."""
    search = await begun(
        Scripted({"a": {"script": "def main(x): return None"}}, {"a": {"script": "def main(x): pass"}})
    )
    first, second = await breed(search, 2)
    search.keep([second.card, first.card])

    assert first.card.reward == second.card.reward
    assert search.population[0].id == first.card.id


async def test_a_known_child_costs_no_run_and_carries_the_known_card():
    """A copy of the seed, and of a lower slot, are duplicates with cards; each cell ran once."""
    program = ToyProgram(jitter=0.001)
    search = await begun(Scripted(script(1), script(1), script(0)), program=program, workers=64)
    new, twin, seed = await breed(search, 3)

    assert [child.status for child in (new, twin, seed)] == ["scored", "duplicate", "duplicate"]
    assert (twin.card.id, seed.card.id) == (new.card.id, SEED.id)
    assert seed.card.age == 0
    assert "known" in twin.reason
    assert set(program.runs.values()) == {1}
    assert search.scored([new, twin, seed]) == [new.card]


async def test_a_proposal_that_cannot_be_used_is_a_child_with_a_reason():
    """Nothing raises: no mapping, an unknown variable, a null script, an error, a frozen variable."""
    program = ToyProgram()
    bad = Scripted(None, {"c": {}}, {"b": {"script": None}}, ConnectionError("away"), {"a": SOLUTION.values["a"]})
    search = await begun(bad, program=program, scope={"b": None})
    children = await breed(search, 5)

    assert [child.status for child in children] == ["failed", "failed", "failed", "failed", "refused"]
    assert all(child.reason and child.card is None for child in children)
    assert program.runs.total() == 4
    assert list(search.archive.candidates) == [SEED.id]


async def test_a_broken_constraint_costs_no_run():
    """The child is refused with the constraint's words."""
    program = ToyProgram()
    search = await begun(
        Scripted(script(4)), program=program, constraints=[lambda v: "a 4" if "4" in v["b"]["script"] else ""]
    )
    (child,) = await breed(search, 1)

    assert (child.status, child.reason) == ("refused", "a 4")
    assert program.runs.total() == 4


async def test_a_syntax_error_in_a_scope_of_functions_is_refused():
    """It is a reason, and the run goes on."""
    search = await begun(Scripted({"a": {"script": "def left(x:"}}), scope={"a": frozenset({"left"})})
    (child,) = await breed(search, 1)

    assert child.status == "refused"
    assert "does not parse" in child.reason


async def test_a_script_that_fails_is_scored_like_any_other():
    """Its cells have the verdict and a reward of 0."""
    search = await begun(Scripted({"a": {"script": "def main(x): return 1 / 0"}}))
    (child,) = await breed(search, 1)

    assert (child.status, child.card.reward) == ("scored", 0.0)
    assert {cell.verdict for cell in child.card.cells.values()} == {"runtime"}


async def test_a_child_that_falls_on_the_trial_rows_never_enters_the_archive():
    """It ran on the trial rows alone; the one that passes ran on all, each row once."""
    program = ToyProgram()
    search = await begun(Scripted(script(3), script(2)), program=program, seeds=[Candidate(values((3, 1, 0, 0), 1))])
    trial = rows([0])
    children = await breed(search, 2, trial=trial, passes=lambda card, brief: card.solved)

    assert [child.status for child in children] == ["rejected", "scored"]
    assert "its reward on a batch is 0.250" in children[0].reason
    assert len(search.archive) == 2
    assert program.runs.total() == 4 + 1 + 4
    assert set(program.runs.values()) == {1}


async def test_a_known_child_needs_no_trial():
    """What the archive knows is a duplicate, though it would fall on the trial rows."""
    search = await begun(Scripted(script(0)))
    (child,) = await breed(search, 1, trial=rows([0]), passes=lambda card, brief: False)

    assert child.status == "duplicate"


@pytest.mark.parametrize("workers", [1, 3, 64])
async def test_an_early_stop_falls_between_waves_so_the_bill_is_the_same(workers):
    """Forty slots in waves of four, the tenth of which hits, are twelve, at any number of workers."""
    program, proposer = ToyProgram(jitter=0.002), Scripted(*[script(2 if n == 9 else 10 + n) for n in range(40)])
    search = await begun(proposer, program=program, workers=workers, seeds=[Candidate(values((3, 1, 2, 4), 0))])
    children = await breed(search, 40, wave=4, until=lambda so_far: any(c.card and c.card.solved for c in so_far))

    assert len(children) == len(proposer.briefs) == 12
    assert children[9].card.solved
    assert program.runs.total() == 4 * 13


async def test_slots_are_shared_out_among_proposers():
    """Slot n is written by proposer n modulo their number, and the others see nothing of it."""
    first, second = Scripted(script(1)), Scripted(script(2))
    search = await begun(Scripted(script(9)))
    await breed(search, 5, proposers=[first, second])

    assert [slot.number for slot in first.slots] == [0, 2, 4]
    assert [slot.number for slot in second.slots] == [1, 3]
    assert {slot.of for slot in first.slots} == {5}


async def test_every_slot_of_every_call_has_chance_of_its_own():
    """No two slots draw alike, and the same slot draws alike in a repeated run."""

    async def draws():
        proposer = Scripted(script(1))
        search = await begun(proposer)
        await breed(search, 3)
        await breed(search, 3)
        return [slot.rng.random() for slot in proposer.slots]

    first = await draws()

    assert len(set(first)) == 6
    assert await draws() == first


async def test_what_led_nowhere_is_told_to_the_next_writer():
    """Failures, refusals, duplicates and worse children are in the parent's next brief, in slot order, capped."""
    proposer = Scripted(
        ConnectionError("away"), {"a": {"script": 1}}, script(0), {"a": {"script": "def main(x): pass"}}
    )
    search = await begun(proposer, seeds=[Candidate(values())])
    parent = search.best
    await search.breed([search.brief(parent)] * 4)
    tried = search.brief(parent).tried
    for _ in range(4):
        await search.breed([search.brief(parent)] * 4)

    assert [attempt.status for attempt in tried] == ["failed", "failed", "duplicate", "scored"]
    assert len(search.brief(parent).tried) == MOST_TRIED


async def test_two_breeds_at_once_are_refused_with_the_remedy():
    """They would race for their place in the run."""
    search = await begun(RandomEdit(jitter=0.001))

    with pytest.raises(RuntimeError, match="together"):
        await asyncio.gather(breed(search, 2), breed(search, 2))


async def test_after_a_refused_second_breed_the_first_is_whole():
    """The one that came first ends as if alone, and the next may come."""
    search = await begun(RandomEdit(jitter=0.001))
    first, second = await asyncio.gather(breed(search, 2), breed(search, 2), return_exceptions=True)

    assert [len(first), type(second)] == [2, RuntimeError]
    assert len(await breed(search, 3)) == 3


async def test_an_error_of_a_persons_code_ends_the_breed_as_itself():
    """What was committed before is still there, nothing of the wave is, and no task is left."""
    program = ToyProgram()
    search = await begun(Scripted(script(1), script(2)), program=program)
    await breed(search, 1)
    program.broken = {2}

    with pytest.raises(KeyError, match="row 2"):
        await breed(search, 2)
    assert len(search.archive) == 2
    assert search.best.id == SEED.id
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_of_a_constraint_names_the_candidate():
    """A constraint is a person's code too."""

    def constraint(values):
        if "1" in values["b"]["script"]:
            raise ZeroDivisionError("in the constraint")
        return ""

    search = await begun(Scripted(script(1)), constraints=[constraint])

    with pytest.raises(EvaluationError, match=r"(?s)in the constraint.*of candidate [0-9a-f]{32}") as raised:
        await breed(search, 1)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


async def test_a_constraint_answers_in_words():
    """True would refuse every child and give no reason."""
    search = await begun(Scripted(script(1)), constraints=[lambda values: "1" in values["b"]["script"] or None])

    with pytest.raises(EvaluationError, match="answered True"):
        await breed(search, 1)


async def test_no_briefs_make_no_children():
    """An empty generation is nothing."""
    search = await begun(Scripted())

    assert await search.breed([]) == []

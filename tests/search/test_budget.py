"""A budget is held before anything begins, settled after, and never overdrawn."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.meter import metered
from synthflow.language_models.usage import Usage
from synthflow.optimizers.omega import OMEGA
from synthflow.search.budget import Budget, Purse
from synthflow.search.candidate import Candidate
from synthflow.testing import ScriptedLanguageModel
from tests.search.toy import RandomEdit, Scripted, ToyProgram, make_search, outcome, values

CALL = Usage(calls=1)


@pytest.mark.parametrize("limits", [{"calls": 0}, {"cost": -1.0}, {"seconds": float("nan")}, {"tokens": float("inf")}])
def test_a_limit_is_above_zero(limits):
    """Anything else is said at once."""
    with pytest.raises(ValueError, match=f"Budget.{next(iter(limits))}="):
        Budget(**limits)


async def test_a_purse_without_a_budget_counts_and_refuses_nothing():
    """What was used is known by phase."""
    purse = Purse()
    await purse.hold(Usage(calls=1, completion_tokens=10**18))
    purse.settle(CALL, Usage(calls=1, completion_tokens=5), "")
    purse.evaluate(10**6)

    assert purse.usage.of("inference").tokens == 5
    assert purse.afford(8, {"calls": 1}) == (8, "")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=30), st.integers(1, 40), st.integers(1, 9))
def test_calls_under_way_never_overdraw(work, tokens, calls):
    """Whatever calls take, and in whatever order they end, what is held and spent stays within the limits."""

    async def run():
        purse, spent, refused = Purse(Budget(calls=calls, tokens=tokens)), [], []

        async def call(turns, size):
            most = Usage(calls=1, prompt_tokens=size + 3)
            try:
                await purse.hold(most)
            except BudgetExceeded as error:
                refused.append(error.limit)
                return
            for _ in range(turns):
                await asyncio.sleep(0)
            spent.append(size)
            purse.settle(most, Usage(calls=1, prompt_tokens=size), "")

        await asyncio.gather(*(call(*one) for one in work))
        assert len(spent) <= calls
        assert sum(spent) <= tokens
        assert len(spent) + len(refused) == len(work)
        assert set(refused) <= {"calls", "tokens"}

    asyncio.run(run())


async def test_a_call_waits_while_others_may_leave_room():
    """The bound of two calls does not fit, and what they take does."""
    purse = Purse(Budget(tokens=100))
    most = Usage(calls=1, completion_tokens=60)

    async def call():
        await purse.hold(most)
        await asyncio.sleep(0)
        purse.settle(most, Usage(calls=1, completion_tokens=20), "")

    await asyncio.gather(call(), call(), call())

    assert purse.spent() == {"tokens": 60}


async def test_shares_are_equal_and_come_back():
    """What does not divide goes to the first; what is not spent returns; what one needed in vain is remembered."""
    purse = Purse(Budget(calls=8, evaluations=9))
    parts = purse.open(3)
    for part in parts:
        part.evaluate(2)
        await part.hold(CALL)
        part.settle(CALL, CALL, "")
    with pytest.raises(BudgetExceeded, match="evaluations"):
        parts[2].evaluate(2)
    purse.close(parts)

    assert purse.spent() == {"calls": 3, "evaluations": 6}
    assert purse.usage.of().calls == 3
    assert purse.afford(9, {}) == (0, "evaluations")


async def test_time_that_is_up_refuses_everything():
    """Calls, evaluations and slots."""
    purse = Purse(Budget(seconds=1e-9))

    assert purse.timed_out
    assert purse.afford(3, {}) == (0, "seconds")
    with pytest.raises(BudgetExceeded, match="seconds"):
        await purse.hold(CALL)
    with pytest.raises(BudgetExceeded, match="seconds"):
        purse.evaluate(1)


class Paying(RandomEdit):
    """A proposer that asks a model first; it can take several attempts."""

    def __init__(self, **options):
        super().__init__(**options)
        self.model = ScriptedLanguageModel(lambda request: "yes", max_tokens=5)

    def most_calls(self):
        """Say so."""
        return 1

    async def propose(self, brief, slot):
        """Ask, then edit."""
        (await self.model(f"slot {slot.sample}")).checked()
        return await super().propose(brief, slot)


async def spend(budget, *, workers=4, jitter=0.0, slots=6, steps=9):
    """Breed under a budget until it ends, and give the search with its proposer."""
    proposer = Paying(jitter=jitter)
    purse = Purse(budget)
    search = make_search(
        proposer, program=ToyProgram(jitter=jitter), workers=workers, purse=purse, epochs=range(steps), batch_size=9
    )
    with metered(purse):
        await search.start()
        async for _ in search.steps():
            children = await search.breed([search.brief(search.best)] * slots)
            search.keep([*search.population, *search.scored(children)])
    return search, proposer


@pytest.mark.parametrize("calls", [1, 2, 5, 6, 7, 13])
async def test_no_call_is_made_beyond_the_budget_and_none_is_left(calls):
    """Whatever does not divide into generations."""
    search, proposer = await spend(Budget(calls=calls))

    assert len(proposer.model.requests) == calls
    assert search.stop_reason == "budget: calls"


@pytest.mark.parametrize(
    "budget", [Budget(calls=13), Budget(evaluations=30), Budget(tokens=200), Budget(calls=20, evaluations=50)]
)
async def test_a_budget_ends_a_run_in_the_same_place_at_any_number_of_workers(budget):
    """The same candidates, and the same money."""
    first, one = await spend(budget, workers=1)
    for workers in (3, 64):
        again, many = await spend(budget, workers=workers, jitter=0.002)
        assert outcome(again) == outcome(first)
        assert again.purse.spent() == first.purse.spent()
        assert len(many.model.requests) == len(one.model.requests)
    assert first.stop_reason.startswith("budget: ")


async def test_a_budget_too_small_for_one_call_ends_at_the_first_generation():
    """A slot that was refused is known to need more than there is."""
    search, proposer = await spend(Budget(tokens=20))

    assert (search.stop_reason, search.step, proposer.model.requests) == ("budget: tokens", 1, [])


async def test_evaluations_stay_within_the_budget():
    """Seeds count too."""
    search, _ = await spend(Budget(evaluations=21))

    assert search.evaluator.evaluations <= 21
    assert search.stop_reason == "budget: evaluations"


async def test_a_seed_that_cannot_be_afforded_says_so():
    """There is nothing to fall back on."""
    with pytest.raises(BudgetExceeded, match="evaluations"):
        await spend(Budget(evaluations=1))


async def test_branches_share_the_budget_equally():
    """One that needs little leaves it to the whole when it ends, not to its neighbour."""

    class Spender:
        def __init__(self, generations):
            self.generations = generations

        async def run(self, search):
            await search.start()
            async for _ in search.steps(self.generations):
                search.keep([*search.population, *search.scored(await search.breed([search.brief(search.best)] * 2))])

    proposer, purse = Paying(), Purse(Budget(calls=10))
    search = make_search(proposer, purse=purse)
    with metered(purse):
        await search.start()
        branches = [(search.sub("short"), Spender(1)), (search.sub("long"), Spender(9))]
        await search.together(branches)

    assert [sub.stop_reason for sub, _ in branches] == ["max_steps", "budget: calls"]
    assert purse.spent() == {"calls": 7}


class Dead(RandomEdit):
    """A proposer whose model never answers."""

    def __init__(self, *kinds):
        super().__init__()
        self.kinds = kinds

    async def propose(self, brief, slot):
        """Fail."""
        if not self.kinds[slot.number % len(self.kinds)]:
            return await super().propose(brief, slot)
        raise LanguageModelError("nobody is there", self.kinds[slot.number % len(self.kinds)])


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (("connection",), "language model: connection"),
        (("timeout", "timeout", "server"), "language model: timeout"),
        (("authentication",), "language model: authentication"),
        (("schema",), ""),
        (("connection", ""), ""),
    ],
)
async def test_a_generation_without_any_answer_ends_the_run(kinds, reason):
    """One bad answer, or one good one, is an answer; and an absence is nothing that was tried."""
    search = make_search(Dead(*kinds), seeds=[Candidate(values())])
    await search.start()
    parent = search.best
    children = await search.breed([search.brief(parent)] * 3)

    assert search.stop_asked == reason
    assert [child.kind for child in children if child.kind] == [kind for kind in (kinds * 3)[:3] if kind]
    assert not [attempt for attempt in search.brief(parent).tried if attempt.reason == "nobody is there" and reason]


# --- What a slot takes, and who pays --------------------------------------------------------------


class Asking(ToyProgram):
    """A program that asks a model on every row."""

    def __init__(self, answer=lambda request: "yes", *, max_tokens=5, ledger=None, **options):
        super().__init__(deterministic=False, **options)
        self.model = ScriptedLanguageModel(answer, max_tokens=max_tokens, ledger=ledger, price=(1.0, 1.0))

    async def run(self, values, rows):
        """Ask about each row first."""
        for row in rows:
            (await self.model(f"row {row.x} of {Candidate(values).id}")).checked()
        return await super().run(values, rows)


async def climb(program, budget, *, proposer=None, seeds=None, steps=6, workers=64, batch_size=2):
    """Run OMEGA over a program that asks a model, under a budget."""
    purse = Purse(budget)
    search = make_search(
        proposer or RandomEdit(),
        program=program,
        seeds=seeds or [Candidate(values())],
        purse=purse,
        workers=workers,
        epochs=range(steps),
        batch_size=batch_size,
    )
    with metered(purse):
        await OMEGA(population_size=4, proposers=[search.proposer]).run(search)
        await search.close()
    return search


@pytest.mark.parametrize("calls", [8, 9, 13, 20, 31])
async def test_what_is_left_goes_to_slots_that_can_be_finished(calls):
    """Four rows a child: a budget for the seed and one child more scores one child more, and not the half of four."""
    program = Asking()
    better = {"a": values((3, 1, 0, 0))["a"]}
    search = await climb(program, Budget(calls=calls), proposer=Scripted(better), steps=1)

    assert len(program.model.requests) <= calls
    assert len(search.archive) == 2


@pytest.mark.parametrize("calls", [11, 17, 23, 30])
async def test_a_run_that_a_budget_ends_is_paid_for_by_the_same_answers_in_every_run(calls):
    """One row at a time or all at once: the same questions, so recorded answers are enough to repeat it."""
    asked = []
    for workers, jitter in ((1, 0.0), (64, 0.002), (64, 0.0)):
        program = Asking(jitter=jitter)
        search = await climb(program, Budget(calls=calls), proposer=RandomEdit(jitter=jitter), workers=workers)
        asked.append((sorted(request.key for request in program.model.requests), outcome(search)))

    assert asked[1:] == asked[:1] * 2
    assert len(asked[0][0]) <= calls


@pytest.mark.parametrize("late", [0, 1])
async def test_of_two_slots_with_one_idea_the_lower_pays(late):
    """Whichever comes first."""

    class Same(Scripted):
        async def propose(self, brief, slot):
            await asyncio.sleep(0.005 * (slot.number == late))
            return await super().propose(brief, slot)

    program, purse = Asking(), Purse(Budget(calls=100))
    search = make_search(Same({"a": {"script": "def main(x):\n    return x"}}), program=program, purse=purse)
    with metered(purse):
        await search.start()
        children = await search.breed([search.brief(search.best, scope={"a": None})] * 2)

    assert [child.status for child in children] == ["scored", "duplicate"]
    assert purse.spent() == {"calls": 8}
    assert purse.afford(9, {}) == (9, "")
    assert purse._dearest == {"calls": 4}


def refuses(kind, *words):
    """Make answers that fail where a question has one of the words."""

    def answer(request):
        said = request.messages[-1]["content"]
        return LanguageModelError("no", kind) if any(word in said for word in words) else "yes"

    return answer


@pytest.mark.parametrize("budget", [None, Budget(calls=99)])
async def test_a_seed_that_cannot_be_scored_is_left_out(budget):
    """The others are the population; nothing that was under way is given up."""
    broken, good = Candidate(values((1, 1, 1, 1))), Candidate(values((3, 1, 0, 0)))
    program = Asking(refuses("server", broken.id))
    search = await climb(program, budget, seeds=[Candidate(values()), broken, good], steps=0)

    assert {card.id for card in search.population} == {Candidate(values()).id, good.id}


async def test_without_the_program_as_it_is_there_is_no_floor():
    """So the first seed is needed."""
    first = Candidate(values())
    with pytest.raises(LanguageModelError):
        await climb(Asking(refuses("server", first.id)), None, seeds=[first, Candidate(values((3, 1, 0, 0)))])


async def test_a_question_that_is_refused_on_one_row_leaves_that_row_without_a_prediction():
    """As for its content, or its length; where all are refused, the request itself is wrong."""
    program = Asking(refuses("bad_request", "row 2 "))
    search = await climb(program, None, steps=0)
    cells = {row.x: search.best.cells[row.id] for row in search.rows}

    assert (cells[2].verdict, cells[2].reward, cells[2].prediction) == ("unusable", 0.0, None)
    assert [cells[x].verdict for x in (0, 1, 3)] == ["ok"] * 3
    with pytest.raises(LanguageModelError, match="no"):
        await climb(Asking(refuses("bad_request", "row")), None, steps=0)


async def test_calls_from_other_threads_and_loops_are_held_too():
    """As of tools that ask a model in a loop of their own: the waiting end, and nothing is lost."""
    purse, most = Purse(Budget(tokens=100)), Usage(calls=1, completion_tokens=60)

    async def calls():
        for _ in range(5):
            await purse.hold(most)
            await asyncio.sleep(0)
            purse.settle(most, Usage(calls=1, completion_tokens=1), "")

    await asyncio.gather(calls(), *(asyncio.to_thread(asyncio.run, calls()) for _ in range(3)))

    assert purse.spent() == {"tokens": 20}
    assert purse.usage.of().calls == 20


async def test_what_branches_took_says_nothing_about_a_slot():
    """After they are joined, slots are as cheap as before."""
    purse = Purse(Budget(calls=110))
    branches = purse.open(2)
    for branch in branches:
        for _ in range(40):
            await branch.hold(CALL)
            branch.settle(CALL, CALL, "")
    purse.close(branches, learn=False)

    assert purse.afford(8, {"calls": 1}) == (8, "")


@pytest.mark.parametrize("tokens", [3000, 4000, 6000, 9000, 14000])
@pytest.mark.parametrize("name", ["tokens", "cost"])
async def test_a_budget_of_tokens_or_cost_reaches_equally_far_however_much_goes_at_once(tokens, name):
    """Far more is held than taken, so what rows hold together says nothing; recorded answers end in the same place."""
    budget = Budget(tokens=tokens) if name == "tokens" else Budget(cost=tokens / 1e6)
    ledger, ends = Ledger(), []
    for workers, jitter in ((64, 0.002), (1, 0.0), (64, 0.0)):
        program = Asking(max_tokens=400, ledger=ledger, jitter=jitter)
        search = await climb(program, budget, proposer=RandomEdit(jitter=jitter), workers=workers, batch_size=9)
        ends.append((outcome(search), search.purse.usage.of().calls))

    assert ends[1:] == ends[:1] * 2


async def test_a_part_that_was_closed_takes_no_more():
    """A tool that its script left behind can go on asking, and is refused; what it has under way counts."""
    purse = Purse(Budget(calls=6))
    (part,) = purse.open(1)
    await part.hold(CALL)
    await part.hold(CALL)
    part.settle(CALL, CALL, "")
    purse.close([part])

    assert purse.spent() == {"calls": 2}
    part.settle(CALL, CALL, "")
    with pytest.raises(BudgetExceeded, match="calls"):
        await part.hold(CALL)


async def test_a_dead_model_is_known_after_the_first_seed():
    """The others are not tried one by one."""
    program = Asking(refuses("server", "row"))
    with pytest.raises(LanguageModelError):
        await climb(program, Budget(calls=1000), seeds=[Candidate(values((n, 1, 1, 1))) for n in range(8)], workers=1)

    assert len(program.model.requests) == 1


async def test_a_refused_row_is_about_that_row_however_few_are_asked():
    """Also where it is the only one that is not known yet."""
    program = Asking(refuses("bad_request", "row 2 "))
    search = await climb(program, None, steps=2, batch_size=1)
    (row,) = [row for row in search.rows if row.x == 2]
    cells = await search.evaluator.evaluate(Candidate(values((2, 2, 2, 2))), [row])

    assert search.stop_reason == "epochs"
    assert cells[row.id].verdict == "unusable"

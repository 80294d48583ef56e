"""A climber keeps the best, takes what is not worse, and drops what is."""

import pytest

from synthflow.optimizers.climber import Climber
from synthflow.optimizers.convergence import TestConvergence
from synthflow.search.candidate import Candidate
from tests.search.toy import SEED, RandomEdit, Scripted, ToyProgram, make_search, values

GOOD = Candidate(values((3, 1, 0, 0), 2))


async def climb(optimizer, **options):
    """Run a climber over the toy."""
    search = make_search(epochs=range(500), **options)
    await optimizer.run(search)
    return search


async def test_a_task_is_solved():
    """From zeros, TestConvergence finds the five constants that the rows hide."""
    search = await climb(TestConvergence(max_iterations=None, patience=None, branching=4, proposers=[RandomEdit()]))

    assert search.stop_reason == "solved"
    assert search.best.reward == 1.0


async def test_a_worse_child_is_dropped_and_an_equal_one_taken():
    """The worse leaves the best as it was; the equal takes its place, so the search can walk on level ground."""
    worse, equal = {"a": SEED.values["a"]}, {"a": {"script": GOOD.values["a"]["script"] + "\n"}}
    dropped = await climb(Climber(max_iterations=1, proposers=[Scripted(worse)]), seeds=[GOOD])
    taken = await climb(Climber(max_iterations=1, proposers=[Scripted(equal)]), seeds=[GOOD])

    assert dropped.best.id == GOOD.id
    assert taken.best.candidate.values["a"] == equal["a"]
    assert taken.best.reward == dropped.best.reward


async def test_of_equal_children_the_lowest_slot_is_taken():
    """Two children that do alike: the first slot's becomes the best."""
    twins = [{"a": {"script": GOOD.values["a"]["script"] + "\n" * n}} for n in (1, 2)]
    search = await climb(Climber(max_iterations=1, branching=2, proposers=[Scripted(*twins)]))

    assert search.best.candidate.values["a"] == twins[0]["a"]


async def test_the_evidence_is_the_batch_that_the_best_fails_or_else_all_it_fails():
    """A batch it solves shows nothing, so all failing rows are shown."""
    proposer = Scripted({"b": GOOD.values["b"]})
    await climb(
        Climber(max_iterations=4, patience=None, proposers=[proposer]), seeds=[GOOD], batch_size=1, shuffle=False
    )

    assert [[row.x for row in brief.evidence] for brief in proposer.briefs] == [[1, 3], [1], [1, 3], [3]]


async def test_patience_and_iterations_end_the_climb():
    """Nothing improves: patience ends it, or the limit before."""
    idle = Scripted({"b": SEED.values["b"]})
    patient = await climb(TestConvergence(patience=3, proposers=[idle]))
    short = await climb(TestConvergence(max_iterations=2, proposers=[idle]))

    assert (patient.step, patient.stop_reason) == (3, "patience")
    assert (short.step, short.stop_reason) == (2, "max_steps")


async def test_a_trial_spares_the_other_rows():
    """A subclass that names trial rows has worse children fall there, against their parent's own reward on them."""

    class Careful(Climber):
        def trial(self, search, brief):
            return brief.evidence[:1]

    program = ToyProgram()
    worse = {"a": {"script": "def main(x): return 10**9"}}
    search = await climb(Careful(max_iterations=1, proposers=[Scripted(worse)]), program=program, seeds=[GOOD])

    assert search.children[0].status == "rejected"
    assert program.runs.total() == 4 + 1


@pytest.mark.parametrize("name", ["max_iterations", "patience", "branching"])
def test_numbers_below_one_are_refused(name):
    """The argument is named."""
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        Climber(**{name: 0}, proposers=[RandomEdit()])

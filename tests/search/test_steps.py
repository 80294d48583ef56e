"""Epochs, batches and hooks come in order, and there is one place where a run ends."""

import pytest

from synthflow.search.candidate import Candidate
from tests.search.toy import SEED, SOLUTION, Diary, Scripted, make_search, rows, values

HALF = Candidate(values((3, 1, 0, 0), 2))
"""Right on even rows."""


async def take(search, max_steps=None, **options):
    """Start, go through all steps without doing anything, and give them."""
    await search.start()
    return [step async for step in search.steps(max_steps, **options)]


async def test_every_epoch_goes_once_through_all_rows():
    """Five rows in batches of two are three steps; each epoch shuffles anew and loses no row."""
    data = rows(range(5))
    steps = await take(make_search(data=data, epochs=range(3), batch_size=2))

    assert [(step.number, step.epoch, step.batch) for step in steps] == [
        (1, 0, 0), (2, 0, 1), (3, 0, 2), (4, 1, 0), (5, 1, 1), (6, 1, 2), (7, 2, 0), (8, 2, 1), (9, 2, 2),
    ]  # fmt: skip
    epochs = [[row.x for step in steps[n : n + 3] for row in step.rows] for n in (0, 3, 6)]
    assert [sorted(epoch) for epoch in epochs] == [[0, 1, 2, 3, 4]] * 3
    assert len({tuple(epoch) for epoch in epochs}) > 1


async def test_batches_depend_on_the_seed_alone():
    """The same seed shuffles alike, another one otherwise, and no shuffle keeps the order."""
    data = rows(range(12))
    first, again, other, plain = [
        [step.rows for step in await take(make_search(data=data, batch_size=3, epochs=range(2), **options))]
        for options in ({}, {}, {"seed": 1}, {"shuffle": False})
    ]

    assert first == again != other
    assert [row for batch in plain for row in batch] == data * 2


async def test_hooks_come_in_order():
    """Each epoch begins, has its steps, and ends."""
    diary = Diary()
    await take(make_search(batch_size=2, epochs=range(4, 6), watcher=diary))

    assert diary.events == [
        "epoch 4 begins", "step 1 begins", "step 1 ends", "step 2 begins", "step 2 ends", "epoch 4 ends",
        "epoch 5 begins", "step 3 begins", "step 3 ends", "step 4 begins", "step 4 ends", "epoch 5 ends",
    ]  # fmt: skip


async def test_the_epoch_that_solves_is_closed_at_once():
    """Later batches and epochs see no step and no proposal."""
    diary, proposer = Diary(), Scripted({"a": SOLUTION.values["a"], "b": SOLUTION.values["b"]})
    search = make_search(proposer, batch_size=2, epochs=range(9), watcher=diary)
    await search.start()
    async for _ in search.steps():
        search.keep(search.scored(await search.breed([search.brief(search.best)])))

    assert diary.events == ["epoch 0 begins", "step 1 begins", "step 1 ends", "epoch 0 ends"]
    assert (search.stop_reason, search.best.reward, len(proposer.briefs)) == ("solved", 1.0, 1)


async def test_a_seed_that_solves_leaves_one_empty_epoch():
    """There is an epoch to report, and nothing is proposed."""
    diary = Diary()
    search = make_search(seeds=[SEED, SOLUTION], epochs=range(3), watcher=diary)

    assert await take(search) == []
    assert diary.events == ["epoch 0 begins", "epoch 0 ends"]
    assert (search.stop_reason, search.best.id) == ("solved", SOLUTION.id)


@pytest.mark.parametrize(("seed", "reason"), [(SEED, "epochs"), (SOLUTION, "solved")])
async def test_without_epochs_nothing_happens_but_the_seeds_scores(seed, reason):
    """A run that was finished before is resumed without a step."""
    diary = Diary()
    search = make_search(seeds=[seed], epochs=range(5, 5), watcher=diary)

    assert await take(search) == []
    assert (diary.events, search.stop_reason, search.best.id) == ([], reason, seed.id)


async def test_a_broken_constraint_is_not_solved():
    """A seed with every reward at 1 is bred on while it breaks a constraint, and gives way to one that does not."""
    clean = {"a": {"script": SOLUTION.values["a"]["script"] + "\n# clean\n"}}
    search = make_search(
        Scripted(clean),
        seeds=[SOLUTION],
        constraints=[lambda values: "" if "clean" in values["a"]["script"] else "not clean"],
        epochs=range(3),
    )
    await search.start()
    async for _ in search.steps():
        search.keep([*search.population, *search.scored(await search.breed([search.brief(search.best)]))])

    assert (search.step, search.stop_reason) == (1, "solved")
    assert "clean" in search.best.candidate.values["a"]["script"]


@pytest.mark.parametrize(
    ("options", "steps", "reason"),
    [({"max_steps": 3}, 3, "max_steps"), ({"patience": 2}, 2, "patience"), ({}, 8, "epochs")],
)
async def test_steps_end_with_their_reason(options, steps, reason):
    """A limit, patience, or the end of the epochs; the open epoch ends too."""
    diary = Diary()
    search = make_search(batch_size=2, epochs=range(4), watcher=diary)

    assert len(await take(search, **options)) == steps
    assert search.stop_reason == reason
    assert diary.events[-1].endswith("ends")
    assert diary.events[-1].startswith("epoch")


async def test_patience_counts_steps_that_did_not_raise_the_best():
    """An improvement in the second step starts the count again."""
    search = make_search(batch_size=1, epochs=range(9))
    await search.start()
    async for step in search.steps(patience=3):
        if step.number == 2:
            search.keep(await search.evaluate([HALF]))

    assert (search.step, search.stop_reason) == (5, "patience")


@pytest.mark.parametrize(
    ("diary", "reason", "last"),
    [
        (Diary(stop_at_step=3), "seen enough", ["step 3 ends", "epoch 1 ends"]),
        (Diary(stop_at_epoch=1), "epoch enough", ["step 4 ends", "epoch 1 ends"]),
    ],
    ids=["step", "epoch"],
)
async def test_a_watcher_stops_the_run_with_its_own_reason(diary, reason, last):
    """At the end of a step or of an epoch; the epoch is closed."""
    search = make_search(batch_size=2, epochs=range(9), watcher=diary)
    await take(search)

    assert search.stop_reason == reason
    assert diary.events[-2:] == last


async def test_an_optimizer_finishes_with_its_own_reason():
    """The step in which it says so is closed as any other."""
    diary = Diary()
    search = make_search(batch_size=1, epochs=range(9), watcher=diary)
    await search.start()
    async for step in search.steps():
        if step.number == 2:
            search.finish("no leaf is left")

    assert (search.stop_reason, diary.events[-2:]) == ("no leaf is left", ["step 2 ends", "epoch 0 ends"])


async def test_close_ends_what_a_break_left_open():
    """The step, its record, the epoch and the reason are there; closing twice changes nothing."""
    diary = Diary()
    search = make_search(batch_size=1, epochs=range(9), watcher=diary)
    await search.start()
    async for _ in search.steps():
        break
    await search.close()
    await search.close()

    assert diary.events == ["epoch 0 begins", "step 1 begins", "step 1 ends", "epoch 0 ends"]
    assert search.stop_reason == "optimizer"
    assert "step//1" in search.evaluator.journal.facts


async def test_close_after_a_regular_end_changes_nothing():
    """The reason stays, and no hook fires twice."""
    diary = Diary()
    search = make_search(watcher=diary)
    await take(search)
    events = list(diary.events)
    await search.close()

    assert (diary.events, search.stop_reason) == (events, "epochs")


async def test_a_search_has_one_loop():
    """A second one is told to use a sub-search."""
    search = make_search()
    await take(search)

    with pytest.raises(RuntimeError, match="sub"):
        search.steps()


async def test_a_sub_search_must_have_an_end():
    """It has no epochs, so a limit or patience is asked for."""
    search = make_search()
    await search.start()
    sub = search.sub("one")
    await sub.start()

    with pytest.raises(ValueError, match="might never end"):
        sub.steps()


async def test_a_sub_search_goes_round_the_rows_without_epochs_of_the_run():
    """Its steps are watched under its path, and no epoch is reported."""
    diary = Diary()
    search = make_search(batch_size=2, watcher=diary)
    await search.start()
    sub = search.sub("one")
    steps = await take(sub, 5)

    assert [step.epoch for step in steps] == [0, 0, 1, 1, 2]
    assert diary.events[:2] == ["step /one1 begins", "step /one1 ends"]
    assert not any(event.startswith("epoch") for event in diary.events)


async def test_a_stop_asked_in_a_sub_search_stops_them_all():
    """The sub-search ends, later ones take no step, and so does the search itself."""
    search = make_search(batch_size=1, epochs=range(9), watcher=Diary(stop_at_step=2))
    await search.start()
    taken = []
    async for _ in search.steps():
        for name in ("one", "two"):
            sub = search.sub(name)
            taken.append(len(await take(sub, 5)))
            search.join(sub)

    assert taken == [2, 0]
    assert (search.step, search.stop_reason) == (1, "seen enough")

"""fit trains, keeps what it promises of rows, seeds and randomness, and ends cleanly however it ends."""

import asyncio
import json
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from synthflow.callbacks.callback import Callback
from synthflow.callbacks.checkpoint import ProgramCheckpoint
from synthflow.callbacks.csv_logger import CSVLogger
from synthflow.callbacks.early_stopping import EarlyStopping
from synthflow.errors import DataError, EvaluationError, SandboxError
from synthflow.modules.input import Input
from synthflow.optimizers.convergence import TestConvergence
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.program import Program
from synthflow.rewards.exact_match import ExactMatch
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Execution, Limits, Verdict
from synthflow.search.executors import LocalExecutor
from tests.programs.toy import (
    GOOD,
    HALF,
    SEED,
    Answer,
    Listed,
    Question,
    X,
    Y,
    accuracy,
    compiled,
    make_program,
    synthesis,
)


class Counting:
    """A sandbox that counts the runs of each script on each input."""

    def __init__(self):
        self._inner = MontySandbox()
        self.limits, self.walls, self.runs = self._inner.limits, self._inner.walls, Counter()

    async def run(self, script, *, inputs):
        """Count and run."""
        self.runs[script, inputs["n"]] += 1
        return await self._inner.run(script, inputs=inputs)

    def get_config(self):
        """It holds nothing."""
        return {}


class Failing(Counting):
    """A sandbox that can run nothing."""

    async def run(self, script, *, inputs):
        """Fail as an overloaded machine does."""
        self.runs[script, inputs["n"]] += 1
        return Execution(Verdict.infrastructure, None, "", "no worker", 0.0)


class Each(Listed):
    """Proposes another script in each slot and generation, drawn by chance."""

    async def propose(self, brief, slot):
        """Draw."""
        self.briefs.append(brief)
        await asyncio.sleep(random.Random(slot.number).random() / 100)
        number = slot.rng.randrange(-3, 3)
        return {path: {"python_script": f"result = {{'m': inputs['n'] + {number}}}"} for path in brief.scope}


class Diary(Callback):
    """Writes down the epochs and steps, and stops or raises where it is told."""

    def __init__(self, *, stop_at=None, raise_at=None):
        self.seen, self.logs, self.stop_at, self.raise_at = [], [], stop_at, raise_at

    def on_epoch_end(self, epoch, logs=None):
        """Note it."""
        self.seen.append(f"epoch {epoch}")
        self.logs.append(dict(logs))
        if epoch == self.stop_at:
            self.program.stop_training = True
        if epoch == self.raise_at:
            raise ZeroDivisionError("in the callback")

    def on_train_batch_end(self, batch, logs=None):
        """Note it."""
        self.seen.append(f"step {batch}")

    def on_train_end(self, logs=None):
        """Note it."""
        self.seen.append("end")


async def wired(**options):
    """Give a program with a counting sandbox."""
    sandbox = Counting()
    program = await make_program(sandbox=sandbox, **options)
    return program, sandbox


def children():
    """Give the ids of this process's children that are no sandbox workers."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set((task / "children").read_text().split())
    return {pid for pid in found if b"symbolic.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()}


async def test_a_batch_of_one_is_a_generation_of_its_own():
    """Four rows are four generations; the logs are written once an epoch."""
    program, diary = await make_program(), Diary()
    proposer = compiled(program, SEED + "#", HALF)
    history = await program.fit(X, Y, batch_size=1, epochs=2, verbose=0, callbacks=[diary])

    assert [brief.step for brief in proposer.briefs] == list(range(1, 9))
    assert {len(brief.rows) for brief in proposer.briefs} == {4}
    assert history.history == {"reward": [0.5, 0.5]}
    assert history.stop_reason == "epochs"
    steps = ["step 0", "step 1", "step 2", "step 3"]
    assert diary.seen == [*steps, "epoch 0", *steps, "epoch 1", "end"]


async def test_solving_every_row_ends_the_epoch_and_nothing_more_is_proposed():
    """The epoch is closed, and later ones propose nothing."""
    program, diary = await make_program(), Diary()
    proposer = compiled(program, HALF, GOOD)
    history = await program.fit(X, Y, batch_size=1, epochs=9, verbose=0, callbacks=[diary])

    assert diary.seen == ["step 0", "step 1", "epoch 0", "end"]
    assert len(proposer.briefs) == 2
    assert (history.history, history.stop_reason, history.epoch) == ({"reward": [1.0]}, "solved", [0])


async def test_a_solved_program_proposes_nothing():
    """One epoch is reported."""
    program = await make_program(GOOD)
    proposer = compiled(program, HALF)
    history = await program.fit(X, Y, epochs=3, verbose=0)

    assert (history.history, proposer.briefs) == ({"reward": [1.0]}, [])


@pytest.mark.parametrize(("initial_epoch", "epochs", "expected"), [(0, 0, []), (2, 2, []), (3, 5, [3, 4]), (4, 2, [])])
async def test_epochs_go_from_the_first_to_before_the_last(initial_epoch, epochs, expected):
    """Without one, only the seeds are scored."""
    program = await make_program(seed_scripts=[HALF])
    compiled(program, SEED + "#")
    history = await program.fit(X, Y, initial_epoch=initial_epoch, epochs=epochs, verbose=0)

    assert history.epoch == expected
    assert history.history.get("reward", []) == [0.5] * len(expected)
    assert program.get_variable("python_synthesis/state")["python_script"] == HALF


async def test_all_seeds_are_scored_and_the_program_never_ends_below_the_best():
    """Whatever the population's size and the proposals."""
    program, sandbox = await wired(seed_scripts=["raise 1", HALF, "result = 1"])
    compiled(program, "result = {}")
    history = await program.fit(X, Y, epochs=2, verbose=0)

    assert {script for script, _ in sandbox.runs} >= {SEED, "raise 1", HALF, "result = 1"}
    assert history.history["reward"] == [0.5, 0.5]
    assert program.get_module("python_synthesis").state["python_script"] == HALF


async def test_each_candidate_is_run_once_on_each_row_over_all_fits():
    """The second fit goes on from the population and pays for what is new alone."""
    program, sandbox = await wired()
    proposer = compiled(program, HALF, SEED, GOOD, population_size=2)
    first = await program.fit(X, Y, verbose=0)
    second = await program.fit(X, Y, epochs=2, verbose=0)

    assert first.history["reward"] == [0.5]
    assert second.history["reward"] == [0.5, 1.0]
    assert max(sandbox.runs.values()) == 1
    assert [brief.step for brief in proposer.briefs] == [1, 1, 2, 2, 3, 3]
    assert len(program.population) == 2


async def test_equal_rows_share_a_cell_and_weigh_as_many_as_they_are():
    """The third row counts three times."""
    program, sandbox = await wired()
    compiled(program, HALF)
    rows = [0, 2, 2, 2]
    history = await program.fit([X[n] for n in rows], [Y[n] for n in rows], verbose=0)

    assert history.history == {"reward": [0.25]}
    assert sandbox.runs[HALF, 2] == 1


async def test_a_new_reward_is_never_mistaken_for_the_old_one():
    """Even when both functions have one name."""

    def named(value):
        def judge(y_true, y_pred):
            return value

        return judge

    program = await make_program()
    seen = []
    for value in (0.25, 0.5, 0.75):
        compiled(program, HALF, reward=named(value))
        seen += (await program.fit(X, Y, verbose=0)).history["reward"]

    assert seen == [0.25, 0.5, 0.75]


async def test_the_logs_are_the_incumbents_on_training_and_on_validation_rows():
    """`val_*` is the same candidate's, and validation rows are never shown."""
    program = await make_program()
    proposer = compiled(program, HALF, "result = {'m': 0}", metrics=[accuracy()])
    history = await program.fit(X, Y, epochs=2, validation_split=0.5, verbose=0)

    assert history.history == {
        "reward": [1.0],
        "accuracy": [1.0],
        "val_reward": [0.0],
        "val_accuracy": [0.0],
    }
    assert [row.x["n"] for row in proposer.briefs[0].rows] == [0, 1]
    assert {row.x["n"] for brief in proposer.briefs for row in brief.evidence} <= {0, 1}


async def test_validation_data_is_run_once_for_each_incumbent_and_never_selects():
    """A candidate that is worse on training rows is not kept for its validation."""
    program, sandbox = await wired()
    compiled(program, "result = {'m': 4}", HALF)
    history = await program.fit(X[:3], Y[:3], epochs=3, validation_data=(X[3:], Y[3:]), verbose=0)

    assert history.history["val_reward"] == [0.0, 0.0, 0.0]
    assert history.history["reward"] == [0.0, 2 / 3, 2 / 3]
    assert sandbox.runs["result = {'m': 4}", 3] == 0
    assert sandbox.runs[HALF, 3] == 1


async def test_a_generator_and_a_data_set_train_for_any_number_of_epochs():
    """They are read once, and bounded by steps_per_epoch."""

    def endless():
        while True:
            yield X[:2], Y[:2]

    program = await make_program()
    compiled(program, "result = 1", HALF)
    history = await program.fit(endless(), steps_per_epoch=2, epochs=2, verbose=0)

    assert history.history["reward"] == [0.0, 1.0]
    used = iter([(X, Y)])
    await program.fit(used, verbose=0)
    with pytest.raises(DataError, match="make a new one"):
        await program.fit(used, verbose=0)


@pytest.mark.parametrize("split", [1.0, -0.5, 0.9])
async def test_a_split_that_leaves_nothing_is_refused(split):
    """Before anything runs."""
    program, sandbox = await wired()
    compiled(program)

    with pytest.raises(DataError, match="validation_split"):
        await program.fit(X, Y, validation_split=split, verbose=0)
    assert not sandbox.runs


async def test_shuffling_follows_the_seed():
    """Equal seeds give equal orders; without it the order is that of the rows."""

    async def order(seed, *, shuffle=True):
        program = await make_program()
        proposer = compiled(program, SEED + "#", seed=seed)
        await program.fit(X, Y, batch_size=1, epochs=3, shuffle=shuffle, verbose=0)
        return [row.x["n"] for brief in proposer.briefs for row in brief.evidence]

    plain = await order(0, shuffle=False)

    assert plain == [0, 1, 2, 3] * 3
    assert await order(1) == await order(1) != plain
    assert sorted((await order(1))[:4]) == [0, 1, 2, 3]
    assert await order(1) != await order(2)


async def test_the_same_seed_gives_the_same_run_with_any_number_of_workers(tmp_path):
    """History, population and the saved file are equal, byte by byte."""
    runs = []
    for workers in (1, 2, 7):
        program = await make_program()
        proposer = Each(())
        program.compile(
            reward=ExactMatch(in_mask=["m"]),
            optimizer=OMEGA(population_size=3, proposers=[proposer]),
            seed=5,
            executor=LocalExecutor(workers),
        )
        history = await program.fit(X, [Answer(m=n + 9) for n in range(4)], epochs=3, batch_size=2, verbose=0)
        program.save(tmp_path / "run.json")
        runs.append((history.history, program.population, (tmp_path / "run.json").read_bytes()))

    assert runs[0] == runs[1] == runs[2]
    assert len(runs[0][1]) == 3


async def test_global_generators_are_untouched():
    """Neither Python's nor NumPy's."""
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    program = await make_program()
    compiled(program, HALF, GOOD)
    await program.fit(X, Y, epochs=2, verbose=0)

    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


async def test_a_program_that_is_being_fit_refuses_a_second_fit():
    """Two at once would write the same variables; afterwards it may be fit again."""
    program = await make_program()
    compiled(program, HALF, SEED, GOOD)
    first = asyncio.create_task(program.fit(X, Y, epochs=2, verbose=0))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="being fit already"):
        await program.fit(X, Y, verbose=0)
    await first

    assert (await program.fit(X, Y, epochs=3, verbose=0)).stop_reason == "solved"


async def test_two_programs_are_trained_at_once():
    """Each has the run that it has alone."""

    async def run():
        program = await make_program()
        compiled(program, HALF, SEED, GOOD)
        return (await program.fit(X, Y, epochs=5, verbose=0)).history

    alone = await run()

    assert await asyncio.gather(run(), run()) == [alone, alone]


async def test_a_proposer_that_raises_costs_its_slot_only():
    """The run goes on, and the proposer is closed at the end."""
    program = await make_program()
    proposer = compiled(program, ConnectionError("away"), GOOD)
    history = await program.fit(X, Y, epochs=2, verbose=0)

    assert history.history == {"reward": [0.0, 1.0]}
    assert proposer.closed == 1


@pytest.mark.parametrize("script", [None, 3, "def", "while True: pass", "result = inputs['x']", "\ud800", "x = '\\0'"])
async def test_no_script_ends_a_run(script):
    """What a proposer wrote never raises."""
    program = await make_program(sandbox=MontySandbox(Limits(timeout=0.2)))

    class Odd(Listed):
        async def propose(self, brief, slot):
            """Propose it."""
            return {path: {"python_script": script} for path in brief.scope}

    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=OMEGA(population_size=2, proposers=[Odd()]))
    history = await program.fit(X[1:], Y[1:], verbose=0)

    assert history.history == {"reward": [0.0]}


async def test_a_reward_that_raises_ends_the_run_and_the_best_is_kept():
    """The error names the reward, the candidate and the row."""

    def judge(y_true, y_pred):
        if y_pred["m"] == 13:
            raise KeyError("an unlucky number")
        return float(y_pred["m"] == y_true["m"])

    program = await make_program()
    proposer = compiled(program, HALF, "result = {'m': 13}", reward=judge)
    with pytest.raises(EvaluationError, match=r"(?s)'judge' raised KeyError.*candidate [0-9a-f]+ on row .*\{'n': "):
        await program.fit(X, Y, epochs=3, verbose=0)

    assert program.get_module("python_synthesis").state["python_script"] == HALF
    assert [member["reward"] for member in program.population] == [0.5]
    assert proposer.closed == 1


async def test_a_callback_that_raises_ends_the_run_and_the_best_is_kept():
    """The error is its own, and names the callback."""
    program = await make_program()
    compiled(program, HALF)
    with pytest.raises(ZeroDivisionError) as raised:
        await program.fit(X, Y, epochs=3, verbose=0, callbacks=[Diary(raise_at=0)])

    assert "Diary.on_epoch_end" in "".join(raised.value.__notes__)
    assert program.get_module("python_synthesis").state["python_script"] == HALF
    assert (await program.fit(X, Y, epochs=1, verbose=0)).history == {"reward": [0.5]}


async def test_a_machine_that_cannot_run_scripts_is_never_scored_as_a_failure():
    """The fit ends with what went wrong."""
    program = await make_program(sandbox=Failing())
    compiled(program)

    with pytest.raises(SandboxError, match=r"(?s)could not be run.*candidate"):
        await program.fit(X, Y, verbose=0)
    assert program.population == ()


async def test_a_constraint_refuses_children_without_running_them():
    """It is told the values by path."""
    program, sandbox = await wired()
    proposer = compiled(
        program,
        GOOD,
        HALF,
        constraints=[
            lambda values: "no sums" if "n'] + 1}" in values["python_synthesis/state"]["python_script"] else ""
        ],
    )
    history = await program.fit(X, Y, epochs=2, verbose=0)

    assert not [script for script, _ in sandbox.runs if script == GOOD]
    assert history.history["reward"] == [0.0, 0.5]
    assert [(one.status, one.reason) for one in proposer.briefs[1].tried] == [("refused", "no sums")]


async def test_a_callback_stops_the_run_after_its_epoch():
    """The reason says so."""
    program = await make_program()
    compiled(program, HALF)
    history = await program.fit(X, Y, epochs=9, verbose=0, callbacks=[Diary(stop_at=1)])

    assert (history.epoch, history.stop_reason) == ([0, 1], "callback")


async def test_another_optimizer_trains_the_same_program():
    """A climber keeps the best alone."""
    program = await make_program()
    proposer = Listed([HALF, SEED, GOOD])
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=TestConvergence(proposers=[proposer]))
    history = await program.fit(X, Y, epochs=9, verbose=0)

    assert history.history == {"reward": [0.5, 0.5, 1.0]}
    assert proposer.briefs[2].parents[0].reward == 0.5


async def test_what_is_frozen_between_two_fits_stays_as_it_is():
    """And what is thawed is trained again, from its own value."""
    inputs = Input(data_model=Question)
    first, second = synthesis(name="first"), synthesis("result = {'m': inputs['m']}", name="second")
    program = Program(inputs=inputs, outputs=await second(await first(inputs)))
    compiled(program, "result = {'m': 7}")
    await program.fit(X, Y, verbose=0)
    first.trainable = False
    kept = first.state.value
    compiled(program, "result = {'m': 4}")
    await program.fit(X, Y, epochs=2, verbose=0)

    assert first.state.value == kept
    assert set(program.population[0]["values"]) == {"second/state"}
    first.trainable = True
    compiled(program, GOOD)
    await program.fit(X, Y, verbose=0)
    assert set(program.population[0]["values"]) == {"first/state", "second/state"}


async def test_a_mixed_program_is_built_by_its_first_fit():
    """Its variables have the names of the graph from the start."""

    class Mixed(Program):
        def __init__(self):
            super().__init__()
            self.script = synthesis()

        async def build(self, inputs):
            """Wire."""
            self.close_graph(inputs, await self.script(inputs))

    program = Mixed()
    compiled(program)
    history = await program.fit(X, Y, verbose=0)

    assert history.history == {"reward": [1.0]}
    assert list(program.population[0]["values"]) == ["python_synthesis/state"]


async def test_cancelling_a_fit_keeps_the_best_and_leaves_nothing_running():
    """No task, no child process; and the program can be fit again."""

    class Slow(Listed):
        async def propose(self, brief, slot):
            """Never come back after the first generation."""
            if brief.step > 1:
                reached.set()
                await asyncio.Event().wait()
            return await super().propose(brief, slot)

    reached, program = asyncio.Event(), await make_program()
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=OMEGA(population_size=2, proposers=[Slow([HALF])]))
    before = asyncio.all_tasks()
    fit = asyncio.create_task(program.fit(X, Y, epochs=9, verbose=0))
    await reached.wait()
    fit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fit

    assert asyncio.all_tasks() == before
    assert program.get_module("python_synthesis").state["python_script"] == HALF
    compiled(program, GOOD)
    assert (await program.fit(X, Y, verbose=0)).stop_reason == "solved"


async def test_early_stopping_keeps_the_script_that_solves(tmp_path):
    """It stops in the epoch that solves, with that script in the variable and first among the best."""
    program = await make_program()
    compiled(program, HALF, GOOD, SEED + "#", population_size=3)
    stopping = EarlyStopping(monitor="reward", mode="max", patience=2, restore_best_variables=True)
    checkpoint = ProgramCheckpoint(tmp_path / "best-{epoch}.json", monitor="reward", save_best_only=True)
    table = CSVLogger(tmp_path / "log.csv")
    history = await program.fit(X, Y, epochs=9, verbose=0, callbacks=[stopping, checkpoint, table])
    state = program.get_module("python_synthesis").state

    assert history.history == {"reward": [0.5, 1.0]}
    assert stopping.stopped_epoch == 1
    assert state["python_script"].startswith(GOOD)
    best = state.get("best_candidates")
    assert best[0] == {"python_script": state["python_script"], "reward": 1.0}
    assert [one["reward"] for one in best] == sorted((one["reward"] for one in best), reverse=True)
    assert len(best) <= 3
    assert sorted(os.listdir(tmp_path)) == ["best-1.json", "best-2.json", "log.csv"]
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,reward", "0,0.5", "1,1.0"]
    saved = json.loads((tmp_path / "best-2.json").read_text())
    assert saved["variables"]["python_synthesis/state"]["python_script"] == state["python_script"]


async def test_early_stopping_puts_back_the_best_epoch_by_validation():
    """Later training rows may prefer another."""
    program = await make_program()
    right = "result = {'m': 4 if inputs['n'] == 3 else 0 if inputs['n'] else 1}"
    compiled(program, right, HALF)
    stopping = EarlyStopping(monitor="val_reward", patience=1, stop_at=None, restore_best_variables=True)
    history = await program.fit(X[:3], Y[:3], epochs=9, validation_data=(X[3:], Y[3:]), verbose=0, callbacks=[stopping])

    assert history.history["val_reward"] == [1.0, 0.0]
    assert program.get_module("python_synthesis").state["python_script"] == right


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (1, 3), ("auto", 3), (2, 1)])
async def test_verbose_says_how_much_is_printed(verbose, lines, capsys):
    """Nothing, each generation and epoch, or each epoch."""
    program = await make_program()
    compiled(program, HALF)
    await program.fit(X, Y, batch_size=2, verbose=verbose)

    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines
    assert all("reward 0.5" in line for line in printed)


async def test_no_search_process_outlives_a_fit():
    """They are ended when it ends, however it does."""
    from synthflow.data_models.data_model import DataModel
    from synthflow.modules.python_synthesis import PythonSynthesis

    class Grid(DataModel):
        grid: list[list[int]]

    inputs = Input(data_model=Grid)
    module = PythonSynthesis(data_model=Grid, python_script="result = 1", default_return_value={"grid": [[0]]})
    program = Program(inputs=inputs, outputs=await module(inputs))
    program.compile(reward=ExactMatch(in_mask=["grid"]), optimizer=OMEGA(population_size=2))
    rows = [Grid(grid=[[1, 2], [3, 4]]), Grid(grid=[[5, 6, 7]])]
    answers = [Grid(grid=[[3, 4], [1, 2]]), Grid(grid=[[5, 6, 7]])]
    history = await program.fit(rows, answers, epochs=2, verbose=0)

    assert history.stop_reason == "solved"
    assert children() == set()
    hard = [Grid(grid=[[7, 1], [2, 9]]), Grid(grid=[[1, 1]])]
    begun = asyncio.Event()

    class Begun(Callback):
        def on_train_batch_end(self, batch, logs=None):
            """Tell that a generation is over."""
            begun.set()

    fit = asyncio.create_task(program.fit(rows, hard, epochs=99, verbose=0, callbacks=[Begun()]))
    await begun.wait()
    assert children()
    fit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fit
    assert children() == set()


@pytest.mark.parametrize("cut", [False, True])
async def test_history_tells_whether_a_clock_cut_the_search_short(cut):
    """Only such a run may come out otherwise when it is repeated."""
    program = await make_program()
    proposer = compiled(program, SEED)
    proposer.truncated = cut
    history = await program.fit(X, Y, verbose=0)

    assert history.truncated is cut

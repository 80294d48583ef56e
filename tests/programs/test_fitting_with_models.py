"""A fit whose models or budget give out ends in good order: numbers that are not known, callbacks, reasons."""

import asyncio
import math
import re

import pytest

from synthflow.callbacks import Callback, CSVLogger, EarlyStopping, ProgramCheckpoint
from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError, EvaluationError, LanguageModelError
from synthflow.metrics.mean import MeanMetricWrapper
from synthflow.modules.generator import Generator
from synthflow.modules.input import Input
from synthflow.optimizers.random_few_shot import RandomFewShot
from synthflow.programs.program import Program
from synthflow.rewards import LMAsJudge, feedback
from synthflow.rewards.exact_match import ExactMatch
from synthflow.search.budget import Budget
from synthflow.testing import ScriptedLanguageModel
from tests.programs.toy import HALF, Listed, X, Y, compiled, make_program


class Word(DataModel):
    """A word."""

    word: str


WORDS = [Word(word=word) for word in ("one", "two", "three")]
OTHERS = [Word(word=word) for word in ("four", "five")]


def echo(*dead):
    """Make a model that says a word again, and fails on some."""

    def answer(request):
        word = re.findall(r'"word": "(\w+)"', request.messages[-1]["content"])[-1]
        return LanguageModelError(f"not {word}", "server") if word in dead else {"word": word.replace("two", "2")}

    return ScriptedLanguageModel(answer)


async def speaker(model, **options):
    """Compile a generator."""
    inputs = Input(data_model=Word)
    program = Program(inputs=inputs, outputs=await Generator(data_model=Word, language_model=model)(inputs))
    program.compile(**{"reward": ExactMatch(), "optimizer": RandomFewShot(), **options})
    return program


@pytest.mark.parametrize(
    ("dead", "budget", "reason"),
    [(["five"], None, "language model: server"), ([], Budget(calls=4), "budget: calls")],
)
async def test_what_could_not_be_measured_is_not_a_number(tmp_path, dead, budget, reason):
    """The logs have every name, so that a checkpoint finds its file's name and a table its columns."""
    program = await speaker(echo(*dead), metrics=[MeanMetricWrapper(ExactMatch(), "again")])
    watching = [
        ProgramCheckpoint(tmp_path / "{epoch:02d}-{val_reward:.2f}.json", save_variables_only=True),
        CSVLogger(tmp_path / "log.csv"),
        EarlyStopping(monitor="val_reward", patience=1),
    ]
    history = await program.fit(
        WORDS, WORDS, epochs=3, verbose=0, validation_data=(OTHERS, OTHERS), callbacks=watching, budget=budget
    )

    assert history.stop_reason == reason
    assert history.history["reward"] == [pytest.approx(2 / 3)]
    assert all(math.isnan(value) for name in ("val_reward", "val_again") for value in history.history[name])
    assert (tmp_path / "01-nan.json").exists()
    assert (tmp_path / "log.csv").read_text().splitlines()[0].endswith(",val_reward,val_again")


async def test_a_metric_that_gets_no_answer_ends_the_fit_too():
    """It is no candidate's fault."""
    judge = LMAsJudge(ScriptedLanguageModel(lambda request: LanguageModelError("gone", "connection")))
    program = await speaker(echo(), metrics=[MeanMetricWrapper(judge, "judge")])
    history = await program.fit(WORDS, WORDS, epochs=3, verbose=0)

    assert history.stop_reason == "language model: connection"
    assert math.isnan(history.history["judge"][0])
    assert history.errors == {"connection": "gone"}


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_end"])
async def test_what_a_callback_raises_is_raised(hook):
    """Even where it looks like a failure of the run's own models."""

    class Asks(Callback):
        pass

    setattr(Asks, hook, lambda self, number, logs=None: (_ for _ in ()).throw(LanguageModelError("mine", "server")))
    program = await speaker(echo())
    with pytest.raises(EvaluationError, match=rf"Asks.{hook} raised LanguageModelError: mine"):
        await program.fit(WORDS, WORDS, verbose=0, callbacks=[Asks()])


async def test_what_a_reward_says_is_told_to_the_writer():
    """Each row's own words, with its own prediction."""

    def strict(y_true, y_pred):
        feedback(f"{y_pred['m']} is {y_true['m'] - y_pred['m']} short")
        return float(y_true == y_pred)

    program = await make_program(HALF)
    proposer = compiled(program, HALF, reward=strict, population_size=1)
    await program.fit(X, [answer for answer in Y], epochs=1, verbose=0)
    (brief,) = proposer.briefs
    told = {row.x["n"]: brief.parents[0].cells[row.id].feedback for row in brief.rows}

    assert told[2] == "0 is 3 short"
    assert told[3] == "0 is 4 short"


async def test_rows_without_answers_are_judged_all_the_same():
    """A judge may know without one."""
    judge = LMAsJudge(ScriptedLanguageModel(lambda request: {"critique": "", "reward": 0.5}))
    program = await speaker(echo(), reward=judge)

    assert await program.evaluate(WORDS, [None] * 3) == {"reward": 0.5}


async def test_a_budget_is_a_budget():
    """A number says nothing of what."""
    program = await speaker(echo())
    with pytest.raises(CompileError, match=r"Budget\(calls=100\)"):
        await program.fit(WORDS, WORDS, verbose=0, budget=100)


async def test_proposers_that_raise_are_counted():
    """By the class of the error, so that a slip in one's own proposer does not look like bad luck."""

    class Slips(Listed):
        async def propose(self, brief, slot):
            raise KeyError("typo")

    program = await make_program()
    compiled(program)
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=type(program.compiled.optimizer)(proposers=[Slips()]))
    history = await program.fit(X, Y, epochs=1, verbose=0)

    assert history.failures == {"KeyError": 8}


def test_several_runs_of_a_loop_share_a_model():
    """As in scripts that call `asyncio.run` again and again."""
    model = echo()

    async def once():
        program = await speaker(model)
        return await program.evaluate(WORDS, WORDS)

    assert asyncio.run(once()) == asyncio.run(once())

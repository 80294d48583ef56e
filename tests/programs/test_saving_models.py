"""Whatever asks a model is saved and loaded: a fresh process writes the same file again, and the copy works."""

import json

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.language_models.defaults import set_default_language_model
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.ledger import Ledger
from synthflow.metrics import Calls, Cost, F1Score, PassAtK, Precision, Recall, Seconds, Tokens
from synthflow.modules.generator import Generator
from synthflow.modules.input import Input
from synthflow.optimizers import OMEGA, RandomFewShot
from synthflow.programs.program import Program
from synthflow.proposers import LanguageModelProposer, SymbolicProposer
from synthflow.rewards import (
    BatchRewardFunctionWrapper,
    CosineSimilarity,
    ExactMatch,
    LMAsJudge,
    ProgramAsJudge,
    WeightedSum,
)
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel
from tests.programs.toy import fresh_python

AGAIN = """
import asyncio, sys
from synthflow import Program
from tests.programs.test_saving_models import Word, all_alike

path, copy = sys.argv[1:]
program = Program.load(path, custom_objects={"all_alike": all_alike})
program.save(copy)

async def main():
    print((await program(Word(word="x")))["word"])
    print(await program.evaluate([Word(word="x")], [Word(word="again")]))

asyncio.run(main())
"""


class Word(DataModel):
    """A word."""

    word: str


class Verdict(DataModel):
    """A judgement."""

    reward: float


def all_alike(y_trues, y_preds):
    """Reward a whole batch alike."""
    return [0.25] * len(y_trues)


def say(*answers):
    """Make a model that says something, as often as it is asked for here."""
    return ScriptedLanguageModel([answer for answer in answers for _ in range(9)], max_tokens=99, price=(1.0, 2.0))


async def speaker(model):
    """Wire a generator."""
    inputs = Input(data_model=Word)
    generator = Generator(
        data_model=Word, language_model=model, instructions="Say:\n- again.", examples=[({}, {"word": "b"})]
    )
    return Program(inputs=inputs, outputs=await generator(inputs), name="speaker", description="It speaks.")


async def judge():
    """Wire a judging program, whose instructions were changed since it was made."""
    inputs = Input(data_model=Word + Word)
    generator = Generator(data_model=Verdict, language_model=say({"reward": 0.5}), instructions="Judge.")
    program = Program(inputs=inputs, outputs=await generator(inputs))
    program.get_variable("generator/state").assign({"instructions": "Judge fairly."})
    return program


async def rewards():
    """Give each reward that asks a model, with what it gives here."""
    return {
        "judge": (LMAsJudge(language_model=say({"critique": "", "reward": 0.5}), name="j"), 0.5),
        "cosine": (CosineSimilarity(HashEmbeddingModel(32), in_mask=["word"]), 1.0),
        "program": (ProgramAsJudge(await judge()), 0.5),
        "batch": (BatchRewardFunctionWrapper(all_alike), 0.25),
        "sum": (WeightedSum([ExactMatch(), CosineSimilarity(HashEmbeddingModel())], [1, 3]), 1.0),
    }


def saved_twice(program, folder):
    """Save, load and save in a fresh process, and give both files with what the copy said."""
    first, second = folder / "first.json", folder / "second.json"
    program.save(first)
    said = fresh_python(AGAIN, str(first), str(second)).splitlines()
    return json.loads(first.read_text()), json.loads(second.read_text()), said


@pytest.mark.parametrize("name", ["judge", "cosine", "program", "batch", "sum"])
async def test_a_reward_survives(name, tmp_path):
    """With its model, its masks and its weights."""
    reward, worth = (await rewards())[name]
    program = await speaker(say({"word": "again"}))
    program.compile(reward=reward, optimizer=RandomFewShot(nb_max_examples=4))
    first, second, said = saved_twice(program, tmp_path)

    assert second == first
    assert said[0] == "again"
    assert said[1] == str({"reward": worth})


async def test_optimizers_proposers_models_and_metrics_survive(tmp_path):
    """Everything that `compile` was given, but for keys and ledgers, which belong to the machine."""
    model = LanguageModel(
        "openai/test",
        api_base="http://127.0.0.1:9/v1",
        api_key="secret",
        fallback=LanguageModel("openai/other", api_key="secret too"),
        ledger=Ledger(tmp_path / "answers.sqlite"),
        temperature=0.5,
        max_tokens=7,
    )
    program = await speaker(say({"word": "again"}))
    program.compile(
        reward=ExactMatch(),
        optimizer=OMEGA(
            proposers=[LanguageModelProposer(model, instructions="Be brief.", mutation_temperature=0.2)],
            embedding_model=HashEmbeddingModel(16),
            merging_rate=0.7,
        ),
        metrics=[F1Score(), Precision(), Recall(), PassAtK(1, "word"), Calls(), Tokens("training"), Cost(), Seconds()],
    )
    path = tmp_path / "program.json"
    program.save(path)
    loaded = Program.load(path)
    loaded.save(tmp_path / "again.json")
    again = loaded.compiled.optimizer.proposers[0].language_model

    assert (tmp_path / "again.json").read_text() == path.read_text()
    assert (again.model, again.temperature, again.max_tokens, again.ledger) == ("openai/test", 0.5, 7, None)
    assert again.fallback.model == "openai/other"
    assert [model.model for model in loaded.language_models] == [
        "scripted/model",
        "openai/test",
        "openai/other",
        "hash/words",
    ]
    assert "secret" not in path.read_text()
    assert "answers.sqlite" not in path.read_text()
    assert not (tmp_path / "answers.sqlite").exists()


async def test_who_writes_by_default_is_saved(tmp_path):
    """A file trains with the model that was the default when it was compiled, wherever it is loaded."""
    program = await speaker(say({"word": "again"}))
    set_default_language_model("openai/test")
    try:
        optimizer = OMEGA(population_size=2)
        mixed = OMEGA(proposers=[SymbolicProposer(), LanguageModelProposer()])
        program.compile(reward=ExactMatch(), optimizer=optimizer)
        program.save(tmp_path / "default.json")
    finally:
        set_default_language_model(None)
    program.recompile({"reward": ExactMatch(), "optimizer": mixed})
    program.save(tmp_path / "mixed.json")
    loaded, both = (Program.load(tmp_path / f"{name}.json").compiled.optimizer for name in ("default", "mixed"))

    assert loaded.proposers[0].language_model.model == "openai/test"
    assert loaded.population_size == 2
    assert both.proposers[1].language_model.model == "openai/test"


async def test_one_model_is_one_model_again(tmp_path):
    """Modules and optimizer that shared it share it after loading: one count, one bound, one ledger to set."""
    model = LanguageModel("openai/test", max_concurrency=3)
    program = await speaker(model)
    program.compile(reward=ExactMatch(), optimizer=OMEGA(language_model=model))
    program.save(tmp_path / "program.json")
    loaded = Program.load(tmp_path / "program.json")

    assert [one.max_concurrency for one in loaded.language_models] == [3]


async def test_a_trained_judge_is_saved_as_it_was_trained(tmp_path):
    """Its variables are no part of the program that it judges, and are kept all the same."""
    program = await speaker(say({"word": "again"}))
    program.compile(reward=ProgramAsJudge(await judge()))
    program.save(tmp_path / "program.json")
    loaded = Program.load(tmp_path / "program.json")

    assert loaded.compiled.reward.program.get_variable("generator/state")["instructions"] == "Judge fairly."

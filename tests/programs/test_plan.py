"""A plan says before the first call what a fit can take at most, and a fit keeps to it."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError
from synthflow.modules.generator import Generator
from synthflow.modules.input import Input
from synthflow.optimizers.omega import OMEGA
from synthflow.optimizers.random_few_shot import RandomFewShot
from synthflow.programs.program import Program
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.lm_as_judge import LMAsJudge
from synthflow.search.budget import Budget
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel
from tests.programs.toy import HALF, X, Y, make_program


class Word(DataModel):
    """A word."""

    word: str


WORDS = [Word(word=word) for word in ("one", "two", "three")]


def scripted(**options):
    """Make a model that writes a script no better than the first, and says words."""

    def answer(request):
        fields = request.schema["properties"]
        values = {"python_script": "result = {'m': 0}", "word": "one", "reward": 0.5, "instructions": "x"}
        return {name: values.get(name, "") for name in fields}

    return ScriptedLanguageModel(answer, **options)


async def script_program(optimizer, **options):
    """Compile the script program."""
    program = await make_program(seed_scripts=[HALF])
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=optimizer, **options)
    return program


async def test_a_plan_asks_nobody_and_is_printed(capsys):
    """Two seeds, three epochs of two generations of four children, four rows."""
    model = scripted(retry=1, reask=0)
    program = await script_program(OMEGA(language_model=model, population_size=4))
    plan = await program.plan(X, Y, epochs=3, batch_size=2)

    assert (plan.steps, plan.proposals, plan.evaluations) == (6, 24, (2 + 24) * 4)
    assert (plan.training_calls, plan.evaluation_calls, plan.calls) == (24 * 2, 0, 24 * 2)
    assert model.requests == []
    assert str(plan) + "\n" == capsys.readouterr().out
    assert "no limit" in str(plan)


async def test_a_budget_bounds_the_plan():
    """Its limits are shown."""
    program = await script_program(OMEGA(language_model=scripted(), population_size=4))
    plan = await program.plan(X, Y, epochs=3, budget=Budget(calls=5, evaluations=30, seconds=9, tokens=10, cost=0.1))

    assert (plan.calls, plan.evaluations, plan.seconds, plan.tokens, plan.cost) == (5, 30, 9, 10, 0.1)


async def test_a_program_that_asks_models_and_is_judged_by_one_counts_both():
    """For every row of every candidate, and embeddings for every candidate."""
    model = scripted(retry=0, reask=0)
    inputs = Input(data_model=Word)
    outputs = await Generator(data_model=Word, language_model=model, instructions="Say it.")(inputs)
    program = Program(inputs=inputs, outputs=outputs)
    optimizer = OMEGA(language_model=model, embedding_model=HashEmbeddingModel(retry=0), population_size=2)
    program.compile(reward=LMAsJudge(language_model=model), optimizer=optimizer)
    plan = await program.plan(WORDS, WORDS, epochs=2, validation_data=(WORDS, WORDS))

    assert (plan.steps, plan.proposals) == (2, 4)
    assert plan.evaluations == (1 + 4) * 3 + 2 * 3
    assert plan.evaluation_calls == plan.evaluations * 2
    assert plan.training_calls == 4 + 5


async def test_a_fit_keeps_to_its_plan():
    """What it used is no more than what was planned."""
    model = scripted()
    program = await script_program(OMEGA(language_model=model, population_size=4))
    plan = await program.plan(X, Y, epochs=3)
    history = await program.fit(X, Y, epochs=3, verbose=0)

    assert 0 < history.usage["training"]["calls"] <= plan.calls


async def test_without_an_optimizer_there_is_no_fit():
    """So no plan."""
    program = await script_program(None)
    with pytest.raises(CompileError, match="optimizer"):
        await program.plan(X, Y)


async def test_a_budget_of_tokens_needs_bounded_answers():
    """And one of cost a price, wherever the model is."""
    program = await script_program(OMEGA(language_model=scripted()))
    with pytest.raises(CompileError, match=r"(?s)Budget\(tokens=...\).*max_tokens=4096"):
        await program.fit(X, Y, verbose=0, budget=Budget(tokens=1000))
    program = await script_program(OMEGA(language_model=scripted(max_tokens=50)))
    with pytest.raises(CompileError, match=r"(?s)Budget\(cost=...\).*price="):
        await program.fit(X, Y, verbose=0, budget=Budget(cost=1.0))
    bounded = scripted(max_tokens=50, price=(1.0, 1.0))
    program = await script_program(OMEGA(language_model=bounded))
    history = await program.fit(X, Y, verbose=0, budget=Budget(cost=1.0, tokens=10**6))

    assert history.stop_reason == "epochs"


async def test_a_module_of_its_own_bound_needs_none_of_the_model():
    """`max_tokens` of a generator bounds its answers."""
    inputs = Input(data_model=Word)
    generator = Generator(data_model=Word, language_model=scripted(), max_tokens=20)
    program = Program(inputs=inputs, outputs=await generator(inputs))
    program.compile(reward=ExactMatch(), optimizer=RandomFewShot())
    history = await program.fit(WORDS, WORDS, verbose=0, budget=Budget(tokens=10**6))

    assert history.usage["inference"]["calls"] > 0

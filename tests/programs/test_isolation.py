"""What one row, candidate, program or fit does reaches no other."""

import asyncio

import pytest

from synthflow.data_models.variable import Variable
from synthflow.modules.input import Input
from synthflow.modules.lambda_module import Lambda
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.program import Program
from synthflow.search.executors import LocalExecutor
from tests.programs.toy import GOOD, SEED, Listed, Question, X, Y, compiled, make_program, synthesis


async def test_a_reward_that_edits_what_it_is_given_changes_no_other_judgement():
    """Neither the true answer of a row, nor the prediction that is recorded."""

    def greedy(y_true, y_pred):
        score = float(y_true.get("m") == y_pred.get("m"))
        y_true.get_json().clear()
        y_pred.get_json().clear()
        return score

    program = await make_program()
    compiled(program, GOOD, reward=greedy, metrics=[lambda y_true, y_pred: float(y_true["m"] == y_pred["m"])])
    history = await program.fit(X, Y, epochs=2, verbose=0)

    assert history.history["reward"] == [1.0]
    assert all(values == [1.0] for values in history.history.values())


async def test_a_module_that_edits_its_input_changes_no_row_and_no_caller():
    """Each run of a row starts from what the caller gave."""

    def careless(value):
        value.get_json()["n"] += 1
        return {"n": value["n"]}

    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await Lambda(careless, data_model=Question)(inputs))
    rows = [Question(n=1).to_json_data_model()]
    first, second = await program.predict(rows), await program.predict(rows)

    assert first[0]["n"] == second[0]["n"] == 2
    assert rows[0]["n"] == 1


async def test_an_edited_answer_of_a_failed_run_is_not_the_next_ones():
    """Nor is the dict that the person gave as the default."""
    default = {"m": -1}
    module = synthesis("no python")
    failed = await module(X[0])
    failed.get_json()["m"] = 99

    assert (await module(X[0]))["m"] == -1
    assert default == {"m": -1}


def test_a_variable_is_changed_by_assignment_alone():
    """Neither the dict it was made of nor the one it gives is the variable."""
    schema = {"type": "object", "properties": {"list": {"type": "array"}}}
    given = {"list": [1]}
    variable = Variable(given, schema=schema)
    given["list"].append(2)
    variable.get_json()["list"].append(3)

    assert variable.value == {"list": [1]}


async def test_what_was_trained_on_before_does_not_change_what_other_rows_are_asked():
    """The generations of a search are counted for the rows it searches."""
    program = await make_program()
    proposer = compiled(program, SEED)
    await program.fit(X[:2], Y[:2], epochs=3, verbose=0)
    await program.fit(X[2:], Y[2:], epochs=2, verbose=0)
    await program.fit(X[:2], Y[:2], epochs=1, verbose=0)

    assert [brief.step for brief in proposer.briefs] == [1, 2, 3, 1, 2, 4]
    assert sorted(program.generations.values()) == [2, 4]


async def test_a_reward_may_run_another_program_on_the_same_executor():
    """Whoever waits inside a worker is not made to wait for one."""
    executor = LocalExecutor(workers=1)
    judge, program = await make_program(GOOD), await make_program()
    compiled(judge, executor=executor)

    async def judged(y_true, y_pred):
        expected = await judge.predict([Question(n=y_true["m"] - 1)])
        return float(expected[0]["m"] == y_pred["m"])

    compiled(program, GOOD, reward=judged, executor=executor)
    history = await asyncio.wait_for(program.fit(X, Y, verbose=0), 60)

    assert history.history["reward"] == [1.0]


async def test_an_optimizer_of_ones_own_is_saved_with_its_arguments(tmp_path):
    """And a program that was frozen after it was compiled can be loaded."""
    program = await make_program()
    program.compile(reward=_alike, optimizer=Deep(depth=9, population_size=3, proposers=[Listed()]))
    program.get_module("python_synthesis").trainable = False
    program.save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json", {"Deep": Deep, "Listed": Listed, "_alike": _alike})

    assert (again.compiled.optimizer.depth, again.compiled.optimizer.population_size) == (9, 3)
    assert again.trainable_variables == []


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"optimizer": "omega"}, ValueError, "an Optimizer object"),
        ({"optimizer": OMEGA}, ValueError, "an Optimizer object"),
        ({"seed": "a"}, ValueError, "whole number"),
        ({"metrics": abs}, TypeError, "takes a list"),
    ],
)
async def test_compile_says_what_it_takes(options, error, words):
    """Before anything runs."""
    program = await make_program()

    with pytest.raises(error, match=words):
        program.compile(reward=_alike, **options)


class Deep(OMEGA):
    """An optimizer with an argument of its own."""

    def __init__(self, *, depth=3, **options):
        super().__init__(**options)
        self.depth = depth


def _alike(y_true, y_pred):
    """Compare."""
    return float(y_true["m"] == y_pred["m"])

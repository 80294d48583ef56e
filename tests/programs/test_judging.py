"""compile, evaluate, predict and their forms for one batch."""

import asyncio

import numpy as np
import pytest

from synthflow.callbacks.callback import Callback
from synthflow.data_models.data_model import DataModel
from synthflow.errors import CompileError, DataError, EvaluationError
from synthflow.metrics.mean import MeanMetricWrapper
from synthflow.modules.input import Input
from synthflow.modules.module import Module
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.program import Program
from synthflow.rewards.exact_match import ExactMatch
from tests.programs.toy import GOOD, HALF, Answer, Question, X, Y, accuracy, compiled, make_program, synthesis


class Sentence(DataModel):
    """No grid."""

    text: str


class Doubled(Module):
    """Takes a whole batch at once, and counts the batches."""

    def __init__(self, *, name=None):
        super().__init__(name=name)
        self.sizes = []

    def output_schema(self, inputs):
        """Give an answer."""
        return Answer.get_schema()

    async def call(self, inputs):
        """Answer one row."""
        return (await self.call_batch([inputs]))[0]

    async def call_batch(self, rows):
        """Answer all rows."""
        self.sizes.append(len(rows))
        return [Answer(m=2 * row["n"]) for row in rows]


class Watching(Callback):
    """Writes down the hooks of evaluating and predicting."""

    def __init__(self):
        self.seen = []

    def on_test_begin(self, logs=None):
        """Note it."""
        self.seen.append("begin")

    def on_test_batch_end(self, batch, logs=None):
        """Note it."""
        self.seen.append(batch)

    def on_test_end(self, logs=None):
        """Note it."""
        self.seen.append(dict(logs))

    on_predict_batch_end = on_test_batch_end


async def test_evaluate_gives_the_mean_reward_and_every_metric():
    """By name."""
    program = await make_program(HALF)
    program.compile(
        reward=ExactMatch(in_mask=["m"]),
        metrics=[accuracy(), MeanMetricWrapper(fn=lambda y_true, y_pred: y_pred["m"], name="size")],
    )

    assert await program.evaluate(X, Y) == {"reward": 0.5, "accuracy": 0.5, "size": 0.75}
    assert await program.test_on_batch(X[:2], Y[:2]) == {"reward": 1.0, "accuracy": 1.0, "size": 1.5}


async def test_two_evaluations_at_once_do_not_mix_their_metrics():
    """Each counts for itself."""
    program = await make_program(HALF)
    program.compile(reward=ExactMatch(in_mask=["m"]), metrics=[accuracy()])
    first, second = await asyncio.gather(program.evaluate(X[:2], Y[:2]), program.evaluate(X[2:], Y[2:]))

    assert (first["accuracy"], second["accuracy"]) == (1.0, 0.0)


async def test_a_function_becomes_a_metric_and_a_reward():
    """Plain or async."""

    async def close(y_true, y_pred):
        return 1 / (1 + abs(y_true["m"] - y_pred["m"]))

    program = await make_program()
    program.compile(reward=close, metrics=[close])

    assert await program.evaluate(X, Y) == {"reward": 0.5, "close": 0.5}


async def test_predict_gives_an_array_with_an_output_per_row():
    """Trained or not, compiled or not."""
    program = await make_program(GOOD)
    predictions = await program.predict(X)

    assert isinstance(predictions, np.ndarray)
    assert predictions.dtype == object
    assert [prediction["m"] for prediction in predictions] == [1, 2, 3, 4]
    assert [prediction["m"] for prediction in await program.predict_on_batch(tuple(X[:2]))] == [1, 2]
    assert len(await program.predict(((X, Y) for _ in range(9)), steps=2)) == 8


async def test_a_missing_answer_is_none_among_the_predictions():
    """Where None flows to the end."""
    inputs = Input(data_model=Question, optional=True)
    program = Program(inputs=inputs, outputs=await synthesis(GOOD)(inputs))

    assert (await program.predict([None, X[0]]))[0] is None


async def test_the_size_of_batches_changes_only_when_callbacks_are_called():
    """The result is the same."""
    program = await make_program(HALF)
    program.compile(reward=ExactMatch(in_mask=["m"]))
    watching = Watching()
    logs = await program.evaluate(X, Y, batch_size=3, callbacks=[watching])
    await program.predict(X, batch_size=1, callbacks=[watching])

    assert logs == {"reward": 0.5}
    assert watching.seen == ["begin", 0, 1, {"reward": 0.5}, 0, 1, 2, 3]
    with pytest.raises(DataError, match="batch_size"):
        await program.evaluate(X, Y, batch_size=0)


async def test_a_module_that_takes_batches_is_given_them():
    """To evaluate and to predict; a fit gives it all rows that are missing."""
    inputs, module = Input(data_model=Question), Doubled()
    program = Program(inputs=inputs, outputs=await module(inputs))
    program.compile(reward=ExactMatch())
    logs = await program.evaluate(X, [Answer(m=2 * x.n) for x in X], batch_size=3)
    predictions = await program.predict(X)

    assert logs == {"reward": 1.0}
    assert [prediction["m"] for prediction in predictions] == [0, 2, 4, 6]
    assert module.sizes == [3, 1, 4]


async def test_several_outputs_are_rewarded_together():
    """A list, tuple or dict of answers, one column per output."""
    inputs = Input(data_model=Question)
    outputs = (await synthesis(GOOD)(inputs), await synthesis(HALF)(inputs))
    program = Program(inputs=inputs, outputs=outputs)
    program.compile(reward=ExactMatch(in_mask=["m"]), metrics=[accuracy()])
    by_name = Program(inputs=inputs, outputs=dict(zip("ab", outputs, strict=True)))
    by_name.compile(reward=ExactMatch(in_mask=["m"]), metrics=[accuracy()])

    assert await program.evaluate(X, (Y, Y)) == {"reward": 0.5, "accuracy": 0.5}
    assert await by_name.evaluate(X, {"b": Y, "a": Y}) == {"reward": 0.5, "accuracy": 0.5}


async def test_a_program_with_a_call_of_its_own_is_judged_and_trained():
    """With several inputs and outputs too."""

    class Pair(Program):
        def __init__(self):
            super().__init__()
            self.script = synthesis()

        async def call(self, inputs):
            """Run the script on both."""
            return await self.script(inputs[0]), await self.script(inputs[1])

    program = Pair()
    compiled(program, metrics=[accuracy()])
    history = await program.fit([X, X], (Y, Y), verbose=0)

    assert history.history == {"reward": [1.0], "accuracy": [1.0]}
    assert program.script.state["python_script"] == GOOD


async def test_what_raises_names_row_and_candidate():
    """In a reward, a metric or a module."""

    def bad(y_true, y_pred):
        raise KeyError("nothing here")

    program = await make_program()
    program.compile(reward=bad)
    with pytest.raises(EvaluationError, match=r"Reward 'bad' raised KeyError(.|\n)*the program as it is.*'n'"):
        await program.evaluate(X, Y)
    program.compile(reward=ExactMatch(in_mask=["m"]), metrics=[MeanMetricWrapper(fn=bad)])
    with pytest.raises(EvaluationError, match=r"Metric 'bad' raised KeyError(.|\n)*'n'"):
        await program.evaluate(X, Y)


async def test_a_module_that_raises_is_named():
    """With the row on which it did."""

    class Broken(Doubled):
        async def call_batch(self, rows):
            """Fail."""
            raise RuntimeError("out of order")

    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await Broken()(inputs))

    with pytest.raises(EvaluationError, match=r"(?s)RuntimeError: out of order.*'broken'.*one of 4 rows"):
        await program.predict(X)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs a reward"),
        ({"reward": 3}, "is not a reward"),
        ({"reward": ExactMatch}, "is a class"),
        ({"reward": ExactMatch(), "metrics": [3]}, "is not a metric"),
        ({"reward": ExactMatch(), "executor": 2}, r"LocalExecutor\(workers=2\)"),
        ({"reward": ExactMatch(), "constraints": ["short"]}, "takes functions"),
        ({"reward": ExactMatch(), "metrics": [accuracy(), accuracy()]}, "same name"),
        ({"reward": ExactMatch(), "metrics": [MeanMetricWrapper(fn=len, name="reward")]}, "called 'reward'"),
    ],
)
async def test_compile_says_what_is_missing_or_wrong(options, words):
    """Before anything runs; and the program stays as it was."""
    program = await make_program()

    with pytest.raises(CompileError, match=words):
        program.compile(**options)
    assert program.compiled is None


async def test_what_nobody_can_write_is_said_at_compile():
    """Without a model, for a schema without grids."""
    inputs = Input(data_model=Sentence)
    program = Program(inputs=inputs, outputs=await synthesis()(inputs))

    with pytest.raises(CompileError, match=r"(?s)SymbolicProposer.*OMEGA\(proposers="):
        program.compile(reward=ExactMatch(), optimizer=OMEGA())
    assert program.compiled is None


async def test_a_program_without_trainable_variables_cannot_be_compiled_with_an_optimizer():
    """Nor fit, when it was frozen since."""
    frozen = await make_program(trainable=False)
    later = await make_program()
    compiled(later)
    later.get_module("python_synthesis").trainable = False

    with pytest.raises(CompileError, match="nothing to train"):
        compiled(frozen)
    with pytest.raises(CompileError, match="nothing to train"):
        await later.fit(X, Y, verbose=0)


async def test_what_needs_compile_says_so():
    """And what needs an optimizer or answers."""
    program = await make_program()
    with pytest.raises(CompileError, match="do this first"):
        await program.fit(X, Y)
    with pytest.raises(CompileError, match="do this first"):
        await program.evaluate(X, Y)
    program.compile(reward=ExactMatch(in_mask=["m"]))
    with pytest.raises(CompileError, match="needs an optimizer"):
        await program.fit(X, Y)
    with pytest.raises(DataError, match="needs answers"):
        await program.evaluate(X)
    compiled(program)
    with pytest.raises(DataError, match="needs answers"):
        await program.fit(X)
    with pytest.raises(DataError, match="validation_data needs answers"):
        await program.fit(X, Y, validation_data=X)


async def test_the_direction_of_every_number_is_known():
    """For callbacks that ask which of two values is better."""
    program = await make_program()

    assert program.metrics_direction == {"reward": "up"}
    program.compile(reward=ExactMatch(), metrics=[accuracy(), MeanMetricWrapper(fn=len, name="size")])
    assert program.metrics_direction == {"reward": "up", "accuracy": "up", "size": None}

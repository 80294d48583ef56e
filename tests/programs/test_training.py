"""Training as users call it; what a fit does is told in `test_fitting.py`, what a plan says in `test_plan.py`."""

from synthflow.modules.input import Input
from synthflow.modules.python_synthesis import PythonSynthesis
from synthflow.programs.program import Program
from tests.programs.test_judging import Doubled
from tests.programs.toy import GOOD, HALF, Answer, Question, X, Y, accuracy, compiled, make_program


async def test_train_on_batch_takes_one_generation():
    """Its logs are the best candidate's on these rows."""
    program = await make_program()
    proposer = compiled(program, HALF, GOOD, metrics=[accuracy()])

    assert await program.train_on_batch(X, Y) == {"reward": 0.5, "accuracy": 0.5}
    assert await program.train_on_batch(X, Y) == {"reward": 1.0, "accuracy": 1.0}
    assert [brief.step for brief in proposer.briefs] == [1, 2]


async def test_a_fit_gives_batches_to_a_module_that_takes_them():
    """The others get a row at a time."""
    inputs, module = Input(data_model=Question), Doubled()
    script = PythonSynthesis(data_model=Answer, python_script="result = inputs", default_return_value={"m": 0})
    program = Program(inputs=inputs, outputs=await script(await module(inputs)))
    compiled(program, "result = {'m': inputs['m'] + 1}")
    history = await program.fit(X, [Answer(m=2 * x.n + 1) for x in X], verbose=0)

    assert history.history == {"reward": [1.0]}
    assert module.sizes == [4, 4]

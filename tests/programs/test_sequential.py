"""Sequential runs modules in a row."""

import pytest

from synthflow.errors import GraphError
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.programs.program import Program
from synthflow.programs.sequential import Sequential
from tests.programs.toy import GOOD, Increment, Question, X, Y, compiled, synthesis


async def test_it_answers_as_the_functional_program():
    """Each module reads the one before."""
    program = Sequential([Increment(2), synthesis(GOOD)])

    assert (await program(Question(n=1)))["m"] == 4


async def test_modules_are_added_and_popped():
    """The next call sees the change."""
    program = Sequential([Increment(1)])
    await program(Question(n=0))
    program.add(Increment(10, name="ten"))
    both = await program(Question(n=0))
    popped = program.pop()

    assert both["n"] == 11
    assert popped.name == "ten"
    assert (await program(Question(n=0)))["n"] == 1


async def test_variables_are_found_by_the_same_names_before_and_after_the_first_call():
    """So that a file can be loaded into either."""
    program = Sequential([Increment(), Increment()])
    before = [path for path, _ in program.named_variables()]
    await program(Question(n=0))

    assert [path for path, _ in program.named_variables()] == before == ["increment/state", "increment_1/state"]


async def test_it_can_be_wired_into_a_larger_program():
    """It is built by the promise."""
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await Identity()(await Sequential([Increment(), Increment()])(inputs)))

    assert (await program(Question(n=0)))["n"] == 2


async def test_it_is_trained_without_a_call_before():
    """The rows build it, with their own schema."""
    program = Sequential([Increment(0, trainable=False), synthesis()])
    compiled(program)
    history = await program.fit(X, Y, verbose=0)

    assert history.history == {"reward": [1.0]}
    assert program.graph.inputs.keys() == ["n"]


async def test_an_empty_one_says_what_to_give():
    """Neither calling nor popping works."""
    with pytest.raises(GraphError, match="give some"):
        await Sequential()(Question(n=0))
    with pytest.raises(GraphError, match="no module to pop"):
        Sequential().pop()


def test_it_takes_modules_only():
    """A class or function is refused."""
    with pytest.raises(GraphError, match="takes modules"):
        Sequential([Identity])

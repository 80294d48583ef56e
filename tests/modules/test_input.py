"""Input: the promise of what a program is given."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.schema import variants
from synthflow.errors import GraphError, SchemaError
from synthflow.modules.input import Input


class Question(DataModel):
    """A question."""

    text: str


class Answer(DataModel):
    """An answer."""

    answer: str


class Tree(DataModel):
    """A tree."""

    children: list["Tree"]


def test_it_promises_a_value_of_the_type():
    """A class, a combination of classes, a recursive class or a schema."""
    assert Input(data_model=Question).get_schema() == Question.get_schema()
    assert Input(schema=Question.get_schema()).keys() == ["text"]
    assert Input(data_model=Tree).keys() == ["children"]
    assert len(variants(Input(data_model=Question | Answer).get_schema())) == 3


def test_its_operation_remembers_name_and_option():
    """For messages, drawings and saved files."""
    source = Input(data_model=Question, name="question", optional=True).node.operation

    assert (source.name, source.optional, source.schema) == ("question", True, Question.get_schema())


@pytest.mark.parametrize(
    "arguments", [{}, {"data_model": Question, "schema": {"type": "object"}}, {"schema": Question}]
)
def test_it_needs_one_schema(arguments):
    """Neither, both or the wrong one is an error."""
    with pytest.raises(SchemaError):
        Input(**arguments)


async def test_it_is_given_and_not_computed():
    """Its operation has no call."""
    with pytest.raises(GraphError, match="given to the program"):
        await Input(data_model=Question).node.operation.call()

"""Input: the promise of what a program will be given."""

from synthflow.data_models.json_data_model import described_schema
from synthflow.data_models.operators import Described
from synthflow.data_models.schema import Schema
from synthflow.graph.symbolic import Node, Source, SymbolicDataModel


def Input(
    *,
    data_model: Described | None = None,
    schema: Schema | None = None,
    name: str | None = None,
    optional: bool = False,
) -> SymbolicDataModel:
    """Start a graph with the promise of a value.

    Args:
        data_model: The DataModel class of the value.
        schema: Its JSON schema, instead of `data_model`.
        name: The name of the input in messages, drawings and saved files.
        optional: Whether None may be given; it then flows through the graph.

    Returns:
        A promise to give to modules and to `Program(inputs=...)`.

    Raises:
        SchemaError: Neither or both of `data_model` and `schema` were given.

    >>> from synthflow.data_models.data_model import DataModel
    >>> class Question(DataModel):
    ...     text: str
    >>> Input(data_model=Question)
    SymbolicDataModel(text: string)
    """
    described = described_schema(schema, data_model)
    return SymbolicDataModel(described, Node(Source(described, name=name, optional=optional)))

"""ChainOfThought: a Generator that thinks aloud before it answers."""

from typing import Unpack

from synthflow.data_models import schema as schemas
from synthflow.data_models.json_data_model import described_schema
from synthflow.data_models.operators import Described
from synthflow.data_models.schema import Schema
from synthflow.modules.generator import Generator, GeneratorOptions
from synthflow.naming import distinct


class ChainOfThought(Generator):
    """Asks a language model to think before it answers.

    The output has a field `thinking` before those of the answer, or `thinking_1` where
    the answer has a `thinking` of its own.

    Args:
        data_model: The DataModel class of the answer.
        schema: Its JSON schema, instead of `data_model`.
        return_inputs: Whether the output has the fields of the input too, before the others.
        **options: As for `Generator`.

    Raises:
        SchemaError: Neither or both of `data_model` and `schema` were given.

    >>> answer = {"type": "object", "properties": {"answer": {"type": "string"}}}
    >>> list(ChainOfThought(schema=answer, language_model="openai/any").target["properties"])
    ['thinking', 'answer']
    """

    def __init__(
        self,
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        return_inputs: bool = False,
        **options: Unpack[GeneratorOptions],
    ) -> None:
        target = described_schema(schema, data_model)
        name = distinct("thinking", schemas.properties(target))
        super().__init__(schema=schemas.concat(thinking(name), target), return_inputs=return_inputs, **options)


def thinking(name: str = "thinking") -> Schema:
    """Describe a field in which a model thinks."""
    field = {"type": "string", "description": "Your thoughts on the way to the answer, step by step."}
    return {"type": "object", "properties": {name: field}, "required": [name], "additionalProperties": False}

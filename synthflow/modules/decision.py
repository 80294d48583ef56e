"""Decision: a Generator that picks one of several labels."""

from collections.abc import Sequence
from typing import ClassVar, Unpack

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json, Schema
from synthflow.modules.chain_of_thought import thinking
from synthflow.modules.generator import Generator, GeneratorOptions
from synthflow.modules.prompt_template import as_text


class Decision(Generator):
    """Asks a language model a question about the input, to be answered by a label: `thinking` and `choice`.

    The question and the labels close the system message, whatever training makes of the instructions.

    Args:
        question: What to decide.
        labels: The answers there are; at least two.
        return_inputs: Whether the output has the fields of the input too, before the others.
        **options: As for `Generator`.

    Raises:
        ValueError: There are fewer than two labels, or one is empty or given twice.

    >>> import asyncio
    >>> from synthflow.data_models.json_data_model import JsonDataModel
    >>> from synthflow.testing import ScriptedLanguageModel
    >>> model = ScriptedLanguageModel([{"thinking": "It has digits.", "choice": "sum"}])
    >>> decision = Decision(question="What is it?", labels=["sum", "essay"], language_model=model)
    >>> asyncio.run(decision(JsonDataModel(json={"text": "1 + 1"}, schema={"type": "object"})))["choice"]
    'sum'
    """

    default_instructions: ClassVar[str] = (
        "Read the input, think about the question, and choose the label that answers it best."
    )

    def __init__(
        self,
        *,
        question: str,
        labels: Sequence[str],
        return_inputs: bool = False,
        **options: Unpack[GeneratorOptions],
    ) -> None:
        self.question = question
        self.labels = _checked(labels)
        choice = {"type": "string", "enum": self.labels, "description": "The label that answers the question."}
        fields = {"type": "object", "properties": {"choice": choice}, "required": ["choice"]}
        target = schemas.concat(thinking(), {**fields, "additionalProperties": False})
        super().__init__(schema=target, return_inputs=return_inputs, **options)

    def _system(self, inputs: dict[str, Json], schema: Schema) -> str:
        asked = f"Question: {self.question}\nLabels: {as_text(self.labels)}"
        return f"{super()._system(inputs, schema)}\n\n{asked}".strip()


def _checked(labels: Sequence[str]) -> list[str]:
    if isinstance(labels, str) or not all(isinstance(label, str) and label for label in labels):
        raise ValueError(f"labels takes a list of texts, none of them empty, not {labels!r:.200}.")
    if len(set(labels)) != len(labels) or len(labels) < 2:
        raise ValueError(f"A decision is between at least two labels, each given once: {labels!r:.200}.")
    return list(labels)

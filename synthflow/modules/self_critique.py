"""SelfCritique: a Generator that judges its input."""

from typing import ClassVar, Unpack

from synthflow.data_models.data_model import DataModel, Field
from synthflow.modules.generator import Generator, GeneratorOptions


class Critique(DataModel):
    """What a model thinks of an answer."""

    critique: str = Field(description="What is right, what is wrong and what is missing.")
    reward: float = Field(ge=0.0, le=1.0, description="From 0.0, of no use, to 1.0, right in every way.")


class SelfCritique(Generator):
    """Asks a language model what it thinks of an answer: `critique` and `reward`.

    Args:
        return_inputs: Whether the output has the fields of the input too, before the others.
        **options: As for `Generator`.

    >>> SelfCritique(language_model="openai/any").target["required"]
    ['critique', 'reward']
    """

    default_instructions: ClassVar[str] = (
        "Judge the answer in the input: name what is right, what is wrong and what is missing, then give it a reward "
        "between 0.0 (of no use) and 1.0 (right in every way)."
    )

    def __init__(self, *, return_inputs: bool = True, **options: Unpack[GeneratorOptions]) -> None:
        super().__init__(data_model=Critique, return_inputs=return_inputs, **options)

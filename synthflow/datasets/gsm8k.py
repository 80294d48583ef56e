"""GSM8K: word problems of grade-school mathematics, with the steps of their solutions.

Source: Cobbe et al., Training Verifiers to Solve Math Word Problems, arXiv:2110.14168 (2021).
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.schema import Json
from synthflow.datasets.cells import read_number
from synthflow.datasets.published import Benchmark, text_of
from synthflow.errors import DataError

if TYPE_CHECKING:
    from synthflow.datasets.tables import Splits

GSM8K = Benchmark(
    title="GSM8K",
    loader="gsm8k.load_data",
    hub="openai/gsm8k",
    config="main",
    files={"train": ("train.jsonl",), "test": ("test.jsonl",)},
)
MARK = "####"
"""What stands before the number in a published answer."""
CALCULATION = re.compile(r"<<[^<>]*>>")
"""A note for a calculator, which the published answers carry beside the result."""


class Gsm8kInput(DataModel):
    """A word problem."""

    question: str = Field(description="The problem, in words.")


class Gsm8kOutput(DataModel):
    """The solution of a word problem."""

    thinking: str = Field(description="The steps of the solution, one after the other.")
    answer: float = Field(description="The number that is asked for, and nothing else.")


def load_data(folder: str | Path | None = None, *, limit: int | None = None) -> "Splits":
    r"""Load the problems: 7473 to train on and 1319 to test on.

    Args:
        folder: Where `train.jsonl` and `test.jsonl` are, as they were published. Without it they
            come from the Hugging Face Hub, which needs `pip install synthflow[datasets]` and,
            the first time, a network.
        limit: How many rows to read of each of the two, from the first; None reads all.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of DataModels. Each x has
        `question`; each y has `thinking`, without the calculator's notes, and `answer`, a number.

    Raises:
        DataError: There is no such file, the Hub cannot be read, or a row is no problem with its answer.

    >>> from tempfile import TemporaryDirectory
    >>> row = '{"question": "Two nests of 3 eggs each?", "answer": "2 * 3 = <<2*3=6>>6 eggs.\\n#### 6"}'
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("train.jsonl", "test.jsonl"):
    ...         _ = Path(folder, name).write_text(row)
    ...     (x_train, y_train), (x_test, y_test) = load_data(folder)
    >>> y_train[0]
    Gsm8kOutput(thinking='2 * 3 = 6 eggs.', answer=6.0)
    """
    return GSM8K.load(_row, folder, limit)


def get_input_data_model() -> type[Gsm8kInput]:
    """Give the DataModel class of a row's input: `question`."""
    return Gsm8kInput


def get_output_data_model() -> type[Gsm8kOutput]:
    """Give the DataModel class of a row's answer: `thinking` and `answer`."""
    return Gsm8kOutput


def default_instructions() -> str:
    """Give instructions for a language model that solves the problems."""
    return (
        "Solve the problem step by step. Write each step with its calculation into thinking, "
        "and into answer only the number that is asked for, without a unit."
    )


def _row(place: str, row: dict[str, Json]) -> tuple[Gsm8kInput, Gsm8kOutput]:
    question, written = text_of(place, row, "question"), text_of(place, row, "answer")
    thinking, _, last = written.rpartition(MARK)
    number = read_number(last.strip().replace(",", ""))
    if number is None or MARK not in written:
        raise DataError(
            f"{place}: the answer ends with {written[-80:]!r}, and not with {MARK!r} and a number.\n"
            f'  "answer": "2 * 3 = 6 eggs.\\n{MARK} 6"   <- the form of an answer'
        )
    return Gsm8kInput(question=question), Gsm8kOutput(thinking=CALCULATION.sub("", thinking).strip(), answer=number)

"""HotpotQA: questions whose answer takes facts from two passages of Wikipedia.

Source: Yang et al., HotpotQA: A Dataset for Diverse, Explainable Multi-hop Question
Answering, arXiv:1809.09600 (2018).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.schema import Json
from synthflow.datasets.published import Benchmark, text_of
from synthflow.errors import DataError

if TYPE_CHECKING:
    from synthflow.datasets.tables import Splits

Config = Literal["distractor", "fullwiki"]


class HotpotInput(DataModel):
    """A question."""

    question: str = Field(description="The question.")


class HotpotPassage(DataModel):
    """The first paragraph of an article."""

    title: str = Field(description="The title of the article.")
    sentences: list[str] = Field(description="The sentences of the paragraph.")


class HotpotInputWithPassages(HotpotInput):
    """A question, and passages to answer it from."""

    passages: list[HotpotPassage] = Field(description="Passages, of which some hold what the answer takes.")


class HotpotOutput(DataModel):
    """The answer to a question."""

    answer: str = Field(description="The answer, as short as it can be: a name, a date, a number, yes or no.")


class HotpotFact(DataModel):
    """Where a fact stands that the answer takes."""

    title: str = Field(description="The title of the passage.")
    sentence: int = Field(description="The number of the sentence in it; the first is 0.")


class HotpotOutputWithFacts(HotpotOutput):
    """The answer to a question, and the sentences that it follows from."""

    supporting_facts: list[HotpotFact] = Field(description="The sentences that the answer follows from.")


def load_data(
    folder: str | Path | None = None,
    *,
    config: Config = "distractor",
    passages: bool = False,
    supporting_facts: bool = False,
    limit: int | None = None,
) -> "Splits":
    """Load the questions: 90447 to train on, and the 7405 of the validation split to test on.

    Args:
        folder: Where the files are. As the authors published them, `hotpot_train_v1.1.json` and
            `hotpot_dev_distractor_v1.json` or `hotpot_dev_fullwiki_v1.json`; or rows in the form
            of the Hub, `train.jsonl` and `validation.jsonl`. Without it they come from the Hugging
            Face Hub, which needs `pip install synthflow[datasets]` and, the first time, a network.
        config: Which passages come with a question: of `distractor`, the two that are needed and
            eight that are not; of `fullwiki`, ten that a search found.
        passages: Whether each x has them; else the program is to find or know the facts itself.
        supporting_facts: Whether each y names the sentences that the answer follows from.
        limit: How many rows to read of each of the two, from the first; None reads all.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of DataModels. Each x has
        `question`, each y has `answer`.

    Raises:
        DataError: There is no such config or file, the Hub cannot be read, or a row is no
            question with its answer.

    >>> from tempfile import TemporaryDirectory
    >>> row = '{"question": "Who is older, Ada or Bo?", "answer": "Bo", "context": [["Ada", ["Ada is 3."]]]}'
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("train.jsonl", "validation.jsonl"):
    ...         _ = Path(folder, name).write_text(row)
    ...     (x_train, y_train), _ = load_data(folder, passages=True)
    >>> x_train[0].passages, y_train[0]
    ([HotpotPassage(title='Ada', sentences=['Ada is 3.'])], HotpotOutput(answer='Bo'))
    """
    if config not in get_args(Config):
        raise DataError(f"config is 'distractor' or 'fullwiki', not {config!r}.")
    hotpotqa = Benchmark(
        title="HotpotQA",
        loader="hotpotqa.load_data",
        hub="hotpotqa/hotpot_qa",
        config=config,
        files={
            "train": ("hotpot_train_v1.1.json", "train.json", "train.jsonl"),
            "validation": (f"hotpot_dev_{config}_v1.json", "validation.json", "validation.jsonl"),
        },
    )
    return hotpotqa.load(
        lambda place, row: (_question(place, row, passages), _answer(place, row, supporting_facts)), folder, limit
    )


def get_input_data_model(passages: bool = False) -> type[HotpotInput]:
    """Give the DataModel class of a row's input: `question`, and `passages` if they are asked for."""
    return HotpotInputWithPassages if passages else HotpotInput


def get_output_data_model(supporting_facts: bool = False) -> type[HotpotOutput]:
    """Give the DataModel class of a row's answer: `answer`, and `supporting_facts` if they are asked for."""
    return HotpotOutputWithFacts if supporting_facts else HotpotOutput


def default_instructions() -> str:
    """Give instructions for a language model that answers the questions."""
    return (
        "Answer the question. It takes two facts, of which the first leads to the second. "
        "Give only the answer, as short as it can be: a name, a date, a number, yes or no."
    )


def _question(place: str, row: dict[str, Json], passages: bool) -> HotpotInput:
    question = text_of(place, row, "question")
    if not passages:
        return HotpotInput(question=question)
    try:
        found = [HotpotPassage(title=a, sentences=b) for a, b in _pairs(row.get("context"), "title", "sentences")]
    except (LookupError, TypeError, ValueError):
        raise DataError(
            f"{place} has no passages in 'context', but {row.get('context')!r:.200}.\n"
            '  "context": [["title", ["A sentence.", "Another."]]]   <- as the authors published it\n'
            '  "context": {"title": ["title"], "sentences": [["A sentence.", "Another."]]}   <- as on the Hub'
        ) from None
    return HotpotInputWithPassages(question=question, passages=found)


def _answer(place: str, row: dict[str, Json], supporting_facts: bool) -> HotpotOutput:
    answer = text_of(place, row, "answer")
    if not supporting_facts:
        return HotpotOutput(answer=answer)
    try:
        found = [HotpotFact(title=a, sentence=b) for a, b in _pairs(row.get("supporting_facts"), "title", "sent_id")]
    except (LookupError, TypeError, ValueError):
        raise DataError(
            f"{place} has no sentences in 'supporting_facts', but {row.get('supporting_facts')!r:.200}.\n"
            '  "supporting_facts": [["title", 0]]   <- as the authors published it\n'
            '  "supporting_facts": {"title": ["title"], "sent_id": [0]}   <- as on the Hub'
        ) from None
    return HotpotOutputWithFacts(answer=answer, supporting_facts=found)


def _pairs(value: Json, first: str, second: str) -> list[tuple[Json, Json]]:
    """Take pairs in either form: a list of them, or an object with the list of all firsts and that of all seconds.

    Raises:
        LookupError, TypeError, ValueError: They are in neither.

    >>> _pairs([["a", 1], ["b", 2]], "x", "y") == _pairs({"x": ["a", "b"], "y": [1, 2]}, "x", "y")
    True
    """
    if isinstance(value, dict):
        return list(zip(value[first], value[second], strict=True))
    return [(one, other) for one, other in value]

"""Precision, recall and the F score: how much of what is answered is right, and how much of what is right is answered.

Both sides of a row are taken apart into items, and three counts say how they agree: items
that are predicted and true (hits), predicted only (extra), true only (missing).

Sources: van Rijsbergen, Information Retrieval, 2nd edition, chapter 7 (1979), for the F score;
Lewis, Evaluating Text Categorization (1991), for micro and macro averages; Rajpurkar et al.,
SQuAD, arXiv:1606.05250 (2016), for the overlap of words.
"""

import string
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, Unpack, get_args

from synthflow.data_models.canonical import canonical
from synthflow.data_models.field_mask import FieldMask, Masks
from synthflow.data_models.schema import Json
from synthflow.errors import EvaluationError
from synthflow.graph.structure import leaves
from synthflow.metrics.metric import Metric

Average = Literal["rows", "micro", "macro"]
Item = tuple[int, str, str]
"""A word or label, with the output and the field in which it stands."""

ARTICLES = frozenset({"a", "an", "the"})
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class Agreement(Metric):
    """The common part of precision, recall and the F score; a subclass writes `value`.

    The arguments are those of `F1Score`, and told there.
    """

    direction = "up"

    def __init__(self, average: Average = "rows", *, name: str | None = None, **masks: Unpack[Masks]) -> None:
        if average not in get_args(Average):
            raise ValueError(f"average is one of {', '.join(map(repr, get_args(Average)))}, not {average!r}.")
        super().__init__(name)
        self.average = average
        self._mask = FieldMask.of(self, masks)

    @abstractmethod
    def value(self, hits: int, extra: int, missing: int) -> float:
        """Make one number of the counts.

        Args:
            hits: Items that are predicted and true.
            extra: Items that are predicted only.
            missing: Items that are true only.

        Returns:
            A number from 0.0 to 1.0; 0.0 where nothing could be a hit.
        """

    def reset_state(self) -> None:
        """Forget all rows."""
        self._total, self._rows = 0.0, 0
        self._hits: Counter[Item] = Counter()
        self._extra: Counter[Item] = Counter()
        self._missing: Counter[Item] = Counter()

    async def update_state(self, y_true: Any, y_pred: Any) -> None:
        """Count one row; a prediction of None has no items.

        Raises:
            EvaluationError: The masks leave nothing to compare, or words are compared and a true answer is
                true or false.
        """
        self._mask.check(list(leaves(y_true)))
        take = self._words if self.average == "rows" else self._labels
        truth, prediction = take(y_true, is_true=True), take(y_pred)
        hits, extra, missing = truth & prediction, prediction - truth, truth - prediction
        self._rows += 1
        nothing = not truth and not prediction
        self._total += 1.0 if nothing else self.value(hits.total(), extra.total(), missing.total())
        self._hits += hits
        self._extra += extra
        self._missing += missing

    def result(self) -> float:
        """Give the average; 0.0 before the first row."""
        if self.average == "rows":
            return self._total / max(1, self._rows)
        if self.average == "micro":
            return self.value(self._hits.total(), self._extra.total(), self._missing.total())
        labels = self._hits.keys() | self._extra.keys() | self._missing.keys()
        values = sorted(self.value(self._hits[one], self._extra[one], self._missing[one]) for one in labels)
        return sum(values) / max(1, len(values))

    def _words(self, side: Any, *, is_true: bool = False) -> Counter[Item]:
        items: Counter[Item] = Counter()
        for output, field, content in self._fields(side):
            for part in _scalars(content):
                if is_true and isinstance(part, bool):
                    raise EvaluationError(
                        f"Metric {self.name!r} compares words, and in a true answer {field!r} is {content!r:.200}.\n"
                        f'  {type(self).__name__}(average="micro")   <- for labels, and for what is true or false'
                    )
                found = words(part) if isinstance(part, str) else [_label(part)]  # -0.5 is one item, sign and all
                items.update((output, field, word) for word in found)
        return items

    def _labels(self, side: Any, *, is_true: bool = False) -> Counter[Item]:
        items: set[Item] = set()
        for output, field, content in self._fields(side):
            labels = content if isinstance(content, list) else [content]
            items.update((output, field, _label(one)) for one in labels if one is not None and one is not False)
        return Counter(items)

    def _fields(self, side: Any) -> Iterator[tuple[int, str, Json]]:
        for output, leaf in enumerate(leaves(side)):
            model = self._mask.apply(leaf)
            for field, content in model.items() if model is not None else ():
                yield output, field, content


class Precision(Agreement):
    """The part of what was predicted that is true: hits / (hits + extra).

    The arguments are those of `F1Score`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> precision = Precision()
    >>> asyncio.run(precision.update_state(Answer(text="Paris"), Answer(text="It is Paris, France.")))
    >>> precision.result()
    0.25
    """

    def value(self, hits: int, extra: int, missing: int) -> float:
        """Give the precision."""
        return hits / (hits + extra) if hits else 0.0


class Recall(Agreement):
    """The part of what is true that was predicted: hits / (hits + missing).

    The arguments are those of `F1Score`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Mail(DataModel):
    ...     urgent: bool
    >>> recall = Recall("micro")
    >>> for guess in [True, False]:
    ...     asyncio.run(recall.update_state(Mail(urgent=True), Mail(urgent=guess)))
    >>> recall.result()
    0.5
    """

    def value(self, hits: int, extra: int, missing: int) -> float:
        """Give the recall."""
        return hits / (hits + missing) if hits else 0.0


class F1Score(Agreement):
    """The harmonic mean of precision and recall: 2 hits / (2 hits + extra + missing).

    With `average="rows"` it is the F1 of SQuAD.

    Args:
        average: What the items are, and over what the mean is taken:

            - `rows`, for free text: the words of all fields, as often as they occur, in lower
              case and without punctuation and articles; a number is one item. The value is that of
              each row, averaged; a row without words on both sides counts 1.0.
            - `micro`, for labels: a text or number is a label, a list holds labels, and true is
              a label where false and null are none. The counts are summed over all rows.
            - `macro`, for labels too: the value is that of each label, averaged over all labels
              that were true or predicted, so that a rare one weighs as much as a frequent one.

        name: Its name in the logs; `f1_score` by default.
        **masks: Which fields count, as for `Reward`.

    Raises:
        ValueError: `average` is none of the three.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> f1 = F1Score()
    >>> asyncio.run(f1.update_state(Answer(text="Paris, France"), Answer(text="the Paris of Texas")))
    >>> f1.result()
    0.4
    """

    def value(self, hits: int, extra: int, missing: int) -> float:
        """Give the F1 score."""
        return f_score(hits, extra, missing)


class FBetaScore(Agreement):
    """The F score for whom recall counts `beta` times as much as precision.

    It is (1 + beta²) hits / ((1 + beta²) hits + extra + beta² missing).

    Args:
        beta: The weight of recall, above 0.
        average: As for `F1Score`, and so are the other arguments.
        name: Its name in the logs; `f_beta_score` by default.
        **masks: Which fields count, as for `Reward`.

    Raises:
        ValueError: `beta` is not above 0, or `average` is none of the three.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Tags(DataModel):
    ...     tags: list[str]
    >>> f2 = FBetaScore(2, "micro")
    >>> asyncio.run(f2.update_state(Tags(tags=["red", "old"]), Tags(tags=["red"])))
    >>> round(f2.result(), 3)
    0.556
    """

    def __init__(
        self, beta: float = 1.0, average: Average = "rows", *, name: str | None = None, **masks: Unpack[Masks]
    ) -> None:
        if not 0 < beta < 1e6:
            raise ValueError(f"beta is how many times recall counts, above 0 and below a million, got {beta}.")
        self.beta = beta
        super().__init__(average, name=name, **masks)

    def value(self, hits: int, extra: int, missing: int) -> float:
        """Give the F score."""
        return f_score(hits, extra, missing, self.beta)


def f_score(hits: int, extra: int, missing: int, beta: float = 1.0) -> float:
    """Give the F score of three counts; 0.0 without a hit.

    >>> f_score(hits=1, extra=1, missing=1)
    0.5
    """
    weighted = (1 + beta**2) * hits
    return weighted / (weighted + extra + beta**2 * missing) if hits else 0.0


def words(text: str) -> list[str]:
    """Give the words of a text as SQuAD compares them.

    >>> words("The answer is: 42, a prime's neighbour.")
    ['answer', 'is', '42', 'primes', 'neighbour']
    """
    return [word for word in text.lower().translate(NO_PUNCTUATION).split() if word not in ARTICLES]


def _scalars(content: Json) -> Iterator[Json]:
    """Give the texts, numbers and truth values in some JSON, however deep, without the names of fields."""
    rest = [content]
    while rest:
        part = rest.pop()
        if isinstance(part, (list, dict)):
            rest.extend(part.values() if isinstance(part, dict) else part)
        elif part is not None:
            yield part


def _label(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():  # as everywhere else, 1.0 equals 1
        value = int(value)
    return canonical(value).decode()

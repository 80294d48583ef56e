"""Precision, recall and F scores, of words and of labels."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError
from synthflow.metrics.f_score import F1Score, FBetaScore, Precision, Recall, f_score, words
from synthflow.programs.objects import decode, encode


class Answer(DataModel):
    """An answer with a note."""

    text: str
    note: str = ""


class Tags(DataModel):
    """Some labels."""

    tags: list[str]


class Mail(DataModel):
    """Whether it is urgent."""

    urgent: bool


class Topic(DataModel):
    """One label."""

    topic: str


METRICS = [Precision, Recall, F1Score, FBetaScore]
AVERAGES = ["rows", "micro", "macro"]
COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
LABELS = st.lists(st.sampled_from(["red", "old", "very old"]), max_size=4)
ROWS = st.lists(st.tuples(LABELS, st.one_of(st.none(), LABELS)), max_size=5)


async def measured(metric, rows):
    """Give the metric of pairs of an answer and a prediction."""
    for truth, prediction in rows:
        await metric.update_state(truth, prediction)
    return metric.result()


async def of_tags(metric, rows):
    """Give the metric of pairs of lists of labels."""
    return await measured(metric, [(Tags(tags=a), None if b is None else Tags(tags=b)) for a, b in rows])


def loose(**fields):
    """Make a value without declared fields."""
    return JsonDataModel(json=fields, schema={"type": "object"})


@given(ROWS, st.sampled_from(METRICS), st.sampled_from(AVERAGES))
async def test_every_value_is_between_0_and_1(rows, metric, average):
    """Whatever is compared, and however it is averaged."""
    assert 0.0 <= await of_tags(metric(average=average), rows) <= 1.0


@given(ROWS, st.sampled_from(AVERAGES))
async def test_precision_is_recall_with_the_sides_changed(rows, average):
    """And F1 is the same both ways."""
    rows = [(a, b or []) for a, b in rows]
    turned = [(b, a) for a, b in rows]

    assert await of_tags(Precision(average), rows) == pytest.approx(await of_tags(Recall(average), turned))
    assert await of_tags(F1Score(average), rows) == pytest.approx(await of_tags(F1Score(average), turned))


@given(st.lists(LABELS.filter(bool), min_size=1), st.sampled_from(METRICS), st.sampled_from(AVERAGES))
async def test_all_right_is_1(labels, metric, average):
    """For any of them, where there is anything to find."""
    assert await of_tags(metric(average=average), [(one, one) for one in labels]) == 1.0


@given(COUNTS, st.floats(0.1, 10))
def test_the_f_score_is_the_weighted_harmonic_mean(counts, beta):
    """Of precision and recall, as van Rijsbergen defines it; F1 is FBeta with 1."""
    hits, extra, missing = counts
    if hits:
        precision, recall = hits / (hits + extra), hits / (hits + missing)
        expected = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
    else:
        expected = 0.0

    assert f_score(hits, extra, missing, beta) == pytest.approx(expected)
    assert FBetaScore(1).value(*counts) == F1Score().value(*counts)


@given(COUNTS)
def test_a_large_beta_is_recall_and_a_small_one_precision(counts):
    """The F score lies between the two."""
    assert FBetaScore(1e5).value(*counts) == pytest.approx(Recall().value(*counts), abs=1e-6)
    assert FBetaScore(1e-5).value(*counts) == pytest.approx(Precision().value(*counts), abs=1e-6)


@given(ROWS, st.sampled_from(METRICS), st.sampled_from(AVERAGES), st.randoms())
async def test_the_order_of_the_rows_does_not_matter(rows, metric, average, random):
    """Nor in what order labels were first seen."""
    mixed = random.sample(rows, len(rows))

    assert await of_tags(metric(average=average), rows) == pytest.approx(await of_tags(metric(average=average), mixed))


def test_words_are_compared_as_squad_compares_them():
    """Lower case, without ASCII punctuation and articles, cut at spaces."""
    assert words("The  Beatles' \n 'Help!' (an album), £1.50") == ["beatles", "help", "album", "£150"]
    assert words("a An THE .,;") == []


async def test_words_count_as_often_as_they_occur():
    """Two of three words are right, and two of two are found."""
    rows = [(Answer(text="buffalo buffalo"), Answer(text="Buffalo, buffalo buffalo!"))]

    assert await measured(Precision(), rows) == pytest.approx(2 / 3)
    assert await measured(Recall(), rows) == 1.0
    assert await measured(F1Score(), rows) == pytest.approx(0.8)


async def test_the_value_of_each_row_is_averaged():
    """A row without words on both sides counts 1.0, and one without a prediction 0.0."""
    rows = [
        (Answer(text="Paris"), Answer(text="Paris")),
        (Answer(text=""), Answer(text="the")),
        (Answer(text=""), Answer(text="Paris")),
        (Answer(text="Paris"), None),
        (None, None),
    ]

    assert await measured(F1Score(), rows) == 3 / 5


async def test_a_word_counts_in_its_own_field_only():
    """Masked fields do not count, and a misspelt mask is an error."""
    rows = [(Answer(text="Paris", note="France"), Answer(text="France", note="France"))]

    assert await measured(F1Score(), rows) == 0.5
    assert await measured(F1Score(in_mask=["note"]), rows) == 1.0
    with pytest.raises(EvaluationError, match="'txt', which the answers lack"):
        await measured(F1Score(in_mask=["txt"]), rows)


async def test_numbers_and_nested_texts_have_words_too():
    """Names of fields are no words, and a number is one word."""
    truth = loose(parts=[{"name": "Paris", "size": 2.5}, None], n=3)
    prediction = loose(parts=["Paris", "Rome"], n=3)

    assert await measured(Precision(), [(truth, prediction)]) == pytest.approx(2 / 3)
    assert await measured(Recall(), [(truth, prediction)]) == pytest.approx(2 / 3)


async def test_a_number_is_one_item_with_its_sign():
    """Only texts are taken apart into words: -3 is not 3, and 0.5 is not a 0 beside a 5; 1.0 is 1."""

    def number(n):
        return JsonDataModel(json={"n": n}, schema={"type": "object"})

    pairs = [(-3, 3), (0.5, 5), (1.0, 1), (-2.5, -2.5), (7, "It is 7.")]
    values = [await measured(F1Score(), [(number(truth), number(guess))]) for truth, guess in pairs]

    assert values == [0.0, 0.0, 1.0, 1.0, 0.5]


async def test_however_deep_a_prediction_is_nested_it_has_a_value():
    """A model may write anything into a field that takes anything."""
    deep = "Paris"
    for _ in range(5000):
        deep = [deep]

    assert await measured(F1Score(), [(loose(x="Paris"), loose(x=deep))]) == 1.0


async def test_what_is_true_or_false_has_no_words():
    """The error names the averages that are meant for it; in a prediction it is a wrong answer."""
    with pytest.raises(EvaluationError, match=r"""(?s)'urgent' is True.*Recall\(average="micro"\)"""):
        await measured(Recall(), [(Mail(urgent=True), Mail(urgent=True))])
    assert await measured(F1Score(), [(loose(x="Paris"), loose(x=True))]) == 0.0


async def test_true_is_a_label_and_false_is_none():
    """As in any binary classification, false alarms and misses are counted over all rows."""
    guesses = [(True, True), (True, False), (False, True), (False, True), (False, False)]
    rows = [(Mail(urgent=a), Mail(urgent=b)) for a, b in guesses]

    assert await measured(Precision("micro"), rows) == pytest.approx(1 / 3)
    assert await measured(Recall("micro"), rows) == 1 / 2
    assert await measured(F1Score("micro"), rows) == pytest.approx(0.4)


async def test_a_list_is_a_set_of_labels():
    """A label counts once, as a whole, and exactly as it is written."""
    rows = [(["red", "red", "very old"], ["red", "old", "Red"])]

    assert await of_tags(Precision("micro"), rows) == pytest.approx(1 / 3)
    assert await of_tags(Recall("micro"), rows) == 1 / 2


@pytest.mark.parametrize(
    ("truth", "guess", "right"),
    [(0, 0, 1.0), (1, 1.0, 1.0), (1, True, 0.0), ("1", 1, 0.0), ([1, 2], [2, 1], 1.0), ({"a": 1}, {"a": 1}, 1.0)],
)
async def test_any_json_is_a_label(truth, guess, right):
    """Zero too, and 1.0 is 1; but true is not 1, and a text is no number."""
    assert await measured(F1Score("micro"), [(loose(x=truth), loose(x=guess))]) == right


@pytest.mark.parametrize("average", ["micro", "macro"])
async def test_without_any_label_the_value_is_0(average):
    """Nothing could be found."""
    assert (
        await measured(F1Score(average), [(Mail(urgent=False), Mail(urgent=False)), (Mail(urgent=False), None)]) == 0.0
    )


async def test_macro_gives_a_rare_label_the_weight_of_a_frequent_one():
    """One that was only predicted counts 0.0."""
    rows = [(Topic(topic="sport"), Topic(topic="sport"))] * 3 + [(Topic(topic="art"), Topic(topic="life"))]

    assert await measured(F1Score("micro"), rows) == 3 / 4
    assert await measured(F1Score("macro"), rows) == pytest.approx(1 / 3)
    assert await measured(Recall("macro"), rows) == pytest.approx(1 / 3)


async def test_each_of_several_outputs_counts_for_itself():
    """A label in another output is another label; one output may be None."""
    truth, prediction = [Topic(topic="sport"), Topic(topic="art")], (Topic(topic="sport"), None)

    assert await measured(Recall("micro"), [(truth, prediction)]) == 1 / 2
    assert await measured(Recall("micro"), [(truth, [Topic(topic="art"), Topic(topic="sport")])]) == 0.0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("average", AVERAGES)
async def test_before_the_first_row_the_value_is_0(metric, average):
    """And so it is after a reset."""
    made = metric(average=average)
    await made.update_state(Topic(topic="art"), Topic(topic="art"))

    assert made.result() == 1.0
    assert made.clone().result() == 0.0
    made.reset_state()
    assert made.result() == 0.0


@pytest.mark.parametrize("beta", [0, -1, math.nan, math.inf])
def test_beta_is_above_0(beta):
    """Precision and Recall are the two ends."""
    with pytest.raises(ValueError, match="beta is how many times recall counts"):
        FBetaScore(beta)


def test_an_unknown_average_is_an_error():
    """The message names those there are."""
    with pytest.raises(ValueError, match="'rows', 'micro', 'macro', not 'weighted'"):
        F1Score("weighted")


def test_they_are_named_by_their_class_and_better_when_higher():
    """EarlyStopping in `auto` mode relies on it."""
    made = [Precision(), Recall(), F1Score(), FBetaScore(2, name="f2")]

    assert [metric.name for metric in made] == ["precision", "recall", "f1_score", "f2"]
    assert {metric.direction for metric in made} == {"up"}


@pytest.mark.parametrize(
    "metric", [F1Score("macro", in_mask=["text"]), FBetaScore(0.5, name="f"), Precision(), Recall()]
)
def test_they_are_saved_by_their_arguments(metric):
    """And are the same again."""
    again = decode(json.loads(json.dumps(encode(metric))), {kind.__name__: kind for kind in METRICS})

    assert encode(again) == encode(metric)

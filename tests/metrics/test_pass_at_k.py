"""PassAtK: the chance that one of k answers is right."""

import json
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError
from synthflow.metrics.pass_at_k import PassAtK, pass_at_k
from synthflow.programs.objects import decode, encode


class Answer(DataModel):
    """An answer."""

    city: str


class Answers(DataModel):
    """Several answers, with notes."""

    city: list[str] | None = None
    note: str = ""


SAMPLES = st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(SAMPLES, st.integers(1, 200))
def test_it_is_a_chance_that_grows_with_k(samples, k):
    """From 0 to 1: 0 exactly when nothing is right, and more tries never hurt."""
    n, c = samples

    assert 0.0 <= pass_at_k(n, c, k) <= pass_at_k(n, c, k + 1) <= 1.0
    assert (pass_at_k(n, c, k) == 0.0) == (c == 0)
    assert pass_at_k(n, c, max(k, n)) == float(c > 0)


@pytest.mark.parametrize(
    ("truth", "given_answers", "right"),
    [
        (1, [True, 1.0, 1], 2),
        (True, [1, 1.0, True], 1),
        ([1, {"a": 0}], [[True, {"a": 0}], [1, {"a": False}], [1.0, {"a": 0}], [1]], 1),
        ({"a": 1}, [{"a": 1, "b": 1}, {"a": True}, 1, None], 0),
    ],
)
async def test_answers_are_compared_as_json(truth, given_answers, right):
    """There, 1 is not true, and 1.0 is 1; however deep."""
    anything = {"type": "object"}
    metric = PassAtK(1, "n")
    await metric.update_state(
        JsonDataModel(json={"n": truth}, schema=anything), JsonDataModel(json={"n": given_answers}, schema=anything)
    )

    assert metric.result() == pytest.approx(right / len(given_answers))


@given(SAMPLES)
def test_with_one_try_it_is_the_fraction_that_is_right(samples):
    """As everyone expects of pass@1."""
    n, c = samples

    assert pass_at_k(n, c, 1) == c / n


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_it_is_the_fraction_of_all_choices_that_hold_a_right_answer(numbers):
    """Counted out, for few answers."""
    n, c, k = numbers
    choices = list(combinations([True] * c + [False] * (n - c), k))

    assert pass_at_k(n, c, k) == float(Fraction(sum(map(any, choices)), len(choices)))


async def test_the_rows_are_averaged():
    """Answers that lack count as wrong; so do all of a row without a prediction."""
    metric = PassAtK(2)
    for cities in (["Paris", "Rome", "Nice", "Lyon"], ["Paris"], [], None):
        await metric.update_state(Answer(city="Paris"), Answers(city=cities))
    await metric.update_state(Answer(city="Paris"), None)

    assert metric.result() == pytest.approx((0.5 + 1.0) / 5)
    metric.reset_state()
    assert metric.result() == 0.0


async def test_the_fields_can_be_named():
    """That of the true answer, and that of the predictions."""
    truth = JsonDataModel(json={"id": 3, "grid": [[1]]}, schema={"type": "object"})
    prediction = JsonDataModel(json={"grids": [[[0]], [[1]]]}, schema={"type": "object"})
    metric = PassAtK(1, "grid", "grids")
    await metric.update_state(truth, prediction)

    assert metric.result() == 0.5


async def test_a_true_answer_without_the_field_is_an_error():
    """The message names the fields there are."""
    truth = JsonDataModel(json={"city": "Paris", "land": "France"}, schema={"type": "object"})
    for metric in (PassAtK(), PassAtK(1, "town")):
        with pytest.raises(EvaluationError, match=r"(?s)has 'city', 'land'.*PassAtK\(1, 'city', \.\.\.\)   <- name it"):
            await metric.update_state(truth, Answers(city=["Paris"]))


@pytest.mark.parametrize("field", ["note", "cities"])
async def test_a_field_that_holds_no_list_is_an_error(field):
    """Else it would count as no answer for ever."""
    with pytest.raises(EvaluationError, match=r"(?s)needs a list of answers.*PassAtK\(1, 'city', 'answers'\)"):
        await PassAtK(1, "city", field).update_state(Answer(city="Paris"), Answers(city=["Paris"]))


async def test_several_outputs_are_an_error():
    """One is compared."""
    with pytest.raises(EvaluationError, match="compares one data model"):
        await PassAtK().update_state([Answer(city="Paris")], [Answers(city=["Paris"])])


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "1", None])
def test_k_is_a_whole_number_from_1(k):
    """Anything else is refused at once."""
    with pytest.raises(ValueError, match="whole number from 1"):
        PassAtK(k)


def test_it_is_named_by_its_k_and_saved_by_its_arguments():
    """So several of them can be tracked side by side."""
    metric = PassAtK(5, "city", "cities")
    again = decode(json.loads(json.dumps(encode(metric))), {"PassAtK": PassAtK})

    assert (metric.name, PassAtK(name="mine").name, metric.direction) == ("pass_at_5", "mine", "up")
    assert encode(again) == encode(metric)

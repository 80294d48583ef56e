"""FieldMask: by exact name or by pattern, and never comparing nothing with nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.field_mask import FieldMask, same
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError


class Answer(DataModel):
    """An answer with what led to it."""

    score: int = 1
    scores: int = 2
    score_1: int = 3
    note: str = ""


@pytest.mark.parametrize(
    ("mask", "kept"),
    [
        (FieldMask(), ["score", "scores", "score_1", "note"]),
        (FieldMask(in_mask=["score"]), ["score"]),
        (FieldMask(out_mask=["score"]), ["scores", "score_1", "note"]),
        (FieldMask(in_mask_pattern="^score"), ["score", "scores", "score_1"]),
        (FieldMask(in_mask=["note"], in_mask_pattern="_1$"), ["score_1", "note"]),
        (FieldMask(in_mask_pattern="score", out_mask=["scores"]), ["score", "score_1"]),
        (FieldMask(in_mask=["note", "score"], out_mask_pattern="^n"), ["score"]),
    ],
)
def test_names_are_exact_and_patterns_search(mask, kept):
    """`score` keeps neither `scores` nor `score_1`; a pattern may match anywhere in a name."""
    assert list(mask.apply(Answer()).keys()) == kept


def test_none_stays_none():
    """A missing prediction has no fields to mask."""
    assert FieldMask(in_mask=["score"]).apply(None) is None


def test_the_masked_schema_describes_the_masked_value():
    """Value and schema lose the same fields."""
    assert list(FieldMask(out_mask=["note"]).apply(Answer()).get_schema()["properties"]) == [
        "score",
        "scores",
        "score_1",
    ]


def test_a_misspelt_name_is_an_error():
    """Otherwise both sides would be empty, and equal."""
    with pytest.raises(EvaluationError, match="names 'skore', which the answers lack; the answers have 'score'"):
        FieldMask(in_mask=["skore"]).check([Answer()])


@pytest.mark.parametrize(
    "mask", [FieldMask(in_mask=[]), FieldMask(out_mask_pattern="."), FieldMask(in_mask_pattern="x")]
)
def test_masks_that_leave_nothing_are_an_error(mask):
    """An empty comparison would call every prediction right."""
    with pytest.raises(EvaluationError, match="leave no field"):
        mask.check([Answer()])


def test_one_of_several_answers_may_have_the_field():
    """The masks of a program with several outputs speak of all of them."""
    other = JsonDataModel(json={"grid": []}, schema={"type": "object"})

    FieldMask(in_mask=["grid", "note"]).check([Answer(), None, other])


def test_a_plain_dict_is_not_a_data_model():
    """The error shows what to give instead."""
    with pytest.raises(EvaluationError, match="an object of your DataModel class"):
        FieldMask().apply({"score": 1})


def test_wrong_masks_are_told_when_they_are_made():
    """A single string and a broken pattern are errors at once."""
    with pytest.raises(TypeError, match=r"in_mask=\['score'\]"):
        FieldMask(in_mask="score")
    with pytest.raises(ValueError, match="not a regular expression"):
        FieldMask(out_mask_pattern="(")


@given(st.sets(st.sampled_from(["score", "scores", "score_1", "note"]), min_size=1, max_size=3))
def test_an_in_mask_and_an_out_mask_split_a_value(names):
    """Each field is kept by exactly one of the two."""
    kept = FieldMask(in_mask=sorted(names)).apply(Answer()).get_json()
    dropped = FieldMask(out_mask=sorted(names)).apply(Answer()).get_json()

    assert kept.keys() == names
    assert {**dropped, **kept} == Answer().get_json()
    assert not kept.keys() & dropped.keys()


def test_structures_are_the_same_whatever_sequence_holds_them():
    """A program may answer a tuple where the rows hold lists."""
    assert same((Answer(), [None]), [Answer(), (None,)])
    assert not same([Answer()], [Answer(), Answer()])
    assert not same({"a": Answer()}, {"b": Answer()})
    assert not same(Answer(score=1), None)

"""GSM8K: a problem in words becomes a question, the steps of its solution and a number."""

import json
import sys
from types import SimpleNamespace

import pytest

from synthflow.data_models.schema import mismatch
from synthflow.datasets import gsm8k
from synthflow.errors import DataError

ROW = {
    "question": "Four carts carry 300 bricks each. How many bricks is that?",
    "answer": "4 carts carry 4 * 300 = <<4*300=1200>>1200 bricks.\nThat is all.\n#### 1,200",
}


def load(folder, answer):
    """Load a problem with this answer."""
    for name in ("train.jsonl", "test.jsonl"):
        (folder / name).write_text(json.dumps(ROW | {"answer": answer}), encoding="utf-8")
    return gsm8k.load_data(folder)


def test_a_problem_has_its_question_steps_and_number(tmp_path):
    """Without the notes for a calculator, and the number a float."""
    (x_train, y_train), (x_test, y_test) = load(tmp_path, ROW["answer"])

    assert x_train[0].get_json() == x_test[0].get_json() == {"question": ROW["question"]}
    assert (
        y_train[0].get_json()
        == y_test[0].get_json()
        == {
            "thinking": "4 carts carry 4 * 300 = 1200 bricks.\nThat is all.",
            "answer": 1200.0,
        }
    )


def test_rows_are_of_the_data_models(tmp_path):
    """Those that a program is wired with; the steps come before the number that follows from them."""
    (x_train, y_train), _ = load(tmp_path, ROW["answer"])

    assert type(x_train[0]) is gsm8k.get_input_data_model()
    assert mismatch(y_train[0].get_json(), gsm8k.get_output_data_model().get_schema()) == ""
    assert gsm8k.get_output_data_model().keys() == ["thinking", "answer"]
    assert "step by step" in gsm8k.default_instructions()


@pytest.mark.parametrize(
    ("written", "number"),
    [("7", 7.0), ("-3", -3.0), ("0.25", 0.25), (" 1,234,567 ", 1234567.0), (".5", 0.5)],
)
def test_the_number_is_what_stands_after_the_mark(tmp_path, written, number):
    """Commas and spaces are no part of it."""
    (_, y_train), _ = load(tmp_path, f"Some steps.\n#### {written}")

    assert y_train[0].answer == number


def test_only_the_last_mark_counts(tmp_path):
    """One inside the steps stays there."""
    (_, y_train), _ = load(tmp_path, "#### 1 is a heading.\n#### 2")

    assert (y_train[0].thinking, y_train[0].answer) == ("#### 1 is a heading.", 2.0)


@pytest.mark.parametrize("written", ["It is 5.", "5", "It is five.\n#### five", "#### ", "#### nan", "#### 1\n2", ""])
def test_an_answer_without_a_number_is_refused(tmp_path, written):
    """With its place and the form of an answer."""
    with pytest.raises(DataError, match=r"(?s)train\.jsonl, line 1: the answer ends with .*<- the form of an answer"):
        load(tmp_path, written)


def test_the_hub_gives_the_same_rows(tmp_path, monkeypatch):
    """It is asked for the main form; rows beyond the limit are not looked at."""

    def load_dataset(name, config, split):
        assert (name, config) == ("openai/gsm8k", "main")
        return iter([ROW, {"broken": True}])

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))

    (x_hub, y_hub), _ = gsm8k.load_data(limit=1)
    (x_file, y_file), _ = load(tmp_path, ROW["answer"])

    assert (list(x_hub), list(y_hub)) == (list(x_file), list(y_file))


def test_a_file_of_something_else_is_refused(tmp_path):
    """What it has is told."""
    for name in ("train.jsonl", "test.jsonl"):
        (tmp_path / name).write_text('{"problem": "?", "answer": "#### 1"}')

    with pytest.raises(DataError, match="has no text 'question'; it has 'problem', 'answer'"):
        gsm8k.load_data(tmp_path)

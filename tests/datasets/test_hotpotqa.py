"""HotpotQA: questions, answers, passages and facts, from the layout of the authors and from that of the Hub."""

import json
import sys
from types import SimpleNamespace

import pytest

from synthflow.data_models.schema import mismatch
from synthflow.datasets import hotpotqa
from synthflow.errors import DataError

AUTHORS = {
    "_id": "1",
    "question": "Which river flows past the town where the Blue Mill stands?",
    "answer": "the Little Otter",
    "supporting_facts": [["Blue Mill", 1], ["Otterby", 0]],
    "context": [
        ["Blue Mill", ["The Blue Mill is a mill.", " It stands in Otterby."]],
        ["Otterby", ["Otterby is a town on the Little Otter."]],
    ],
    "type": "bridge",
    "level": "easy",
}
HUB = AUTHORS | {
    "supporting_facts": {"title": ["Blue Mill", "Otterby"], "sent_id": [1, 0]},
    "context": {
        "title": ["Blue Mill", "Otterby"],
        "sentences": [
            ["The Blue Mill is a mill.", " It stands in Otterby."],
            ["Otterby is a town on the Little Otter."],
        ],
    },
}
ALL = {"passages": True, "supporting_facts": True}


def as_published(folder, config="distractor"):
    """Write a file of each split as the authors do: a list of objects."""
    for name in ("hotpot_train_v1.1.json", f"hotpot_dev_{config}_v1.json"):
        (folder / name).write_text(json.dumps([AUTHORS, AUTHORS]), encoding="utf-8")
    return folder


def as_on_hub(folder, row=HUB):
    """Write a file of each split as the Hub's rows in JSON Lines."""
    for name in ("train.jsonl", "validation.jsonl"):
        (folder / name).write_text(json.dumps(row), encoding="utf-8")
    return folder


def test_a_row_is_a_question_and_its_answer(tmp_path):
    """Nothing else, unless it is asked for."""
    (x_train, y_train), (x_test, _) = hotpotqa.load_data(as_published(tmp_path))

    assert (len(x_train), len(x_test)) == (2, 2)
    assert x_train[0].get_json() == {"question": AUTHORS["question"]}
    assert y_train[0].get_json() == {"answer": "the Little Otter"}


def test_passages_and_facts_can_be_asked_for(tmp_path):
    """A fact names a passage and a sentence in it."""
    (x, y), _ = hotpotqa.load_data(as_published(tmp_path), **ALL)

    passages = {passage.title: passage.sentences for passage in x[0].passages}
    facts = [passages[fact.title][fact.sentence] for fact in y[0].supporting_facts]
    assert facts == [" It stands in Otterby.", "Otterby is a town on the Little Otter."]


def test_both_layouts_give_the_same_rows(tmp_path):
    """Lists of pairs, and objects of two lists."""
    for name in ("authors", "hub"):
        (tmp_path / name).mkdir()

    (x, y), _ = hotpotqa.load_data(as_published(tmp_path / "authors"), limit=1, **ALL)
    (x_hub, y_hub), _ = hotpotqa.load_data(as_on_hub(tmp_path / "hub"), **ALL)

    assert (list(x), list(y)) == (list(x_hub), list(y_hub))


@pytest.mark.parametrize("passages", [True, False])
@pytest.mark.parametrize("supporting_facts", [True, False])
def test_rows_are_of_the_data_models(tmp_path, passages, supporting_facts):
    """Those that a program is wired with, for each choice of what rows hold."""
    (x, y), _ = hotpotqa.load_data(as_on_hub(tmp_path), passages=passages, supporting_facts=supporting_facts)
    inputs, outputs = hotpotqa.get_input_data_model(passages), hotpotqa.get_output_data_model(supporting_facts)

    assert (type(x[0]), type(y[0])) == (inputs, outputs)
    assert mismatch(x[0].get_json(), inputs.get_schema()) == mismatch(y[0].get_json(), outputs.get_schema()) == ""
    assert "yes or no" in hotpotqa.default_instructions()


def test_the_config_says_which_passages(tmp_path):
    """By the file that the authors have for each."""
    as_published(tmp_path, "fullwiki")

    assert len(hotpotqa.load_data(tmp_path, config="fullwiki")[1][0]) == 2
    with pytest.raises(DataError, match=r"'hotpot_dev_distractor_v1\.json' or 'validation\.json'"):
        hotpotqa.load_data(tmp_path)
    with pytest.raises(DataError, match="'distractor' or 'fullwiki', not 'wiki'"):
        hotpotqa.load_data(tmp_path, config="wiki")


def test_the_hub_is_asked_for_what_has_answers(monkeypatch):
    """The validation split: that for testing has none."""
    asked = []

    def load_dataset(*names, split):
        asked.append((*names, split))
        return [HUB]

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))

    (x_train, _), (x_test, _) = hotpotqa.load_data(config="fullwiki", passages=True)

    assert asked == [("hotpotqa/hotpot_qa", "fullwiki", split) for split in ("train", "validation")]
    assert x_train[0] == x_test[0]


@pytest.mark.parametrize(
    "context",
    [None, 5, "ab", ["ab"], [["a"]], [["a", "b"]], [["a", [1]]], {"title": ["a"]}, {"title": ["a"], "sentences": []}],
)
def test_passages_in_another_layout_are_refused(tmp_path, context):
    """With the place and both layouts; whoever does not ask for them is not bothered."""
    as_on_hub(tmp_path, HUB | {"context": context})

    with pytest.raises(
        DataError, match=r"(?s)train\.jsonl, line 1 has no passages in 'context', but .*<- as on the Hub"
    ):
        hotpotqa.load_data(tmp_path, passages=True)
    assert len(hotpotqa.load_data(tmp_path)[0][0]) == 1


@pytest.mark.parametrize("facts", [None, [["a", "1"]], [["a", 1, 2]], {"title": ["a"], "sent_id": [None]}])
def test_facts_in_another_layout_are_refused(tmp_path, facts):
    """With the place and both layouts."""
    as_on_hub(tmp_path, HUB | {"supporting_facts": facts})

    with pytest.raises(
        DataError, match=r"(?s)no sentences in 'supporting_facts', but .*<- as the authors published it"
    ):
        hotpotqa.load_data(tmp_path, supporting_facts=True)


def test_a_question_without_an_answer_is_refused(tmp_path):
    """As in the split for testing of fullwiki."""
    as_on_hub(tmp_path, HUB | {"answer": None})

    with pytest.raises(DataError, match="line 1 has no text 'answer'"):
        hotpotqa.load_data(tmp_path)

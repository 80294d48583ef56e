"""What a parent did on a row is shown beside that row, and beside no other."""

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.evidence import ERRORS, LISTED, SOLVED_SHOWN, errors_told, rows_shown, standing
from synthflow.proposers.prompts.layout import LONGEST
from synthflow.search.candidate import Cell, Row
from tests.proposers.briefs import ROWS, WRONG, about, brief, number_rows, parent, script


def shown(asked, info=None):
    """Give what is shown of each row, by its number."""
    parts = [part.text for part in rows_shown(asked, info or about())]
    blocks = [re.match(r"## Row (\d+)\n(.*)", text, re.DOTALL) for text in parts]
    return {int(block[1]): block[2] for block in blocks if block}


def on_one(cell, row=ROWS[0], info=None):
    """Show one row with one cell."""
    return shown(brief([parent([row], cell)], [row], info=info), info)[1]


@given(count=st.integers(1, 9), size=st.integers(1, 9), crossed=st.booleans(), seed=st.integers(0, 99))
def test_a_prediction_stands_beside_its_own_row_and_parent(count, size, crossed, seed):
    """In any order of the rows, of the evidence and of the cells, and however many parents."""
    chance = Random(seed)
    rows = [Row({"n": f"input {n}."}, {"n": f"truth {n}."}) for n in range(count)]
    names = ["A", "B"] if crossed else ["It"]
    cards = []
    for name in names:
        cells = [(row, Cell(0.5, "ok", {"n": f"{name} on {row.x['n']}"}, f"told {name} {row.x['n']}")) for row in rows]
        chance.shuffle(cells)
        cards.append(parent(*zip(*cells, strict=True), script(name)))
    chance.shuffle(rows)
    evidence = chance.sample(rows, min(size, count))

    texts = shown(brief(cards, rows, evidence=evidence))

    assert len(texts) == len(evidence)
    for number, text in texts.items():
        row = rows[number - 1]
        assert set(re.findall(r"(?:input|truth) \d\.", text)) == {row.x["n"], row.y["n"]}
        answered = re.findall(r'^(\w+) answered:\n{"n":"(\w+) on (input \d\.)"}', text, re.MULTILINE)
        assert answered == [(name, name, row.x["n"]) for name in names]
        told = re.findall(r"^Feedback(?: to (\w))?:\n```\ntold (\w+) (input \d\.)", text, re.MULTILINE)
        assert told == [(name if crossed else "", name, row.x["n"]) for name in names]


def test_a_row_shows_input_truth_reward_and_answer():
    """Grids have a line for each of their rows."""
    row = Row({"grid": [[1, 2], [3, 4]]}, {"grid": [[4, 3], [2, 1]]})

    assert on_one(Cell(0.5, "ok", {"grid": [[4, 3], [2, 0]]}), row) == (
        'Input:\n{"grid":[\n  [1,2],\n  [3,4]]}\n'
        'True answer:\n{"grid":[\n  [4,3],\n  [2,1]]}\n'
        "It has reward 0.500 here.\n"
        'It answered:\n{"grid":[\n  [4,3],\n  [2,0]]}\n'
        "- $.grid[1][1] is 0, not 1"
    )


def test_what_a_script_printed_is_told_apart_from_what_it_answered():
    """And what is empty is left out."""
    noisy = on_one(Cell(0.0, "ok", {"n": 3, "stdout": "n is 3", "stderr": "careful"}, "careful"))
    quiet = on_one(Cell(0.0, "ok", {"n": 3, "stdout": "", "stderr": ""}))

    assert 'It answered:\n{"n":3}\n' in noisy
    assert "It printed:\n```\nn is 3\n```" in noisy
    assert noisy.count("careful") == 1
    assert "std" not in noisy + quiet
    assert "printed" not in quiet


def test_a_failed_script_did_not_give_the_default_answer_itself():
    """The verdict and the error say what happened."""
    text = on_one(Cell(0.0, "timeout", {"n": 0, "stdout": "", "stderr": "Too slow."}, "Too slow."))

    assert "and it failed: timeout." in text
    assert 'The default answer stood in:\n{"n":0}' in text
    assert "It answered" not in text
    assert 'Its error stands under "What failed".' in text


def test_an_error_is_told_once_and_all_else_with_its_row():
    """An error that comes on every row is no news on the second, but what a judge says of it is."""
    cells = [
        Cell(0.0, "runtime", {"n": 0, "stdout": "", "stderr": "IndexError"}, f"IndexError\nWorse than {n}.")
        for n in range(3)
    ]
    asked = brief([parent(ROWS, cells)], ROWS)

    texts = shown(asked)

    assert errors_told(asked, about()) == {"IndexError": [1, 2, 3]}
    assert all("IndexError" not in text for text in texts.values())
    assert all(f"Feedback:\n```\nWorse than {number - 1}.\n```" in text for number, text in texts.items())


def test_of_many_errors_the_first_are_told_apart_from_the_rows():
    """The others stand with their rows."""
    rows = number_rows(*range(ERRORS + 2))
    cells = [Cell(0.0, "runtime", {"n": 0}, f"error {number}.") for number in range(len(rows))]
    asked = brief([parent(rows, cells)], rows)

    texts = shown(asked)

    assert list(errors_told(asked, about())) == [f"error {number}." for number in range(ERRORS)]
    assert ["error" in text.partition("Feedback")[2] for text in texts.values()] == [False] * ERRORS + [True] * 2


def test_of_two_parents_each_error_stands_with_its_row():
    """Nothing failed that is to be repaired."""
    cards = [parent(ROWS, Cell(0.0, "runtime", {"n": 0}, "IndexError"), script(name)) for name in "ab"]
    asked = brief(cards, ROWS)

    assert errors_told(asked, about()) == {}
    assert all(text.count("IndexError") == 2 for text in shown(asked).values())


def test_no_answer_is_told():
    """A language model may give none."""
    assert "It gave no answer." in on_one(Cell(0.0, "json", None, "not JSON"))


def test_inside_a_larger_program_the_modules_own_calls_are_shown():
    """Those of this module only; the true answer is the whole program's."""
    info = about("first/state", direct=False)
    mine, other = {"inputs": {"n": 1}, "outputs": {"n": 11}}, {"inputs": {"n": 2}, "outputs": {"n": 22}}
    cell = Cell(0.0, "ok", {"n": 33}, calls={"first": [mine], "second": [other]})
    card = parent(ROWS[:1], cell, path=info.path)

    text = shown(brief([card], ROWS[:1], info=info), info)[1]

    assert "True answer of the whole program:" in text
    assert 'The module read:\n{"n":1}\nand answered:\n{"n":11}' in text
    assert 'It made the whole program answer:\n{"n":33}' in text
    assert "22" not in text


def test_rows_that_are_solved_are_shown_after_the_evidence():
    """A few, so that the writer sees what must stay right."""
    rows = number_rows(*range(10))
    cells = [Cell(1.0, "ok", row.y) for row in rows]
    cells[4] = Cell(0.0, "ok", {"n": 0})

    texts = shown(brief([parent(rows, cells)], rows, evidence=[rows[4]]))

    assert list(texts) == [5, *range(1, SOLVED_SHOWN + 1)]
    assert "It answered just that." in texts[1]


def test_long_texts_of_a_candidate_lose_their_middle():
    """And say so; the row's own input is whole."""
    row = Row({"n": "i" * 9_000}, {"n": 0})

    text = on_one(Cell(0.0, "ok", {"n": "a" * 99_000}, "e" * 99_000), row)

    assert "i" * 9_000 in text
    assert len(text) < 9_000 + 2 * LONGEST + 1_000
    assert text.count("characters cut") == 2


def test_examples_that_are_other_rows_go_by_their_numbers():
    """Where the row is shown; one that is not is written out, once."""
    pairs = [{"input": [[n] * 9] * 3, "output": [[n + 1] * 9] * 3} for n in range(4)]
    rows = [
        Row({"input": one["input"], "examples": [other for other in pairs if other != one]}, {"output": one["output"]})
        for one in pairs
    ]
    asked = brief([parent(rows, Cell(0, "ok", {"output": [[9]]}))], rows, evidence=rows[1:])

    parts = [part.text for part in rows_shown(asked, about())]

    assert any("an object stands whose `input` and `output` are those of that row." in text for text in parts)
    assert '"examples":["<value 1>","<row 3>","<row 4>"]' in shown(asked)[2]
    assert "".join(parts).count("[4,4,4,4,4,4,4,4,4]") == 3


def test_what_many_rows_hold_is_written_once():
    """As the examples of a task are."""
    page = {"title": "Rome", "text": "A city in the very middle of Italy."}
    rows = [Row({"n": n, "pages": [page]}, {"n": n}) for n in range(5)]

    texts = [part.text for part in rows_shown(brief([parent(rows, Cell(0, "ok", 0))], rows), about())]

    assert "".join(texts).count("the very middle") == 1
    assert sum("<value 1>" in text for text in texts) == 7


def test_it_lists_what_is_solved_and_the_rewards_of_the_others():
    """By number, over all rows and not just those shown."""
    rows = number_rows(1, 2, 3)
    cells = [Cell(1.0, "ok", {"n": 2}), Cell(0.25, "ok", {"n": 0}), Cell(0.0, "timeout", {"n": 0})]

    text = standing(brief([parent(rows, cells)], rows, evidence=()))

    assert "It solves 1 of 3 rows: 1." in text
    assert "2 (0.250), 3 (0.000, timeout)." in text


def test_a_row_that_occurs_twice_has_one_number():
    """The first of its places."""
    rows = (*ROWS, *ROWS)

    assert list(shown(brief(WRONG.parents, rows))) == [1, 2, 3]
    assert "solves 0 of 3 rows." in standing(brief(WRONG.parents, rows))


def test_of_many_rows_the_first_are_listed():
    """And how many more there are."""
    rows = number_rows(*range(LISTED + 7))

    assert f"({0:.3f}) and 7 more." in standing(brief([parent(rows, Cell(0, "ok", None))], rows))

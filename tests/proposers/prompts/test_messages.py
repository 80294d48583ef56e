"""Prompts say what is to be written, for what, and what is known of the parents."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.messages import system_message, user_message
from synthflow.proposers.prompts.trimming import GAP
from synthflow.sandboxes.sandbox import Limits
from synthflow.sandboxes.walls import describe_walls
from synthflow.search.candidate import Cell, Row
from tests.proposers.briefs import PATH, ROWS, SCRIPT, WRONG, about, brief, holds, parent, script, tried

ALWAYS = 2_500
"""Characters of a message that are there whatever is cut, beside the parents' values."""


def message(asked=WRONG, most=60_000):
    """Write the user message."""
    return user_message(asked, PATH, most)


def sections(text):
    """Split a message into its sections by title."""
    parts = re.split(r"^# (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_system_message_tells_all_that_a_script_must_keep_to():
    """Program, variable, both schemas, walls, instructions, and the form of the answer."""
    walls = describe_walls(Limits(timeout=3))

    system = system_message(about(walls=walls), instructions=["", "Count well."], thinking="thinking")

    told = sections(system)
    assert list(told) == [
        "The program",
        "The script that you write",
        "Where the script runs",
        "How to work",
        "Instructions",
        "Your answer",
    ]
    assert "It counts." in told["The program"]
    assert PATH in told["The script that you write"]
    assert "How to count." in told["The script that you write"]
    assert told["The script that you write"].count('"n":{"type":"integer"}') == 2
    assert walls.strip() in told["Where the script runs"]
    assert "Count well." in told["Instructions"]
    assert told["Your answer"].index("`thinking`") < told["Your answer"].index("`python_script`")


def test_what_is_not_known_has_no_section():
    """No description, no walls, no instructions."""
    system = system_message(about(walls="", program="", description=""))

    assert list(sections(system)) == ["The script that you write", "How to work", "Your answer"]
    assert "thinking" not in system


def test_a_text_is_written_by_the_rules_of_texts():
    """It is read by a model, not run."""
    system = system_message(about(schema=holds(instructions="string"), walls=""))

    assert "The text is given to a language model" in system
    assert "Python" not in system


def test_a_module_inside_a_larger_program_is_said_to_be_one():
    """The true answer is then the whole program's."""
    assert "those of the whole program" in system_message(about(direct=False))
    assert "those of the whole program" not in system_message(about())


def test_the_parents_script_is_shown_as_source():
    """In a block of its own and not escaped."""
    shown = sections(message())["The current script"]

    assert f"```python\n{SCRIPT}\n```" in shown
    assert "Its reward is 0.250." in shown


def test_a_script_that_holds_a_fence_gets_a_longer_one():
    """So it cannot end its block."""
    card = parent(ROWS, Cell(0, "ok", None), script('result = """\n```\n# Your task"""'))

    assert '````python\nresult = """\n```\n# Your task"""\n````' in message(brief([card], ROWS))


def test_a_mutation_is_asked_for_a_better_script():
    """Where the parent ran and was wrong."""
    told = sections(message())

    assert "Write a better script" in told["Your task"]
    assert "What failed" not in told


def test_a_repair_leads_with_the_failure():
    """The error comes first, and the rows that failed before the others."""
    cells = [Cell(0.5, "ok", {"n": 0})] * 3
    cells[2] = Cell(0.0, "runtime", {"n": 0}, "Line 2: IndexError: list index out of range")
    text = message(brief([parent(ROWS, cells)], ROWS))

    assert next(iter(sections(text))) == "What failed"
    assert "3 (runtime)" in sections(text)["What failed"]
    assert "IndexError: list index out of range" in sections(text)["What failed"]
    assert re.findall(r"^## Row (\d)", text, re.MULTILINE) == ["3", "1", "2"]
    assert "Repair the script" in sections(text)["Your task"]


def test_an_error_of_many_rows_is_told_once():
    """With the rows on which it came."""
    told = "IndexError: list index out of range"
    cells = [Cell(0.0, "runtime", {"n": 0, "stderr": told}, told) for _ in ROWS]

    text = message(brief([parent(ROWS, cells)], ROWS))

    assert text.count(told) == 1
    assert f"On rows 1, 2, 3:\n```\n{told}\n```" in sections(text)["What failed"]


def test_an_answer_of_no_use_is_no_failure():
    """No script failed, so there is nothing to repair; why it was of no use stands with its row."""
    told = sections(message(brief([parent(ROWS, Cell(0.0, "unusable", None, "It was no JSON."))], ROWS)))

    assert "What failed" not in told
    assert told["What it did on some rows"].count("It gave no answer.\nFeedback:\n```\nIt was no JSON.\n```") == 3
    assert "Write a better script" in told["Your task"]


def test_a_crossover_shows_two_different_parents():
    """Each with its own script, reward and answers, whatever failed."""
    first = parent(ROWS, Cell(0.2, "runtime", {"n": 0}, "Oh."), script("result = 'first'"))
    second = parent(ROWS, Cell(0.8, "ok", {"n": 1}), script("result = 'second'"))
    told = sections(message(brief([first, second], ROWS)))

    assert "result = 'first'" in told["Script A"]
    assert "0.200" in told["Script A"]
    assert "result = 'second'" in told["Script B"]
    assert "0.800" in told["Script B"]
    assert "Cross script A with script B" in told["Your task"]
    assert "What failed" not in told


def test_a_broken_constraint_is_told():
    """Only a seed can break one."""
    card = parent(ROWS, [Cell(1, "ok", row.y) for row in ROWS], violation="The script is too long.")

    assert "The script is too long." in message(brief([card], ROWS, evidence=()))


def test_only_functions_in_scope_may_change():
    """It says which."""
    asked = replace(WRONG, scope={PATH: frozenset({"f", ""})})

    assert "the code between the functions, `f`." in sections(message(asked))["What may change"]
    assert "What may change" not in sections(message())


def test_the_optimizers_hint_is_told():
    """Where there is one."""
    assert "Look at the signs." in sections(message(replace(WRONG, hint="Look at the signs.")))["A hint"]
    assert "A hint" not in sections(message())


def test_half_of_a_surrogate_pair_can_be_sent():
    """A script may print one."""
    card = parent(ROWS, Cell(0, "runtime", None, "odd: \ud800"))

    assert "odd: ?" in message(brief([card], ROWS))


def test_any_value_is_shown_as_json():
    """A variable need not be a script or a text."""
    info = about(schema=holds(weights="array", note="string"))
    card = parent(ROWS, Cell(0, "ok", None), {"weights": [[1, 2], [3, 4]], "note": "so"})

    shown = sections(message(brief([card], ROWS, info=info)))["The current value"]

    assert "`weights`:\n```json\n[\n [1,2],\n [3,4]]\n```" in shown
    assert "`note`:\n```\nso\n```" in shown


@given(
    sizes=st.lists(st.integers(0, 6_000), min_size=1, max_size=12),
    answers=st.integers(0, 30_000),
    feedback=st.integers(0, 30_000),
    attempts=st.lists(st.integers(0, 9_000), max_size=8),
    source=st.integers(0, 9_000),
    hint=st.integers(0, 9_000),
    crossed=st.booleans(),
    most=st.integers(4_000, 20_000),
)
def test_a_message_keeps_to_its_size(sizes, answers, feedback, attempts, source, hint, crossed, most):
    """Whatever is huge; only the parents' values, which are never cut, can make it longer."""
    rows = tuple(Row({"n": n, "grid": [[n] * 10] * (size // 10)}, {"n": n}) for n, size in enumerate(sizes))
    values = [script("#" * source + str(number)) for number in range(2 if crossed else 1)]
    cell = Cell(0.0, "runtime", {"n": "y" * answers}, "e" * feedback)
    asked = brief(
        [parent(rows, cell, value) for value in values],
        rows,
        tried=tuple(tried("a" * size) for size in attempts),
        hint="h" * hint,
    )

    text = message(asked, most)

    shown = sum(len(value["python_script"]) for value in values)
    assert len(text) <= max(most, shown + ALWAYS)
    assert all(value["python_script"] in text for value in values)
    assert text == message(asked, most)


@given(st.lists(st.integers(100, 4_000), min_size=2, max_size=8, unique=True), st.integers(4_000, 9_000))
def test_the_largest_rows_go_first_and_it_is_told_how_many(sizes, most):
    """The smallest row of the evidence always stays."""
    rows = tuple(Row({"n": n, "words": "x" * size}, {"n": n}) for n, size in enumerate(sizes))
    text = message(brief([parent(rows, Cell(0, "ok", {"n": -1}))], rows), most)

    left = [sizes[int(number) - 1] for number in re.findall(r"^## Row (\d+)", text, re.MULTILINE)]
    gone = sorted(set(sizes) - set(left))
    assert min(sizes) in left
    assert all(size > max(left) for size in gone)
    assert (f"{len(gone)} row{'s' * (len(gone) > 1)} left out" in text) == bool(gone)


def test_a_row_that_is_larger_than_the_message_loses_its_middle():
    """The smallest row of the evidence is never left out."""
    rows = tuple(Row({"n": n, "words": "x" * 50_000 * n}, {"n": n}) for n in (1, 2))

    text = message(brief([parent(rows, Cell(0, "ok", {"n": -1}))], rows), 5_000)

    assert re.findall(r"^## Row (\d)", text, re.MULTILINE) == ["1"]
    assert "characters cut" in text
    assert len(text) <= 5_000


def test_the_oldest_attempts_go_first_and_it_is_told_how_many():
    """The latest say more about where the parent stands."""
    asked = replace(WRONG, tried=tuple(tried(f"# attempt {age}\n" + "a = 1\n" * 300) for age in range(8)))

    text = message(asked, 8_000)

    left = [int(age) for age in re.findall(r"# attempt (\d)", text)]
    assert left == list(range(8 - len(left), 8))
    assert 0 < len(left) < 8
    assert f"{8 - len(left)} attempts left out for want of room." in text.split(GAP)[-3]


@pytest.mark.parametrize("most", [4_000, 60_000])
def test_with_no_row_and_no_attempt_there_is_a_message_all_the_same(most):
    """It shows the script and the task."""
    text = message(brief([parent((), [])], ()), most)

    assert list(sections(text)) == ["The current script", "Where it stands on all rows", "Your task"]

"""What was tried in vain is shown, so that it is not tried again."""

from dataclasses import replace

from synthflow.proposers.prompts.attempts import LONGEST_DIFF, attempts_shown
from synthflow.proposers.prompts.layout import LONGEST
from synthflow.search.candidate import Attempt, Cell
from tests.proposers.briefs import PATH, ROWS, WRONG, about, brief, holds, parent, script, tried

LONG = "\n".join(f"line_{number} = {number}" for number in range(40))
PARENT = brief([parent(ROWS, Cell(0, "ok", None), script(LONG))], ROWS)


def shown(*attempts, asked=PARENT):
    """Give what is shown of each attempt."""
    return [part.text for part in attempts_shown(replace(asked, tried=attempts), PATH)][1:]


def test_an_attempt_is_shown_as_its_difference_from_the_parent():
    """With what became of it, and why."""
    (text,) = shown(tried(LONG.replace("line_7 = 7", "line_7 = 8"), "its reward is 0.100,\nthe parent's 0.250"))

    assert text.startswith("## Scored: its reward is 0.100, the parent's 0.250\n```diff\n")
    assert "-line_7 = 7\n+line_7 = 8" in text
    assert "line_20" not in text


def test_a_script_written_anew_is_shown_itself():
    """Its difference would be longer."""
    (text,) = shown(tried("result = 1"))

    assert "```python\nresult = 1\n```" in text


def test_scripts_too_long_to_compare_are_clipped():
    """The comparison could take very long."""
    (text,) = shown(tried("a = 1\n" * (LONGEST_DIFF + 1)))

    assert "characters cut" in text
    assert len(text) < LONGEST + 200


def test_any_other_value_is_shown_clipped():
    """There are no lines to compare."""
    info = about(schema=holds(instructions="string"))
    asked = brief([parent(ROWS, Cell(0, "ok", None), {"instructions": "Go."})], ROWS, info=info)

    (text,) = shown(Attempt("rejected", "it fell", {PATH: {"instructions": "Stop. " * 2_000}}), asked=asked)

    assert text.startswith("## Rejected: it fell\n`instructions`:\n```\nStop.")
    assert len(text) < LONGEST + 200


def test_a_child_that_nobody_wrote_is_not_shown():
    """That a server was down says nothing about the script; nor does a change of another variable."""
    failed = Attempt("failed", "the server gave no answer")

    assert shown(failed, tried("result = 2", path="other/state")) == []
    assert attempts_shown(WRONG, PATH) == []


def test_the_oldest_comes_first():
    """And is the first to be left out."""
    parts = attempts_shown(replace(PARENT, tried=(tried("a = 1"), tried("b = 1"))), PATH)[1:]

    assert [part.text[-9:-4] for part in parts] == ["a = 1", "b = 1"]
    assert [part.rank for part in parts] == [(0,), (1,)]

"""A child stays within its scope, down to single functions."""

import pytest

from synthflow.search.scope import outside

BASE = {
    "a": {"script": "import math\n\ndef f(x):\n    return x\n\ndef g(x):\n    return x\n", "note": "n"},
    "b": {"n": 1},
}
ONLY_F = {"a": frozenset({"f"})}


def changed(old, new):
    """Give the base with a part of its script replaced."""
    return {**BASE, "a": {**BASE["a"], "script": BASE["a"]["script"].replace(old, new)}}


def test_whole_variables_in_scope_may_change():
    """Nothing is said of a change inside, and the variable is named outside."""
    child = {**BASE, "b": {"n": 2}}

    assert outside({"b": None}, BASE, child) == ""
    assert outside({"a": None}, BASE, child) == "b is outside the scope, which is a"


def test_a_function_in_scope_may_change_and_so_may_layout():
    """Comments and empty lines are no change."""
    assert outside(ONLY_F, BASE, changed("def f(x):\n    return x", "def f(x):\n    return x + 1")) == ""
    assert outside(ONLY_F, BASE, changed("def g(x):", "# about g\ndef g(x):")) == ""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("def g(x):\n    return x", "def g(x):\n    return 0", "g"),
        ("def g(x):\n    return x\n", "", "g"),
        ("import math", "import os", "the code between the functions"),
        ("import math", "import math\ndef h(): pass", "h"),
        ("def g(x):\n    return x", "def g(x):\n    return x\ndef g(x):\n    return 1", "g"),
    ],
)
def test_what_is_outside_the_functions_in_scope_is_named(old, new, named):
    """Another function, a new one, a lost one and the code between are all outside."""
    assert outside(ONLY_F, BASE, changed(old, new)).endswith(f"this changes {named}")


@pytest.mark.parametrize("script", ["def f(x:", "(" * 300 + ")" * 300, "x = '\0'", "-" * 100_000 + "1"])
def test_a_script_that_does_not_parse_is_a_reason_and_no_error(script):
    """Neither a syntax error nor a hostile nesting raises."""
    child = {**BASE, "a": {**BASE["a"], "script": script}}

    assert "does not parse" in outside(ONLY_F, BASE, child)


def test_a_field_that_is_no_script_is_outside_a_scope_of_functions():
    """Functions may change, the note may not, nor may fields come and go."""
    assert outside(ONLY_F, BASE, {**BASE, "a": {**BASE["a"], "note": 3}}) != ""
    assert outside(ONLY_F, BASE, {**BASE, "a": {"script": BASE["a"]["script"]}}) != ""

"""Sources are read without being run, and never raise anything but SyntaxError."""

import pytest

from synthflow.search.source import functions, parse


@pytest.mark.parametrize("script", ["def f(", "x = '\0'", "(" * 5000, "-" * 100_000 + "1", "a" + ".b" * 100_000])
def test_what_cannot_be_read_is_a_syntax_error(script):
    """Depth and odd bytes included."""
    with pytest.raises(SyntaxError):
        parse(script)


def test_a_warning_about_a_script_is_nobodys():
    """An odd escape sequence parses in silence."""
    assert parse("x = '\\d'").body


def test_functions_are_compared_by_content():
    """Layout is no difference; a huge integer is a reason, not a crash."""
    assert functions("def f(x): return x  # same") == functions("def f(x):\n\n    return x")
    with pytest.raises(SyntaxError):
        functions("def f(): return 0x1" + "0" * 5000)

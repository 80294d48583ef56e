"""The command line says what it can do, and errors are one clear message."""

import pytest

from synthflow.cli import main as front


def test_help_names_every_command(command):
    """`synthflow --help` lists solve, show and run, each with what it does."""
    code, out, _ = command("--help")

    assert code == 0
    assert [name for name in ("solve", "show", "run") if f"\n  {name} " in out] == ["solve", "show", "run"]


@pytest.mark.parametrize("name", ["solve", "show", "run"])
def test_each_command_explains_its_exit_code_or_what_it_prints(command, name):
    """`synthflow NAME --help` describes every option."""
    code, out, _ = command(name, "--help")

    assert code == 0
    assert "Usage: " in out
    assert "--help" in out


def test_an_error_is_a_message_without_a_traceback(command):
    """What synthflow raises on purpose goes to standard error, with exit code 2."""
    code, out, err = command("solve", "no-such-task")

    assert (code, out) == (2, "")
    assert err.startswith("DataError: ARC-AGI-1 has no task 'no-such-task'.")
    assert "Traceback" not in err


def test_a_bug_keeps_its_traceback(monkeypatch):
    """An error that nobody foresaw is not hidden."""

    def fail(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(front, "app", fail)

    with pytest.raises(ZeroDivisionError):
        front.main([])


def test_a_misspelt_option_is_an_error(command):
    """An unknown option gives exit code 2, and nothing is run."""
    code, out, err = command("solve", "007bbfb7", "--epoch", "3")

    assert (code, out) == (2, "")
    assert "--epoch" in err

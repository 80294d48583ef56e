"""Every error is a SynthflowError and a built-in that a caller may expect."""

import inspect

import pytest

from synthflow import errors

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if found.__module__ == "synthflow.errors"]


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_has_the_one_root(error):
    """`except SynthflowError` catches all that synthflow raises on purpose."""
    assert issubclass(error, errors.SynthflowError)


@pytest.mark.parametrize("error", [one for one in CLASSES if one is not errors.SynthflowError])
def test_every_error_is_also_a_built_in_one(error):
    """What is wrong with a value is a ValueError, and what is wrong with the world a RuntimeError."""
    assert issubclass(error, (ValueError, RuntimeError))


@pytest.mark.parametrize("error", CLASSES)
def test_the_tree_in_the_docstring_is_whole(error):
    """The tree at the top of the file names every class."""
    assert error.__name__ in errors.__doc__

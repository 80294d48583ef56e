"""Configured: what was made with arguments can tell them, and be made again."""

import pytest

from synthflow.configured import Configured
from synthflow.errors import SavingError


class Box(Configured):
    """Keeps two numbers and whatever else it is given."""

    def __init__(self, width, height=1, **others):
        self.size = (width, height, others)


class Bag(Configured):
    """Keeps things without names."""

    def __init__(self, *things):
        self.things = things


def test_only_the_arguments_that_were_given_are_told():
    """A default stays a default, also when it changes in a later version."""
    assert Box(2).get_config() == {"width": 2}
    assert Box(2, height=3, depth=4).get_config() == {"width": 2, "height": 3, "depth": 4}


def test_from_config_makes_an_equal_object():
    """What get_config gives is enough to make it again."""
    box = Box(2, depth=4)

    assert Box.from_config(box.get_config()).size == box.size


def test_arguments_without_names_cannot_be_told():
    """The error says what to write."""
    with pytest.raises(SavingError, match=r"\*things; write get_config"):
        Bag(1, 2).get_config()

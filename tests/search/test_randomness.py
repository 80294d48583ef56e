"""Chance depends on content alone."""

import random

from synthflow.search.randomness import counter_rng


def test_a_generator_depends_on_its_key_alone():
    """Equal keys draw alike and different keys do not, whatever else was drawn."""
    first = counter_rng(0, "a", 1).random()
    random.random()
    counter_rng(0, "b", 1).random()

    assert counter_rng(0, "a", 1).random() == first
    assert counter_rng(0, "a", 2).random() != first


def test_the_global_generator_is_left_alone():
    """Making and using a generator moves nobody else's."""
    before = random.getstate()
    counter_rng("key").random()

    assert random.getstate() == before

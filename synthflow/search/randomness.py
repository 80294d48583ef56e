"""Chance, made from content alone.

What is drawn at random depends on a key (the seed, the place in the run) and on
nothing else, so there is no generator's state to save, and no other draw, worker
or order of arrival can change it.
"""

from random import Random

from synthflow.data_models.canonical import digest
from synthflow.data_models.schema import Json


def counter_rng(*key: Json) -> Random:
    """Make a private generator that depends on its key alone.

    >>> counter_rng(0, "epoch", 3).random() == counter_rng(0, "epoch", 3).random()
    True
    """
    return Random(digest(list(key)))

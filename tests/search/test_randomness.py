"""Identity and chance depend on content alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.search.randomness import canonical, counter_rng, digest, plain

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(st.dictionaries(st.text(), LEAVES))
def test_the_order_of_keys_is_no_part_of_a_digest(value):
    """A dict read backwards has the same digest."""
    backwards = dict(reversed(value.items()))

    assert digest(backwards) == digest(value)


@given(JSON)
def test_plain_is_idempotent_and_keeps_the_digest(value):
    """A value that went through JSON once is unchanged by going again, and is the same content."""
    once = plain(value)

    assert plain(once) == once
    assert digest(once) == digest(value)


@given(JSON, JSON)
def test_different_content_has_different_digests(a, b):
    """Two digests agree exactly when the canonical texts do."""
    assert (digest(a) == digest(b)) == (canonical(a) == canonical(b))


def test_what_orjson_cannot_write_is_still_json():
    """Integers over 64 bits and halves of surrogate pairs keep their content."""
    value = {"big": 2**80, "half": "\ud800"}

    assert plain(value) == value
    assert digest(value) != digest({"big": 2**81, "half": "\ud800"})


def test_what_is_not_json_is_refused():
    """A set has no canonical text."""
    with pytest.raises(TypeError):
        digest({1, 2})


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

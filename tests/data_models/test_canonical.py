"""A digest names JSON by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.canonical import canonical, digest, plain

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

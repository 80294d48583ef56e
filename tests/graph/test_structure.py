"""Structures are walked and rebuilt from left to right."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.graph.structure import leaves, map_leaves

structures = st.recursive(
    st.none() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
)


@given(structures)
def test_mapping_nothing_gives_an_equal_structure(structure):
    """Lists stay lists, tuples tuples and dicts dicts."""
    assert map_leaves(lambda leaf: leaf, structure) == structure


@given(structures)
def test_leaves_are_mapped_in_order(structure):
    """The leaves of what is mapped are the mapped leaves."""
    assert list(leaves(map_leaves(repr, structure))) == [repr(leaf) for leaf in leaves(structure)]

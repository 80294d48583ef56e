"""Structures: one leaf, or leaves in lists, tuples and dicts, nested at will."""

from collections.abc import Callable, Iterator
from typing import Any


def leaves(structure: Any) -> Iterator[Any]:
    """Give the leaves of a structure from left to right.

    >>> list(leaves({"a": 1, "b": [2, (3, None)]}))
    [1, 2, 3, None]
    """
    if isinstance(structure, dict):
        structure = structure.values()
    elif not isinstance(structure, (list, tuple)):
        yield structure
        return
    for part in structure:
        yield from leaves(part)


def map_leaves(change: Callable[[Any], Any], structure: Any) -> Any:
    """Build the same structure with each leaf changed.

    >>> map_leaves(str, [1, {"b": 2}])
    ['1', {'b': '2'}]
    """
    if isinstance(structure, dict):
        return {key: map_leaves(change, part) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(map_leaves(change, part) for part in structure)
    return change(structure)


def to_json(structure: Any) -> Any:
    """Turn the data models of a structure into JSON; None stays None."""
    return map_leaves(lambda leaf: None if leaf is None else leaf.get_json(), structure)

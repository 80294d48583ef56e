"""Repeats: an object that stands in several inputs is written once and named, since every token is paid for.

The rows of an ARC-AGI task carry each other as examples: without this, most of a prompt would be repetition.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from synthflow.data_models.canonical import canonical
from synthflow.data_models.schema import Json

LEAST = 40
"""Characters of JSON that are worth a name."""


def without_repeats(values: Sequence[Json]) -> tuple[list[Json], dict[str, Json]]:
    """Replace objects inside values by a name where they stand in several of them.

    Returns:
        The values so written, and the objects by name, in the order in which they come.

    >>> page = {"title": "Rome", "text": "A city in Italy."}
    >>> without_repeats([{"pages": [page]}, {"pages": [page], "n": 2}])[0]
    [{'pages': ['<value 1>']}, {'pages': ['<value 1>'], 'n': 2}]
    """
    counts = Counter(text for value in values for text in set(map(canonical, _objects(value))))
    names: dict[bytes, str] = {}
    objects: dict[str, Json] = {}

    def named(value: Json, inside: bool) -> Json:
        if isinstance(value, list):
            return [named(item, True) for item in value]
        if not isinstance(value, dict):
            return value
        text = canonical(value)
        if not inside or counts[text] < 2 or len(text) < LEAST:
            return {key: named(part, True) for key, part in value.items()}
        name = names.setdefault(text, f"<value {len(names) + 1}>")
        objects[name] = value
        return name

    return [named(value, False) for value in values], objects


def _objects(value: Json) -> Iterator[Json]:
    """Give all objects in a value, itself among them."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)

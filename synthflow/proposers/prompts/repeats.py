"""Repeats: an object that stands in a row shown anyway, or in several inputs, is named, since every token is paid for.

The rows of an ARC-AGI task carry each other as examples: without this, most of a prompt would be repetition.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from synthflow.data_models.canonical import canonical
from synthflow.data_models.schema import Json

LEAST = 40
"""Characters of JSON that are worth a name."""


@dataclass
class Repeats:
    """Values without what they repeat."""

    values: list[Json] = field(default_factory=list)
    """The values, with names in place of objects."""
    objects: dict[str, Json] = field(default_factory=dict)
    """Objects that stand in several values, by name, in the order in which they come."""
    fields: tuple[str, ...] = ()
    """What the name of a row stands for: an object of these fields of the row; empty where no row is named."""


def without_repeats(values: Sequence[Json], rows: Mapping[str, Mapping[str, Json]] | None = None) -> Repeats:
    """Replace objects inside values by names.

    An object that is a part of a row goes by the row's name. All such objects have the same
    fields, those of the first one found, so that one sentence says what the names mean.

    Args:
        values: The values; they are left as they are.
        rows: Fields of the rows that are shown, by what each row is called.

    >>> page = {"title": "Rome", "text": "A city in Italy."}
    >>> without_repeats([{"pages": [page]}, {"pages": [page], "n": 2}]).values
    [{'pages': ['<value 1>']}, {'pages': ['<value 1>'], 'n': 2}]
    >>> without_repeats([{"pages": [page]}], {"<row 2>": {**page, "stars": 5}}).values
    [{'pages': ['<row 2>']}]
    """
    counts = Counter(text for value in values for text in set(map(canonical, _objects(value))))
    parts = {name: {key: canonical(part) for key, part in row.items()} for name, row in (rows or {}).items()}
    known: dict[bytes, str] = {}
    found = Repeats()

    def row_of(value: dict[str, Json]) -> str:
        if found.fields and set(found.fields) != value.keys():
            return ""
        own = {key: canonical(part) for key, part in value.items()}
        name = next((name for name, row in parts.items() if own.items() <= row.items()), "")
        found.fields = found.fields or (tuple(value) if name else ())
        return name

    def name_of(value: dict[str, Json]) -> str:
        text = canonical(value)
        if len(text) < LEAST:
            return ""
        if text not in known:
            name = row_of(value)
            if not name and counts[text] > 1:
                name = f"<value {len(found.objects) + 1}>"
                found.objects[name] = value
            known[text] = name
        return known[text]

    def named(value: Json, inside: bool = True) -> Json:
        if isinstance(value, list):
            return [named(item) for item in value]
        if not isinstance(value, dict):
            return value
        return (name_of(value) if inside else "") or {key: named(part) for key, part in value.items()}

    found.values = [named(value, inside=False) for value in values]
    return found


def _objects(value: Json) -> Iterator[Json]:
    """Give all objects in a value, itself among them."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)

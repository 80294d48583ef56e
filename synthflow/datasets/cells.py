"""Cells: the text of a table's cell, read as the type of its field.

A CSV file holds only text. What a cell means is told by its field:

| field | what is written in the cell |
|---|---|
| text | the text, as it is |
| integer, number | digits: `5`, `-0.5`, `1e-3` |
| truth value | `true` or `false`, in small or large letters |
| list, object | JSON: `[1, 2]`, `{"a": 1}` |
| enumeration | one of its values |
| several types, such as `int` or `str` | the first of them, as declared, that the cell can be read as |

An empty cell is the field's default; else null, where the field takes that; else the empty text.
"""

import json
import math
import re
from collections.abc import Iterator

from synthflow.data_models.schema import Json, Schema

INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MOST_DIGITS = 4000
"""Python reads no integer of more than 4300."""
WRITE = {
    "integer": "digits, such as 5",
    "number": "a number, such as 0.5",
    "boolean": "true or false",
    "array": "JSON, such as [1, 2]",
    "object": 'JSON, such as {"a": 1}',
}


def read_cell(text: str, field: Schema, definitions: Schema, needed: bool) -> tuple[Json, ...]:
    """Read a cell as the type of its field; one that cannot be read stays text, which its field then refuses.

    Args:
        text: What the cell holds.
        field: The JSON schema of the field.
        definitions: What its references name.
        needed: Whether the field has no default.

    Returns:
        The value, alone; nothing for an empty cell whose field has a default.

    >>> read_cell("5", {"type": "integer"}, {}, True), read_cell("five", {"type": "integer"}, {}, True)
    ((5,), ('five',))
    """
    if text == "" and not needed:
        return ()
    kinds = list(_kinds(field, definitions))
    if text == "" and any(kind.get("type") == "null" for kind in kinds):
        return (None,)
    return next((read for kind in kinds if (read := _read_as(text, kind))), (text,))


def read_number(text: str) -> float | None:
    """Read a decimal number; None when it is none, or too large.

    >>> read_number("-0.5"), read_number("1_000"), read_number("nan")
    (-0.5, None, None)
    """
    number = float(text) if NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None


def how_to_write(text: str, field: Schema, definitions: Schema) -> str:
    """Say what is to be written in a cell instead of a text that its field refuses, or ''."""
    kinds = [str(kind.get("type")) for kind in _kinds(field, definitions)]
    hint = " or ".join(WRITE[kind] for kind in kinds if kind in WRITE)
    if {"array", "object"}.isdisjoint(kinds) or not (broken := _not_json(text)):
        return hint
    return f"{hint} (this is not JSON: {broken})"


def read_json(text: str) -> Json:
    """Read JSON, and no more than is JSON.

    Raises:
        ValueError: It is none; Python would read NaN, Infinity and halves of a character.
        RecursionError: It is nested too deeply.

    >>> read_json("[1, 2]")
    [1, 2]
    """
    value = json.loads(text, parse_constant=_refuse)
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{error.object[error.start]!r} is half of a character") from None
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _kinds(field: Schema, definitions: Schema) -> Iterator[Schema]:
    """Give the simple schemas that a field admits, in the order in which they are declared."""
    if "$ref" in field:
        yield from _kinds(definitions[field["$ref"].removeprefix("#/$defs/")], definitions)
        return
    either = [one for key in ("anyOf", "oneOf") for one in field.get(key, [])]
    for one in either:
        yield from _kinds(one, definitions)
    if not either:
        yield field


def _read_as(text: str, kind: Schema) -> tuple[Json, ...]:
    """Read a text as a simple schema says; nothing when it cannot be."""
    bare, name = text.strip(), kind.get("type")
    options = kind.get("enum", [kind["const"]] if "const" in kind else None)
    if options is not None:
        return tuple(one for one in options if (text == one if isinstance(one, str) else bare == json.dumps(one)))[:1]
    if name == "integer":
        return (int(bare),) if INTEGER.fullmatch(bare) and len(bare) <= MOST_DIGITS else ()
    if name == "number":
        return () if (number := read_number(bare)) is None else (number,)
    if name == "boolean":
        return (bare.lower() == "true",) if bare.lower() in ("true", "false") else ()
    if name in ("array", "object"):
        value = None if _not_json(bare) else read_json(bare)
        return (value,) if isinstance(value, list if name == "array" else dict) else ()
    return () if name == "null" else (text,)


def _not_json(text: str) -> str:
    """Say why a text is not JSON, or ''."""
    try:
        read_json(text)
    except json.JSONDecodeError as error:
        return f"{error.msg} at character {error.pos + 1}"
    except (ValueError, RecursionError) as error:
        return str(error)
    return ""

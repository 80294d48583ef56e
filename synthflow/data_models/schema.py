"""Pure functions on JSON schemas and the JSON values they describe.

A *plain* schema describes one kind of object (`properties`); a *union*
(`anyOf`) describes several, as the operators `|` and `^` promise. Every
function here answers a new schema and leaves its arguments as they were.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from synthflow.errors import SchemaError
from synthflow.naming import distinct

Json = Any
Schema = dict[str, Any]

LONGEST_MESSAGE = 300
ANNOTATIONS = frozenset({"title", "description", "default", "examples"})
DIALECTS = frozenset(f"http://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7)) | frozenset(
    f"https://json-schema.org/draft/{year}/schema" for year in ("2019-09", "2020-12")
)
"""What `$schema` may name; both libraries bring these along, and would fetch any other."""


class Validator:
    """A JSON schema that is compiled once and then asked often.

    A compiled validator (jsonschema-rs) says yes or no; only for a no does
    jsonschema, some hundred times slower, find the words.

    >>> Validator({"type": "object", "properties": {"n": {"type": "integer"}}}).mismatch({"n": "x"})
    "$.n: 'x' is not of type 'integer'"
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    @cached_property
    def _compiled(self) -> Any:
        return _compiled(_text(self.schema))

    def mismatch(self, value: Json) -> str:
        """Say where and why `value` does not fit, or '' when it fits."""
        try:
            return "" if self.fits(value) else self._reason(value)
        except (ValueError, TypeError, RecursionError) as error:
            return _clipped(f"$: not a JSON value: {error}")

    def fits(self, value: Json) -> bool:
        """Tell whether `value` fits.

        Raises:
            ValueError: It is no JSON value.
        """
        valid: bool = self._compiled.is_valid(value)
        return valid

    def _reason(self, value: Json) -> str:
        import jsonschema
        from referencing import Registry

        kind = jsonschema.validators.validator_for(self.schema)
        checker = kind(self.schema, registry=Registry())  # one that fetches nothing
        worst = jsonschema.exceptions.best_match(checker.iter_errors(value))
        return "" if worst is None else _clipped(f"{worst.json_path}: {worst.message}")


def mismatch(value: Json, schema: Schema) -> str:
    """Say where and why `value` does not fit `schema`, or '' when it fits."""
    return Validator(schema).mismatch(value)


def check_schema(schema: Schema) -> None:
    """Raise SchemaError when `schema` is not the JSON schema of an object."""
    _check(_text(schema))


def _text(schema: Schema) -> str:
    try:
        return json.dumps(schema)
    except (TypeError, ValueError, RecursionError) as error:
        raise SchemaError(_clipped(f"Not a JSON schema: {error}")) from None


@lru_cache(maxsize=256)  # a schema is compiled once, however many values are made of it
def _compiled(text: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(json.loads(text), retriever=_fetch_nothing)


def _fetch_nothing(address: str) -> None:
    raise ValueError(f"it refers to {address}, and nothing is fetched for a schema")


@lru_cache(maxsize=256)
def _check(text: str) -> None:
    import jsonschema_rs

    schema = json.loads(text)
    for key, target in _references(schema):
        if key == "$schema" and target.removesuffix("#") not in DIALECTS:
            known = ", ".join(sorted(DIALECTS))
            raise SchemaError(_clipped(f"`$schema` of a schema names {target!r}; leave it out, or take one of {known}"))
        # Any other target would be lost when schemas are merged, or be fetched from the network.
        if key == "$ref" and not target.startswith("#/$defs/"):
            raise SchemaError(
                f'A reference in a schema names one of its own definitions, "#/$defs/Name", not {target!r}.'
            )
    try:
        _compiled(text)
        kinds = variants(schema)
    except jsonschema_rs.ValidationError as error:
        where = "".join(f"[{step!r}]" for step in error.instance_path)
        raise SchemaError(_clipped(f"Not a JSON schema: ${where}: {error.message}")) from None
    except (ValueError, RecursionError) as error:
        raise SchemaError(_clipped(f"Not a JSON schema: {error}")) from None
    for variant in kinds:
        if "properties" not in variant and variant.get("type") != "object":
            raise SchemaError(
                "A data model is a JSON object, and this schema is not of an object.\n"
                '  Write {"type": "object", "properties": {...}}, or declare a DataModel class.'
            )


def properties(schema: Schema) -> dict[str, Schema]:
    """Give the fields of a schema; of a union, those of all its variants.

    >>> list(properties({"properties": {"question": {}, "answer": {}}}))
    ['question', 'answer']
    """
    return {name: field for variant in variants(schema) for name, field in variant.get("properties", {}).items()}


def variants(schema: Schema) -> list[Schema]:
    """Take a union apart; a plain schema is its own single variant."""
    if "properties" in schema:
        return [schema]
    definitions = schema.get("$defs", {})
    shared = {"$defs": definitions} if definitions else {}
    if "anyOf" in schema:
        return [variant for one in schema["anyOf"] for variant in variants(one | shared)]
    if "$ref" in schema:  # a model that contains itself
        return variants(definitions[schema["$ref"].removeprefix("#/$defs/")] | shared)
    return [schema]


def union(*schemas: Schema) -> Schema:
    """Admit what any of `schemas` admits."""
    kinds: list[Schema] = []
    definitions: dict[str, Schema] = {}
    for schema in schemas:
        for variant in variants(schema):
            body, definitions = _with_definitions(variant, definitions)
            if body not in kinds:
                kinds.append(body)
    whole = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return whole | ({"$defs": definitions} if definitions else {})


def concat(left: Schema, right: Schema) -> Schema:
    """Describe the fields of both; a name that clashes gets `_1`, `_2` ...

    >>> merged = concat({"properties": {"text": {"type": "string"}}}, {"properties": {"text": {"type": "number"}}})
    >>> merged["properties"]
    {'text': {'type': 'string'}, 'text_1': {'type': 'number'}}
    """
    return union(*(_concat_plain(one, other) for one, other in product(variants(left), variants(right))))


def renaming(left: Iterable[str], right: Iterable[str]) -> dict[str, str]:
    """Say under which name each field of `right` goes when it is put after those of `left`.

    >>> renaming(["text", "text_1"], ["text", "score"])
    {'text': 'text_2', 'score': 'score'}
    """
    taken, names = list(left), {}
    for name in right:
        names[name] = distinct(name, taken)
        taken.append(names[name])
    return names


def concat_values(left: dict[str, Json], left_schema: Schema, right: dict[str, Json], right_schema: Schema) -> Json:
    """Put the fields of both values together, named as in `concat` of their schemas.

    A declared field that is absent still takes its name; fields that no schema
    declares come last, under names that are free.
    """
    mine, others = _declared(left, left_schema), _declared(right, right_schema)
    names = renaming(mine, others)
    merged = {name: left[name] for name in left if name in mine}
    merged |= {names[name]: right[name] for name in right if name in names}
    for value, declared in ((left, mine), (right, others)):
        for name in value:
            if name not in declared:
                merged[distinct(name, [*mine, *names.values(), *merged])] = value[name]
    return merged


def mask(schema: Schema, keep: Iterable[str]) -> Schema:
    """Describe only the fields named in `keep`, in the order of the schema."""
    wanted = set(keep)
    masked = []
    for variant in variants(schema):
        fields = {name: field for name, field in variant.get("properties", {}).items() if name in wanted}
        rest = {key: variant[key] for key in ("title", "description", "$defs") if key in variant}
        masked.append(rest | _plain(fields, [name for name in required(variant) if name in fields], _closed(variant)))
    return union(*masked)


def required(schema: Schema) -> list[str]:
    """Give the fields that a plain schema requires."""
    return list(schema.get("required", []))


def contains(outer: Schema, inner: Schema) -> bool:
    """Tell whether every value of `outer` has the fields that some variant of `inner` declares.

    Names and types must agree; titles, descriptions and defaults may differ.
    """
    return all(any(_covers(one, other) for other in variants(inner)) for one in variants(outer))


def describe(schema: Schema) -> str:
    """Name the fields and types of a schema in a few words, for messages and drawings.

    >>> describe({"properties": {"grid": {"type": "array", "items": {"type": "integer"}}, "note": {"type": "string"}}})
    'grid: array of integer, note: string'
    """
    words = (
        ", ".join(f"{name}: {_type(field, one.get('$defs', {}))}" for name, field in one.get("properties", {}).items())
        for one in variants(schema)
    )
    return " | ".join(words)


def listed(schema: Schema) -> str:
    """Write a line for each field of a schema, with its type and its description, for whoever is to fill them in.

    >>> print(listed({"properties": {"n": {"type": "integer", "description": "How many."}, "note": {}}}))
    - n (integer): How many.
    - note (any)
    """
    return "\nor these:\n".join(
        "\n".join(_line(name, field, one.get("$defs", {})) for name, field in one.get("properties", {}).items())
        for one in variants(schema)
    )


def _line(name: str, field: Schema, definitions: Mapping[str, Schema]) -> str:
    target = str(field.get("$ref", "")).removeprefix("#/$defs/")
    about = field.get("description") or definitions.get(target, {}).get("description", "")
    return f"- {name} ({_type(field, definitions)})" + (f": {' '.join(about.split())}" if about else "")


def _concat_plain(left: Schema, right: Schema) -> Schema:
    left_body, definitions = _with_definitions(left, {})
    right_body, definitions = _with_definitions(right, definitions)
    mine, others = left_body.get("properties", {}), right_body.get("properties", {})
    names = renaming(mine, others)
    fields = mine | {names[name]: field for name, field in others.items()}
    needed = [name for name in required(left_body) if name in mine]
    needed += [names[name] for name in required(right_body) if name in names]
    merged = _plain(fields, needed, _closed(left_body) and _closed(right_body))
    return merged | ({"$defs": definitions} if definitions else {})


def _plain(fields: Schema, needed: list[str], closed: bool) -> Schema:
    rest = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": fields, "required": needed, **rest}


def _closed(plain: Schema) -> bool:
    """Tell whether a plain schema admits no other fields than those it declares."""
    return plain.get("additionalProperties") is False and "patternProperties" not in plain


def _declared(value: dict[str, Json], schema: Schema) -> list[str]:
    """Give the fields that a schema declares; of a union, those of the variant that the value fits."""
    kinds = variants(schema)
    kind = kinds[0] if len(kinds) == 1 else next((kind for kind in kinds if Validator(kind).fits(value)), kinds[0])
    return list(kind.get("properties", {}))


def _with_definitions(schema: Schema, known: Mapping[str, Schema]) -> tuple[Schema, dict[str, Schema]]:
    """Move the definitions of `schema` into `known`, renaming those whose name means something else there."""
    definitions, names = dict(known), {}
    own = schema.get("$defs", {})
    # One that means something else may change the meaning of those that refer to it, so all shared ones are renamed.
    clash = any(definitions.get(name, definition) != definition for name, definition in own.items())
    for name in own:
        names[name] = distinct(name, [*definitions, *own]) if clash and name in definitions else name
    for name, definition in own.items():
        definitions[names[name]] = _renamed(definition, names)
    return _renamed({key: value for key, value in schema.items() if key != "$defs"}, names), definitions


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    """Point the references in a part of a schema to the new names of its definitions."""
    if isinstance(part, list):
        return [_renamed(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    renamed = {key: _renamed(value, names) for key, value in part.items()}
    target = part.get("$ref")
    if isinstance(target, str) and target.startswith("#/$defs/"):
        renamed["$ref"] = "#/$defs/" + names.get(target[8:], target[8:])
    return renamed


def _references(part: Any) -> Iterator[tuple[str, str]]:
    """Give each `$ref` and `$schema` in a part of a schema, with what it names."""
    if isinstance(part, list):
        for item in part:
            yield from _references(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("$ref", "$schema") and isinstance(value, str):
                yield key, value
            yield from _references(value)


def _covers(outer: Schema, inner: Schema) -> bool:
    mine, wanted = outer.get("properties", {}), inner.get("properties", {})
    return all(
        name in mine and _bare(mine[name], outer.get("$defs", {})) == _bare(field, inner.get("$defs", {}))
        for name, field in wanted.items()
    )


def _bare(part: Any, definitions: Mapping[str, Schema], within: tuple[str, ...] = ()) -> Any:
    """Resolve references and drop what does not change the values admitted; a recursive reference becomes its depth."""
    if isinstance(part, list):
        return [_bare(item, definitions, within) for item in part]
    if not isinstance(part, dict):
        return part
    target = part.get("$ref")
    if isinstance(target, str) and (name := target.removeprefix("#/$defs/")) in definitions:
        if name in within:
            return {"$ref": within.index(name)}
        return _bare(definitions[name], definitions, (*within, name))
    bare = {}
    for key, value in part.items():
        if key == "properties":
            bare[key] = {name: _bare(field, definitions, within) for name, field in value.items()}
        elif key not in ANNOTATIONS and key != "$defs":
            bare[key] = _bare(value, definitions, within)
    return bare


def _type(field: Schema, definitions: Mapping[str, Schema]) -> str:
    target = field.get("$ref")
    if isinstance(target, str):
        return target.removeprefix("#/$defs/")
    if "anyOf" in field:
        return " or ".join(_type(one, definitions) for one in field["anyOf"])
    if field.get("type") == "array" and "items" in field:
        return f"array of {_type(field['items'], definitions)}"
    return str(field.get("type", "any"))


def _clipped(text: str) -> str:
    if len(text) <= LONGEST_MESSAGE:
        return text
    half = LONGEST_MESSAGE // 2
    return f"{text[:half]} ... {text[-half:]}"

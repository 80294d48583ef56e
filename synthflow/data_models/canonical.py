"""Canonical JSON: what two values are is compared by a digest of their content."""

import json
from hashlib import blake2b

import orjson

from synthflow.data_models.schema import Json


def canonical(value: Json) -> bytes:
    """Write JSON in one form: keys sorted, no spaces.

    What orjson cannot write (an integer over 64 bits, half of a surrogate pair)
    the slower standard library writes.

    Raises:
        TypeError: The value is not JSON.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def plain(value: Json) -> Json:
    """Copy a value as JSON would return it: tuples become lists, keys become strings.

    >>> plain({"grid": ((1, 2), (3, 4))})
    {'grid': [[1, 2], [3, 4]]}
    """
    try:
        return orjson.loads(orjson.dumps(value))
    except TypeError:  # and orjson would read an integer over 64 bits as a float
        return json.loads(json.dumps(value))


def digest(value: Json) -> str:
    """Name a JSON value by its content, in 32 hexadecimal digits.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return blake2b(canonical(value), digest_size=16).hexdigest()

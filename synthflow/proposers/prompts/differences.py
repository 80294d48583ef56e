"""Differences: where an answer departs from the true one, since models compare long lists badly."""

from collections.abc import Iterator
from itertools import islice

from synthflow.data_models.schema import Json
from synthflow.proposers.prompts.layout import one_line

LISTED = 8
"""How many differences are told."""
LONGEST = 40
"""Characters of a value that are told."""


def differences(answer: Json, truth: Json) -> list[str]:
    """Say where two JSON values differ, the first few places of many.

    >>> differences({"grid": [[1, 2], [3]]}, {"grid": [[1, 0], [3, 4]]})
    ['$.grid[0][1] is 2, not 0', '$.grid[1] has 1 item, not 2']
    """
    found = _walk(answer, truth, "$")
    told = list(islice(found, LISTED))
    more = sum(1 for _ in found)
    return [*told, f"and {more:,} more"] if more else told


def _walk(answer: Json, truth: Json, where: str) -> Iterator[str]:
    if isinstance(answer, dict) and isinstance(truth, dict):
        for key in dict.fromkeys([*truth, *answer]):
            if key not in answer or key not in truth:
                yield f"{where}.{key} is {'missing' if key in truth else 'not wanted'}"
            else:
                yield from _walk(answer[key], truth[key], f"{where}.{key}")
    elif isinstance(answer, list) and isinstance(truth, list):
        if len(answer) != len(truth):
            yield f"{where} has {len(answer)} item{'s' * (len(answer) != 1)}, not {len(truth)}"
        else:
            for index, (mine, true) in enumerate(zip(answer, truth, strict=True)):
                yield from _walk(mine, true, f"{where}[{index}]")
    elif answer != truth:
        yield f"{where} is {_short(answer)}, not {_short(truth)}"


def _short(value: Json) -> str:
    text = one_line(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."

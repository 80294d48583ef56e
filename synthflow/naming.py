"""Names: how a class is called in a graph, and how equal names are told apart."""

import re
from collections.abc import Iterable
from functools import cache


@cache
def snake_case(name: str) -> str:
    """Turn a class name into the name that its instances have in a graph.

    >>> snake_case("PythonSynthesis"), snake_case("OMEGA"), snake_case("LMAsJudge")
    ('python_synthesis', 'omega', 'lm_as_judge')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def distinct(name: str, taken: Iterable[str]) -> str:
    """Give `name`, or `name_1`, `name_2` ... : the first that is not taken.

    >>> distinct("answer", ["answer", "answer_1"])
    'answer_2'
    """
    used = set(taken)
    number, candidate = 0, name
    while candidate in used:
        number += 1
        candidate = f"{name}_{number}"
    return candidate

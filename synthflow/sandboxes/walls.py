"""What a script may do in Monty, in words for whoever writes one.

The words are made of the tables below. A test runs every snippet in them in the
installed Monty: what is said to work works, and what is said to fail fails with
the error named, so the words cannot drift from the truth.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from synthflow.sandboxes.sandbox import Limits


@dataclass(frozen=True)
class Wall:
    """Something that plain Python has and Monty lacks."""

    construct: str
    """What fails, as it is named to a writer."""
    fails: str
    """A script that meets the wall."""
    error: str
    """A pattern that is found in the error, and in no other wall's."""
    advice: str
    """What to write instead, in words."""
    works: str
    """The same script, written so."""


WORKING = (
    ("functions, closures, recursion, lambda, default and starred arguments", "f = lambda n, *a: n\nresult = f(1, 2)"),
    ("comprehensions and generator expressions as arguments", "result = sum(x * x for x in range(4))"),
    ("slicing, unpacking, the walrus, f-strings", "a, *b = [1, 2, 3]\nresult = f'{(n := a)}{b[::-1]}'"),
    ("try / except / finally, raise, assert", "try:\n    assert False\nexcept AssertionError:\n    result = 1"),
    ("while / for with else, break and continue", "for i in range(3):\n    pass\nelse:\n    result = i"),
    ("match statements", "match [1, 2]:\n    case [a, b]:\n        result = a + b"),
    ("plain classes without a base class", "class A:\n    def f(self):\n        return 1\nresult = A().f()"),
    (
        "@dataclass",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nresult = P(1).x",
    ),
    (
        "type hints in signatures",
        "from typing import List\ndef f(g: List[List[int]]) -> int:\n    return 1\nresult = f([])",
    ),
)
"""What works, with a script that shows it."""

MODULES = (
    ("asyncio", "run gather sleep"),
    ("base64", ""),
    ("binascii", ""),
    ("bisect", ""),
    ("collections", "Counter defaultdict deque namedtuple"),
    ("copy", ""),
    ("csv", ""),
    ("dataclasses", "dataclass field is_dataclass"),
    ("datetime", ""),
    ("decimal", ""),
    ("functools", "cache lru_cache partial reduce"),
    ("hashlib", ""),
    ("itertools", ""),
    ("json", ""),
    ("math", ""),
    ("os", ""),
    ("pathlib", "Path"),
    ("random", ""),
    ("re", ""),
    ("sys", ""),
    ("time", ""),
    ("tomllib", ""),
    ("typing", ""),
    ("unicodedata", ""),
)
"""Modules that can be imported; where names are given, only these are there."""

ABSENT_MODULES = ("abc", "enum", "fractions", "heapq", "io", "numpy", "operator", "pandas", "statistics", "string")
"""Modules that writers reach for, and that cannot be imported."""

ABSENT_BUILTINS = ("bytearray", "callable", "classmethod", "dir", "globals", "input", "issubclass", "super", "vars")
"""Built-in names that writers reach for, and that are not there."""

_METHODS = "get|append|add|count|index|upper|lower|strip|split|join|keys|values|items|union|extend|pop"

WALLS = (
    Wall(
        "`yield`",
        "def f():\n    yield 1\nresult = list(f())",
        r"yield expressions",
        "collect the items in a list and return it",
        "def f():\n    items = []\n    items.append(1)\n    return items\nresult = f()",
    ),
    Wall(
        "`del`",
        "d = {'a': 1}\ndel d['a']\nresult = d",
        r"the 'del' statement",
        "call d.pop(key) or build a new list or dict without the item",
        "d = {'a': 1}\nd.pop('a')\nresult = d",
    ),
    Wall(
        "a class with a base class, such as `class E(Exception)`",
        "class E(Exception):\n    pass\nresult = 1",
        r"class inheritance",
        "use plain functions, dicts or a class without a base; raise ValueError",
        "try:\n    raise ValueError('odd')\nexcept ValueError as error:\n    result = str(error)",
    ),
    Wall(
        "an exception made of anything but one text, such as `ValueError(3)` or `SystemExit(1)`",
        "raise ValueError('odd', 3)",
        r"exceptions can only be called with zero or one string argument",
        "give the exception one string: raise ValueError(f'odd: {n}')",
        "try:\n    raise ValueError(f'odd: {3}')\nexcept ValueError as error:\n    result = str(error)",
    ),
    Wall(
        "@property, @staticmethod and @classmethod",
        "class A:\n    @property\n    def x(self):\n        return 1\nresult = A().x",
        r"method decorators",
        "write a plain method or a function",
        "class A:\n    def x(self):\n        return 1\nresult = A().x()",
    ),
    Wall(
        "`next()` on a generator expression",
        "result = next(x for x in [1, 2] if x > 1)",
        r"'list' object is not an iterator",
        "take the first item of a list: [x for x in xs if ...][0], or write a for loop with break",
        "result = [x for x in [1, 2] if x > 1][0]",
    ),
    Wall(
        "a method of a built-in value that is passed or stored, such as `key=d.get`",
        "d = {'a': 1}\nresult = max(d, key=d.get)",
        rf"(?:'(?:dict|list|set|str|tuple)' object|type object '\w+') has no attribute '(?:{_METHODS})'",
        "wrap the call in a lambda: key=lambda k: d[k]",
        "d = {'a': 1}\nresult = max(d, key=lambda k: d[k])",
    ),
    Wall(
        "a typing alias that is evaluated, such as `Grid = List[List[int]]`",
        "from typing import List\nGrid = List[List[int]]\nresult = 1",
        r"'typing\._SpecialForm' object is not subscriptable",
        "use the built-in types: Grid = list[list[int]]",
        "Grid = list[list[int]]\nresult = 1",
    ),
    Wall(
        "any other import",
        "import heapq\nresult = 1",
        r"No module named",
        "import only " + ", ".join(name for name, _ in MODULES),
        "import bisect\nresult = 1",
    ),
    Wall(
        "`sys.exit()`",
        "import sys\nresult = 1\nsys.exit()",
        r"module 'sys' has no attribute 'exit'",
        "let the script run to its end, after `result` is assigned",
        "result = 1",
    ),
    Wall(
        "files",
        "result = open('data.txt').read()",
        r"Permission denied",
        "read `inputs`; there are no files",
        "result = list(inputs)",
    ),
    Wall(
        "environment variables",
        "import os\nresult = os.environ['HOME']",
        r"not supported in this environment",
        "read `inputs`; there is no environment",
        "result = list(inputs)",
    ),
    Wall(
        "the built-in names " + ", ".join(ABSENT_BUILTINS),
        "result = callable(len)",
        rf"name '(?:{'|'.join(ABSENT_BUILTINS)})' is not defined",
        "use isinstance, type and plain functions",
        "result = len([])",
    ),
)
"""What fails, with what to write instead."""


TOOL_WALL = Wall(
    "calling a tool inside map, filter, or the key of a sort",
    "result = list(map(lambda n: tool(n), [1, 2]))",
    r"external function '_tool' cannot suspend in this synchronous context",
    "call it in a loop or a list comprehension",
    "result = [tool(n) for n in [1, 2]]",
)
"""What fails with tools."""


def describe_tools(tools: Sequence[str], limits: Limits) -> str:
    """Describe to a script writer what tools there are.

    Args:
        tools: Each tool in words.
        limits: What one run may use.

    Returns:
        Plain text to follow `describe_walls`.
    """
    listed = "\n".join(f"- {tool}" for tool in tools)
    return (
        "\nTools: functions outside the sandbox that the script may call by name. They take and return JSON; one that "
        f"fails raises an exception with the reason.\n{listed}\n"
        f"What fails: {TOOL_WALL.construct}. Instead: {TOOL_WALL.advice}.\n"
        f"A run may call tools {limits.tool_calls:,} times, and take {limits.wall_time:g} seconds with them in all.\n"
    )


def describe_walls(limits: Limits) -> str:
    """Describe to a script writer what the sandbox allows.

    Args:
        limits: What one run may use.

    Returns:
        Plain text of several paragraphs, for a prompt.
    """
    modules = ", ".join(f"{name} (only {', '.join(names.split())})" if names else name for name, names in MODULES)
    failing = "\n".join(f"- {wall.construct}. Instead: {wall.advice}." for wall in WALLS)
    return (
        "The script runs in Monty, a restricted Python interpreter without files, network, environment or host clock.\n"
        "It reads the dict `inputs`, which is JSON, and assigns its answer, which must be JSON, to the variable "
        "`result` at the top level. Nothing else is read or returned; what it prints is shown as feedback only.\n"
        f"\nWhat works: {'; '.join(name for name, _ in WORKING)}.\n"
        f"\nWhat can be imported: {modules}. Not: {', '.join(ABSENT_MODULES)}, or any other library.\n"
        f"\nWhat fails:\n{failing}\n"
        f"\nLimits: {limits.timeout:g} seconds, {limits.memory} MiB of memory, {limits.recursion:,} nested calls, "
        f"{limits.source:,} characters of source, {limits.result:,} characters of `result` as JSON, "
        f"{limits.printed:,} characters of output kept. The clock stands still, sleep returns at once, "
        "and random starts from the same seed in every run.\n"
    )


def instead(message: str) -> str:
    """Find what to write instead of what failed.

    Args:
        message: The error, without its traceback.

    Returns:
        A sentence, or "" if the error is not one of a wall.

    >>> instead("NameError: name 'x' is not defined")
    ''
    """
    for wall in (*WALLS, TOOL_WALL):
        if re.search(wall.error, message):
            return f"{wall.advice[0].upper()}{wall.advice[1:]}."
    return ""

"""Layout: how JSON and source text stand in a prompt, so that a model reads them easily and few tokens are spent."""

import re

from synthflow.data_models.canonical import canonical
from synthflow.data_models.schema import Json

WIDTH = 100
"""Characters of JSON that stand on one line."""
DEEPEST = 12
"""How deep lists and objects are broken into lines."""


def laid_out(value: Json, depth: int = 0) -> str:
    """Write JSON with sorted keys; a list of lists, such as a grid, has a line for each.

    >>> print(laid_out({"grid": [[1, 0], [0, 1]], "n": 2}))
    {"grid":[
      [1,0],
      [0,1]],
     "n":2}
    """
    line = canonical(value).decode()
    if depth >= DEEPEST or _fits_a_line(value, line):
        return line
    indent = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        items = [f"{canonical(key).decode()}:{laid_out(value[key], depth + 1)}" for key in sorted(value)]
        return "{" + f",{indent}".join(items) + "}"
    return f"[{indent}" + f",{indent}".join(laid_out(item, depth + 1) for item in value) + "]"


def fenced(text: str, language: str = "") -> str:
    """Put a text between fences that are longer than any it holds.

    >>> print(fenced("x = 1", "python"))
    ```python
    x = 1
    ```
    """
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def unfenced(script: str) -> str:
    r"""Take a script out of the Markdown fence in which a model wrapped it.

    >>> unfenced("```python\nresult = 1\n```")
    'result = 1'
    """
    wrapped = re.fullmatch(r"\s*(`{3,})\w*[ \t]*\r?\n(.*?)\r?\n?[ \t]*\1\s*", script, re.DOTALL)
    return wrapped[2] if wrapped else script


def _fits_a_line(value: Json, line: str) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not any(isinstance(item, (dict, list)) for item in items):
        return not isinstance(value, dict) or len(line) <= WIDTH
    return len(line) <= WIDTH and "[[" not in line

"""Layout: how JSON, source text, values and sections stand in a prompt, easy to read and with few tokens spent."""

import json
import re

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json
from synthflow.proposers.prompts.trimming import GAP
from synthflow.search.protocols import VariableInfo

SCRIPT = "python_script"
"""The field that holds a script."""
LONGEST = 4_000
"""Characters of one text that a candidate made (an answer, an error); longer ones lose their middle."""
WIDTH = 100
"""Characters of JSON that stand on one line."""
DEEPEST = 12
"""How deep lists and objects are broken into lines."""


def one_line(value: Json) -> str:
    """Write JSON without the spaces, which in a grid would be half of what is paid for; keys keep their order.

    >>> one_line({"grid": [[1, 0]], "city": "Zürich"})
    '{"grid":[[1,0]],"city":"Zürich"}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def laid_out(value: Json, depth: int = 0) -> str:
    """Write JSON with a line for each list in a list, such as a grid; keys keep their order.

    >>> print(laid_out({"n": 2, "grid": [[1, 0], [0, 1]]}))
    {"n":2,
     "grid":[
      [1,0],
      [0,1]]}
    """
    line = one_line(value)
    if depth >= DEEPEST or _fits_a_line(value, line):
        return line
    indent = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        items = [f"{one_line(key)}:{laid_out(part, depth + 1)}" for key, part in value.items()]
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


def section(title: str, text: str) -> str:
    """Put a title above a text; '' when there is no text."""
    return f"# {title}\n\n{text.strip()}" if text.strip() else ""


def value_shown(value: Json) -> str:
    """Write a variable's value so that its texts can be read as they are."""
    if not isinstance(value, dict):
        return fenced(laid_out(value), "json")
    return GAP.join(f"`{name}`:\n{_fenced_field(name, part)}" for name, part in value.items())


def noun_of(info: VariableInfo) -> str:
    """Say what a variable holds: a script, a text or a value."""
    if holds_script(info):
        return "script"
    return "text" if list(schemas.properties(info.schema)) == ["instructions"] else "value"


def holds_script(info: VariableInfo) -> bool:
    """Tell whether a variable holds a script."""
    return SCRIPT in schemas.properties(info.schema)


def _fenced_field(name: str, part: Json) -> str:
    if isinstance(part, str):
        return fenced(part, "python" * (name == SCRIPT))
    return fenced(laid_out(part), "json")


def _fits_a_line(value: Json, line: str) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not any(isinstance(item, (dict, list)) for item in items):
        return not isinstance(value, dict) or len(line) <= WIDTH
    return len(line) <= WIDTH and "[[" not in line

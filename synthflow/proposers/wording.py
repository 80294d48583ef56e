"""Wording: what a variable is called in a prompt, and how its value and a section stand in it."""

from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json
from synthflow.proposers.layout import fenced, laid_out
from synthflow.proposers.trimming import GAP
from synthflow.search.protocols import VariableInfo

SCRIPT = "python_script"
"""The field that holds a script."""
LONGEST = 4_000
"""Characters of one text that a candidate made (an answer, an error); longer ones lose their middle."""


def section(title: str, text: str) -> str:
    """Put a title above a text; '' when there is no text."""
    return f"# {title}\n\n{text.strip()}" if text.strip() else ""


def noun_of(info: VariableInfo) -> str:
    """Say what a variable holds: a script, a text or a value."""
    if holds_script(info):
        return "script"
    return "text" if list(schemas.properties(info.schema)) == ["instructions"] else "value"


def holds_script(info: VariableInfo) -> bool:
    """Tell whether a variable holds a script."""
    return SCRIPT in schemas.properties(info.schema)


def value_shown(value: Json) -> str:
    """Write a value so that its texts can be read as they are."""
    if not isinstance(value, dict):
        return fenced(laid_out(value), "json")
    return GAP.join(f"`{name}`:\n{_fenced_field(name, part)}" for name, part in value.items())


def _fenced_field(name: str, part: Json) -> str:
    if isinstance(part, str):
        return fenced(part, "python" * (name == SCRIPT))
    return fenced(laid_out(part), "json")

"""Shows the doctest at the end of a docstring as an example, where Markdown would see quotations."""

import re
from textwrap import indent
from typing import Any

import griffe

DOCTEST = re.compile(r"^>>> .*", re.MULTILINE | re.DOTALL)


class Doctests(griffe.Extension):
    """Puts each doctest under the heading that the Google style has for it."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring, in memory."""
        if obj.docstring is not None:
            obj.docstring.value = DOCTEST.sub(_as_section, obj.docstring.value)


def _as_section(doctest: re.Match[str]) -> str:
    return "Examples:\n" + indent(doctest.group(), "    ")

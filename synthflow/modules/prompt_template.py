"""PromptTemplate: a jinja2 template that becomes a system message.

A template comes from a person or from a saved file, so it is rendered in
jinja2's sandbox: it reads what it is given, and reaches nothing else. It is made of
the little that a message needs, of which nothing can run for long or grow without
bounds: to make one computes nothing, and to render one takes time in proportion to
the template and to the cube of what it is given: filters inside of a loop inside of a loop.
"""

import json
from collections.abc import Iterator
from typing import Any

from synthflow.data_models.schema import Json

VARIABLES = ("instructions", "inputs_schema", "outputs_schema", "examples")
"""What a template may read. A schema that is not to be shown is None; each example has `inputs` and `outputs`."""

DEFAULT_TEMPLATE = """
{{ instructions }}
{% if inputs_schema %}

JSON schema of the input:
{{ inputs_schema | json }}
{% endif %}
{% if outputs_schema %}

JSON schema of the answer:
{{ outputs_schema | json }}
{% endif %}
{% if examples %}

Inputs with their right answers:
{% for example in examples %}

Input: {{ example.inputs | json }}
Answer: {{ example.outputs | json }}
{% endfor %}
{% endif %}
"""
"""The template of whoever gives none."""

LONGEST = 10_000_000
"""Characters of a message; a longer one is refused."""
DEEPEST = 2
"""Loops, one inside the other."""

# fmt: off
ALLOWED = frozenset([
    "Template", "TemplateData", "Output", "Name", "Const", "List", "Tuple", "Dict", "Pair", "Keyword", "Getattr",
    "Getitem", "Slice", "Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "Neg", "Pos", "Add", "Sub",
    "CondExpr", "If", "For",
])
"""What a template may be made of, as jinja2 calls it."""
FILTERS = frozenset([
    "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "last", "length", "list",
    "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "title",
    "trim", "unique", "upper",
])
"""The filters of jinja2 that it may use."""
# fmt: on
METHODS = frozenset(["get", "items", "keys", "lower", "strip", "title", "upper", "values"])
"""What it may call, of texts and of objects."""


class PromptTemplate:
    """A template, compiled once.

    It reads the variables named in `VARIABLES`. What is no text is written as JSON, with the
    filter `json` or without; nothing is escaped for HTML. There are loops, conditions, comparisons,
    `+` and `-`, and the filters of `FILTERS`; there are no functions, no macros and no other files.

    Args:
        source: The template; None takes `DEFAULT_TEMPLATE`.

    Raises:
        ValueError: It is no jinja2, is made of what it may not be, or reads a variable that is not there.

    >>> PromptTemplate("Do: {{ instructions }}; {{ examples }}").render("add", None, None, [{"inputs": None}])
    'Do: add; [{"inputs": null}]'
    """

    def __init__(self, source: str | None = None) -> None:
        from jinja2 import TemplateError, meta

        environment = _environment()
        text = DEFAULT_TEMPLATE if source is None else source
        try:
            tree = environment.parse(text)
            named = meta.find_undeclared_variables(tree)
            if unusable := next(_unusable(tree), ""):
                raise ValueError(
                    f"prompt_template cannot be used: there is {unusable} in it.\n"
                    "  {% for example in examples %}{{ example.inputs }}{% endfor %}   <- loops, conditions and filters"
                )
            self._template = environment.from_string(text)
        except (TemplateError, TypeError, SyntaxError, RecursionError) as error:
            raise ValueError(f"prompt_template is no jinja2 template: {error}.") from error
        if unknown := sorted(named - set(VARIABLES)):
            raise ValueError(
                f"prompt_template reads {unknown[0]!r}, which is not there; there are {', '.join(VARIABLES)}."
            )

    def render(self, instructions: str, inputs_schema: Json, outputs_schema: Json, examples: Json) -> str:
        """Write the message; the arguments are the variables.

        Raises:
            ValueError: The template fails on them, or writes more than `LONGEST` characters.
        """
        parts, length = [], 0
        try:
            for part in self._template.generate(
                instructions=instructions, inputs_schema=inputs_schema, outputs_schema=outputs_schema, examples=examples
            ):
                parts.append(part)
                length += len(part)
                if length > LONGEST:
                    raise ValueError(f"it writes more than {LONGEST:,} characters")
        except Exception as error:  # whatever the template reads may be missing
            raise ValueError(f"prompt_template cannot be rendered: {type(error).__name__}: {error}.") from error
        return "".join(parts).strip()


def _environment() -> Any:
    from jinja2 import StrictUndefined, Undefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def finalize(value: Any) -> Any:
        return value if isinstance(value, (str, Undefined)) else as_text(value)

    @pass_context  # which also keeps it from being computed when a template is made
    def written(_: Any, value: Any) -> str:
        if isinstance(value, str) and len(value) > LONGEST:  # JSON of JSON of JSON doubles each time
            raise ValueError(f"a text has more than {LONGEST:,} characters")
        return as_text(value)

    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS} | {"json": written, "tojson": written}
    return environment


def _unusable(node: Any, loops: int = 0) -> Iterator[str]:
    """Tell what a part of a template is made of and may not be."""
    kind = type(node).__name__
    if kind == "Call":
        called = getattr(node.node, "attr", getattr(node.node, "name", "something"))
        if type(node.node).__name__ != "Getattr" or called not in METHODS:
            yield f"a call of {called!r}"
    elif kind not in ALLOWED:
        yield f"a {kind!r} of jinja2"
    loops += kind == "For"
    if loops > DEEPEST:
        yield f"a loop inside of {DEEPEST} others"
    for child in node.iter_child_nodes():
        yield from _unusable(child, loops)


def as_text(value: Json) -> str:
    """Write JSON for a model to read: as it is spelled, and half a character as `?`.

    >>> as_text({"city": "Zürich"})
    '{"city": "Zürich"}'
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()

"""PromptTemplate: a jinja2 template that becomes a system message.

A template comes from a person or from a saved file, so it is rendered in
jinja2's sandbox: it reads what it is given, and reaches nothing else.
"""

import json

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


class PromptTemplate:
    """A template, compiled once.

    It reads the variables named in `VARIABLES`, and has the filter `json`, which writes a
    value as JSON and escapes nothing for HTML.

    Args:
        source: The template; None takes `DEFAULT_TEMPLATE`.

    Raises:
        ValueError: It is no jinja2, or reads a variable that is not there.

    >>> PromptTemplate("Do: {{ instructions }}").render("add", None, None, [])
    'Do: add'
    """

    def __init__(self, source: str | None = None) -> None:
        from jinja2 import StrictUndefined, TemplateError, meta
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters |= {"json": as_text, "tojson": as_text}
        text = DEFAULT_TEMPLATE if source is None else source
        try:
            named = meta.find_undeclared_variables(environment.parse(text))
            self._template = environment.from_string(text)
        except (TemplateError, TypeError) as error:
            raise ValueError(f"prompt_template is no jinja2 template: {error}.") from error
        if unknown := sorted(named - set(VARIABLES) - set(environment.globals)):
            raise ValueError(
                f"prompt_template reads {unknown[0]!r}, which is not there; there are {', '.join(VARIABLES)}."
            )

    def render(self, instructions: str, inputs_schema: Json, outputs_schema: Json, examples: Json) -> str:
        """Write the message; the arguments are the variables.

        Raises:
            ValueError: The template fails on them.
        """
        try:
            text = self._template.render(
                instructions=instructions, inputs_schema=inputs_schema, outputs_schema=outputs_schema, examples=examples
            )
        except Exception as error:  # whatever the template calls may raise
            raise ValueError(f"prompt_template cannot be rendered: {type(error).__name__}: {error}.") from error
        return text.strip()


def as_text(value: Json) -> str:
    """Write JSON for a model to read: as it is spelled, and half a character as `?`.

    >>> as_text({"city": "Zürich"})
    '{"city": "Zürich"}'
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()

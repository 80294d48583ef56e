"""A prompt template writes JSON as a model should read it, and reaches nothing but its variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.modules.prompt_template import PromptTemplate, as_text

EXAMPLE = {"inputs": {"q": "2 < 3 & 'so on'"}, "outputs": {"a": True, "b": None}}


def test_the_default_shows_what_there_is():
    """Instructions, schemas and examples, in this order."""
    text = PromptTemplate().render("Add.", {"title": "In"}, {"title": "Out"}, [EXAMPLE])

    assert text.startswith("Add.\n\nJSON schema of the input:\n")
    assert text.index('{"title": "In"}') < text.index('{"title": "Out"}') < text.index("right answers")
    assert text.endswith("""Input: {"q": "2 < 3 & 'so on'"}\nAnswer: {"a": true, "b": null}""")


def test_the_default_does_not_mention_what_there_is_not():
    """Without schemas and examples, the instructions are all."""
    assert PromptTemplate().render("Add.", None, None, []) == "Add."


@pytest.mark.parametrize("name", ["json", "tojson"])
def test_a_filter_writes_json(name):
    """Nothing is escaped for HTML, and nothing is Python's."""
    template = PromptTemplate("{{ examples[0].inputs | " + name + " }} {{ instructions }}")

    assert template.render("<b>", None, None, [EXAMPLE]) == """{"q": "2 < 3 & 'so on'"} <b>"""


def test_what_looks_like_a_template_in_a_value_is_text():
    """Instructions are written by a model, and are never rendered themselves."""
    assert PromptTemplate().render("{{ 7 * 7 }}{% for %}", None, None, []) == "{{ 7 * 7 }}{% for %}"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ instruction }}", "reads 'instruction', which is not there; there are instructions, inputs_schema"),
        ("{% if %}", "is no jinja2 template"),
        ("{{ instructions | shout }}", "is no jinja2 template: No filter named 'shout'"),
        ("{% include 'other' %}{{ instructions", "is no jinja2 template"),
        (7, "is no jinja2 template"),
    ],
)
def test_a_template_that_cannot_work_is_refused(source, why):
    """When it is made, with the reason."""
    with pytest.raises(ValueError, match=why):
        PromptTemplate(source)


def test_a_value_is_json_with_the_filter_and_without():
    """Never Python's `None`, `True` and quotes; a text stays a text."""
    template = PromptTemplate(
        "{{ inputs_schema }} {{ examples }} {{ examples[0].outputs.a }} {{ examples[0].outputs.b }} {{ instructions }}"
        " {% for name, value in examples[0].outputs.items() %}{{ loop.index }} {{ name }}: {{ value }}; {% endfor %}"
        "{{ examples | map(attribute='outputs') | list }}"
    )

    text = template.render("'x'", None, None, [{"inputs": {"q": "it's"}, "outputs": {"a": True, "b": None}}])

    assert text == (
        """null [{"inputs": {"q": "it's"}, "outputs": {"a": true, "b": null}}] true null 'x' """
        """1 a: true; 2 b: null; [{"a": true, "b": null}]"""
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x' * 10 ** 12 }}",
        "{{ '%999999999999d' % 1 }}",
        "{{ 'x' | center(10 ** 12) }}",
        "{{ 'x' | center(999999999999) }}",
        "{{ 'x' | indent(999999999999) }}",
        "{{ 'x' | replace('x', 'xx') }}",
        "{{ '{:999999999999}'.format(1) }}",
        "{{ 'x'.rjust(999999999999) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{{ instructions }}",
        "{% for a in examples %}{% for b in examples %}{% for c in examples %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in examples recursive %}{{ loop(examples) }}{% endfor %}",
        "{% set x = instructions + instructions %}{% set x = x + x %}{{ x }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{{ lipsum(n=9999) }}",
        "{{ [1, 2] | random }}",
    ],
)
def test_a_template_that_could_run_for_ever_is_refused(source):
    """When it is made, which computes nothing of it: a saved file is loaded in a moment, whatever it holds."""
    with pytest.raises(ValueError, match="prompt_template"):
        PromptTemplate(source)


def test_making_a_template_computes_nothing():
    """JSON of JSON of JSON doubles in length, so it is only written when it is asked for, and then within bounds."""
    template = PromptTemplate("{{ '\"'" + " | json" * 60 + " }}")

    with pytest.raises(ValueError, match="more than 10,000,000 characters"):
        template.render("", None, None, [])


def test_a_message_is_bounded():
    """One that no model reads is not written to its end."""
    template = PromptTemplate(
        "{% for a in examples %}{% for b in examples %}{{ instructions }}{% endfor %}{% endfor %}"
    )

    with pytest.raises(ValueError, match="more than 10,000,000 characters"):
        template.render("x" * 1_000, None, None, [EXAMPLE] * 10_000)


@pytest.mark.parametrize(
    "source",
    [
        "{{ instructions.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ instructions.format.__globals__ }}",
        "{{ '{0.__class__.__mro__}'.format(instructions) }}",
        "{{ examples.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os }}",
        "{{ range(10**9) }}",
        "{{ examples[9].inputs }}",
    ],
)
def test_a_hostile_template_reaches_nothing(source):
    """A file's template cannot leave jinja2's sandbox, nor change what it is given."""
    examples = [EXAMPLE]

    with pytest.raises(ValueError, match="prompt_template"):
        PromptTemplate(source).render("x", None, None, examples)

    assert examples == [EXAMPLE]


@given(st.text())
def test_any_text_can_be_sent(text):
    """Half a character becomes `?`; all else is spelled out."""
    written = as_text({"t": text})

    assert written.encode()
    assert "\\u" not in written or any(ord(character) < 32 for character in text) or "\\u" in text

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

    with pytest.raises(ValueError, match="cannot be rendered"):
        PromptTemplate(source).render("x", None, None, examples)

    assert examples == [EXAMPLE]


@given(st.text())
def test_any_text_can_be_sent(text):
    """Half a character becomes `?`; all else is spelled out."""
    written = as_text({"t": text})

    assert written.encode()
    assert "\\u" not in written or any(ord(character) < 32 for character in text) or "\\u" in text

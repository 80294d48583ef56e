"""A variable is called what it holds."""

import pytest

from synthflow.proposers.wording import noun_of, section, value_shown
from tests.proposers.briefs import about, holds


@pytest.mark.parametrize(
    ("fields", "noun"),
    [
        ({"python_script": "string"}, "script"),
        ({"instructions": "string"}, "text"),
        ({"instructions": "string", "n": "integer"}, "value"),
        ({}, "value"),
    ],
)
def test_a_variable_is_called_by_its_fields(fields, noun):
    """A script, a text, or just a value."""
    assert noun_of(about(schema=holds(**fields))) == noun


def test_a_section_without_text_is_nothing():
    """Not even a title."""
    assert section("Title", " \n") == ""
    assert section("Title", " text\n") == "# Title\n\ntext"


def test_a_value_that_is_no_object_is_shown_as_json():
    """Whoever proposed it."""
    assert value_shown([1]) == "```json\n[1]\n```"

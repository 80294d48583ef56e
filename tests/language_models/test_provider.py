"""Requests are told apart by their content, and by nothing else."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.language_models.provider import Request

HELLO = {"role": "user", "content": "Hello"}
REQUEST = Request("openai/test", (HELLO,))


@pytest.mark.parametrize(
    "change",
    [
        {"model": "openai/other"},
        {"messages": (HELLO, HELLO)},
        {"schema": {"type": "object"}},
        {"tools": ({"type": "function"},)},
        {"temperature": 0.0},
        {"max_tokens": 5},
        {"top_p": 0.5},
        {"reasoning_effort": "low"},
        {"sample": 1},
    ],
)
def test_every_part_of_a_request_matters(change):
    """Requests that differ in one part have different keys."""
    assert dataclasses.replace(REQUEST, **change).key != REQUEST.key


def test_the_order_of_names_does_not_matter():
    """Equal content has an equal key, however its JSON was put together."""
    assert Request("openai/test", ({"content": "Hello", "role": "user"},)).key == REQUEST.key


@given(st.lists(st.text(max_size=50), min_size=1, max_size=4))
def test_a_request_is_never_smaller_than_its_text(texts):
    """No tokenizer makes more tokens of it than its size, even if each byte is one."""
    request = Request("m", tuple({"role": "user", "content": text} for text in texts))

    assert request.size > sum(len(text.encode("utf-8", "replace")) for text in texts)


def test_a_conversation_goes_on():
    """Further messages come after those that were said."""
    assert REQUEST.followed_by({"role": "user", "content": "?"}).messages[1] == {"role": "user", "content": "?"}

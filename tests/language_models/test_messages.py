"""Messages: in whatever form they are given, they are sent in one."""

import pytest

from synthflow.language_models.messages import ChatMessage, ChatMessages, ToolCall, conversation, to_wire


@pytest.mark.parametrize(
    "given",
    [
        "Why?",
        [ChatMessage(role="user", content="Why?")],
        [{"role": "user", "content": "Why?"}],
        ChatMessages(messages=[ChatMessage(role="user", content="Why?")]),
    ],
)
def test_a_question_may_be_given_in_any_form(given):
    """A text, a list of messages, of wire messages, and a conversation are the same question."""
    assert conversation(given) == ({"role": "user", "content": "Why?"},)


@pytest.mark.parametrize("given", [None, 3, [], ["Why?"], {"role": "user", "content": "Why?"}, b"Why?"])
def test_what_is_no_question_is_refused(given):
    """The error shows how to ask."""
    with pytest.raises(TypeError, match=r"await model\(\[ChatMessage"):
        conversation(given)


def test_tool_calls_are_written_as_json_text():
    """The wire format wants the arguments of a call as text."""
    call = ToolCall(id="1", name="search", arguments={"query": "x"})

    wire = to_wire(ChatMessage(role="assistant", tool_calls=[call]))

    assert wire["tool_calls"] == [
        {"id": "1", "type": "function", "function": {"name": "search", "arguments": '{"query":"x"}'}}
    ]


def test_a_wire_message_stays_as_it_is():
    """What is already written as it is sent keeps its calls, and all else that it says."""
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": '{"query": "x"}'}}
    said = {"role": "assistant", "content": None, "tool_calls": [call], "name": "me", "refusal": None}

    assert to_wire(said) == {**said, "content": ""}


def test_a_tool_says_which_call_it_answers():
    """The message of a tool names the call."""
    wire = to_wire(ChatMessage(role="tool", content="found", tool_call_id="1"))

    assert wire == {"role": "tool", "content": "found", "tool_call_id": "1"}

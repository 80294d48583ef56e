"""Messages: what is said to a language model, and by it."""

from collections.abc import Sequence
from typing import Any, Literal

from synthflow.data_models.canonical import canonical
from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.schema import Json

Wire = dict[str, Json]
"""A message as the OpenAI wire format has it."""


class ToolCall(DataModel):
    """A function that a model wants to be called."""

    id: str = Field(description="Tells the calls of one message apart.")
    name: str = Field(description="The name of the function.")
    arguments: dict[str, Any] = Field(description="Its arguments by name.")


class ChatMessage(DataModel):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"] = Field(description="Who speaks.")
    content: str = Field(default="", description="What is said.")
    tool_calls: list[ToolCall] = Field(default=[], description="Functions that an assistant wants to be called.")
    tool_call_id: str = Field(default="", description="Of a tool's message: the call that it answers.")


class ChatMessages(DataModel):
    """A conversation."""

    messages: list[ChatMessage] = Field(default=[], description="The messages, the oldest first.")


def to_wire(message: ChatMessage | Wire) -> Wire:
    """Write a message as it is sent; of one in the OpenAI wire format, all that it says stays.

    >>> to_wire(ChatMessage(role="user", content="Why?"))
    {'role': 'user', 'content': 'Why?'}
    """
    said = message.get_json() if isinstance(message, ChatMessage) else message
    wire: Wire = {"role": said["role"], "content": said.get("content") or ""}
    if said.get("tool_calls"):
        wire["tool_calls"] = [_wire_call(call) for call in said["tool_calls"]]
    if said.get("tool_call_id"):
        wire["tool_call_id"] = said["tool_call_id"]
    return wire | {name: part for name, part in said.items() if name not in ChatMessage.model_fields}


def _wire_call(call: Wire) -> Wire:
    if "function" in call:
        return call
    function = {"name": call["name"], "arguments": canonical(call["arguments"]).decode()}
    return {"id": call["id"], "type": "function", "function": function}


def conversation(messages: "str | ChatMessages | Sequence[ChatMessage | Wire]") -> tuple[Wire, ...]:
    """Take what is said to a model in any of its forms: one question, or a conversation.

    Raises:
        TypeError: It is none of them.
    """
    if isinstance(messages, str):
        return ({"role": "user", "content": messages},)
    if isinstance(messages, ChatMessages):
        messages = messages.messages
    if isinstance(messages, Sequence) and messages and all(isinstance(one, (ChatMessage, dict)) for one in messages):
        return tuple(to_wire(one) for one in messages if not isinstance(one, str))
    raise TypeError(
        f"A model is asked with a text or a list of messages, not with {messages!r:.200}.\n"
        '  await model([ChatMessage(role="user", content="Why?")])'
    )

"""FunctionCallingAgent: a language model that calls tools until it can answer."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Unpack

from synthflow.concurrency import at_once
from synthflow.data_models import schema as schemas
from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import Described
from synthflow.data_models.schema import Json, Schema
from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models.messages import ChatMessage, ToolCall, Wire
from synthflow.modules.generator import Generator, GeneratorOptions, only
from synthflow.modules.prompt_template import as_text
from synthflow.modules.tool import Tool, as_tools
from synthflow.sandboxes.console import clip

AT_ONCE = 32
"""Calls of one turn that are made; the model is told that the rest was not."""

LONGEST_RESULT = 50_000
"""Characters of a result that the model is shown; the middle of a longer one is cut."""


class ToolUse(DataModel):
    """One call of a tool."""

    name: str = Field(description="The tool.")
    arguments: dict[str, Any] = Field(description="Its arguments by name.")
    result: str = Field(description="What it gave, as JSON, or why it failed.")


class Trajectory(DataModel):
    """What an agent did before it answered."""

    trajectory: list[ToolUse] = Field(description="The calls of tools, in their order.")


class FunctionCallingAgent(Generator):
    """Lets a language model call tools, then asks for its answer.

    In each of at most `max_iterations` turns the model may call tools, all calls of a turn
    at once; a tool that fails is told to the model, which may try otherwise. When it calls none,
    calls wrongly however often it is told so, or the turns are used up, it is asked once more,
    without tools, for an answer of the given type; where that is text, what it said instead of
    calling a tool is the answer.

    Args:
        tools: Functions or `Tool` objects.
        data_model: The DataModel class of the answer; left out with `schema`, it is a `ChatMessage`.
        schema: Its JSON schema, instead of `data_model`.
        max_iterations: Turns in which tools may be called, at least 1.
        return_inputs_with_trajectory: Whether the output has the fields of the input and a field
            `trajectory`, the calls with their results, before those of the answer.
        **options: As for `Generator`.

    Raises:
        ValueError: There is no tool, two have the same name, or `max_iterations` is below 1.
        LanguageModelError: When called, if there is no answer.

    >>> import asyncio
    >>> from synthflow.language_models.provider import Completion
    >>> from synthflow.testing import ScriptedLanguageModel
    >>> def add(a: int, b: int) -> int:
    ...     '''Add two numbers.'''
    ...     return a + b
    >>> call = {"id": "1", "name": "add", "arguments": '{"a": 2, "b": 3}'}
    >>> model = ScriptedLanguageModel([Completion(tool_calls=(call,)), "It is 5."])
    >>> agent = FunctionCallingAgent(tools=[add], language_model=model)
    >>> asyncio.run(agent(ChatMessage(role="user", content="2 + 3?")))["content"]
    'It is 5.'
    """

    default_instructions: ClassVar[str] = (
        "Find out what is asked. Call functions where they help, several at once where they do not depend on each "
        "other; when you know enough, answer without calling any."
    )

    def __init__(
        self,
        *,
        tools: Sequence[Tool | Callable[..., Any]],
        data_model: Described | None = None,
        schema: Schema | None = None,
        max_iterations: int = 5,
        return_inputs_with_trajectory: bool = False,
        **options: Unpack[GeneratorOptions],
    ) -> None:
        super().__init__(data_model=data_model, schema=schema, return_inputs=return_inputs_with_trajectory, **options)
        self.tools = as_tools(tools)
        if not self.tools:
            raise ValueError("An agent needs tools: tools=[function, ...]. Without any, use Generator.")
        if max_iterations < 1:
            raise ValueError(f"max_iterations counts the turns with tools, so it is at least 1, got {max_iterations}.")
        self._max_iterations = max_iterations

    def most_calls(self) -> int:
        """Give the HTTP attempts of all turns and of the last question, at most."""
        return (self._max_iterations + 1) * self.language_model.most_calls()

    def output_schema(self, inputs: Any) -> Schema:
        """Promise the answer, after the fields of the input and the trajectory where they are returned."""
        return self._promised(schemas.concat(only(self, inputs).get_schema(), Trajectory.get_schema()))

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Call tools, then answer.

        Raises:
            LanguageModelError: There is no answer.
        """
        messages = self._messages(inputs)
        uses, said = await self._use_tools(messages)
        if said and self._asked is None:
            answer = ChatMessage(role="assistant", content=said).get_json()
        else:
            answer = await self._ask([*messages, _closing(uses, said)])
        done = JsonDataModel.of({"trajectory": uses}, Trajectory.get_schema())
        return self._answered(inputs, inputs + done, answer)

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, with the tools as objects; else as `Generator`."""
        return {**super().get_config(), "tools": self.tools}

    async def _use_tools(self, messages: list[Wire]) -> tuple[list[dict[str, Json]], str]:
        """Let the model call tools; give the calls with their results, and what it said when it called none."""
        uses: list[dict[str, Json]] = []
        wires = [tool.to_wire() for tool in self.tools]
        for _ in range(self._max_iterations):
            reply = await self.language_model(messages, tools=wires, **self._sampling)
            if reply.error is not None and reply.error.kind == "tool":
                return uses, ""  # a model that cannot call may still answer
            reply.checked()
            if not reply.tool_calls:
                return uses, reply.text
            results = await at_once(self._use(number, call) for number, call in enumerate(reply.tool_calls))
            asked = ChatMessage(role="assistant", content=reply.text, tool_calls=list(reply.tool_calls))
            messages = [*messages, asked.get_json()]
            for call, result in zip(reply.tool_calls, results, strict=True):
                messages.append({"role": "tool", "content": result, "tool_call_id": call.id})
                uses.append({"name": call.name, "arguments": call.arguments, "result": result})
        return uses, ""

    async def _use(self, number: int, call: ToolCall) -> str:
        if number >= AT_ONCE:
            return f"Error: not called: at most {AT_ONCE} functions are called at once."
        tool = next(tool for tool in self.tools if tool.called == call.name)
        try:
            return clip(as_text(await tool.run(call.arguments)), LONGEST_RESULT)
        except (BudgetExceeded, LanguageModelError):  # of a model inside the tool: the run's to know, not the model's
            raise
        except Exception as error:
            return clip(f"Error: {type(error).__name__}: {error}", LONGEST_RESULT)


def _closing(uses: list[dict[str, Json]], said: str) -> Wire:
    """Ask for the answer. What was done is told in words: some providers refuse calls of tools beside no tools."""
    done = as_text({"functions_called": uses, **({"you_said": said} if said else {})})
    return {"role": "user", "content": f"What was done so far:\n{done}\n\nNow answer; no more functions are called."}

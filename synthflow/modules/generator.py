"""Generator: a module that asks a language model once, under instructions and examples that training may change."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from synthflow.data_models import schema as schemas
from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel, described_schema
from synthflow.data_models.operators import Described, ValueOperators
from synthflow.data_models.schema import Json, Schema, Validator
from synthflow.errors import SchemaError
from synthflow.graph import trace
from synthflow.language_models.defaults import as_language_model
from synthflow.language_models.messages import ChatMessage, ChatMessages, Wire
from synthflow.modules.module import Module
from synthflow.modules.prompt_template import PromptTemplate, as_text

Example = tuple[Any, Any] | Sequence[Any]
"""An input with its right answer, each a data model or a dict."""

_CONVERSATION = Validator(ChatMessages.get_schema())


class Instructions(DataModel):
    """What a language model is told to do."""

    instructions: str = Field(description="The whole text of the instructions.")


class ShownExample(DataModel):
    """An input with its right answer."""

    inputs: dict[str, Any] = Field(description="The input.")
    outputs: dict[str, Any] = Field(description="The answer.")


class ShownExamples(DataModel):
    """Inputs with their right answers, shown to a language model."""

    examples: list[ShownExample] = Field(description="The examples, in the order in which they are shown.")


class GeneratorOptions(TypedDict, total=False):
    """What every module that asks a language model takes, as `Generator` tells it."""

    language_model: Any
    prompt_template: str | None
    examples: Sequence[Example] | None
    instructions: str | None
    seed_instructions: Sequence[str] | None
    use_inputs_schema: bool
    use_outputs_schema: bool
    temperature: float | None
    max_tokens: int | None
    top_p: float | None
    reasoning_effort: str | None
    sample: int
    name: str | None
    description: str
    trainable: bool


class Generator(Module):
    """Asks a language model for an answer of a given type.

    The model reads a system message made of the instructions and the examples, then
    the input as JSON. An input with a field `messages` that is a conversation is that
    conversation; its other fields are shown before it. Both `state` (the
    instructions) and `examples` are variables, which training may change.

    Args:
        data_model: The DataModel class of the answer; left out with `schema`, it is a `ChatMessage`.
        schema: Its JSON schema, instead of `data_model`.
        language_model: Who answers: a LanguageModel, a name, or an object with `async complete(request)`;
            by default that of `set_default_language_model`.
        prompt_template: A jinja2 template of the system message; it reads `instructions`,
            `inputs_schema`, `outputs_schema` and `examples`, and writes JSON; see `PromptTemplate`.
        examples: Pairs of an input and its right answer, each a data model or a dict.
        instructions: What the model is to do; by default to fill in the fields of the answer.
        seed_instructions: More instructions to start the search from.
        use_inputs_schema: Whether the system message shows the schema of the input.
        use_outputs_schema: Whether it shows the schema of the answer.
        return_inputs: Whether the output has the fields of the input too, before those of the answer.
        temperature: Instead of the model's own, as for the next three.
        max_tokens: The most tokens of an answer.
        top_p: Draw from the likeliest tokens that make up this probability.
        reasoning_effort: How long to think.
        sample: Which of several answers to the same question: a ledger gives equal questions the equal answer,
            so modules that are to draw answers of their own have each another number.
        name: Its name in a program.
        description: What the instructions are for; shown to whoever writes new ones.
        trainable: Whether training may change its variables.

    Raises:
        ValueError: There is no language model, or the template is not usable; when called, if it fails on
            what it reads.
        SchemaError: The answer of an example does not fit.
        LanguageModelError: When called, if there is no answer.

    >>> import asyncio
    >>> from synthflow.testing import ScriptedLanguageModel
    >>> class Question(DataModel):
    ...     question: str
    >>> class Answer(DataModel):
    ...     answer: str
    >>> generator = Generator(data_model=Answer, language_model=ScriptedLanguageModel([{"answer": "Paris"}]))
    >>> asyncio.run(generator(Question(question="Capital of France?")))
    JsonDataModel({'answer': 'Paris'})
    """

    default_instructions: ClassVar[str] = ""
    """What the model is told where nothing else is said; '' names the fields of the answer."""
    deterministic: bool = False
    target: Schema
    """The schema of the answer."""

    def __init__(
        self,
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        language_model: Any = None,
        prompt_template: str | None = None,
        examples: Sequence[Example] | None = None,
        instructions: str | None = None,
        seed_instructions: Sequence[str] | None = None,
        use_inputs_schema: bool = False,
        use_outputs_schema: bool = False,
        return_inputs: bool = False,
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_p: float | None = None,
        reasoning_effort: str | None = None,
        sample: int = 0,
        name: str | None = None,
        description: str = "",
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, description=description, trainable=trainable)
        self.language_model = as_language_model(language_model)
        chats = data_model is None and schema is None
        self.target = ChatMessage.get_schema() if chats else described_schema(schema, data_model)
        self.return_inputs = return_inputs
        self._asked = None if chats else self.target
        self._use_inputs_schema = use_inputs_schema
        self._use_outputs_schema = use_outputs_schema
        self._template = PromptTemplate(prompt_template)
        self.max_tokens = max_tokens
        self._sampling: dict[str, Any] = {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "top_p": top_p,
            "reasoning_effort": reasoning_effort,
            "sample": sample,
        }
        texts = _checked_instructions(instructions, seed_instructions) or [self._told_by_default()]
        self.state = self.add_variable({"instructions": texts[0]}, data_model=Instructions, description=description)
        self.state.seed_candidates = [{"instructions": text} for text in texts]
        shown = _checked_examples(examples or (), self.target)
        self.examples = self.add_variable({"examples": shown}, data_model=ShownExamples, name="examples")

    @property
    def waits(self) -> bool:
        """It waits for its language model."""
        return True

    def most_calls(self) -> int:
        """Give the HTTP attempts that one question can take at most."""
        return self.language_model.most_calls()

    def output_schema(self, inputs: Any) -> Schema:
        """Promise the answer, after the fields of the input where they are returned."""
        return self._promised(only(self, inputs).get_schema())

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Ask the model.

        Raises:
            LanguageModelError: There is no answer.
        """
        answer = await self._ask(self._messages(inputs))
        return self._answered(inputs, inputs, answer)

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, with the first instructions and examples, and the language model itself."""
        config = super().get_config()
        described = config.get("data_model")
        if described is not None:  # in its own place, so that a file that is saved again stays as it was
            names = {"data_model": "schema"}
            config = {names.get(name, name): value for name, value in config.items()} | {
                "schema": described.get_schema()
            }
        if config.get("examples"):
            config["examples"] = [[_json(part) for part in pair] for pair in config["examples"]]
        return {**config, "language_model": self.language_model}

    def _told_by_default(self) -> str:
        if self.default_instructions or self._asked is None:
            return self.default_instructions or "Answer what you are asked."
        return f"Read the input and answer with a JSON object that has these fields:\n{schemas.listed(self._asked)}"

    def _promised(self, given: Schema) -> Schema:
        return schemas.concat(given, self.target) if self.return_inputs else self.target

    def _messages(self, inputs: JsonDataModel) -> list[Wire]:
        system = self._system(inputs.get_json(), inputs.get_schema())
        return [*([{"role": "system", "content": system}] if system else []), *_said(inputs.get_json())]

    def _system(self, inputs: dict[str, Json], schema: Schema) -> str:
        # A row that is itself an example never sees that example: training on it would reward copying the
        # answer, and the score would say nothing about other rows.
        shown = [example for example in self.examples["examples"] if example["inputs"] != inputs]
        return self._template.render(
            self.state["instructions"],
            schema if self._use_inputs_schema else None,
            self.target if self._use_outputs_schema else None,
            shown,
        )

    async def _ask(self, messages: Sequence[Wire]) -> dict[str, Json]:
        """Give the model's answer to some messages, as JSON that fits the target."""
        reply = (await self.language_model(messages, schema=self._asked, **self._sampling)).checked()
        if self._asked is None:
            return ChatMessage(role="assistant", content=reply.text).get_json()
        answer: dict[str, Json] = reply.value
        return answer

    def _answered(self, inputs: JsonDataModel, shown: JsonDataModel, answer: dict[str, Json]) -> JsonDataModel:
        """Write the answer to `inputs` down, and give it, after the fields of `shown` where they are returned."""
        trace.record(self, inputs.get_json(), answer)
        if not self.return_inputs:
            return JsonDataModel.of(answer, self.target)
        merged = schemas.concat_values(shown.get_json(), shown.get_schema(), answer, self.target)
        return JsonDataModel.of(merged, self._promised(shown.get_schema()))


def only(module: Module, inputs: Any) -> Described:
    """Take the one value that a module reads.

    Raises:
        SchemaError: It is a structure of several.
    """
    if not isinstance(inputs, Described):
        raise SchemaError(
            f"{type(module).__name__} reads one value, and was given {inputs!r:.100}.\n"
            "  await module(a + b)   <- merge several into one"
        )
    return inputs


def _said(inputs: dict[str, Json]) -> list[Wire]:
    """Show an input: as the conversation that it is, or as JSON."""
    messages = inputs.get("messages")
    if not messages or not _CONVERSATION.fits({"messages": messages}):
        return [_user(inputs)]
    rest = {name: value for name, value in inputs.items() if name != "messages"}
    return [*([_user(rest)] if rest else []), *messages]


def _user(value: Json) -> Wire:
    return {"role": "user", "content": as_text(value)}


def _json(value: Any) -> Any:
    return value.get_json() if isinstance(value, ValueOperators) else value


def _checked_instructions(instructions: str | None, seed_instructions: Sequence[str] | None) -> list[str]:
    if isinstance(seed_instructions, str):
        raise TypeError("seed_instructions takes a list of texts: seed_instructions=[text].")
    given = [*(() if instructions is None else (instructions,)), *(seed_instructions or ())]
    for text in given:
        if not isinstance(text, str):
            raise TypeError(f"Instructions are a text, not {text!r:.100}.")
    return list(dict.fromkeys(given))


def _checked_examples(examples: Sequence[Example], target: Schema) -> list[dict[str, Json]]:
    fits = Validator(target)
    shown = []
    for number, pair in enumerate(examples):
        if isinstance(pair, (str, Mapping)) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise TypeError(
                f"examples[{number}] is {pair!r:.200}; each example is a pair.\n"
                "  examples=[(Question(...), Answer(...))]   <- an input and its right answer"
            )
        given, answer = (_json(part) for part in pair)
        if not isinstance(given, dict) or not isinstance(answer, dict):
            raise TypeError(f"examples[{number}] holds {pair!r:.200}; both parts are data models or dicts.")
        if wrong := fits.mismatch(answer):
            raise SchemaError(f"The answer of examples[{number}] does not fit the schema of the answer: {wrong}.")
        shown.append({"inputs": given, "outputs": answer})
    return shown

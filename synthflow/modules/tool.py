"""Tool: a typed Python function that a language model or a script may call, JSON in and JSON out.

Name, description and the schema of the arguments come from the function itself: its
signature, and its docstring in Google's form.
"""

import asyncio
import inspect
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, get_type_hints

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from synthflow.data_models import schema as schemas
from synthflow.data_models.canonical import plain
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Json, Schema, Validator
from synthflow.errors import SchemaError
from synthflow.language_models.messages import Wire
from synthflow.modules.module import Module

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
"""What providers take for the name of a function."""

_SECTION = re.compile(r"(Args|Arguments|Parameters|Returns|Yields|Raises|Examples?|Notes?|Attributes):\s*")
_ENTRY = re.compile(r"(\s+)(\w+)\s*(?:\([^)]*\))?:\s*(.*)")


class Tool(Module):
    """Wraps a function, sync or async, so that it can be called with JSON.

    As a module it reads its arguments from the fields of its input, and answers
    `{"result": ...}`. A sync function runs in a thread, so that nothing else waits for it.

    Args:
        function: Each argument has a type, and can be given by name; the docstring says what it
            does and, under `Args:`, what each argument means.
        name: How it is called; by default as the function is.
        description: What it does; by default the beginning of the docstring.

    Raises:
        TypeError: An argument has no type or cannot be given by name, or a type cannot be told in JSON.
        ValueError: There is no docstring, or the name is not usable.
        SchemaError: When called, if the arguments or the result do not fit.

    A saved file holds the function's name, not its code: pass the function in
    `custom_objects` when loading.

    >>> def add(a: int, b: int = 1) -> int:
    ...     '''Add two numbers.
    ...
    ...     Args:
    ...         a: The first.
    ...         b: The second.
    ...     '''
    ...     return a + b
    >>> Tool(add).parameters["properties"]["b"]
    {'type': 'integer', 'description': 'The second.', 'default': 1}
    >>> asyncio.run(Tool(add).run({"a": 2}))
    3
    """

    deterministic: bool = False

    def __init__(self, function: Callable[..., Any], *, name: str | None = None, description: str = "") -> None:
        if not callable(function) or not hasattr(function, "__name__"):
            raise TypeError(f"A tool is a function with a name, not {function!r:.200}.")
        super().__init__(name=name, description=description)
        self.function = function
        self.is_async = inspect.iscoroutinefunction(function)
        if not NAME.fullmatch(self.called):
            raise ValueError(
                f"{self.called!r} cannot be the name of a tool, which is made of letters, digits and `_`.\n"
                '  Define it with `def`, or give a name: Tool(function, name="...")'
            )
        told, arguments = _docstring(function)
        self.summary = description or told
        """What it does."""
        if not self.summary:
            raise ValueError(
                f"Tool {self.called!r} has no docstring, so nobody who is to call it knows what it does.\n"
                f'  def {self.called}(...):\n      """What it does."""   <- write one'
            )
        hints = _hints(function)
        self._adapters = {one: _adapter(self.called, one, hints) for one in _parameters(self.called, function, hints)}
        self.parameters = _schema(self.called, self._adapters, arguments, inspect.signature(function))
        """JSON schema of its arguments by name."""
        self._takes = Validator(self.parameters)
        self._returns = _adapter(self.called, "return", hints)
        self._outputs = Validator(_result_schema(self.called, self._returns))

    @property
    def called(self) -> str:
        """The name by which it is called."""
        return self.name or str(self.function.__name__)

    @property
    def default_name(self) -> str:
        """The name in a program when none was given."""
        return str(self.function.__name__)

    def output_schema(self, inputs: Any) -> Schema:
        """Promise `{"result": ...}`."""
        return self._outputs.schema

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Call the function with the fields of the input; what it raises is raised."""
        return JsonDataModel.of({"result": await self.run(inputs.get_json())}, self._outputs.schema)

    async def run(self, arguments: dict[str, Json]) -> Json:
        """Call the function.

        Args:
            arguments: Its arguments by name, as JSON.

        Returns:
            What it returned, as JSON.

        Raises:
            SchemaError: The arguments or the result do not fit.
        """
        given = self._read(arguments)
        if self.is_async:
            return self._written(await self.function(**given))
        return self._written(await asyncio.to_thread(self.function, **given))

    def run_now(self, *args: Json, **kwargs: Json) -> Json:
        """Call a sync function as a script does, arguments in their order or by name; otherwise as `run`.

        Raises:
            TypeError: An argument is missing, unknown or given twice.
        """
        given = inspect.signature(self.function).bind(*args, **kwargs).arguments
        return self._written(self.function(**self._read(given)))

    def to_wire(self) -> Wire:
        """Describe it in the OpenAI wire format."""
        about = {"name": self.called, "description": self.summary, "parameters": self.parameters}
        return {"type": "function", "function": about}

    def describe(self) -> str:
        """Describe it in words, for whoever writes scripts.

        >>> def double(n: int) -> int:
        ...     '''Double a number.'''
        ...     return 2 * n
        >>> Tool(double).describe()
        'double(n: integer) gives integer. Double a number.'
        """
        gives = schemas.describe(self._outputs.schema).removeprefix("result: ")
        lines = [f"{self.called}({schemas.describe(self.parameters)}) gives {gives}. {self.summary}"]
        for name, field in self.parameters["properties"].items():
            default = f" By default {field['default']!r}." if "default" in field else ""
            if default or "description" in field:
                lines.append(f"  {name}: {field.get('description', '')}{default}")
        return "\n".join(lines)

    def _read(self, arguments: dict[str, Json]) -> dict[str, Any]:
        """Turn JSON into what the function takes; copied, so that it can change nothing of the caller's."""
        wrong = self._takes.mismatch(arguments)
        if not wrong:
            try:
                return {name: self._adapters[name].validate_python(value) for name, value in plain(arguments).items()}
            except ValidationError as error:
                wrong = "; ".join(f"{one['loc']}: {one['msg']}" for one in error.errors(include_url=False))
        takes = schemas.describe(self.parameters) or "nothing"
        raise SchemaError(f"The arguments of tool {self.called!r} do not fit: {wrong}. It takes: {takes}.")

    def _written(self, result: Any) -> Json:
        try:
            json = result.get_json() if isinstance(result, ValueOperators) else self._dumped(result)
            json = plain(json)
        except (PydanticSerializationError, TypeError, ValueError, RecursionError) as error:
            raise SchemaError(f"Tool {self.called!r} returned {result!r:.200}, which is not JSON: {error}.") from error
        if wrong := self._outputs.mismatch({"result": json}):
            raise SchemaError(f"Tool {self.called!r} returned what does not fit its type: {wrong}.")
        return json

    def _dumped(self, result: Any) -> Json:
        return self._returns.dump_python(result, mode="json", by_alias=True, warnings="none")


def as_tools(tools: Iterable[Tool | Callable[..., Any]]) -> list[Tool]:
    """Take tools given as functions or as Tool objects.

    Raises:
        ValueError: Two have the same name.
    """
    taken = [tool if isinstance(tool, Tool) else Tool(tool) for tool in tools]
    names = [tool.called for tool in taken]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"Two tools are called {twice[0]!r}. Give one another name: Tool(function, name=...).")
    return taken


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"A type of {function.__name__!r} is not known: {error}. Write types that exist there."
        ) from error


def _parameters(called: str, function: Callable[..., Any], hints: dict[str, Any]) -> list[str]:
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in by_name:
            raise TypeError(
                f"Tool {called!r} takes {str(parameter)!r}, which cannot be given by name.\n"
                f"  def {called}(query: str, limit: int = 3): ...   <- plain arguments with types"
            )
        if parameter.name not in hints:
            raise TypeError(
                f"Argument {parameter.name!r} of tool {called!r} has no type, so nobody knows what to give.\n"
                f"  def {called}({parameter.name}: str): ...   <- write its type"
            )
    return list(inspect.signature(function).parameters)


def _adapter(called: str, what: str, hints: dict[str, Any]) -> TypeAdapter[Any]:
    kind = hints.get(what, Any)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        adapter.json_schema()
    except PydanticUserError as error:
        raise TypeError(f"The type of {what!r} in tool {called!r}, {kind!r}, cannot be told in JSON.") from error
    return adapter


def _schema(
    called: str, adapters: dict[str, TypeAdapter[Any]], told: dict[str, str], signature: inspect.Signature
) -> Schema:
    kinds, shared = TypeAdapter.json_schemas([(name, "validation", adapter) for name, adapter in adapters.items()])
    fields, required = {}, []
    for name, adapter in adapters.items():
        field: Schema = dict(kinds[(name, "validation")])
        if name in told:
            field["description"] = told[name]
        default = signature.parameters[name].default
        if default is inspect.Parameter.empty:
            required.append(name)
        else:
            with suppress(PydanticSerializationError, TypeError, ValueError):  # one that is no JSON is not told
                field["default"] = plain(adapter.dump_python(default, mode="json", warnings="none"))
        fields[name] = field
    return {
        "type": "object",
        "title": called,
        "properties": fields,
        "required": required,
        "additionalProperties": False,
        **({"$defs": shared["$defs"]} if "$defs" in shared else {}),
    }


def _result_schema(called: str, returns: TypeAdapter[Any]) -> Schema:
    kind = returns.json_schema(mode="serialization")
    definitions = {"$defs": kind.pop("$defs")} if "$defs" in kind else {}
    about = {"type": "object", "properties": {"result": kind}, "required": ["result"], "additionalProperties": False}
    return {**about, **definitions}


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """Read a docstring in Google's form: what it does, and what each argument means."""
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in (inspect.getdoc(function) or "").splitlines():
        heading = _SECTION.fullmatch(line)
        if heading or line.startswith(">>>"):
            current = heading[1] if heading else "Examples"
            sections.setdefault(current, [])
        else:
            sections[current].append(line)
    arguments: dict[str, str] = {}
    depth, last = "", ""
    for line in sections.get("Args") or sections.get("Arguments") or sections.get("Parameters") or ():
        entry = _ENTRY.fullmatch(line)
        if entry and (not arguments or entry[1] == depth):
            depth, last = entry[1], entry[2]
            arguments[last] = entry[3]
        elif last and line.strip():
            arguments[last] = f"{arguments[last]} {line.strip()}".strip()
    return "\n".join(sections[""]).strip(), arguments

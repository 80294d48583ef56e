"""Module: the unit that can be wired into a program."""

import inspect
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, Self

from synthflow.concurrency import at_once
from synthflow.configured import Configured
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import Described, ValueOperators
from synthflow.data_models.schema import Json, Schema
from synthflow.data_models.variable import Variable
from synthflow.errors import GraphError, SchemaError
from synthflow.graph import trace
from synthflow.graph.execute import flowing
from synthflow.graph.structure import leaves, map_leaves
from synthflow.graph.symbolic import Node, Source, SymbolicDataModel, symbolic_call
from synthflow.naming import distinct, snake_case


class Module(Configured):
    """Turns data models into data models, holding variables that training may change.

    Most authors write `call` alone. `await module(inputs)` with a promise wires the
    call into a graph and runs nothing; with a value it runs.

    Args:
        name: Its name in a program and in saved files; left out, the program
            names it by its place (`python_synthesis`, `python_synthesis_1` ...).
        description: What it is for.
        trainable: Whether training may change its variables.

    >>> class Shout(Module):
    ...     def output_schema(self, inputs):
    ...         return inputs.get_schema()
    ...
    ...     async def call(self, inputs):
    ...         return JsonDataModel(json={"text": inputs["text"].upper()}, schema=self.output_schema(inputs))
    """

    accepts_none: ClassVar[bool] = False
    """Whether `call` is made when an input is None; otherwise the module answers None."""
    deterministic: bool = True
    """Whether equal inputs and variables always give equal outputs."""
    target: Schema | None = None
    """The schema that a trainable script's answer must fit, where that is not the whole output."""
    walls: str = ""
    """What a trainable script may do, in words for its writer."""

    _variables: list[Variable]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a `call` that nobody could await."""
        super().__init_subclass__(**kwargs)
        call = vars(cls).get("call")
        if inspect.isfunction(call) and not inspect.iscoroutinefunction(call) and not hasattr(call, "__wrapped__"):
            raise TypeError(
                f"{cls.__name__}.call is a plain function, and calls are awaited.\n"
                "  async def call(self, inputs): ...   <- write it with async"
            )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make a missing `super().__init__()` harmless."""
        module = super().__new__(cls, *args, **kwargs)
        module._variables = []
        module.name = None
        module.description = ""
        module.trainable = True
        return module

    def __init__(self, *, name: str | None = None, description: str = "", trainable: bool = True) -> None:
        if name is not None and (not name or "/" in name):
            raise ValueError(
                f"A module's name is part of its variables' paths, so it is not empty and has no '/': {name!r}."
            )
        self.name: str | None = name
        self.description: str = description
        self.trainable: bool = trainable

    @property
    def default_name(self) -> str:
        """The name in a program when none was given."""
        return snake_case(type(self).__name__)

    @property
    def takes_batches(self) -> bool:
        """Whether the class has a `call_batch` of its own."""
        return type(self).call_batch is not Module.call_batch

    @property
    def waits(self) -> bool:
        """Whether a call mostly waits for another machine, so that many rows should run at once."""
        return any(module.waits for module in self.submodules().values())

    def most_calls(self) -> int:
        """Give the HTTP attempts that one call can make at most, if it calls each of its modules once."""
        return sum(module.most_calls() for module in self.submodules().values())

    def output_schema(self, *inputs: Any) -> Any:
        """Describe the output for these inputs, which are promises or values.

        The same answer serves both phases, so what is promised is what is delivered.
        Without an override the schema is found by calling `call` with promises, which
        works when `call` only wires other modules and operators.

        Returns:
            The JSON schema of the output; a tuple or list of schemas for several outputs.
        """
        raise GraphError(_NO_SCHEMA.format(name=type(self).__name__))

    async def call(self, *inputs: Any) -> Any:
        """Turn inputs into outputs; the method that an author writes.

        Args:
            inputs: A JsonDataModel, or a structure of them, for each argument. They are
                read-only: other modules may read the same values.

        Returns:
            A JsonDataModel, a DataModel object, None, or a structure of these.
        """
        raise GraphError(
            f"{type(self).__name__} has no `call`.\n  async def call(self, inputs): ...   <- write this method"
        )

    async def call_batch(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Turn the input of each row into its output; override it to take many rows at once.

        Args:
            rows: The single input of `call` for each row, none of them None.

        Returns:
            The outputs, one per row, in order.
        """

        async def one(index: int, inputs: Any) -> Any:
            with trace.row(index):
                return await self.call(inputs)

        return await at_once(one(index, inputs) for index, inputs in enumerate(rows))

    async def __call__(self, *inputs: Any) -> Any:
        """Wire the call when any input is a promise; run it when all are values.

        Raises:
            SchemaError: An input is a plain dict or another thing that is no data model.
        """
        if any(isinstance(leaf, SymbolicDataModel) for leaf in leaves(inputs)):
            return symbolic_call(self, inputs, await self._promised_schema(inputs))
        values = [map_leaves(partial(self._as_value, whole=one), one) for one in inputs]
        if not self.accepts_none and any(leaf is None for leaf in leaves(values)):
            return None
        return flowing(await self.call(*values), self.name or self.default_name)

    def add_variable(
        self,
        initializer: dict[str, Json] | ValueOperators,
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        trainable: bool = True,
        name: str = "state",
        description: str = "",
    ) -> Variable:
        """Make a variable that belongs to this module; the arguments are those of `Variable`.

        Raises:
            ValueError: The module already has a variable of that name.
        """
        if any(variable.name == name for variable in self._variables):
            raise ValueError(
                f"{type(self).__name__} already has a variable {name!r}; give the second one another name."
            )
        variable = Variable(
            initializer, data_model=data_model, schema=schema, trainable=trainable, name=name, description=description
        )
        self._variables.append(variable)
        return variable

    def submodules(self) -> dict[str, "Module"]:
        """Give the modules it holds as attributes, or in lists and dicts of attributes, by name."""
        found: dict[str, Module] = {}
        for attribute, value in vars(self).items():
            for part in leaves(value) if not attribute.startswith("_") else ():
                if isinstance(part, Module) and part not in found.values():
                    found[distinct(part.name or attribute, found)] = part
        return found

    def named_variables(self) -> Iterator[tuple[str, Variable]]:
        """Give each variable with its path below this module: its name, behind those of submodules."""
        for variable in self._variables:
            yield variable.name, variable
        for name, module in self.submodules().items():
            for path, variable in module.named_variables():
                yield f"{name}/{path}", variable

    @property
    def variables(self) -> list[Variable]:
        """All variables, its own and those of its submodules."""
        return [variable for _, variable in self.named_variables()]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training may change; none when a module above them is not trainable."""
        if not self.trainable:
            return []
        own = [variable for variable in self._variables if variable.trainable]
        return own + [variable for module in self.submodules().values() for variable in module.trainable_variables]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training leaves alone."""
        trainable = self.trainable_variables
        return [variable for variable in self.variables if variable not in trainable]

    def get_variable(self, name: str) -> Variable:
        """Give the variable at a path below this module.

        Raises:
            KeyError: There is none; the message names those there are.
        """
        found = dict(self.named_variables())
        if name not in found:
            raise KeyError(f"No variable {name!r}; there are {', '.join(map(repr, found)) or 'none'}.")
        return found[name]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or self.default_name!r}>"

    def _described(self) -> bool:
        """Tell whether `output_schema` answers, or wiring `call` has to."""
        return type(self).output_schema is not Module.output_schema

    async def _promised_schema(self, inputs: tuple[Any, ...]) -> Any:
        if self._described():
            return self.output_schema(*inputs)
        stand_ins = map_leaves(lambda leaf: _stand_in(leaf.get_schema()), inputs)
        try:
            outputs = await self.call(*stand_ins)
            return map_leaves(lambda leaf: leaf.get_schema(), outputs)
        except (GraphError, AttributeError, TypeError) as error:  # what a promise raises when it is read as a value
            raise GraphError(_NO_SCHEMA.format(name=type(self).__name__) + f"\n  {error}") from error

    def _as_value(self, leaf: Any, whole: Any) -> JsonDataModel | None:
        if leaf is None:
            return None
        if isinstance(leaf, ValueOperators):
            return leaf.to_json_data_model()
        raise SchemaError(
            f"{type(self).__name__} takes data models, and was given {whole!r:.200}.\n"
            "  await module(Question(text=...))                           <- an object of your DataModel class\n"
            "  await module(JsonDataModel(json={...}, data_model=Question))   <- or JSON with its type"
        )


_NO_SCHEMA = """{name} does not say what it outputs.
  def output_schema(self, inputs): return Answer.get_schema()   <- add this method"""


def _stand_in(schema: Schema) -> SymbolicDataModel:
    return SymbolicDataModel(schema, Node(Source(schema)))

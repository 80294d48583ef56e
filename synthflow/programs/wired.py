"""WiredProgram: the part of a program that is its graph: closing it, checking inputs, running, drawing."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from synthflow.data_models import schema as schemas
from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Schema, Validator
from synthflow.data_models.variable import Variable
from synthflow.errors import GraphError, SchemaError
from synthflow.graph import render
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.structure import leaves, map_leaves
from synthflow.graph.symbolic import Source, SymbolicDataModel
from synthflow.modules.input import Input
from synthflow.modules.module import Module


class WiredProgram(Module):
    """What `Program` says of graphs; its arguments and errors are told there."""

    accepts_none: ClassVar[bool] = True
    """A program's own inputs say which of them may be None."""

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        *,
        name: str | None = None,
        description: str = "",
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, description=description, trainable=trainable)
        if (inputs is None) != (outputs is None):
            raise GraphError("A functional program needs both: Program(inputs=..., outputs=...).")
        if inputs is not None:
            self.close_graph(inputs, outputs)
        elif type(self).call is WiredProgram.call and type(self).build is WiredProgram.build:
            raise GraphError(
                "Program() needs a graph: Program(inputs=..., outputs=...).\n"
                "  To write one as a class, subclass Program and define `async def call(self, inputs)`."
            )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Start without a graph; `close_graph` makes it."""
        program = super().__new__(cls, *args, **kwargs)
        program._graph = None
        return program

    _graph: Graph | None
    runner: Runner
    """The graph made ready to run."""
    _sources: list[Source]
    _validators: list[Validator]

    def close_graph(self, inputs: Any, outputs: Any) -> None:
        """Make this the program of the graph from `inputs` to `outputs`.

        Raises:
            GraphError: The outputs need an input that was not given, or names clash.
        """
        self._graph = Graph(inputs, outputs)
        self.runner = Runner(self._graph)
        self._sources = [node.operation for node in self._graph.sources if isinstance(node.operation, Source)]
        self._validators = [Validator(source.schema) for source in self._sources]

    async def build(self, inputs: Any) -> None:
        """Wire the graph of a mixed program; called once, with promises, before the first call."""

    @property
    def graph(self) -> Graph:
        """The graph.

        Raises:
            GraphError: The program is a class with a `call` of its own, or was not built yet.
        """
        if self._graph is None:
            hint = (
                "it is a class with a call of its own; program.modules lists its parts."
                if self.built
                else "it is built by its first call.\n  await program(inputs)   <- builds it"
            )
            raise GraphError(f"{self.name or type(self).__name__!r} has no graph: {hint}")
        return self._graph

    @property
    def has_graph(self) -> bool:
        """Whether the program has a graph."""
        return self._graph is not None

    @property
    def built(self) -> bool:
        """Whether the program is ready: one with a `build` is so from its first call or fit on."""
        return self.has_graph or type(self).build is WiredProgram.build

    @property
    def modules(self) -> dict[str, Module]:
        """The modules by name, in topological order."""
        return self.submodules()

    def get_module(self, name: str) -> Module:
        """Give the module of that name.

        Raises:
            KeyError: There is none; the message names those there are.
        """
        modules = self.submodules()
        if name not in modules:
            raise KeyError(f"No module {name!r}; there are {', '.join(map(repr, modules)) or 'none'}.")
        return modules[name]

    def submodules(self) -> dict[str, Module]:
        """Give the modules of the graph, or of a subclassed program's attributes, by name."""
        if self._graph is None:
            return super().submodules()
        return {name: part for part, name in self._graph.names.items() if isinstance(part, Module)}

    def most_calls(self) -> int:
        """Give the HTTP attempts that one row can take at most; a module counts as often as it is wired."""
        if self._graph is None:
            return super().most_calls()
        return sum(node.operation.most_calls() for node in self._graph.nodes if isinstance(node.operation, Module))

    def output_schema(self, *inputs: Any) -> Any:
        """Promise what the outputs promise."""
        if self._graph is None:
            return super().output_schema(*inputs)
        return map_leaves(lambda promise: promise.get_schema(), self._graph.outputs)

    async def __call__(self, *inputs: Any) -> Any:
        """Run the program on values, or wire it into a larger graph as a module.

        Args:
            inputs: A data model, or a list, tuple or dict of them as in `Program(inputs=...)`.

        Returns:
            The outputs, in the structure of `Program(outputs=...)`; None where a branch is None.

        Raises:
            SchemaError: An input does not fit; the message names the field.
        """
        if not self.built:
            await self.ensure_built(inputs[0] if len(inputs) == 1 else list(inputs))
        return await super().__call__(*inputs)

    async def ensure_built(self, inputs: Any) -> None:
        """Wire the graph of a program that has a `build`, unless that is done.

        Args:
            inputs: Values or promises, in the structure of the inputs; only their schemas are read.

        Raises:
            SchemaError: One of them is no data model.
            GraphError: `build` made no graph.
        """
        if self.built:
            return
        await self.build(map_leaves(self._as_input, inputs))
        if not self.has_graph:
            raise GraphError(
                f"{type(self).__name__}.build() did not make a graph.\n"
                "  self.close_graph(inputs, outputs)   <- its last line"
            )

    async def call(self, *inputs: Any) -> Any:
        """Run the graph on one row; as a module does, answer None where a required input is None."""
        if self._graph is None:
            return await super().call(*inputs)
        values = self.checked_inputs(inputs[0] if len(inputs) == 1 else list(inputs))
        if any(value is None and not source.optional for value, source in zip(values, self._sources, strict=True)):
            return map_leaves(lambda promise: None, self._graph.outputs)
        return await self.runner.run(values)

    def checked_inputs(self, inputs: Any) -> list[Any]:
        """Put the inputs in the order of the graph, after checking each against its schema.

        Raises:
            SchemaError: The structure or a value does not fit.
        """
        self._check_structure(inputs)
        values = list(leaves(_ordered(inputs, self.graph.inputs)))
        checks = zip(self._sources, self.graph.sources, self._validators, values, strict=True)
        for source, node, validator, value in checks:
            trusted = value is None or value.get_schema() is source.schema
            if not trusted and (wrong := validator.mismatch(value.get_json())):
                raise SchemaError(self._unfit_input(self.graph.name(node), source.schema, wrong))
        return values

    def summary(self) -> str:
        """Print the modules, what they promise and what is trainable; give the text too."""
        title = self.name or self.default_name
        if self.has_graph or not self.built:
            text = render.summary(self.graph, title=title)
        else:  # a class with a call of its own: nobody knows how it wires its parts
            parts = [f"{name}: {type(part).__name__}" for name, part in self.submodules().items()]
            text = "\n".join([title, *parts, *(f"trainable: {variable!r}" for variable in self.trainable_variables)])
        print(text)
        return text

    def to_mermaid(self) -> str:
        """Draw the graph as mermaid text."""
        return render.to_mermaid(self.graph)

    def named_variables(self) -> Iterator[tuple[str, Variable]]:
        """Give each variable with its path, such as `python_synthesis/state`."""
        seen: set[Variable] = set()
        for path, variable in super().named_variables():
            if variable not in seen:
                seen.add(variable)
                yield path, variable

    def _described(self) -> bool:
        return self._graph is not None or type(self).output_schema is not WiredProgram.output_schema

    def _as_input(self, leaf: Any) -> SymbolicDataModel:
        promised = leaf if isinstance(leaf, SymbolicDataModel) else self._as_value(leaf, leaf)
        if promised is None:
            raise SchemaError(
                f"{self!r} is built by its first call, from the schemas of the inputs, and None has none.\n"
                "  await program(Question(text=...))   <- call it with a value first"
            )
        return Input(schema=promised.get_schema())

    def _check_structure(self, inputs: Any) -> None:
        declared = self.graph.inputs
        if isinstance(declared, dict):
            fits = isinstance(inputs, dict) and set(inputs) == set(declared)
        elif isinstance(declared, (list, tuple)):
            fits = isinstance(inputs, (list, tuple)) and len(inputs) == len(declared)
        else:
            fits = inputs is None or isinstance(inputs, ValueOperators)
        if not fits:
            names = ", ".join(self.graph.name(node) for node in self.graph.sources)
            if isinstance(declared, dict):
                names = f"{{{', '.join(f'{key!r}: ...' for key in declared)}}}"
            elif isinstance(declared, (list, tuple)):
                names = f"[{names}]"
            raise SchemaError(
                f"{self.name or self.default_name!r} takes its inputs as in Program(inputs=...), "
                f"and was given {inputs!r:.200}.\n  await program({names})   <- each a data model"
            )

    def _unfit_input(self, name: str, schema: Schema, wrong: str) -> str:
        title = schema.get("title", "Model")
        fields = ", ".join(f"{field}=..." for field in schemas.properties(schema))
        return (
            f"{self.name or self.default_name!r} was given a value that does not fit its input {name!r}: {wrong}.\n"
            f"  It takes: {schemas.describe(schema)}.\n"
            f"  await program({title}({fields}))"
        )


def _ordered(inputs: Any, declared: Any) -> Any:
    return {key: inputs[key] for key in declared} if isinstance(declared, dict) else inputs

"""Graph: the calls between some inputs and some outputs, found by walking back."""

from collections.abc import Iterable
from typing import Any, TypeVar

import networkx as nx

from synthflow.errors import GraphError
from synthflow.graph.structure import leaves
from synthflow.graph.symbolic import Node, Operation, Source, SymbolicDataModel
from synthflow.naming import distinct

AnyOperation = TypeVar("AnyOperation", bound=Operation)


class Graph:
    """The directed acyclic graph of nodes that leads from `inputs` to `outputs`.

    Args:
        inputs: A promise made by `Input`, or a structure of them.
        outputs: A promise, or a structure of promises, that depend on `inputs` alone.

    Raises:
        GraphError: An input is no input, is given twice or is missing, or two
            different modules have the same name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.sources = _sources(inputs)
        ends = [_checked_promise(leaf, "outputs") for leaf in leaves(outputs)]
        if not ends:
            raise GraphError("Program(outputs=...) needs at least one output, made by `await module(...)`.")
        self._digraph: nx.DiGraph[Node] = nx.DiGraph()
        self._digraph.add_nodes_from(self.sources)
        self._walk_back(ends)
        place = {node: index for index, node in enumerate(self._digraph)}
        self.nodes: list[Node] = list(nx.lexicographical_topological_sort(self._digraph, key=place.__getitem__))
        self.names = names_of(node.operation for node in self.nodes)
        self._check_sources(ends)

    def name(self, node: Node) -> str:
        """Give the name of a node: its operation's own, or one by its place in the graph."""
        return self.names[node.operation]

    def parents(self, node: Node) -> list[Node]:
        """Give the nodes that a node reads from, each once."""
        return list(self._digraph.predecessors(node))

    def layers(self) -> list[list[Node]]:
        """Give the nodes by their distance from the inputs, for drawing."""
        return [list(layer) for layer in nx.topological_generations(self._digraph)]

    def _walk_back(self, ends: list[SymbolicDataModel]) -> None:
        """Add all that the ends depend on, in depth-first order, so that places depend on the wiring alone."""
        todo = [end.node for end in reversed(ends)]
        seen: set[Node] = set()
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            parents = [parent.node for parent in node.parents()]
            if waiting := [parent for parent in parents if parent not in seen]:
                todo += [node, *reversed(waiting)]
                continue
            seen.add(node)
            self._digraph.add_node(node)
            self._digraph.add_edges_from((parent, node) for parent in parents)

    def _check_sources(self, ends: list[SymbolicDataModel]) -> None:
        for node in self.nodes:
            if isinstance(node.operation, Source) and node not in self.sources:
                raise GraphError(self._missing_input(node, ends))

    def _missing_input(self, missing: Node, ends: list[SymbolicDataModel]) -> str:
        below = nx.descendants(self._digraph, missing) | {missing}
        end = next(end for end in ends if end.node in below)
        reader = next((node for node in self.nodes if missing in self.parents(node)), missing)
        given = ", ".join(self.name(source) for source in self.sources)
        name = self.name(missing)
        reads = ", ".join(repr(self.name(parent)) for parent in self.parents(reader)) or repr(name)
        return (
            f"output {self.name(end.node)!r} needs {name!r}, which Program was not given.\n"
            f"  It is read by {self.name(reader)!r}, which reads {reads}.\n"
            f"  Program(inputs=[{given}], ...)   <- as you wrote it\n"
            f"  Program(inputs=[{given}, {name}], ...)   <- add it"
        )


def _sources(inputs: Any) -> list[Node]:
    sources: list[Node] = []
    for leaf in leaves(inputs):
        promise = _checked_promise(leaf, "inputs")
        if not isinstance(promise.node.operation, Source):
            raise GraphError(
                f"inputs must come from Input(...), and {promise!r} is the output of "
                f"{promise.node.operation.default_name!r}.\n  Program(inputs=<what Input(...) returned>, outputs=...)"
            )
        if promise.node in sources:
            raise GraphError("The same input is given twice to Program(inputs=[...]). Give each input once.")
        sources.append(promise.node)
    if not sources:
        raise GraphError("Program(inputs=...) needs at least one input, made by Input(data_model=...).")
    return sources


def _checked_promise(leaf: Any, what: str) -> SymbolicDataModel:
    if isinstance(leaf, SymbolicDataModel):
        return leaf
    hint = "  Did you forget `await` before the module's call?" if hasattr(leaf, "__await__") else ""
    if hasattr(leaf, "close") and hint:
        leaf.close()
    raise GraphError(
        f"Program({what}=...) takes what Input(...) and `await module(...)` return, not {leaf!r}."
        + (f"\n{hint}" if hint else "")
    )


def names_of(operations: Iterable[AnyOperation]) -> dict[AnyOperation, str]:
    """Name each operation once: as its author did, or by its place."""
    order = list(dict.fromkeys(operations))
    names: dict[AnyOperation, str] = {}
    for operation in order:
        if operation.name is not None:
            if operation.name in names.values():
                raise GraphError(
                    f"Two modules are named {operation.name!r}; a program's variables are found by name.\n"
                    "  Give them different names, or no name at all."
                )
            names[operation] = operation.name
    for operation in order:
        if operation not in names:
            names[operation] = distinct(operation.default_name, names.values())
    return names

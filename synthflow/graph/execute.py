"""Execution: each node of a graph starts as soon as its own parents are done.

A straight chain runs in one task, call after call. Where the graph forks, one
branch goes on in the same task and each other branch gets a task of its own,
which ends with the run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from synthflow.concurrency import at_once, first_error
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import ValueOperators
from synthflow.errors import LanguageModelError
from synthflow.graph import trace
from synthflow.graph.graph import Graph
from synthflow.graph.structure import leaves, map_leaves
from synthflow.graph.symbolic import Node, SymbolicDataModel
from synthflow.graph.trace import Trace

Values = list[Any]
"""The output of each node, by its place in the graph."""


class Runner:
    """A graph made ready to run, any number of times and at once.

    Args:
        graph: What to run.
    """

    def __init__(self, graph: Graph) -> None:
        place = {node: index for index, node in enumerate(graph.nodes)}
        self._size = len(graph.nodes)
        self._sources = [place[source] for source in graph.sources]
        self._steps = [_ReadyNode(graph, node, place) for node in graph.nodes if node not in graph.sources]
        self._read = _reader(graph.outputs, place)
        self._chain = all(
            before.index in after.parents for before, after in zip(self._steps, self._steps[1:], strict=False)
        )
        self._children: dict[int, list[_ReadyNode]] = {}
        for step in self._steps:
            for parent in step.parents:
                self._children.setdefault(parent, []).append(step)
        self.takes_batches = any(step.takes_batches for step in self._steps)

    async def run(self, inputs: Sequence[Any]) -> Any:
        """Run one row.

        Args:
            inputs: A JsonDataModel, or None, for each input of the graph in order.

        Returns:
            The outputs, in the structure that the graph was given.
        """
        values: Values = [None] * self._size
        for index, value in zip(self._sources, inputs, strict=True):
            values[index] = value
        if self._chain:
            for step in self._steps:
                await step.run(values)
        else:
            await self._run_forked(values, _ReadyNode.run)
        return self._read(values)

    async def run_batch(self, rows: Sequence[Sequence[Any]], traces: Sequence[Trace | None]) -> list[Any]:
        """Run many rows, node by node, so that a module can take all rows at once.

        Args:
            rows: The inputs of each row.
            traces: Where each row keeps its notes.

        Returns:
            The outputs of each row, in order; for a row on whose way a model gave no usable answer, the
            LanguageModelError that says so.
        """
        failed: dict[int, LanguageModelError] = {}
        columns: Values = [[None] * len(rows) for _ in range(self._size)]
        for index, *column in zip(self._sources, *rows, strict=True):
            columns[index] = column
        await self._run_forked(columns, lambda step, values: step.run_rows(values, traces, failed))
        return [failed.get(number) or self._read([column[number] for column in columns]) for number in range(len(rows))]

    async def _run_forked(self, values: Values, run: Callable[["_ReadyNode", Values], Awaitable[None]]) -> None:
        waiting = {step.index: len(step.parents) for step in self._steps}

        def release(index: int) -> list[_ReadyNode]:
            ready = []
            for child in self._children.get(index, ()):
                waiting[child.index] -= 1
                if not waiting[child.index]:
                    ready.append(child)
            return ready

        async def advance(step: _ReadyNode) -> None:
            ready = [step]
            while ready:
                first, *others = ready
                for other in others:
                    group.create_task(advance(other))
                await run(first, values)
                ready = release(first.index)

        free = [step for step in self._steps if not step.parents]
        starting = [*free, *(step for source in self._sources for step in release(source))]
        with first_error():
            async with asyncio.TaskGroup() as group:
                for step in starting:
                    group.create_task(advance(step))


class _ReadyNode:
    """A node made ready: where it reads, what it calls, where it writes."""

    def __init__(self, graph: Graph, node: Node, place: dict[Node, int]) -> None:
        operation = node.operation
        self.index = place[node]
        self.parents = [place[parent] for parent in graph.parents(node)]
        self.takes_batches = operation.takes_batches and len(node.arguments) == 1
        self._call_batch: Any = getattr(operation, "call_batch", None)
        self._name = graph.name(node)
        self._blame = f"It was raised by module {self._name!r}."
        self._operation = operation
        self._read = _reader(node.arguments, place)
        only = node.arguments[0] if len(node.arguments) == 1 else None
        simple = isinstance(only, SymbolicDataModel) and not only.path
        self._only = place[only.node] if isinstance(only, SymbolicDataModel) and simple else None
        self._accepts_none = operation.accepts_none

    async def run(self, values: Values) -> None:
        # The path of most nodes, kept short: one input, no None, a JsonDataModel out.
        if self._only is not None:
            value = values[self._only]
            arguments = (value,)
            skipped = value is None and not self._accepts_none
        else:
            arguments = self._read(values)
            skipped = not self._accepts_none and any(leaf is None for leaf in leaves(arguments))
        if skipped:
            return
        try:
            output = await self._operation.call(*arguments)
        except Exception as error:
            error.add_note(self._blame)
            raise
        values[self.index] = flowing(output, self._name)

    async def run_rows(
        self, columns: Values, traces: Sequence[Trace | None], failed: dict[int, LanguageModelError]
    ) -> None:
        rows = [number for number in range(len(traces)) if number not in failed]
        if not self.takes_batches:
            await at_once(self._run_row(columns, number, traces[number], failed) for number in rows)
            return
        arguments = {number: self._read([column[number] for column in columns]) for number in rows}
        wanted = [n for n in rows if self._accepts_none or all(leaf is not None for leaf in leaves(arguments[n]))]
        if not wanted:
            return
        try:
            with trace.tracing_rows([traces[number] for number in wanted]):
                outputs = await self._call_batch([arguments[number][0] for number in wanted])
        except Exception as error:
            error.add_note(self._blame)
            raise
        if len(outputs) != len(wanted):
            raise ValueError(
                f"call_batch() of module {self._name!r} returned {len(outputs)} outputs for {len(wanted)} rows; "
                "it returns one for each row, in order."
            )
        for number, output in zip(wanted, outputs, strict=True):
            columns[self.index][number] = flowing(output, self._name)

    async def _run_row(
        self, columns: Values, number: int, row_trace: Trace | None, failed: dict[int, LanguageModelError]
    ) -> None:
        values = [column[number] for column in columns]
        try:
            with trace.tracing(row_trace):
                await self.run(values)
        except LanguageModelError as error:  # of this row alone
            failed.setdefault(number, error)
        columns[self.index][number] = values[self.index]


def _reader(structure: Any, place: dict[Node, int]) -> Callable[[Values], Any]:
    """Make the function that reads a structure of promises from the values."""
    if isinstance(structure, SymbolicDataModel):
        return _leaf_reader(place[structure.node], structure.path)
    if isinstance(structure, dict):
        fields = {key: _reader(part, place) for key, part in structure.items()}
        return lambda values: {key: read(values) for key, read in fields.items()}
    kind, parts = type(structure), [_reader(part, place) for part in structure]
    return lambda values: kind([read(values) for read in parts])


def _leaf_reader(index: int, path: tuple[int | str, ...]) -> Callable[[Values], Any]:
    if not path:
        return lambda values: values[index]

    def read(values: Values) -> Any:
        value = values[index]
        for key in path:
            if value is None:  # the whole call was skipped
                return None
            value = value[key]
        return value

    return read


def flowing(output: Any, name: str) -> Any:
    """Take what the module `name` returned as it flows: DataModel objects become JsonDataModels.

    Raises:
        TypeError: It is plain JSON, or another thing that is no data model.
    """
    if output is None or type(output) is JsonDataModel:
        return output
    parts = list(leaves(output))
    if not parts or not all(part is None or isinstance(part, ValueOperators) for part in parts):
        raise TypeError(
            f"Module {name!r} returned {output!r:.200}; a module returns a JsonDataModel, a DataModel object, None, "
            "or a tuple, list or dict of these.\n"
            "  return JsonDataModel(json={...}, schema=self.output_schema(inputs))"
        )
    return map_leaves(lambda part: None if part is None else part.to_json_data_model(), output)

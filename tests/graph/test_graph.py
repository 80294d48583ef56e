"""Graph: found by walking back, checked, and named by the wiring alone."""

import gc
import weakref
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.errors import GraphError
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import Node, Source, symbolic_call

NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@dataclass(eq=False)
class Step:
    """An operation that is only wired."""

    default_name: str = "step"
    name: str | None = None
    accepts_none: bool = False
    takes_batches: bool = False

    async def call(self, *inputs):
        """Give the first input."""
        return inputs[0]

    async def call_batch(self, rows):
        """Give the inputs."""
        return rows


def source(name=None):
    """Promise an input."""
    return Node(Source(NUMBER, name=name)).promise(NUMBER)


def call(*arguments, operation=None, schema=NUMBER):
    """Wire a call of a step."""
    return symbolic_call(operation or Step(), arguments, schema)


def operation_names(graph):
    """Give the names of all nodes in order."""
    return [graph.name(node) for node in graph.nodes]


def test_only_what_the_outputs_need_is_in_the_graph():
    """Calls that lead nowhere are not found."""
    x = source()
    needed = call(x)
    call(needed)

    graph = Graph(x, needed)

    assert graph.nodes == [x.node, needed.node]
    assert graph.parents(needed.node) == [x.node]


def test_parents_come_before_children_in_either_operand_order():
    """An input that is first used late is found, on the left and on the right."""
    a, b = source("a"), source("b")
    for last in (lambda x: call(x, b), lambda x: call(b, x)):
        middle = call(a)
        end = last(middle)

        graph = Graph([a, b], end)

        assert set(graph.parents(end.node)) == {middle.node, b.node}
        assert graph.nodes[-1] is end.node
        assert graph.layers() == [[a.node, b.node], [middle.node], [end.node]]


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=3), max_size=12))
def test_every_node_comes_after_all_that_it_reads(wiring):
    """Whatever the wiring, in the order and in the layers, and each node once."""
    promises = [source("a"), source("b")]
    for parents in wiring:
        promises.append(call(*(promises[number % len(promises)] for number in parents)))
    graph = Graph(promises[:2], promises[::-1])

    assert len(graph.nodes) == len(set(graph.nodes)) == len(promises)
    level = {node: number for number, layer in enumerate(graph.layers()) for node in layer}
    for index, node in enumerate(graph.nodes):
        for parent in graph.parents(node):
            assert parent in graph.nodes[:index]
            assert level[parent] < level[node]


def test_a_very_deep_chain_is_walked():
    """Depth is no recursion."""
    x = end = source()
    for _ in range(1_500):
        end = call(end)

    assert len(Graph(x, end).nodes) == 1_501


def test_names_depend_on_the_wiring_alone():
    """Not on what was made before, nor on the order in which it was made."""

    def build():
        x = source()
        return Graph(x, call(call(x), call(x)))

    first = operation_names(build())
    for _ in range(3):
        call(source())
    late, early = call(other := source()), call(other)

    assert operation_names(build()) == first == ["input", "step", "step_1", "step_2"]
    assert operation_names(Graph(other, call(early, late))) == first


def test_a_name_that_its_author_gave_is_kept():
    """Others make room for it, wherever they stand."""
    x = source()
    end = call(call(x), operation=Step(name="step"))

    assert operation_names(Graph(x, end)) == ["input", "step_1", "step"]


def test_an_operation_that_is_called_twice_has_one_name():
    """Its variables are found under it."""
    x, shared = source(), Step()
    graph = Graph(x, call(call(x, operation=shared), operation=shared))

    assert operation_names(graph) == ["input", "step", "step"]


def test_two_operations_of_one_name_are_an_error():
    """The message says what to do."""
    x = source()
    end = call(call(x, operation=Step(name="same")), operation=Step(name="same"))

    with pytest.raises(GraphError, match=r"Two modules are named 'same'.*\n.*different names"):
        Graph(x, end)


def test_an_input_that_was_not_given_is_named():
    """The message shows who needs it, the line as it was written and as it should be."""
    a, b = source("question"), source("context")
    end = call(call(a), b, operation=Step(name="answer"))

    with pytest.raises(GraphError) as caught:
        Graph(a, end)

    assert str(caught.value) == (
        "output 'answer' needs 'context', which Program was not given.\n"
        "  It is read by 'answer', which reads 'step', 'context'.\n"
        "  Program(inputs=[question], ...)   <- as you wrote it\n"
        "  Program(inputs=[question, context], ...)   <- add it"
    )


def test_an_input_that_is_itself_an_output_must_be_given():
    """The message names it."""
    a, b = source("a"), source("b")

    with pytest.raises(GraphError, match="output 'b' needs 'b'"):
        Graph(a, [call(a), b])


@pytest.mark.parametrize(
    ("inputs", "outputs", "reason"),
    [
        (lambda x, y: y, lambda x, y: y, r"inputs must come from Input\(...\).*'step'"),
        (lambda x, y: [x, x], lambda x, y: y, "same input is given twice"),
        (lambda x, y: [], lambda x, y: y, "needs at least one input"),
        (lambda x, y: x, lambda x, y: [], "needs at least one output"),
        (lambda x, y: {"text": "x"}, lambda x, y: y, r"Program\(inputs=...\) takes what"),
        (lambda x, y: x, lambda x, y: None, r"Program\(outputs=...\) takes what"),
    ],
)
def test_a_graph_that_cannot_run_is_an_error(inputs, outputs, reason):
    """The message says what was given and what to give."""
    x = source()
    y = call(x)

    with pytest.raises(GraphError, match=reason):
        Graph(inputs(x, y), outputs(x, y))


def test_a_forgotten_await_is_recognised():
    """The coroutine is closed, so that nothing warns later."""

    async def wire():
        return None

    x = source()

    with pytest.raises(GraphError, match="forget `await`"):
        Graph(x, wire())


def test_structures_of_inputs_and_outputs_are_kept():
    """As they were given, for whoever reads or feeds the graph."""
    a, b = source(), source()
    inputs, outputs = {"first": a, "rest": [b]}, (call(a, b), {"again": a})
    graph = Graph(inputs, outputs)

    assert graph.sources == [a.node, b.node]
    assert (graph.inputs, graph.outputs) == (inputs, outputs)


def test_nothing_remembers_a_graph():
    """When the last reference goes, so does all that was wired."""
    x, operation = source(), Step()
    end = call(call(x), operation=operation)
    graph = Graph(x, end)
    execution = Runner(graph)
    ghosts = [weakref.ref(one) for one in (operation, graph, execution, x.node.operation)]

    del x, operation, end, graph, execution
    gc.collect()

    assert [ghost() for ghost in ghosts] == [None] * 4

"""Drawings show every node and every edge, whatever the names."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.variable import Variable
from synthflow.graph import render
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import Node, Source, symbolic_call

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}}
TEXT = {"type": "object", "properties": {"text": {"type": "string"}, "n": {"type": "integer"}}}
HOSTILE = [
    '<script>alert("x")</script>',
    'a"]; n9["b',
    "x --> y",
    "`**bold**`",
    "%%{init: {}}%%",
    "style x:#fff;",
    "two\nlines\r\tand tabs",
    "bell \a null \0 escape \x1b[31m",
    "end",
    "&amp; #quot; ]]>",
    "日本語 🎨",
]


@dataclass(eq=False)
class Step:
    """An operation with a variable that training may change, and one that it may not."""

    name: str | None = None
    default_name: str = "step"
    accepts_none: bool = False
    takes_batches: bool = False
    trainable_variables: list = field(default_factory=lambda: [Variable({"n": 1}, schema=NUMBER)])

    def named_variables(self):
        """Give both."""
        yield "state", self.trainable_variables[0]
        yield "frozen", Variable({"n": 2}, schema=NUMBER, trainable=False)

    async def call(self, *inputs):
        """Give the first input."""
        return inputs[0]

    async def call_batch(self, rows):
        """Give the inputs."""
        return rows


def source(name=None):
    """Promise an input."""
    return Node(Source(TEXT, name=name)).promise(TEXT)


def step(*arguments, name=None, schema=NUMBER):
    """Wire a call."""
    return symbolic_call(Step(name), arguments, schema)


@pytest.fixture
def graph():
    """Two inputs, a diamond, an operator, two outputs of one call."""
    question, context = source("question"), source("context")
    left, right = step(question, name="split", schema=(NUMBER, TEXT))
    return Graph([question, context], [step(left, right, name="judge"), (right | question) + context])


def edges(graph):
    """Give the pairs of numbers of nodes that are connected."""
    place = {node: index for index, node in enumerate(graph.nodes)}
    return {(place[parent], place[node]) for node in graph.nodes for parent in graph.parents(node)}


def test_the_summary_has_a_line_for_each_node(graph):
    """Name, kind, fields, what is trainable and what is read, under the title."""
    title, header, rule, *lines = render.summary(graph, title="quiz").splitlines()

    assert title == "quiz"
    assert header.split() == ["name", "kind", "output", "trainable", "reads"]
    assert set(rule) == {"-"}
    assert [re.split(r" {2,}", line) for line in lines] == [
        ["question", "Input", "text: string, n: integer"],
        ["context", "Input", "text: string, n: integer"],
        ["split", "Step", "0: n: integer; 1: text: string, n: integer", "state", "question"],
        ["judge", "Step", "n: integer", "state", "split"],
        ["or", "or", "text: string, n: integer, text_1: string, n_1: integer | ...", "split, question"],
        ["concat", "concat", "text: string, n: integer, text_1: string, n_1: integer, ...", "or, context"],
    ]
    reads = header.index("reads")
    assert lines[2][reads:] == "question"
    assert lines[4][reads:] == "split, question"


def test_notes_have_a_column_of_their_own(graph):
    """Only when there are any."""
    first = graph.nodes[0]

    assert render.summary(graph, notes={first: "asked by a person"}).splitlines()[2].endswith("  asked by a person")
    assert "note" not in render.summary(graph)


def test_mermaid_shows_every_node_and_edge(graph):
    """Inputs as pills, outputs with a double border, calls in boxes."""
    lines = render.to_mermaid(graph, notes={graph.nodes[2]: "seed"}).splitlines()

    assert lines[0] == "flowchart TD"
    assert lines[1] == '  n0(["question<br/>Input<br/>text: string, n: integer"])'
    assert lines[3] == '  n2["split<br/>Step<br/>0: n: integer#59; 1: text: string, n: integer<br/>seed"]'
    assert lines[4] == '  n3[["judge<br/>Step<br/>n: integer"]]'
    found = {tuple(map(int, pair)) for pair in re.findall(r"^  n(\d+) --> n(\d+)$", "\n".join(lines), re.MULTILINE)}
    assert found == edges(graph)
    assert len(lines) == 1 + len(graph.nodes) + len(edges(graph))


@pytest.mark.parametrize("name", HOSTILE)
def test_mermaid_reads_no_name_as_its_own(name):
    """Whatever the name, each line is a node or an edge, and the label has no mark that mermaid knows."""
    x = source(name)
    lines = render.to_mermaid(Graph(x, step(x, name=f"{name}!")), notes={x.node: name}).splitlines()

    assert len(lines) == 4
    for line in lines[1:3]:
        label = re.fullmatch(r'  n\d+(?:\(\["|\[\[")(.*)(?:"\]\)|"\]\])', line)[1]
        assert not re.search(r'["<>`%{}&]|:\S', label.replace("<br/>", ""))


def _texts(picture):
    return ["".join(text.itertext()).strip() for text in picture.iter(f"{SVG}text")]


def _boxes(picture):
    rectangles = [group.find(f"{SVG}rect") for group in picture.iter(f"{SVG}g")]
    return [tuple(float(box.get(key)) for key in ("x", "y", "width", "height")) for box in rectangles]


def _ends_of_arrows(picture):
    paths = [path.get("d") for path in picture.iter(f"{SVG}path") if path.get("marker-end")]
    numbers = [[float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path)] for path in paths]
    return [(tuple(one[:2]), tuple(one[-2:])) for one in numbers]


def test_the_picture_is_xml_with_every_name(graph):
    """And with the fields when they are asked for."""
    with_fields = _texts(ET.fromstring(render.to_svg(graph, notes={graph.nodes[2]: "first try"})))
    without = _texts(ET.fromstring(render.to_svg(graph, show_schemas=False)))

    for node in graph.nodes:
        assert graph.name(node) in with_fields
        assert graph.name(node) in without
    assert "first try" in with_fields
    assert any("text: string" in text for text in with_fields)
    assert not any("text: string" in text for text in without)


def test_the_same_graph_gives_the_same_picture(graph):
    """So that a picture in a repository changes only with the program."""
    assert render.to_svg(graph) == render.to_svg(graph)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), max_size=7))
def test_arrows_lead_from_box_to_box_and_no_box_hides_another(wiring):
    """Whatever the wiring: each edge from the bottom of its parent to the top of its child, all inside the picture."""
    promises = [source(), source()]
    for parents in wiring:
        promises.append(step(*(promises[number % len(promises)] for number in parents)))
    graph = Graph(promises[:2], promises)

    picture = ET.fromstring(render.to_svg(graph))

    boxes = _boxes(picture)
    tops = {(round(x + w / 2, 3), round(y, 3)): index for index, (x, y, w, h) in enumerate(boxes)}
    bottoms = {(round(x + w / 2, 3), round(y + h, 3)): index for index, (x, y, w, h) in enumerate(boxes)}
    assert len(boxes) == len(graph.nodes)
    arrows = [
        (bottoms[round(x, 3), round(y, 3)], tops[round(u, 3), round(v, 3)])
        for (x, y), (u, v) in _ends_of_arrows(picture)
    ]
    assert sorted(arrows) == sorted(edges(graph))
    for index, (x, y, w, h) in enumerate(boxes):
        assert all(x + w < u or u + k < x or y + h < v or v + m < y for u, v, k, m in boxes[:index])
    left, top, width, height = map(float, picture.get("viewBox").split())
    assert all(left <= x and x + w <= left + width and top <= y and y + h <= top + height for x, y, w, h in boxes)


def test_an_arrow_that_passes_a_layer_goes_beside_its_boxes():
    """From an input past a call that reads it to one that reads both."""
    x = source()
    middle = step(x)
    graph = Graph(x, step(middle, x))

    picture = ET.fromstring(render.to_svg(graph))

    left, top, width, height = _boxes(picture)[1]
    paths = [path.get("d") for path in picture.iter(f"{SVG}path") if path.get("marker-end")]
    passing = next(path for path in paths if "L" in path)
    x_beside, y_beside = map(float, re.search(r"L(-?[\d.]+),(-?[\d.]+)", passing).groups())
    assert not left <= x_beside <= left + width
    assert y_beside == pytest.approx(top + height)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_picture_or_the_table(name):
    """Names are escaped, control characters replaced, and each stays on its line."""
    x = source(name)
    graph = Graph(x, step(x, name=f"{name}!"))

    assert len(list(ET.fromstring(render.to_svg(graph, notes={x.node: name})).iter(f"{SVG}g"))) == 2
    table = render.summary(graph, title=name, notes={x.node: name})
    assert len(table.splitlines()) == 5
    assert all(letter.isprintable() or letter == "\n" for letter in table)


def test_long_names_and_schemas_are_cut():
    """A box and a table stay readable."""
    many = {"type": "object", "properties": {f"field_{number}": {"type": "string"} for number in range(100)}}
    x = source("x" * 500)
    graph = Graph(x, symbolic_call(Step("y" * 500), (x,), many))

    assert max(map(len, render.summary(graph).splitlines())) < 400
    assert max(width for _, _, width, _ in _boxes(ET.fromstring(render.to_svg(graph)))) < 400
    assert len(_texts(ET.fromstring(render.to_svg(graph)))) <= 2 * (2 + render.MOST_LINES)

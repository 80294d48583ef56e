"""Drawings of a graph: a table for a terminal, mermaid text, and an SVG picture.

In the picture each node stands below all that it reads. An arrow that passes
a layer by has a place of its own there, so no box hides it.

Source: Sugiyama, Tagawa and Toda, Methods for Visual Understanding of Hierarchical
System Structures (1981); layers are ordered once, from the inputs down.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any, Protocol, runtime_checkable

from synthflow.data_models import schema as schemas
from synthflow.data_models.variable import Variable
from synthflow.graph.graph import Graph
from synthflow.graph.structure import leaves
from synthflow.graph.symbolic import Combine, Node, Operation, Source

Notes = Mapping[Node, str]
"""Extra text for some nodes of a graph."""

WIDEST_CELL = 60  # characters
WIDEST_LINE = 44  # characters
MOST_LINES = 6  # of a schema
LETTER, LINE = 7.3, 16.0  # pixels, of a letter in a monospaced font of 12 pixels
PADDING, GAP, RISE = 10.0, 28.0, 44.0  # pixels: inside a box, between two boxes, between two layers


@runtime_checkable
class HoldsVariables(Protocol):
    """An operation with variables, as modules are."""

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training may change."""

    def named_variables(self) -> Iterator[tuple[str, Variable]]:
        """Give each variable with its path."""


def summary(graph: Graph, *, title: str = "", notes: Notes | None = None) -> str:
    """Tell what a graph is made of, as a table in plain text.

    Args:
        graph: What to tell of.
        title: A line above the table, such as the name of a program.
        notes: Extra text for some nodes, in a last column.

    Returns:
        A line for each node: name, kind, fields, trainable variables and what it reads.
    """
    fields = _fields(graph)
    rows = [["name", "kind", "output", "trainable", "reads", *(["note"] if notes else [])]]
    for node in graph.nodes:
        reads = ", ".join(graph.name(parent) for parent in graph.parents(node))
        row = [graph.name(node), _kind(node.operation), fields[node], ", ".join(_trainable(node.operation)), reads]
        rows.append([*row, *([notes.get(node, "")] if notes else [])])
    cells = [[textwrap.shorten(_printable(cell), WIDEST_CELL, placeholder=" ...") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    rule = "-" * max(map(len, lines))
    return "\n".join([*([_printable(title)] if title else []), lines[0], rule, *lines[1:]])


def to_mermaid(graph: Graph, *, notes: Notes | None = None) -> str:
    """Draw a graph as mermaid text: inputs as pills, outputs with a double border.

    Args:
        graph: What to draw.
        notes: Extra text for some nodes, as their last line.

    Returns:
        The text of a flow chart, as Markdown pages show it between ```` ```mermaid ```` fences.
    """
    place = {node: f"n{index}" for index, node in enumerate(graph.nodes)}
    fields, ends = _fields(graph), _ends(graph)
    lines = ["flowchart TD"]
    for node in graph.nodes:
        words = [graph.name(node), _kind(node.operation), fields[node], (notes or {}).get(node, "")]
        label = "<br/>".join(_mermaid_text(one) for one in words if one)
        left, right = ("([", "])") if node in graph.sources else ("[[", "]]") if node in ends else ("[", "]")
        lines.append(f'  {place[node]}{left}"{label}"{right}')
    lines += [f"  {place[parent]} --> {place[node]}" for node in graph.nodes for parent in graph.parents(node)]
    return "\n".join(lines) + "\n"


def to_svg(graph: Graph, *, show_schemas: bool = True, notes: Notes | None = None) -> str:
    """Draw a graph as an SVG picture: inputs with round ends, outputs with a thick border.

    Args:
        graph: What to draw.
        show_schemas: Whether boxes show the fields.
        notes: Extra text for some nodes, as their last lines.

    Returns:
        The text of an SVG file; the same graph always gives the same text.
    """
    import drawsvg

    fields, ends = _fields(graph), _ends(graph)
    boxes = {}
    for node in graph.nodes:
        lines = [_clipped(graph.name(node)), _clipped(_kind(node.operation))]
        for words in (fields[node] if show_schemas else "", (notes or {}).get(node, "")):
            lines += textwrap.wrap(_printable(words), WIDEST_LINE, max_lines=MOST_LINES, placeholder=" ...")
        boxes[node] = _Box(lines, max(map(len, lines)) * LETTER + 2 * PADDING, len(lines) * LINE + 2 * PADDING)
    rows, routes = _laid_out(graph, boxes)

    left = min(box.x for row in rows for box in row) - GAP
    width = max(box.x + box.width for row in rows for box in row) + GAP - left
    height = max(box.y + box.height for box in rows[-1]) + 2 * GAP
    picture = drawsvg.Drawing(round(width), round(height), origin=(round(left), -round(GAP)))
    picture.append(drawsvg.Rectangle(round(left), -round(GAP), round(width), round(height), fill="white"))
    head = drawsvg.Marker(-6, -4, 1, 4, orient="auto")
    head.append(drawsvg.Lines(-6, -4, -6, 4, 0, 0, fill="#445", close=True))
    for route in routes:
        picture.append(_arrow(drawsvg.Path(stroke="#445", fill="none", marker_end=head), route))
    for node, box in boxes.items():
        group = drawsvg.Group()
        style = {"rx": 16 if node in graph.sources else 4, "stroke_width": 2.5 if node in ends else 1}
        group.append(drawsvg.Rectangle(box.x, box.y, box.width, box.height, fill="#eef3fb", stroke="#445", **style))
        for index, line in enumerate(box.lines):
            look = {"font_weight": "bold"} if index == 0 else {"font_style": "italic"} if index == 1 else {}
            y = box.y + PADDING + (index + 0.75) * LINE
            group.append(
                drawsvg.Text(
                    line, 12, box.centre, y, text_anchor="middle", font_family="monospace", fill="#223", **look
                )
            )
        picture.append(group)
    text: str = picture.as_svg()
    return text


@dataclass(eq=False)
class _Box:
    """A node in the picture, or the place where an arrow passes a layer."""

    lines: list[str]
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def centre(self) -> float:
        return self.x + self.width / 2


def _laid_out(graph: Graph, boxes: Mapping[Node, _Box]) -> tuple[list[list[_Box]], list[list[_Box]]]:
    """Put every box in its place; give the layers, and for each arrow the boxes on its way."""
    layers = graph.layers()
    level = {node: number for number, layer in enumerate(layers) for node in layer}
    rows = [[boxes[node] for node in layer] for layer in layers]
    routes, above = [], dict[_Box, list[_Box]]()
    for node in graph.nodes:
        for parent in graph.parents(node):
            passed = range(level[parent] + 1, level[node])
            places = [_Box([], 0.0, 0.0) for _ in passed]
            for number, place in zip(passed, places, strict=True):
                rows[number].append(place)
            route = [boxes[parent], *places, boxes[node]]
            for upper, lower in pairwise(route):
                above.setdefault(lower, []).append(upper)
            routes.append(route)
    y = 0.0
    for row in rows:
        row.sort(key=lambda box: fmean(upper.centre for upper in above[box]) if box in above else 0.0)
        x = -(sum(box.width for box in row) + GAP * (len(row) - 1)) / 2
        tallest = max(box.height for box in row)
        for box in row:
            box.x, box.y, box.height = x, y, box.height or tallest
            x += box.width + GAP
        y += tallest + RISE
    return rows, routes


def _arrow(path: Any, route: list[_Box]) -> Any:
    """Lead a path down a route: out of the middle of a box's bottom, into the middle of a box's top."""
    path.M(route[0].centre, route[0].y + route[0].height)
    for upper, lower in pairwise(route):
        start, half = upper.y + upper.height, (lower.y - upper.y - upper.height) / 2
        path.C(upper.centre, start + half, lower.centre, lower.y - half, lower.centre, lower.y)
        if lower is not route[-1]:
            path.L(lower.centre, lower.y + lower.height)
    return path


def _fields(graph: Graph) -> dict[Node, str]:
    """Say in words what each node yields; of several outputs, those that somebody reads."""
    promised: dict[Node, dict[str, schemas.Schema]] = {}
    reads = (parent for node in graph.nodes for parent in node.parents())
    for promise in (*leaves(graph.inputs), *leaves(graph.outputs), *reads):
        path = ".".join(map(str, promise.path))
        promised.setdefault(promise.node, {})[path] = promise.get_schema()
    return {
        node: "; ".join(
            f"{path}: {schemas.describe(schema)}" if path else schemas.describe(schema)
            for path, schema in sorted(outputs.items())
        )
        for node, outputs in promised.items()
    }


def _ends(graph: Graph) -> set[Node]:
    return {promise.node for promise in leaves(graph.outputs)}


def _kind(operation: Operation) -> str:
    if isinstance(operation, Source):
        return "Input"
    return operation.default_name if isinstance(operation, Combine) else type(operation).__name__


def _trainable(operation: Operation) -> list[str]:
    if not isinstance(operation, HoldsVariables):
        return []
    trainable = operation.trainable_variables
    return [path for path, variable in operation.named_variables() if variable in trainable]


def _printable(text: str) -> str:
    """Put text on one line, without characters that control a terminal or break XML."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


def _clipped(text: str) -> str:
    text = _printable(text)
    return text if len(text) <= WIDEST_LINE else text[: WIDEST_LINE - 4] + " ..."


def _mermaid_text(text: str) -> str:
    """Escape what mermaid would read as its own: everything but letters, digits and plain punctuation."""
    return re.sub(r"[^\w\s.,:|()\[\]-]|:(?! )", lambda found: f"#{ord(found[0])};", _printable(text))

"""From a program to a script that reads well and needs nothing but itself.

A script holds the primitives that the program uses, its tables as named constants, one named
step a line, and the contract of the sandbox: it reads `inputs` and leaves `result`. A repair is
written after its parent's text, whose `result` it reads and replaces.
"""

import ast
import builtins
import json
from typing import Any

from synthflow.proposers.symbolic.pool import Term
from synthflow.proposers.symbolic.sources import definitions, with_needs
from synthflow.proposers.symbolic.vocabulary import NOUNS
from synthflow.search.source import parse

GRID, PREVIOUS = "grid", "previous"
"""The names of the leaves: the input, and what the parent's script made of it."""

_WIDTH = 100
_TABLE_NAMES = {"recolour": "COLOURS", "choose": "ANSWERS"}


def write_script(program: Term, *, input_field: str, output_field: str, parent: str | None = None) -> str:
    """Write a program as a script.

    Args:
        program: The last call of the program.
        input_field: The field of `inputs` that holds the input grid.
        output_field: The field of `result` that takes the output grid.
        parent: The script that the program repairs, if it uses the leaf `previous`.

    Returns:
        The script, ending in a line break.
    """
    writer = _Writer(program)
    helpers = [definition.source for definition in with_needs(writer.used | {"Grid"})]
    kinds = [source for source in helpers if not source.startswith("def ")]
    functions = [source for source in helpers if source.startswith("def ")]
    input_grid = f"inputs[{_quoted(input_field)}]"
    if parent is None:
        head, arguments, call = "transform", "grid: Grid", f"transform({input_grid})"
    else:
        head, arguments = "repair", "grid: Grid, previous: Grid"
        call = f"repair({input_grid}, result[{_quoted(output_field)}])"
    body = "\n".join(f"    {line}" for line in writer.lines)
    blocks = [
        *([parent.rstrip("\n")] if parent is not None else []),
        "\n".join([*kinds, *writer.constants]),
        *functions,
        f"def {head}({arguments}) -> Grid:\n{body}",
        f"result = {{{_quoted(output_field)}: {call}}}",
    ]
    return "\n\n\n".join(blocks) + "\n"


def can_be_repaired(parent: str) -> bool:
    """Tell whether statements may follow a script: it must parse and rebind nothing that they rely on.

    >>> can_be_repaired("result = {'output_grid': inputs['input_grid']}")
    True
    >>> can_be_repaired("inputs = None")
    False
    """
    try:
        tree = parse(parent)
    except SyntaxError:
        return False
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return not bound & {"inputs", *dir(builtins)}


class _Writer:
    """Writes a program's calls as lines, each value once, in the order needed."""

    def __init__(self, program: Term) -> None:
        self.used: set[str] = set()
        self.constants: list[str] = []
        self.lines: list[str] = []
        self._names: dict[int, str] = {}
        self._taken = {GRID, PREVIOUS, "transform", "repair", "inputs", "result", *definitions()}
        last = self._call(program) if program.arguments else program.name
        self.lines.append(f"return {last}")

    def _name(self, term: Term) -> str:
        """Name a value, after writing the line that computes it."""
        if not term.arguments:
            return term.name
        if id(term) not in self._names:
            call = self._call(term)
            self._names[id(term)] = name = self._free(NOUNS[term.name])
            self.lines.append(f"{name} = {call}")
        return self._names[id(term)]

    def _call(self, term: Term) -> str:
        self.used.add(term.name)
        return f"{term.name}({', '.join([self._argument(a, term.name) for a in term.arguments])})"

    def _argument(self, argument: Any, function: str) -> str:
        if isinstance(argument, Term):
            return self._name(argument)
        if isinstance(argument, dict):
            name = self._free(_TABLE_NAMES.get(function, "TABLE"))
            self.constants.append(f"{name} = {_table(argument, len(name))}")
            return name
        if isinstance(argument, list):
            rows = [f"[{', '.join([self._name(term) for term in row])}]" for row in argument]
            joined = f"[{', '.join(rows)}]"
            return joined if len(joined) < _WIDTH - 20 else "[\n        " + ",\n        ".join(rows) + ",\n    ]"
        return repr(argument)

    def _free(self, noun: str) -> str:
        name, number = noun, 1
        while name in self._taken:
            number += 1
            name = f"{noun}_{number}"
        self._taken.add(name)
        return name


def _table(table: dict[Any, int], indent: int) -> str:
    entries = [f"{key}: {value}" for key, value in table.items()]
    line = f"{{{', '.join(entries)}}}"
    if indent + 3 + len(line) <= _WIDTH:
        return line
    rows: list[list[str]] = [[]]
    for entry in entries:
        if rows[-1] and len(", ".join([*rows[-1], entry])) > _WIDTH - 6:
            rows.append([])
        rows[-1].append(entry)
    return "{\n" + "".join([f"    {', '.join(row)},\n" for row in rows]) + "}"


def _quoted(field: str) -> str:
    return json.dumps(field, ensure_ascii=False)

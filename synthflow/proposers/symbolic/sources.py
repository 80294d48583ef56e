"""The primitives as text: what a script needs of them, and the functions that the search runs.

The search executes the same source that scripts show. Two things differ, and neither changes
a value: functions that could build huge grids refuse to, and objects are found only once.
"""

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

Function = Callable[..., Any]

MAX_SIDE = 30
"""The most rows or columns that a grid may have."""

MODULES = (
    "kinds",
    "rigid",
    "crop",
    "scale",
    "colour",
    "lines",
    "objects",
    "properties",
    "features",
    "shapes",
    "patterns",
    "parts",
    "tables",
)
"""The files of `primitives/`, each after those that it imports from."""

_MEMO_SIZE = 20_000


@dataclass(frozen=True)
class Definition:
    """One function, or one name of a kind of value, as it stands in its file."""

    name: str
    """Its name."""
    source: str
    """Its text, from `def` to the end."""
    needs: frozenset[str]
    """The other definitions that it mentions."""


@functools.cache
def definitions() -> dict[str, Definition]:
    """Read all primitives, in an order in which each stands after the kinds it mentions."""
    found: list[tuple[str, str, set[str]]] = []
    for module in MODULES:
        text = Path(__file__).with_name("primitives").joinpath(f"{module}.py").read_text(encoding="utf-8")
        for part in ast.parse(text).body:
            names = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
            source = ast.get_source_segment(text, part) or ""
            if isinstance(part, ast.FunctionDef):
                found.append((part.name, source, names))
            elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
                found.append((part.targets[0].id, source, names))
    known = {name for name, _, _ in found}
    return {name: Definition(name, source, frozenset(names & known - {name})) for name, source, names in found}


def with_needs(names: set[str]) -> list[Definition]:
    """List definitions together with all that they need, directly or not, in order."""
    known = definitions()
    needed: set[str] = set()
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(known[name].needs)
    return [definition for name, definition in known.items() if name in needed]


@functools.cache
def _code() -> CodeType:
    text = "\n\n".join(definition.source for definition in definitions().values())
    return compile(text, "<primitives>", "exec")


def search_functions() -> dict[str, Function]:
    """Run the primitives' source in a fresh namespace, guarded and with a memory for objects."""
    functions: dict[str, Any] = {}
    exec(_code(), functions)
    for name, fits in _SMALL_ENOUGH.items():
        functions[name] = _guarded(functions[name], fits)
    functions["find_objects"] = _remembering(functions["find_objects"])
    return functions


_SMALL_ENOUGH: dict[str, Callable[..., bool]] = {
    "upscale": lambda grid, factor: max(len(grid), len(grid[0])) * factor <= MAX_SIDE,
    "enlarge_canvas": lambda grid, factor: max(len(grid), len(grid[0])) * factor <= MAX_SIDE,
    "upscale_rows": lambda grid, factor: len(grid) * factor <= MAX_SIDE,
    "upscale_cols": lambda grid, factor: len(grid[0]) * factor <= MAX_SIDE,
    "tile": lambda grid, down, across: max(len(grid) * down, len(grid[0]) * across) <= MAX_SIDE,
    "stamp": lambda grid, picture: max(len(grid) * len(picture), len(grid[0]) * len(picture[0])) <= MAX_SIDE,
    "beside": lambda left, right: len(left) == len(right) and len(left[0]) + len(right[0]) <= MAX_SIDE,
    "above": lambda top, bottom: len(top) + len(bottom) <= MAX_SIDE,
}


def _guarded(function: Function, fits: Callable[..., bool]) -> Function:
    def guarded(*arguments: Any) -> Any:
        if not fits(*arguments):
            raise ValueError("the grid would be too large")
        return function(*arguments)

    return guarded


def _remembering(function: Function) -> Function:
    memory: dict[Any, Any] = {}

    def remembering(grid: Any, diagonal: bool, mixed: bool) -> Any:
        key = (grid if type(grid) is tuple else tuple(map(tuple, grid)), diagonal, mixed)
        if key not in memory:
            if len(memory) >= _MEMO_SIZE:
                memory.clear()
            memory[key] = function(grid, diagonal, mixed)
        return memory[key]

    return remembering

"""The vocabulary names real functions, with the arguments that they take."""

import ast
import inspect
from pathlib import Path

import pytest

import synthflow.proposers.symbolic as folder
from synthflow.proposers.symbolic.sources import definitions, search_functions, with_needs
from synthflow.proposers.symbolic.vocabulary import FLOWING, NOUNS, VOCABULARY, constant_ranges, select

RANGES = constant_ranges([1, 2], [0, 1])
TWO_EACH = {"way": 2, "shares": 2, "output": 2, "corner": 4}
WALLS = (ast.Yield, ast.YieldFrom, ast.Delete, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Try)


@pytest.mark.parametrize("primitive", VOCABULARY, ids=lambda primitive: primitive.name)
def test_every_line_names_a_function_with_as_many_arguments(primitive):
    """A signature's kinds stand for the function's parameters, one for one but for pairs and corners."""
    parameters = inspect.signature(search_functions()[primitive.name], follow_wrapped=True).parameters
    count = sum(TWO_EACH.get(kind, 1) for kind in primitive.takes)

    assert "arguments" in parameters or len(parameters) == count
    assert primitive.cost >= 0
    assert primitive.noun.isidentifier()


def test_a_result_has_one_noun_whatever_its_kind():
    """A name that stands in two lines has the same noun in both, as a script knows names alone."""
    assert {(p.name, p.noun) for p in VOCABULARY} == set(NOUNS.items())


def test_every_constant_that_is_searched_has_a_range():
    """Only corners and the outputs' size depend on the grid, and only finishing steps have other constants."""
    kinds = {kind for p in VOCABULARY if p.gives != "goal" for kind in p.takes} - FLOWING

    assert kinds - set(RANGES) == {"corner", "output", "table", "values"}


def test_select_finds_by_signature():
    """Asking for what leads from objects to numbers gives the properties of objects."""
    names = [primitive.name for primitive in select("grid", "objects", gives="numbers")]

    assert "sizes" in names
    assert "find_objects" not in names


def test_needs_come_with_their_own_needs():
    """What a function calls is listed before it where files allow, and nothing else is."""
    names = [definition.name for definition in with_needs({"rotate_90"})]

    assert names == ["Grid", "flip_rows", "transpose", "rotate_90"]


def test_the_search_refuses_huge_grids():
    """A guard raises before a grid grows beyond 30 rows or columns."""
    functions = search_functions()

    with pytest.raises(ValueError, match="too large"):
        functions["upscale"]([[1] * 20], 2)
    assert functions["upscale"]([[1]], 2) == [[1, 1], [1, 1]]


def test_primitives_stay_within_the_walls():
    """No primitive uses syntax that the sandbox lacks."""
    for definition in definitions().values():
        found = [type(node).__name__ for node in ast.walk(ast.parse(definition.source)) if isinstance(node, WALLS)]

        assert not found, f"{definition.name} uses {found}"
        assert "next(" not in definition.source


def test_no_source_names_a_task():
    """Nothing in the search looks like a task's id of eight hexadecimal digits."""
    files = sorted(Path(folder.__file__).parent.rglob("*.py"))

    for file in files:
        words = file.read_text(encoding="utf-8").replace('"', " ").replace("'", " ").split()
        ids = [word for word in words if len(word) == 8 and set(word) <= set("0123456789abcdef")]

        assert not ids, f"{file.name} holds {ids}"
    assert len(files) > 20

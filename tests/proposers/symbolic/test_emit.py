"""Scripts need nothing but themselves, and run in the sandbox as they do in Python."""

import ast
import builtins

import pydantic_monty
import pytest

from synthflow.proposers.symbolic.emit import can_be_repaired, write_script
from synthflow.proposers.symbolic.engine import LANES, Enumeration, Parent
from synthflow.proposers.symbolic.pool import Term, freeze_grid
from synthflow.proposers.symbolic.stages import Stages
from synthflow.proposers.symbolic.target import finished
from tests.proposers.symbolic.tasks import FLIP, NEITHER, ON_RED, STAMP, rows, run

FIELDS = {"input_field": "input_grid", "output_field": "output_grid"}
GRIDS = [
    [[0, 0, 5, 1, 1, 0], [2, 2, 5, 1, 0, 0], [5, 5, 5, 5, 5, 5], [0, 3, 5, 0, 0, 2], [3, 3, 5, 2, 2, 2]],
    [[0, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1], [2, 0, 0, 3]],
    rows(4, 6, 6, [0, 0, 0, 1, 2, 3]),
    rows(9, 3, 3, [0, 7]),
    [[8, 8, 8, 8], [8, 1, 8, 8], [8, 8, 8, 8], [8, 8, 2, 8]],
]


def free_names(script):
    """List the names that a script uses and neither defines nor finds in Python."""
    tree = ast.parse(script)
    bound = {"inputs", *dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - bound


def programs():
    """Make programs of one and two steps, each with a grid that it works on."""
    made = []
    for grid in GRIDS:
        value = freeze_grid(grid)
        stages = Stages([value], [value], None, slice(None))
        steps = stages.run()
        while stages.pool.evaluations < 5000 and next(steps, None) is not None:
            continue
        made += [(term, grid) for term in stages.pool.grids]
    return made


def test_scripts_run_in_the_sandbox_as_in_python():
    """For each last step that a search takes there are scripts: self-contained, with one answer in both."""
    uses = {}
    for term, grid in programs():
        uses.setdefault(term.name, []).append((term, grid))
    scripts = {}
    for found in uses.values():
        for term, grid in found[:1] + found[-1:]:
            scripts[write_script(term, **FIELDS)] = grid
    with pydantic_monty.Monty() as pool:
        for script, grid in scripts.items():
            with pool.checkout() as session:
                session.feed_run(script, inputs={"inputs": {"input_grid": grid}})
                answer = session.feed_run("result")["output_grid"]

            assert answer == run(script, grid), script
            assert not free_names(script), script

    assert len(scripts) > 150


def test_a_script_is_short_and_named():
    """It holds the helpers in use, tables as constants, named steps, and the contract."""
    leaf = Term("grid", (), "grid", (), 0.0, 0)
    flipped = finished("flip_rows", (leaf,), 1.0)

    script = write_script(finished("recolour", (flipped, {1: 2}), 2.0), input_field="before", output_field="after")

    assert script.split("\n\n\n") == [
        "Grid = list[list[int]]\nCOLOURS = {1: 2}",
        'def flip_rows(grid: Grid) -> Grid:\n    """Turn the grid upside down."""\n'
        "    return [list(row) for row in grid[::-1]]",
        'def recolour(grid: Grid, table: dict[int, int]) -> Grid:\n    """Replace colours by a table; others stay."""\n'
        "    return [[table.get(v, v) for v in row] for row in grid]",
        "def transform(grid: Grid) -> Grid:\n    flipped = flip_rows(grid)\n    return recolour(flipped, COLOURS)",
        'result = {"after": transform(inputs["before"])}\n',
    ]


def test_long_tables_are_wrapped():
    """A table longer than a line, or with entries longer than a line, is still one that Python reads."""
    leaf = Term("grid", (), "grid", (), 0.0, 0)
    key = tuple(tuple(range(20)) for _ in range(4))
    answers = {key: [[1]], ((5,),): [[2]], **{((n,),): [[n]] for n in range(6, 40)}}

    script = write_script(finished("choose", (leaf, answers), 1.0), **FIELDS)

    assert run(script, key) == [[1]]
    assert run(script, [[5]]) == [[2]]
    assert run(script, [[39]]) == [[39]]


def test_each_value_is_computed_once():
    """A step used twice is one line."""
    leaf = Term("grid", (), "grid", (), 0.0, 0)
    flipped = finished("flip_rows", (leaf,), 1.0)

    script = write_script(finished("beside", (flipped, flipped), 2.0), **FIELDS)

    assert script.count("= flip_rows(grid)") == 1
    assert "return beside(flipped, flipped)" in script


@pytest.mark.parametrize("pairs", [STAMP, NEITHER, ON_RED, FLIP], ids=["stamp", "neither", "on_red", "flip"])
def test_what_is_handed_out_is_self_contained_and_as_told(pairs):
    """Every script runs in an empty namespace, and fits exactly if it says so."""
    for lane in range(LANES):
        for program in Enumeration(pairs[:-1], lane=lane).slice().programs:
            assert not free_names(program.script)
            assert program.fits == all(run(program.script, grid) == output for grid, output in pairs[:-1])


class TestRepair:
    """A repair is written after its parent and starts from what the parent made."""

    GRIDS = tuple(rows(seed, 4, 4, [0, 1, 2]) for seed in (1, 2, 3))
    PARENT = (
        "def rotate_90(g):\n    return [list(row) for row in zip(*g[::-1])]\n\n"
        "def odd(n):\n    return n * 7 + 3\n\n"
        'result = {"output_grid": [[odd(v) % 10 for v in row] for row in rotate_90(inputs["input_grid"])]}'
    )

    def pairs(self):
        """The parent's output upside down, its 3 become 5."""
        return [([*g], [[5 if v == 3 else v for v in row] for row in self.made(g)[::-1]]) for g in self.GRIDS]

    def made(self, grid):
        """Run the parent."""
        return run(self.PARENT, grid)

    def parent(self):
        """Show the parent with its predictions."""
        return Parent(self.PARENT, [self.made(grid) for grid in self.GRIDS])

    def test_it_finds_what_the_parent_lacks(self):
        """Statements after the parent's own text turn its result into the right one."""
        found = Enumeration(self.pairs(), self.parent()).slice().programs

        assert found[0].fits
        for program in found:
            assert program.script.startswith(self.PARENT)
            assert "previous" in program.script.split("def repair")[1]
        assert all(run(found[0].script, grid) == output for grid, output in self.pairs())

    def test_it_runs_in_the_sandbox(self):
        """The repaired script gives there what it gives in Python."""
        script = Enumeration(self.pairs(), self.parent()).slice().programs[0].script
        with pydantic_monty.Monty() as pool, pool.checkout() as session:
            session.feed_run(script, inputs={"inputs": {"input_grid": self.GRIDS[0]}})

            assert session.feed_run("result")["output_grid"] == self.pairs()[0][1]

    def test_names_may_clash(self):
        """The parent has a helper of a primitive's name; it has run before that name means another thing."""
        found = Enumeration([(g, self.made(g[::-1])) for g in self.GRIDS], self.parent()).slice().programs

        assert any(p.fits and run(p.script, self.GRIDS[0]) == self.made(self.GRIDS[0][::-1]) for p in found)

    @pytest.mark.parametrize(
        "line",
        [
            "inputs = {}",
            "len = 3",
            "def zip(a):\n    return a",
            "import os as sum",
            "x = (",
            "x = '\0'",
            "x = " + "-" * 100_000 + "1",
        ],
        ids=["inputs", "variable", "function", "import", "syntax", "null byte", "depth"],
    )
    def test_a_parent_that_rebinds_what_follows_needs_is_left_alone(self, line):
        """Nothing is appended to a script that hides `inputs` or a built-in function, or does not parse."""
        found = Enumeration(self.pairs(), Parent(self.PARENT + "\n" + line, self.parent().grids)).slice()

        assert not can_be_repaired(line)
        assert found.programs == []
        assert found.exhausted

    def test_an_odd_escape_sequence_is_repaired_in_silence(self):
        """The parent's warnings are nobody's, even where warnings are errors."""
        found = Enumeration(self.pairs(), Parent(self.PARENT + "\nx = '\\d'", self.parent().grids)).slice()

        assert found.programs[0].fits

    def test_an_output_equal_to_the_input_is_no_start(self):
        """Repairing a script that changes nothing would be the search without it."""
        found = Enumeration(self.pairs(), Parent(self.PARENT, self.GRIDS)).slice()

        assert found.exhausted
        assert found.programs == []

"""Briefs made by hand, for the tests of what a language model is told."""

from synthflow.search.brief import Brief
from synthflow.search.candidate import Attempt, Candidate, Cell, Row, Scorecard
from synthflow.search.protocols import VariableInfo

PATH = "python_synthesis/state"
SCRIPT = "def f(n):\n    return n + 1\n\nresult = {'n': f(inputs['n'])}"


def holds(**fields):
    """Give the schema of an object with these fields."""
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }


def about(path=PATH, *, schema=None, direct=True, walls="No yield here.", **told):
    """Describe a variable."""
    words = {"program": "It counts.", "description": "How to count.", **told}
    number = holds(n="integer")
    return VariableInfo(
        path=path,
        schema=schema or holds(python_script="string"),
        inputs=number,
        outputs=number,
        walls=walls,
        direct=direct,
        **words,
    )


def script(source):
    """Give the value that holds a script."""
    return {"python_script": source}


def parent(rows, cells, value=None, *, path=PATH, **options):
    """Make the card of a candidate, from a cell for each row, or one for all of them."""
    cells = [cells] * len(rows) if isinstance(cells, Cell) else cells
    by_id = {row.id: cell for row, cell in zip(rows, cells, strict=True)}
    return Scorecard(Candidate({path: value or script(SCRIPT)}), by_id, tuple(by_id), **options)


def number_rows(*numbers):
    """Give rows whose answer is twice the number."""
    return tuple(Row({"n": n}, {"n": 2 * n}) for n in numbers)


def brief(parents, rows, *, evidence=None, info=None, **options):
    """Show parents."""
    info = info or about()
    options = {"scope": {info.path: None}, "step": 1, "variables": {info.path: info}, **options}
    return Brief(tuple(parents), tuple(rows), tuple(rows if evidence is None else evidence), **options)


ROWS = number_rows(1, 5, 7)
WRONG = brief([parent(ROWS, [Cell(0.25, "ok", {"n": row.x["n"] + 3}) for row in ROWS])], ROWS)
"""A script that is wrong on every row."""


def tried(source, reason="its reward is 0.100", status="scored", path=PATH):
    """Make an attempt."""
    return Attempt(status, reason, {path: script(source)})

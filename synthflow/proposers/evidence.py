"""Evidence: what parents did on the rows, in words.

What a candidate did on a row is read from that candidate's own cell of that row, and
from nowhere else, so no prediction is ever shown beside another's value.
"""

from collections.abc import Sequence

from synthflow.data_models.schema import Json
from synthflow.modules.python_synthesis import RESERVED
from synthflow.proposers.differences import differences
from synthflow.proposers.layout import fenced, laid_out
from synthflow.proposers.repeats import without_repeats
from synthflow.proposers.trimming import Part, clip
from synthflow.proposers.wording import LONGEST, holds_script, section
from synthflow.search.brief import Brief
from synthflow.search.candidate import Cell, Row, Scorecard
from synthflow.search.protocols import VariableInfo

SOLVED_SHOWN = 3
"""How many rows are shown that the parent solves and that are no evidence."""
LISTED = 30
"""How many rows are listed by number at most, of those that are solved and of those that are not."""

_NAMED = 'Each is written once: where an input says "<value 1>", value 1 stands.'


def numbered(brief: Brief) -> dict[str, int]:
    """Give each row, by its id, its place among the rows, from 1."""
    numbers: dict[str, int] = {}
    for number, row in enumerate((*brief.rows, *brief.evidence), 1):
        numbers.setdefault(row.id, number)
    return numbers


def named(brief: Brief) -> list[tuple[Scorecard, str]]:
    """Give each parent with its name: none for one alone, A and B for two."""
    names = [""] if len(brief.parents) == 1 else ["A", "B"]
    return list(zip(brief.parents, names, strict=True))


def rows_shown(brief: Brief, info: VariableInfo) -> list[Part]:
    """Show the rows of the evidence, those that failed first, and then a few that are solved."""
    numbers, first = numbered(brief), brief.parents[0]
    evidence = {row.id: row for row in brief.evidence}
    others = {row.id: row for row in brief.rows if row.id not in evidence and first.cells[row.id].reward >= 1.0}
    failed_first = sorted(evidence.values(), key=lambda row: (first.cells[row.id].verdict == "ok", numbers[row.id]))
    rows = [*failed_first, *list(others.values())[:SOLVED_SHOWN]]
    if not rows:
        return []
    inputs, repeated = without_repeats([row.x for row in rows])
    texts = [_row(row, numbers[row.id], x, brief, info) for row, x in zip(rows, inputs, strict=True)]
    kept = min(range(len(evidence)), key=lambda index: len(texts[index]), default=None)
    return [
        Part(section("Values that stand in several rows", _NAMED * bool(repeated)), whole=True),
        *(_part(f"{name}:\n{laid_out(value)}", "repeated value") for name, value in repeated.items()),
        Part("# What it did on some rows" if len(brief.parents) == 1 else "# What they did on some rows", whole=True),
        *(
            Part(text) if index == kept else _part(text, "row", precious=index < len(evidence))
            for index, text in enumerate(texts)
        ),
    ]


def standing(brief: Brief) -> str:
    """List by number the rows that each parent solves, and the rewards of the others."""
    numbers, rows = numbered(brief), {row.id: row for row in brief.rows}
    told = []
    for parent, name in named(brief):
        cells = {numbers[row]: parent.cells[row] for row in rows}
        solved = [str(number) for number, cell in cells.items() if cell.reward >= 1.0]
        others = [
            f"{number} ({cell.reward:.3f}{'' if cell.verdict == 'ok' else f', {cell.verdict}'})"
            for number, cell in cells.items()
            if cell.reward < 1.0
        ]
        who = name or "It"
        told.append(f"{who} solves {len(solved):,} of {len(rows):,} rows{': ' * bool(solved)}{listing(solved)}.")
        if others:
            told.append(f"{who} does not solve, with the reward of each: {listing(others)}.")
    title = "Where it stands on all rows" if len(brief.parents) == 1 else "Where they stand on all rows"
    return section(title, "\n".join(told))


def listing(items: Sequence[str]) -> str:
    """Join items with commas, the first of many."""
    more = f" and {len(items) - LISTED:,} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def _part(text: str, kind: str, *, precious: bool = False) -> Part:
    """Make a part of which the largest is left out first."""
    return Part(text, kind, (precious, -len(text)))


def _row(row: Row, number: int, x: Json, brief: Brief, info: VariableInfo) -> str:
    """Show one row, whose input is written as `x`, and what each parent did on it."""
    whole = "" if info.direct else " of the whole program"
    answers = (_answer(parent.cells[row.id], name, row, info) for parent, name in named(brief))
    return "\n".join(
        [f"## Row {number}", f"Input{whole}:", laid_out(x), f"True answer{whole}:", laid_out(row.y), *answers]
    )


def _answer(cell: Cell, name: str, row: Row, info: VariableInfo) -> str:
    """Tell what one parent did on one row."""
    who, script = name or "It", info.direct and holds_script(info)
    failed = "" if cell.verdict == "ok" else f", and it failed: {cell.verdict}"
    lines = [f"{who} has reward {cell.reward:.3f} here{failed}."]
    if not info.direct:
        for call in cell.calls.get(info.module, ()):
            lines += [f"The module of {name} read:" if name else "The module read:", _made(call["inputs"])]
            lines += ["and answered:", _made(call["outputs"])]
    answer, printed, errors = _of_script(cell) if script else (cell.prediction, "", cell.feedback)
    if answer == row.y:
        lines.append(f"{who} answered just that.")
    elif answer is None:
        lines.append(f"{who} gave no answer.")
    elif script and failed:
        lines += ["The default answer stood in:", _made(answer)]
    else:
        lines += [f"{who} answered:" if info.direct else f"{who} made the whole program answer:", _made(answer)]
        lines += [f"- {one}" for one in differences(answer, row.y) if script]
    for told, text in ((f"{who} printed:", printed), (f"Feedback to {name}:" if name else "Feedback:", errors)):
        if text.strip():
            lines += [told, fenced(clip(text, LONGEST))]
    return "\n".join(lines)


def _of_script(cell: Cell) -> tuple[Json, str, str]:
    """Part what a script answered, what it printed, and its errors."""
    if not isinstance(cell.prediction, dict):
        return cell.prediction, "", cell.feedback
    answer = {name: value for name, value in cell.prediction.items() if name not in RESERVED}
    errors = str(cell.prediction.get("stderr") or "")
    told = cell.feedback if errors in cell.feedback else f"{cell.feedback}\n{errors}".strip()
    return answer, str(cell.prediction.get("stdout") or ""), told


def _made(value: Json) -> str:
    return clip(laid_out(value), LONGEST)

"""Evidence: what parents did on the rows, in words.

What a candidate did on a row is read from that candidate's own cell of that row, and
from nowhere else, so no prediction is ever shown beside another's value.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from synthflow.data_models.schema import Json
from synthflow.modules.python_synthesis import RESERVED
from synthflow.proposers.prompts.differences import differences
from synthflow.proposers.prompts.layout import LONGEST, fenced, holds_script, laid_out, section
from synthflow.proposers.prompts.repeats import without_repeats
from synthflow.proposers.prompts.trimming import Part
from synthflow.sandboxes.console import clip
from synthflow.search.brief import Brief
from synthflow.search.candidate import Cell, Row, Scorecard
from synthflow.search.protocols import VariableInfo

SOLVED_SHOWN = 3
"""How many rows are shown that the parent solves and that are no evidence."""
LISTED = 30
"""How many rows are listed by number at most, of those that are solved and of those that are not."""

FAILED = "What failed"
"""The section that tells errors."""
ERRORS = 3
"""How many different errors it tells; others stand with their rows."""

_NAMED = 'Each is written once: where an input says "<value 1>", value 1 stands.'


@dataclass(frozen=True)
class _Parts:
    """What there is to tell of one cell."""

    answer: Json
    printed: str = ""
    error: str = ""
    feedback: str = ""


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


def has_failed(cell: Cell) -> bool:
    """Tell whether a script failed; that a language model answered in no usable form is no such failure."""
    return cell.verdict not in ("ok", "unusable")


def rows_shown(brief: Brief, info: VariableInfo) -> list[Part]:
    """Show the rows of the evidence, those that failed first, and then a few that are solved."""
    numbers, first = numbered(brief), brief.parents[0]
    evidence = {row.id: row for row in brief.evidence}
    others = {row.id: row for row in brief.rows if row.id not in evidence and first.cells[row.id].reward >= 1.0}
    failed_first = sorted(evidence.values(), key=lambda row: (first.cells[row.id].verdict == "ok", numbers[row.id]))
    rows = [*failed_first, *list(others.values())[:SOLVED_SHOWN]]
    if not rows:
        return []
    parts = {f"<row {numbers[row.id]}>": _fields(row) for row in rows}
    repeats = without_repeats([row.x for row in rows], parts)
    told = errors_told(brief, info)
    texts = [_row(row, numbers[row.id], x, brief, info, told) for row, x in zip(rows, repeats.values, strict=True)]
    kept = min(range(len(evidence)), key=lambda index: len(texts[index]), default=None)
    title = "What it did on some rows" if len(brief.parents) == 1 else "What they did on some rows"
    return [
        Part(section("Values that stand in several rows", _NAMED * bool(repeats.objects)), whole=True),
        *(_part(f"{name}:\n{laid_out(value)}", "repeated value", name) for name, value in repeats.objects.items()),
        Part(f"# {title}{_named_rows(parts, repeats.fields)}", whole=True),
        *(
            Part(text) if index == kept else _part(text, "row", name, precious=index < len(evidence))
            for index, (name, text) in enumerate(zip(parts, texts, strict=True))
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


def errors_told(brief: Brief, info: VariableInfo) -> dict[str, list[int]]:
    """Give the errors that are told before the rows, each once, with the numbers of the rows on which it came.

    These are the first few of the first parent, where it alone is shown.
    """
    numbers, told = numbered(brief), dict[str, list[int]]()
    for row in sorted(brief.evidence, key=lambda row: numbers[row.id]) if len(brief.parents) == 1 else ():
        cell = brief.parents[0].cells[row.id]
        error = _parted(cell, info).error
        if has_failed(cell) and error:
            told.setdefault(error, []).append(numbers[row.id])
    return dict(list(told.items())[:ERRORS])


def _fields(row: Row) -> dict[str, Json]:
    """Give the fields of a row by name, those of the input and those of the answer; none that both have."""
    x, y = (side if isinstance(side, dict) else {} for side in (row.x, row.y))
    return {name: part for name, part in {**x, **y}.items() if not (name in x and name in y)}


def _named_rows(names: Iterable[str], fields: Sequence[str]) -> str:
    if not fields:
        return ""
    listed = " and ".join(f"`{field}`" for field in fields)
    return f'\n\nWhere an input says "{next(iter(names))}", an object stands whose {listed} are those of that row.'


def _part(text: str, kind: str, name: str, *, precious: bool = False) -> Part:
    """Make a part of which the largest is left out first."""
    return Part(text, kind, (precious, -len(text)), name=name)


def _row(row: Row, number: int, x: Json, brief: Brief, info: VariableInfo, told: Container[str]) -> str:
    """Show one row, whose input is written as `x`, and what each parent did on it; `told` are errors told before."""
    whole = "" if info.direct else " of the whole program"
    answers = (_answer(parent.cells[row.id], name, row, info, told) for parent, name in named(brief))
    return "\n".join(
        [f"## Row {number}", f"Input{whole}:", laid_out(x), f"True answer{whole}:", laid_out(row.y), *answers]
    )


def _answer(cell: Cell, name: str, row: Row, info: VariableInfo, told: Container[str]) -> str:
    """Tell what one parent did on one row."""
    who, script, made = name or "It", info.direct and holds_script(info), _parted(cell, info)
    failed = f", and it failed: {cell.verdict}" if has_failed(cell) else ""
    lines = [f"{who} has reward {cell.reward:.3f} here{failed}."]
    if not info.direct:
        for call in cell.calls.get(info.module, ()):
            lines += [f"The module of {name} read:" if name else "The module read:", _shown(call["inputs"])]
            lines += ["and answered:", _shown(call["outputs"])]
    if made.answer == row.y:
        lines.append(f"{who} answered just that.")
    elif made.answer is None:
        lines.append(f"{who} gave no answer.")
    elif script and failed:
        lines += ["The default answer stood in:", _shown(made.answer)]
    else:
        lines += [f"{who} answered:" if info.direct else f"{who} made the whole program answer:", _shown(made.answer)]
        lines += [f"- {one}" for one in differences(made.answer, row.y) if script]
    known = bool(failed) and made.error in told
    lines += [f'Its error stands under "{FAILED}".'] * known
    feedback = made.feedback if known else f"{made.error}\n{made.feedback}".strip()
    for title, text in ((f"{who} printed:", made.printed), (f"Feedback to {name}:" if name else "Feedback:", feedback)):
        if text.strip():
            lines += [title, fenced(clip(text, LONGEST))]
    return "\n".join(lines)


def _parted(cell: Cell, info: VariableInfo) -> _Parts:
    """Part what was answered, what was printed, the error, and what else is told."""
    answer, printed, error = cell.prediction, "", ""
    if info.direct and holds_script(info) and isinstance(answer, dict):
        printed, error = (str(answer.get(stream) or "") for stream in ("stdout", "stderr"))
        answer = {name: value for name, value in answer.items() if name not in RESERVED}
    if not error and has_failed(cell):
        error = cell.feedback
    return _Parts(answer, printed, error, cell.feedback.replace(error, "", 1).strip() if error else cell.feedback)


def _shown(value: Json) -> str:
    return clip(laid_out(value), LONGEST)

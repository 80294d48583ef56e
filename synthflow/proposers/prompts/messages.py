"""Prompts: what a language model is told before it writes a new value for a variable.

The system message tells what never changes within a run, so that providers can keep it;
the user message shows the parents, what they did, and what was tried.
"""

from collections.abc import Iterable, Sequence

from synthflow.data_models import schema as schemas
from synthflow.proposers.prompts.attempts import attempts_shown
from synthflow.proposers.prompts.evidence import (
    FAILED,
    errors_told,
    has_failed,
    listing,
    named,
    numbered,
    rows_shown,
    standing,
)
from synthflow.proposers.prompts.layout import LONGEST, SCRIPT, fenced, laid_out, noun_of, section, value_shown
from synthflow.proposers.prompts.trimming import GAP, Part, fit
from synthflow.sandboxes.console import clip
from synthflow.search.brief import Brief
from synthflow.search.candidate import Scorecard
from synthflow.search.protocols import VariableInfo

HINT = 4_000
"""Characters of a hint."""

_SCRIPT_RULES = (
    "Study the rows before you write. For each, compare the input with the true answer: sizes and shapes first, then "
    "which parts stay, change, appear and vanish. Look for one rule that explains all rows exactly.",
    "Compare what the script answered with the true answer, find the step that makes the difference, and decide "
    "whether that step is wrong or the whole idea. Replace a wrong idea; do not patch it with special cases.",
    "Compute whatever differs from row to row (sizes, positions, values) from the input. Never recognise a "
    "particular input, and never hold answers in the code: the script is also judged on rows that you cannot see.",
    "When two rules explain the rows equally well, take the simpler one.",
    "Before you answer, follow your script by hand on one row, and look at its edge cases: borders, empty lists, "
    "sizes other than those shown.",
    "Write short functions with telling names, in plain Python that the sandbox allows.",
)
_TEXT_RULES = (
    "The text is given to a language model together with each input. It should say what to do, how to go about it "
    "step by step, and what the answer must look like.",
    "For each row that went wrong, ask what the model would have had to know or do, and put that into the text as a "
    "general rule. Facts of the field that the rows show to be needed belong in it.",
    "Never quote the rows or their answers: the text is also judged on rows that you cannot see.",
    "Be brief and concrete; leave out what does not change an answer.",
)
_COMMON_RULES = (
    "What is right already must stay right.",
    "What was tried before and was no better is shown to you where there is any: do something else.",
)


def system_message(info: VariableInfo, *, instructions: Iterable[str] = (), thinking: str = "") -> str:
    """Tell who the model is, what it writes for which program, the rules, and the form of its answer.

    Args:
        info: The variable to write.
        instructions: Words of the user on what to aim for.
        thinking: The field of the answer to think in, or ''.
    """
    noun = noun_of(info)
    return GAP.join(
        part
        for part in (
            f"You improve a program by rewriting one part of it, a {noun}. The program is run on rows, each an input "
            "with its true answer, and every row gives a reward from 0 to 1; 1 means that the row is solved. You are "
            f"shown a {noun} with what it did on some rows. You write a better one.",
            section("The program", info.program),
            section(f"The {noun} that you write", _place(info)),
            section("Where the script runs", info.walls),
            section("How to work", "\n".join(f"- {rule}" for rule in _rules(info))),
            section("Instructions", GAP.join(words for words in instructions if words)),
            section("Your answer", _contract(info, thinking)),
        )
        if part
    )


def user_message(brief: Brief, path: str, most: int) -> str:
    """Show the parents, what they did on the rows, and what was tried, and say what to write.

    Args:
        brief: What is known.
        path: The variable to write, one of `brief.scope`.
        most: The most characters. Whole rows, the largest first, and attempts, the oldest first, are left
            out, whichever take more room; then long texts lose their middle. The smallest row of the evidence
            and the parents' values stay, and the message is longer only where these values are.
    """
    info = brief.variables[path]
    parts = [
        Part(_failure(brief, info)),
        *(Part(_parent(parent, name, info), whole=True) for parent, name in named(brief)),
        Part(_allowed(brief.scope[path])),
        *rows_shown(brief, info),
        Part(standing(brief)),
        *attempts_shown(brief, path),
        Part(section("A hint", clip(brief.hint, HINT))),
        Part(section("Your task", _task(brief, info)), whole=True),
    ]
    return fit(parts, most).encode("utf-8", "replace").decode()  # a script can print half of a surrogate pair


def _place(info: VariableInfo) -> str:
    direct = "Its module reads the whole input of a row, and what it answers is the program's answer."
    inside = (
        f"Its module, `{info.module or info.path}`, is one step inside the program: what it reads and answers on a "
        "row is shown to you, but the true answer and the reward are those of the whole program."
    )
    return GAP.join(
        text
        for text in (
            f"It is the variable `{info.path}`.{' ' * bool(info.description)}{info.description}",
            direct if info.direct else inside,
            f"JSON schema of what the module reads:\n{fenced(laid_out(info.inputs), 'json')}",
            f"JSON schema that its answer must fit:\n{fenced(laid_out(info.outputs), 'json')}",
        )
    )


def _rules(info: VariableInfo) -> Sequence[str]:
    return {"script": _SCRIPT_RULES, "text": _TEXT_RULES, "value": ()}[noun_of(info)] + _COMMON_RULES


def _contract(info: VariableInfo, thinking: str) -> str:
    reasoning = f"`{thinking}`: first, your reasoning: what the rows show, what is wrong, and what you change."
    fields = [reasoning] if thinking else []
    for name, field in schemas.properties(info.schema).items():
        told = str(field.get("description", "")) or schemas.describe({"properties": {name: field}})
        fence = " As it is, without a Markdown fence, and complete: nothing is kept of the old one." * (name == SCRIPT)
        fields.append(f"`{name}`: {told}{fence}")
    listed = "\n".join(f"- {field}" for field in fields)
    schema = fenced(laid_out(info.schema), "json")
    beside = f"JSON schema of the value, without `{thinking}`" if thinking else "Its JSON schema"
    return f"One JSON object with these fields, in this order, and nothing around it:\n{listed}\n\n{beside}:\n{schema}"


def _failure(brief: Brief, info: VariableInfo) -> str:
    """Tell on which rows the only parent failed, and each error once."""
    numbers = numbered(brief)
    cells = {numbers[row.id]: brief.parents[0].cells[row.id] for row in brief.evidence}
    failed = {number: cell for number, cell in sorted(cells.items()) if has_failed(cell)}
    if not failed or len(brief.parents) > 1:
        return ""
    listed = listing([f"{number} ({cell.verdict})" for number, cell in failed.items()])
    errors = (
        f"On row{'s' * (len(rows) > 1)} {listing(list(map(str, rows)))}:\n{fenced(clip(error, LONGEST))}"
        for error, rows in errors_told(brief, info).items()
    )
    return section(FAILED, GAP.join([f"With the current {noun_of(info)}, these rows failed: {listed}.", *errors]))


def _parent(parent: Scorecard, name: str, info: VariableInfo) -> str:
    noun = noun_of(info)
    value = parent.candidate.values[info.path]
    broken = f"\nIt breaks a constraint, which a new one must keep: {parent.violation}" if parent.violation else ""
    title = f"{noun.capitalize()} {name}" if name else f"The current {noun}"
    return section(title, f"Its reward is {parent.reward:.3f}.{broken}\n\n{value_shown(value)}")


def _allowed(names: frozenset[str] | None) -> str:
    if names is None:
        return ""
    listed = ", ".join(f"`{name}`" if name else "the code between the functions" for name in sorted(names))
    rest = "Leave all else as it stands, and add no function: a script with any other change is refused."
    return section("What may change", f"Of the functions of the script, only these may change: {listed}. {rest}")


def _task(brief: Brief, info: VariableInfo) -> str:
    noun = noun_of(info)
    if len(brief.parents) > 1:
        return (
            f"Cross {noun} A with {noun} B: write one {noun} that does what A does well and what B does well. Find "
            "out which idea of each makes it solve the rows that the other does not, and write what unites them, "
            "rather than one beside the other."
        )
    if any(has_failed(brief.parents[0].cells[row.id]) for row in brief.evidence):
        return (
            f"Repair the {noun}: write one that does not fail on any row, for the cause of the failure and not just "
            "for its sign. When it works, its answers must also be right; if its idea is wrong, take a better one."
        )
    return f"Write a better {noun}: one that solves more of the rows, or comes closer, and loses none."

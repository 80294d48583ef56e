"""Attempts: what was tried from a parent and was no better, so that it is not tried again."""

from difflib import unified_diff

from synthflow.data_models.schema import Json
from synthflow.proposers.prompts.layout import LONGEST, SCRIPT, fenced, value_shown
from synthflow.proposers.prompts.trimming import Part
from synthflow.sandboxes.console import clip
from synthflow.search.brief import Brief
from synthflow.search.candidate import Attempt

LONGEST_DIFF = 1_000
"""Lines of a script that is compared with another; to compare longer ones can take very long."""


def attempts_shown(brief: Brief, path: str) -> list[Part]:
    """Show what was tried from the first parent, the oldest first; a child that nobody wrote says nothing."""
    before = brief.parents[0].candidate.values[path]
    tried = [attempt for attempt in brief.tried if path in attempt.values]
    if not tried:
        return []
    whose = "it" if len(brief.parents) == 1 else "A"
    heading = f"# What was tried before\n\nMade from {whose}, and no better; the latest comes last."
    shown = (_attempt(attempt, before, attempt.values[path]) for attempt in tried)
    return [Part(heading, whole=True), *(Part(text, "attempt", (age,)) for age, text in enumerate(shown))]


def _attempt(attempt: Attempt, before: Json, after: Json) -> str:
    reason = clip(" ".join(attempt.reason.split()), LONGEST)
    how = _diff(before[SCRIPT], after[SCRIPT]) if _is_script(before) and _is_script(after) else ""
    return f"## {attempt.status.capitalize()}: {reason}\n{how or clip(value_shown(after), LONGEST)}"


def _is_script(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get(SCRIPT), str)


def _diff(before: str, after: str) -> str:
    """Compare two scripts line by line; '' where the script itself says it more shortly, or is too long to compare."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LONGEST_DIFF:
        return ""
    lines = list(unified_diff(old, new, n=1, lineterm=""))[2:]
    text = "\n".join(lines)
    return fenced(clip(text, LONGEST), "diff") if 0 < len(text) <= len(after) else ""

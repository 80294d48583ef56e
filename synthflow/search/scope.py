"""Scope: what of a candidate may change, down to single functions of a script."""

from synthflow.data_models.schema import Json
from synthflow.search.protocols import Scope, Values
from synthflow.search.source import functions


def outside(scope: Scope, before: Values, after: Values) -> str:
    """Say how `after` goes beyond what `scope` lets change in `before`, or '' when it does not."""
    for path, value in after.items():
        if value == before[path]:
            continue
        if path not in scope:
            return f"{path} is outside the scope, which is {', '.join(scope) or 'empty'}"
        allowed = scope[path]
        if allowed is not None and (why := _outside_functions(allowed, before[path], value)):
            return f"{path}: {why}"
    return ""


def _outside_functions(allowed: frozenset[str], before: Json, after: Json) -> str:
    """Compare two values leaf by leaf; only functions in `allowed` may differ, in scripts."""
    if before == after:
        return ""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return next((why for key in before if (why := _outside_functions(allowed, before[key], after[key]))), "")
    if not (isinstance(before, str) and isinstance(after, str)):
        return f"only {', '.join(sorted(allowed))} may change, and this changes what is not a script"
    try:
        old, new = functions(before), functions(after)
    except SyntaxError as error:
        return f"the script does not parse: {error}"
    changed = sorted(name for name in {*old, *new} - allowed if old.get(name) != new.get(name))
    names = ", ".join(name or "the code between the functions" for name in changed)
    return f"only {', '.join(sorted(allowed))} may change, and this changes {names}" if changed else ""

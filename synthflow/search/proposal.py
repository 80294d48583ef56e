"""Proposal: from a proposer's answer to a candidate, or to the reason why there is none.

What a proposer writes is never trusted and never raises: an answer that cannot be
used is a child that failed or was refused, with the reason.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from synthflow.data_models.canonical import plain
from synthflow.data_models.schema import Json, Validator
from synthflow.errors import BudgetExceeded, LanguageModelError, SandboxError
from synthflow.language_models.meter import current_meter, phase
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Candidate, Status
from synthflow.search.protocols import Proposer, Values
from synthflow.search.scope import outside


@dataclass(frozen=True)
class Fallen:
    """A child that is not to be scored."""

    status: Status
    """`failed`, `refused` or `rejected`."""
    reason: str
    """Why."""
    values: Values = field(default_factory=dict)
    """The values that were proposed, by path: those that differ from the parent's."""
    kind: str = ""
    """The kind of a `LanguageModelError`, or `budget`, when that is why."""


async def ask(proposer: Proposer, brief: Brief, slot: Slot) -> Json:
    """Give the proposer's answer, or its error, as JSON: a resumed run must fail where the first one failed.

    Raises:
        SandboxError: The proposer's own process is broken: no slot would get an answer.
    """
    try:
        with phase("training"):
            return {"values": plain(await proposer.propose(brief, slot))}
    except SandboxError:
        raise
    except LanguageModelError as error:
        return {"error": str(error), "kind": error.kind}
    except BudgetExceeded as error:
        return {"error": str(error), "kind": "budget"}
    except Exception as error:
        if (meter := current_meter()) is not None and type(error) is not LookupError:  # which says: nothing to propose
            meter.usage.failures[type(error).__name__] += 1
        return {"error": f"{type(error).__name__}: {error}"}


def read(answer: Json, brief: Brief, validators: Mapping[str, Validator]) -> Candidate | Fallen:
    """Turn what `ask` gave into a candidate, within the brief's scope and the variables' schemas."""
    if "error" in answer:
        return Fallen("failed", answer["error"], kind=answer.get("kind", ""))
    values = answer["values"]
    if not isinstance(values, dict):
        return Fallen("failed", f"the proposer answered {type(values).__name__}, not values by variable path")
    for path, value in values.items():
        if path not in validators:
            return Fallen("failed", f"there is no trainable variable {path!r}, only {', '.join(validators)}")
        if wrong := validators[path].mismatch(value):
            return Fallen("failed", f"the value of {path} does not fit its schema: {wrong}")
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        return Fallen("failed", f"the values cannot be written as JSON text: {error}")
    base = brief.parents[0].candidate.values
    child = Candidate({**base, **values}, tuple(parent.id for parent in brief.parents))
    if why := outside(brief.scope, base, child.values):
        return Fallen("refused", why, values)
    return child

"""Plan: the most that a fit can take, known before its first call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from synthflow.configured import Configured
from synthflow.data_models.operators import TypeOperators
from synthflow.errors import CompileError
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.remote_model import RemoteModel
from synthflow.metrics.metric import Metric
from synthflow.optimizers.optimizer import Optimizer
from synthflow.programs.evaluation import Evaluation
from synthflow.search.budget import Budget
from synthflow.search.protocols import most_calls


@dataclass(frozen=True)
class Plan:
    """The most that one `fit` can take, should every attempt fail but the last and nothing be solved early."""

    steps: int
    """Generations."""
    proposals: int
    """Candidates that are asked for."""
    evaluations: int
    """Runs of a candidate on a row, validation rows too."""
    training_calls: int
    """HTTP attempts to write candidates and to embed them."""
    evaluation_calls: int
    """HTTP attempts of the program, of its reward and of metrics; those inside functions are not known."""
    calls: int
    """HTTP attempts in all; with a budget, no more than it has."""
    seconds: float | None
    """The budget's wall time; None for no limit."""
    tokens: int | None
    """The budget's tokens; None for no limit, since prompts grow as they please."""
    cost: float | None
    """The budget's US dollars; None for no limit."""

    def __str__(self) -> str:
        names = [one.name for one in fields(self)]
        width = max(map(len, names))
        values = (getattr(self, name) for name in names)
        lines = (
            f"  {name.replace('_', ' '):{width}}  {'no limit' if value is None else format(value, ',')}"
            for name, value in zip(names, values, strict=True)
        )
        return "\n".join(["At most:", *lines])


def make_plan(
    evaluation: Evaluation,
    optimizer: Optimizer,
    *,
    seeds: int,
    steps: int,
    epochs: int,
    rows: int,
    validation_rows: int,
    metrics: Sequence[Metric],
    budget: Budget | None,
) -> Plan:
    """Work out the worst case.

    Args:
        evaluation: The program with its reward.
        optimizer: Trains it.
        seeds: Candidates that are scored first.
        steps: Generations that the epochs have room for.
        epochs: Epochs.
        rows: Different training rows.
        validation_rows: Different validation rows.
        metrics: Numbers of each epoch.
        budget: Limits, or None.
    """
    limits = (budget or Budget()).limits()
    steps = min(steps, optimizer.most_steps or steps)
    proposals = steps * optimizer.offspring
    evaluations = (seeds + proposals) * rows + epochs * validation_rows
    each = max(map(most_calls, optimizer.proposers))
    embedder = getattr(optimizer, "embedding_model", None)
    embedding = (seeds + proposals) * (embedder.retry + 1) if isinstance(embedder, RemoteModel) else 0
    measured = epochs * (rows + validation_rows) * sum(metric.most_calls() for metric in metrics)
    training, evaluating = proposals * each + embedding, evaluations * evaluation.most_calls() + measured
    return Plan(
        steps,
        proposals,
        int(min(evaluations, limits.get("evaluations", evaluations))),
        training,
        evaluating,
        int(min(training + evaluating, limits.get("calls", training + evaluating))),
        limits.get("seconds"),
        budget.tokens if budget else None,
        budget.cost if budget else None,
    )


async def check_bounded(budget: Budget | None, *users: object) -> None:
    """Make sure that a budget of tokens or cost can be kept: each answer has a bound, and a price if it needs one.

    Args:
        budget: Limits, or None.
        *users: What holds models: modules, rewards, optimizers.

    Raises:
        CompileError: A model's answers have no bound, or its price is not known.
    """
    if budget is not None and not isinstance(budget, Budget):
        raise CompileError(f"budget takes limits by name, not {budget!r:.100}.\n  budget=Budget(calls=100)")
    limits = (budget or Budget()).limits()
    wanted = [name for name in ("tokens", "cost") if name in limits]
    if not wanted:
        return
    for user, model in models_of(users):
        if isinstance(model, LanguageModel) and (getattr(user, "max_tokens", None) or model.max_tokens) is None:
            raise CompileError(
                f"Budget({wanted[0]}=...) can only be kept if each answer of {model.model!r} has a bound.\n"
                f"  LanguageModel({model.model!r}, max_tokens=4096)   <- give it one"
            )
        if "cost" in limits and await model.price() is None:
            raise CompileError(
                f"Budget(cost=...) can only be kept if the price of {model.model!r} is known, and it is not.\n"
                "  price=(0.15, 0.6)   <- give the model one: US dollars for a million tokens read and written"
            )


def models_of(holder: object, seen: set[int] | None = None) -> Iterator[tuple[object, RemoteModel]]:
    """Give each model that an object uses, however deep, with the object that holds it."""
    seen = set() if seen is None else seen
    for part in _parts(holder):
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, RemoteModel):
            yield holder, part
        if isinstance(part, (Configured, Mapping, list, tuple)):
            yield from models_of(part, seen)


def _parts(holder: object) -> Sequence[Any]:
    if isinstance(holder, Mapping):
        return list(holder.values())
    if isinstance(holder, (list, tuple)):
        return holder
    if isinstance(holder, TypeOperators):
        return []
    parts = [part for name, part in getattr(holder, "__dict__", {}).items() if name != "_arguments"]
    submodules = getattr(holder, "submodules", None)  # those of a graph are no attributes
    return [*parts, *submodules().values()] if callable(submodules) else parts

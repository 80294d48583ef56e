"""Objects as JSON, and back: what stands in a saved file, and the only loader of it.

| in Python | in the file |
|---|---|
| an object with `get_config()` | `{"$class": "ExactMatch", "config": {...}}` |
| a declared type | its JSON schema, as a `SchemaModel` |
| a function with a name | `{"$function": "my_reward"}` |
| a program | `{"$program": ...}`, as `graph_format` writes it |
| a text of several lines | `{"$lines": [...]}`, so that `diff` shows what changed |

A name in a file is looked up in an allow-list and in `custom_objects`; nothing is
ever imported because a file says so.
"""

import inspect
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from synthflow.data_models.canonical import canonical
from synthflow.data_models.operators import TypeOperators
from synthflow.data_models.schema import Json
from synthflow.errors import SavingError
from synthflow.language_models.remote_model import RemoteModel
from synthflow.programs.wired import WiredProgram

HOMES = {
    "Accuracy": "metrics.accuracy",
    "And": "modules.merging",
    "BatchRewardFunctionWrapper": "rewards.batch_reward",
    "Branch": "modules.branch",
    "Calls": "metrics.usage",
    "ChainOfThought": "modules.chain_of_thought",
    "Concat": "modules.merging",
    "CosineSimilarity": "rewards.cosine_similarity",
    "Cost": "metrics.usage",
    "Decision": "modules.decision",
    "EmbeddingModel": "language_models.embedding_model",
    "ExactMatch": "rewards.exact_match",
    "F1Score": "metrics.f_score",
    "FBetaScore": "metrics.f_score",
    "FunctionCallingAgent": "modules.function_calling_agent",
    "Generator": "modules.generator",
    "GridSimilarity": "rewards.grid_similarity",
    "HashEmbeddingModel": "testing",
    "Identity": "modules.identity",
    "InMask": "modules.masking",
    "LMAsJudge": "rewards.lm_as_judge",
    "Lambda": "modules.lambda_module",
    "LanguageModel": "language_models.language_model",
    "LanguageModelProposer": "proposers.language_model_proposer",
    "Mean": "metrics.mean",
    "MeanMetricWrapper": "metrics.mean",
    "MontySandbox": "sandboxes.monty",
    "Not": "modules.merging",
    "OMEGA": "optimizers.omega",
    "Or": "modules.merging",
    "OutMask": "modules.masking",
    "PassAtK": "metrics.pass_at_k",
    "Precision": "metrics.f_score",
    "ProgramAsJudge": "rewards.program_as_judge",
    "PythonSynthesis": "modules.python_synthesis",
    "RandomFewShot": "optimizers.random_few_shot",
    "Recall": "metrics.f_score",
    "RewardFunctionWrapper": "rewards.reward_function",
    "SchemaModel": "data_models.schema_model",
    "ScriptedLanguageModel": "testing",
    "Seconds": "metrics.usage",
    "SelfCritique": "modules.self_critique",
    "SymbolicProposer": "proposers.symbolic_proposer",
    "TestConvergence": "optimizers.convergence",
    "Tokens": "metrics.usage",
    "Tool": "modules.tool",
    "WeightedSum": "rewards.weighted_sum",
    "Xor": "modules.merging",
}
"""Where each class is defined that a file may name without being asked."""

_SHARED: ContextVar[dict[bytes, RemoteModel] | None] = ContextVar("shared", default=None)

MARKS = ("$class", "$function", "$lines", "$opaque", "$program")


def encode(value: Any, *, opaque: bool = False) -> Json:
    """Turn a value into JSON.

    Args:
        value: JSON, or objects with `get_config`, nested at will.
        opaque: Whether to name what cannot be saved, for a fingerprint, instead of raising.

    Raises:
        SavingError: Something in it cannot be saved; the message says what to do.
    """
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, str):
        return {"$lines": value.split("\n")} if "\n" in value else value
    if isinstance(value, Mapping):
        return _escaped({str(key): encode(part, opaque=opaque) for key, part in value.items()})
    if isinstance(value, (list, tuple)):
        return [encode(part, opaque=opaque) for part in value]
    if isinstance(value, TypeOperators):
        return {"$class": "SchemaModel", "config": {"schema": encode(value.get_schema())}}
    return _encode_object(value, opaque=opaque)


def decode(value: Json, custom_objects: Mapping[str, Any] | None = None, *, plain: bool = False) -> Any:
    """Turn what `encode` gave back into values.

    Args:
        value: What `encode` gave.
        custom_objects: Classes and functions that the caller trusts, by name.
        plain: Whether it may hold nothing but JSON, as the values of variables do.

    Raises:
        SavingError: It names a class or function that is neither allowed nor in `custom_objects`.
    """
    if isinstance(value, list):
        return [decode(part, custom_objects, plain=plain) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$lines"}:
        return "\n".join(value["$lines"])
    if plain and not set(value).isdisjoint(MARKS):
        raise SavingError(f"The file has an object in the place of a value: {value!r:.200}.")
    if set(value) == {"$function"}:
        return _found(value["$function"], custom_objects or {})
    if set(value) == {"$program"}:
        from synthflow.programs.graph_format import decode_program  # which imports this module

        return decode_program(value["$program"], custom_objects or {})
    if set(value) == {"$class", "config"}:
        shared, key = _SHARED.get(), canonical(value)
        if shared is not None and key in shared:
            return shared[key]
        config = decode(value["config"], custom_objects)
        known = dict(custom_objects or {})
        if value["$class"] not in known and (own := allowed_class(value["$class"])) is not None:
            known[value["$class"]] = own
        made = _made(_found(value["$class"], known), config)
        if shared is not None and isinstance(made, RemoteModel):
            shared[key] = made
        return made
    return {_unescaped(key): decode(part, custom_objects, plain=plain) for key, part in value.items()}


@contextmanager
def shared_models() -> Iterator[None]:
    """Make one model of equal configurations that are decoded inside: it has one count, one bound and one ledger."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def allowed_class(name: str) -> type | None:
    """Give the class of synthflow's own that a file may name, or None."""
    home = HOMES.get(name)
    return None if home is None else getattr(import_module(f"synthflow.{home}"), name)


def _encode_object(value: Any, *, opaque: bool) -> Json:
    if inspect.isfunction(value):
        if "<" not in value.__qualname__:
            return {"$function": value.__name__}
        problem = (
            f"{value.__qualname__!r} is a function without a name of its own, and code is not JSON.\n"
            "  Define it with `def` at the top of a module, and pass it in custom_objects when loading."
        )
    elif isinstance(value, WiredProgram):
        from synthflow.programs.graph_format import encode_program  # which imports this module

        return {"$program": encode_program(value, opaque=opaque)}
    elif hasattr(value, "get_config"):
        kind = type(value)
        if (allowed_class(kind.__name__) or kind) is kind:
            try:
                return {"$class": kind.__name__, "config": encode(value.get_config(), opaque=opaque)}
            except SavingError as error:
                problem = str(error)
        else:
            problem = f"The class {kind.__name__!r} has the name of one of synthflow's own. Rename it."
    else:
        problem = f"{value!r:.200} cannot be saved: it is neither JSON nor an object with get_config()."
    if opaque:
        return {"$opaque": f"{type(value).__name__} {id(value)}"}
    raise SavingError(problem)


def _found(name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise SavingError(
            f"The file names {name!r}, which is not one of synthflow's own.\n"
            f"  load(path, custom_objects={{{name!r}: {name}}})   <- if you trust it"
        )
    return known[name]


def _made(kind: Any, config: Any) -> Any:
    if not isinstance(kind, type):
        raise SavingError(f"The file takes {kind!r:.100} for a class, and it is none.")
    try:
        return kind.from_config(config) if hasattr(kind, "from_config") else kind(**config)
    except (TypeError, ValueError) as error:
        raise SavingError(f"The file's configuration of {kind.__name__} does not fit this version: {error}.") from error


def _escaped(encoded: dict[str, Json]) -> dict[str, Json]:
    """Keep a person's dict from being read as one of the marks."""
    return {f"${key}" if _is_mark(key) else key: part for key, part in encoded.items()}


def _unescaped(key: str) -> str:
    return key[1:] if key.startswith("$$") and _is_mark(key) else key


def _is_mark(key: str) -> bool:
    """Tell a mark, with any number of signs before it, from other keys."""
    return key.startswith("$") and "$" + key.lstrip("$") in MARKS

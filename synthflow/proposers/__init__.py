"""Who writes new candidates.

The names are resolved when they are first used: the processes of the symbolic search import
this folder too, and have no use for a language model.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthflow.proposers.language_model_proposer import LanguageModelProposer as LanguageModelProposer
    from synthflow.proposers.symbolic_proposer import SymbolicProposer as SymbolicProposer

_HOMES = {"LanguageModelProposer": "language_model_proposer", "SymbolicProposer": "symbolic_proposer"}

__all__ = ["LanguageModelProposer", "SymbolicProposer"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"synthflow.proposers has no {name!r}; it has {', '.join(_HOMES)}.")
    return getattr(import_module(f"synthflow.proposers.{_HOMES[name]}"), name)

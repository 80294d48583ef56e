"""synthflow trains programs the way Keras trains networks: the weights are JSON a person can read.

Every public name is below and is resolved when it is first used, so that
`import synthflow` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthflow import callbacks as callbacks
    from synthflow import datasets as datasets
    from synthflow import errors as errors
    from synthflow import language_models as language_models
    from synthflow import metrics as metrics
    from synthflow import optimizers as optimizers
    from synthflow import proposers as proposers
    from synthflow import rewards as rewards
    from synthflow import sandboxes as sandboxes
    from synthflow import testing as testing
    from synthflow.data_models.data_model import DataModel as DataModel
    from synthflow.data_models.data_model import Field as Field
    from synthflow.data_models.json_data_model import JsonDataModel as JsonDataModel
    from synthflow.data_models.schema_model import SchemaModel as SchemaModel
    from synthflow.data_models.variable import Variable as Variable
    from synthflow.graph.symbolic import SymbolicDataModel as SymbolicDataModel
    from synthflow.language_models.defaults import set_default_language_model as set_default_language_model
    from synthflow.language_models.embedding_model import EmbeddingModel as EmbeddingModel
    from synthflow.language_models.language_model import LanguageModel as LanguageModel
    from synthflow.language_models.ledger import Ledger as Ledger
    from synthflow.language_models.messages import ChatMessage as ChatMessage
    from synthflow.language_models.messages import ChatMessages as ChatMessages
    from synthflow.modules.branch import Branch as Branch
    from synthflow.modules.chain_of_thought import ChainOfThought as ChainOfThought
    from synthflow.modules.decision import Decision as Decision
    from synthflow.modules.function_calling_agent import FunctionCallingAgent as FunctionCallingAgent
    from synthflow.modules.generator import Generator as Generator
    from synthflow.modules.identity import Identity as Identity
    from synthflow.modules.input import Input as Input
    from synthflow.modules.lambda_module import Lambda as Lambda
    from synthflow.modules.masking import InMask as InMask
    from synthflow.modules.masking import OutMask as OutMask
    from synthflow.modules.merging import And as And
    from synthflow.modules.merging import Concat as Concat
    from synthflow.modules.merging import Not as Not
    from synthflow.modules.merging import Or as Or
    from synthflow.modules.merging import Xor as Xor
    from synthflow.modules.module import Module as Module
    from synthflow.modules.python_synthesis import PythonSynthesis as PythonSynthesis
    from synthflow.modules.self_critique import SelfCritique as SelfCritique
    from synthflow.modules.tool import Tool as Tool
    from synthflow.programs.program import Program as Program
    from synthflow.programs.program import clear_session as clear_session
    from synthflow.programs.program import plot_program as plot_program
    from synthflow.programs.sequential import Sequential as Sequential
    from synthflow.search.budget import Budget as Budget
    from synthflow.search.executors import LocalExecutor as LocalExecutor

_HOMES = {
    "And": "modules.merging",
    "Branch": "modules.branch",
    "Budget": "search.budget",
    "ChainOfThought": "modules.chain_of_thought",
    "ChatMessage": "language_models.messages",
    "ChatMessages": "language_models.messages",
    "Concat": "modules.merging",
    "DataModel": "data_models.data_model",
    "Decision": "modules.decision",
    "EmbeddingModel": "language_models.embedding_model",
    "Field": "data_models.data_model",
    "FunctionCallingAgent": "modules.function_calling_agent",
    "Generator": "modules.generator",
    "Identity": "modules.identity",
    "InMask": "modules.masking",
    "Input": "modules.input",
    "JsonDataModel": "data_models.json_data_model",
    "Lambda": "modules.lambda_module",
    "LanguageModel": "language_models.language_model",
    "Ledger": "language_models.ledger",
    "LocalExecutor": "search.executors",
    "Module": "modules.module",
    "Not": "modules.merging",
    "Or": "modules.merging",
    "OutMask": "modules.masking",
    "Program": "programs.program",
    "PythonSynthesis": "modules.python_synthesis",
    "SchemaModel": "data_models.schema_model",
    "SelfCritique": "modules.self_critique",
    "Sequential": "programs.sequential",
    "SymbolicDataModel": "graph.symbolic",
    "Tool": "modules.tool",
    "Variable": "data_models.variable",
    "Xor": "modules.merging",
    "clear_session": "programs.program",
    "plot_program": "programs.program",
    "set_default_language_model": "language_models.defaults",
}
"""Where each public name is defined."""

_DOORS = (
    "callbacks",
    "datasets",
    "errors",
    "language_models",
    "metrics",
    "optimizers",
    "proposers",
    "rewards",
    "sandboxes",
    "testing",
)
"""Folders and files with public names of their own."""

__all__ = ["__version__", *_HOMES, *_DOORS]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"synthflow.{_HOMES[name]}"), name)
    elif name in _DOORS:
        value = import_module(f"synthflow.{name}")
    else:
        raise AttributeError(f"synthflow has no {name!r}. Its public names are: {', '.join(sorted(__all__))}.")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

"""Sequential: a program of modules in a row."""

from collections.abc import Sequence
from typing import Any

from synthflow.errors import GraphError
from synthflow.graph.graph import names_of
from synthflow.modules.module import Module
from synthflow.programs.program import Program


class Sequential(Program):
    """Modules in a row, each reading the output of the one before; built by its first call.

    Args:
        modules: The modules, in order.
        name: Its name in messages and saved files.
        description: What it is for.
        trainable: Whether training may change its variables.

    Raises:
        GraphError: When called with no modules.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> from synthflow.modules.identity import Identity
    >>> class Question(DataModel):
    ...     text: str
    >>> asyncio.run(Sequential([Identity(), Identity()])(Question(text="Why?")))
    JsonDataModel({'text': 'Why?'})
    """

    def __init__(
        self,
        modules: Sequence[Module] = (),
        *,
        name: str | None = None,
        description: str = "",
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, description=description, trainable=trainable)
        self._modules: list[Module] = []
        for module in modules:
            self.add(module)

    def add(self, module: Module) -> None:
        """Put a module at the end; the next call builds the graph anew."""
        if not isinstance(module, Module):
            raise GraphError(f"Sequential takes modules, not {module!r:.200}.")
        self._modules.append(module)
        self._graph = None

    def pop(self) -> Module:
        """Take the last module off; the next call builds the graph anew."""
        if not self._modules:
            raise GraphError("Sequential has no module to pop.")
        self._graph = None
        return self._modules.pop()

    async def build(self, inputs: Any) -> None:
        """Wire the modules one behind the other."""
        if not self._modules:
            raise GraphError("Sequential has no modules.\n  Sequential([module, ...])   <- give some, or add() them")
        outputs = inputs
        for module in self._modules:
            outputs = await module(outputs)
        self.close_graph(inputs, outputs)

    def submodules(self) -> dict[str, Module]:
        """Give the modules by name; the same names before and after the graph is built."""
        return {name: module for module, name in names_of(self._modules).items()}

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments."""
        return {"modules": self._modules}

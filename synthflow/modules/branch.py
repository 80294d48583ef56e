"""Branch: a language model decides which of several modules goes on with the input."""

from collections.abc import Sequence
from typing import Any, Unpack

from synthflow.data_models import schema as schemas
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Schema
from synthflow.errors import GraphError
from synthflow.graph.symbolic import SymbolicDataModel
from synthflow.modules.decision import Decision
from synthflow.modules.generator import GeneratorOptions, only
from synthflow.modules.input import Input
from synthflow.modules.module import Module


class Branch(Module):
    """Decides on a label, and gives the input to that label's module.

    The output is a tuple with a place for each label: the answer of the module that was
    chosen in its own place, and None in all others. The operator `|` merges them.

    Args:
        question: What to decide.
        labels: The answers there are; at least two.
        branches: The module for each label, in the order of the labels.
        inject_decision: Whether the module also reads the fields of the decision, `thinking`
            and `choice`, after those of the input.
        return_decision: Whether the output has the fields of the decision too, before those of the answer.
        **options: How the decision is made, as for `Generator`; `trainable` holds for the branches too.

    Raises:
        ValueError: There is not a module for each label, or the labels are not usable.

    >>> from synthflow.modules.identity import Identity
    >>> branches = [Identity(), Identity()]
    >>> branch = Branch(question="Is it hard?", labels=["yes", "no"], branches=branches, language_model="a/b")
    >>> list(branch.submodules())
    ['decision', 'branches', 'branches_1']
    """

    deterministic: bool = False

    def __init__(
        self,
        *,
        question: str,
        labels: Sequence[str],
        branches: Sequence[Module],
        inject_decision: bool = True,
        return_decision: bool = True,
        **options: Unpack[GeneratorOptions],
    ) -> None:
        super().__init__(
            name=options.pop("name", None),
            description=options.pop("description", ""),
            trainable=options.pop("trainable", True),
        )
        self.decision = Decision(question=question, labels=labels, **options)
        self.branches = list(branches)
        if len(self.branches) != len(self.decision.labels) or not all(isinstance(one, Module) for one in branches):
            raise ValueError(f"branches takes a module for each of {len(self.decision.labels)} labels, in their order.")
        self._inject_decision = inject_decision
        self._return_decision = return_decision

    def most_calls(self) -> int:
        """Give the HTTP attempts of the decision and of the branch that makes most."""
        return self.decision.most_calls() + max(branch.most_calls() for branch in self.branches)

    async def call(self, inputs: JsonDataModel) -> tuple[Any, ...]:
        """Decide, and run one branch."""
        decision = await self.decision(inputs)
        chosen = self.decision.labels.index(decision["choice"])
        answer = await self.branches[chosen](inputs + decision if self._inject_decision else inputs)
        if self._return_decision and answer is not None:
            answer = decision + answer
        return tuple(answer if place == chosen else None for place in range(len(self.branches)))

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, with those of the decision as it gives them."""
        return {**super().get_config(), **self.decision.get_config()}

    async def _promised_schema(self, inputs: tuple[Any, ...]) -> tuple[Schema, ...]:
        """Wire every branch, since any may be chosen."""
        given, decided = only(self, *inputs).get_schema(), self.decision.target
        shown = Input(schema=schemas.concat(given, decided) if self._inject_decision else given)
        promised = []
        for label, branch in zip(self.decision.labels, self.branches, strict=True):
            answer = await branch(shown)
            if not isinstance(answer, SymbolicDataModel):
                raise GraphError(f"The branch for {label!r} has several outputs, {answer!r:.200}; a branch has one.")
            schema = answer.get_schema()
            promised.append(schemas.concat(decided, schema) if self._return_decision else schema)
        return tuple(promised)

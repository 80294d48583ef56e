"""LanguageModelProposer: asks a language model to write new values, one question for each child.

Source of the shape of the question: Agrawal et al., GEPA: Reflective Prompt Evolution,
arXiv:2507.19457 (2025); the model sees what a candidate did, and why that was not right.
"""

from typing import Any

from synthflow.configured import Configured
from synthflow.data_models import schema as schemas
from synthflow.data_models.schema import Json, Schema
from synthflow.language_models.defaults import as_language_model
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.provider import Provider
from synthflow.naming import distinct
from synthflow.proposers.prompts.layout import SCRIPT, unfenced
from synthflow.proposers.prompts.messages import system_message, user_message
from synthflow.search.brief import Brief, Slot
from synthflow.search.protocols import Values, VariableInfo

LEAST_PROMPT = 4_000
"""Characters that a prompt must be allowed: what it always says takes about half of them."""


class LanguageModelProposer(Configured):
    """Writes scripts, instructions, and any other JSON but few-shot examples, with a language model.

    For each child it asks once: to write a better value than the parent's, to repair one that
    failed on a row shown, or to cross two parents over. The model sees the parents, each with its
    own answers and errors, and what was tried before in vain; it must answer in the variable's schema.

    Args:
        language_model: Who writes: a LanguageModel, its name, or a provider; by default, the
            default language model, which is then saved.
        instructions: Words for the model on what to aim for, besides the optimizer's.
        mutation_temperature: How freely to draw when one parent is changed or repaired; None is
            the model's own, as for the next two.
        crossover_temperature: How freely to draw when two parents are crossed over.
        reasoning_effort: How long to think: `none`, `minimal`, `low`, `medium` or `high`.
        use_chain_of_thought: Whether the model writes down its reasoning before the value; it is
            read by nobody, and makes for better values with models that do not think by themselves.
        max_prompt: The most characters of what is shown; see `user_message` for what is left out first.

    Raises:
        ValueError: There is no language model, or `max_prompt` is below its least.

    >>> from synthflow.testing import ScriptedLanguageModel
    >>> LanguageModelProposer(ScriptedLanguageModel([])).most_calls()
    3
    """

    operations = frozenset({"mutation", "crossover", "repair"})
    """It changes one parent, repairs one that failed, or crosses two over."""

    def __init__(
        self,
        language_model: LanguageModel | str | Provider | None = None,
        *,
        instructions: str = "",
        mutation_temperature: float | None = None,
        crossover_temperature: float | None = None,
        reasoning_effort: str | None = None,
        use_chain_of_thought: bool = True,
        max_prompt: int = 60_000,
    ) -> None:
        if max_prompt < LEAST_PROMPT:
            raise ValueError(f"max_prompt counts characters: {LEAST_PROMPT:,} at least, not {max_prompt:,}.")
        self.language_model = as_language_model(language_model)
        self.instructions = instructions
        self.mutation_temperature = mutation_temperature
        self.crossover_temperature = crossover_temperature
        self.reasoning_effort = reasoning_effort
        self.use_chain_of_thought = use_chain_of_thought
        self.max_prompt = max_prompt

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, with the model that writes, were it given or the default."""
        return {**super().get_config(), "language_model": self.language_model}

    def unfit(self, variable: VariableInfo) -> str:
        """Say why it cannot write a variable: few-shot examples; or ''."""
        if list(schemas.properties(variable.schema)) == ["examples"]:
            return (
                "it holds few-shot examples, which a model would invent; RandomFewShot draws them from real "
                "predictions that were rewarded"
            )
        return ""

    async def propose(self, brief: Brief, slot: Slot) -> Values:
        """Ask for a new value of a variable in scope that it can write, drawn where there are several.

        Raises:
            LookupError: It can write none of them.
            LanguageModelError: The model gave no answer, or none that fits the variable's schema.
            BudgetExceeded: The budget of the run has no room for the question.
        """
        fit = sorted(path for path in brief.scope if not self.unfit(brief.variables[path]))
        if not fit:
            reasons = "; ".join(f"{path}: {self.unfit(brief.variables[path])}" for path in brief.scope)
            raise LookupError(f"There is nothing that a language model can write: {reasons or 'the scope is empty'}.")
        path = slot.rng.choice(fit)
        info = brief.variables[path]
        thinking = distinct("thinking", schemas.properties(info.schema)) if self.use_chain_of_thought else ""
        words = (brief.instructions, self.instructions)
        reply = await self.language_model(
            [
                {"role": "system", "content": system_message(info, instructions=words, thinking=thinking)},
                {"role": "user", "content": user_message(brief, path, self.max_prompt)},
            ],
            schema=_with_thinking(info.schema, thinking),
            temperature=self.mutation_temperature if len(brief.parents) == 1 else self.crossover_temperature,
            reasoning_effort=self.reasoning_effort,
            sample=slot.sample,
        )
        return {path: _value(reply.checked().value, thinking)}

    def most_calls(self) -> int:
        """Give the HTTP attempts that one proposal can take at most."""
        return self.language_model.most_calls()


def _with_thinking(schema: Schema, thinking: str) -> Schema:
    """Ask for the reasoning first, since a model writes in the order of the fields."""
    if not thinking:
        return schema
    field = {"type": "string", "description": "Your reasoning, before you write the rest."}
    before = {"type": "object", "properties": {thinking: field}, "required": [thinking], "additionalProperties": False}
    return schemas.concat(before, schema)


def _value(answer: Json, thinking: str) -> Json:
    """Take the reasoning out of an answer, and a script out of its fence."""
    value = {name: part for name, part in answer.items() if name != thinking}
    if isinstance(value.get(SCRIPT), str):
        value[SCRIPT] = unfenced(value[SCRIPT])
    return value

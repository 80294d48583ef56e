"""ProgramAsJudge: a program says how good a prediction is."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Unpack

from synthflow.data_models.field_mask import Masks
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.operators import ValueOperators
from synthflow.data_models.schema import Json
from synthflow.errors import EvaluationError
from synthflow.graph.trace import tracing
from synthflow.modules.module import Module
from synthflow.rewards.reward import Reward, feedback


class ProgramAsJudge(Reward):
    """Gives the true answer and the prediction to a program, which answers with a field `reward`.

    The program is given one value, `y_true + y_pred` with the fields that count. As with every
    `+`, a field of the prediction whose name the true answer has too gets `_1`: of two `Answer`s
    with the field `text`, the program reads `text`, which is true, and `text_1`, which is
    predicted. Where the true answer is None, it is given the prediction alone. Where its answer
    has a text in a field `critique`, as that of a `SelfCritique` has, it is the feedback of the row.

    The program is not trained by what it judges. Its variables are saved with the reward.

    Args:
        program: A Program, or any object that gives a value for `await program(value)`: a data
            model whose field `reward` is a number from 0.0 to 1.0.
        name: How it is called in messages; `program_as_judge` by default.
        deterministic: Whether the program always gives equal rewards to equal values.
        variables: Values to set in the program's variables, by path; how a saved reward gets them back.
        **masks: Which fields count, as for `Reward`.

    Raises:
        TypeError: The program cannot be called.
        ValueError: It has no variable of a path in `variables`.
        SchemaError: A value does not fit its variable.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> class Judgement(DataModel):
    ...     reward: float
    >>> async def judge(value):
    ...     return Judgement(reward=float(value["text"].lower() == value["text_1"].lower()))
    >>> asyncio.run(ProgramAsJudge(judge)(Answer(text="Paris"), Answer(text="paris")))
    1.0
    """

    waits = True

    def __init__(
        self,
        program: Callable[[Any], Awaitable[Any]],
        *,
        name: str | None = None,
        deterministic: bool = False,
        variables: Mapping[str, dict[str, Json]] | None = None,
        **masks: Unpack[Masks],
    ) -> None:
        if isinstance(program, type) or not callable(program):
            raise TypeError(f"ProgramAsJudge takes a Program, or an object to await as it is, not {program!r:.200}.")
        super().__init__(name, **masks)
        self.program = program
        self.deterministic = deterministic
        known = dict(program.named_variables()) if isinstance(program, Module) else {}
        for path, value in (variables or {}).items():
            if path not in known:
                raise ValueError(
                    f"The judging program has no variable {path!r}; it has {', '.join(map(repr, known)) or 'none'}."
                )
            known[path].assign(value)

    async def call(self, y_true: Any, y_pred: Any) -> float:
        """Ask the program."""
        if not isinstance(y_pred, JsonDataModel) or not isinstance(y_true, JsonDataModel | None):
            raise EvaluationError(
                f"Reward {self.name!r} gives its program one answer, and was given several outputs.\n"
                "  RewardFunctionWrapper(my_function)   <- for several, call the program in a function"
            )
        with tracing(None):  # how the judge's own scripts end says nothing of the prediction
            answer = await self.program(y_pred if y_true is None else y_true + y_pred)
        fields: Json = answer.to_json_data_model().get_json() if isinstance(answer, ValueOperators) else {}
        reward, critique = fields.get("reward"), fields.get("critique")
        if reward is None:
            raise EvaluationError(
                f"Reward {self.name!r} asked its program, which answered {answer!r:.200}, without a field 'reward'.\n"
                "  class Judgement(DataModel):               <- have it answer with such a data model\n"
                "      reward: float = Field(ge=0.0, le=1.0)"
            )
        if isinstance(critique, str):
            feedback(critique)
        return reward  # type: ignore[no-any-return]  # it is checked as every reward is

    def most_calls(self) -> int:
        """Give the HTTP attempts that the reward of one row can take at most; 0 where the program does not say."""
        most: Callable[[], int] = getattr(self.program, "most_calls", int)
        return most()

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, with the values that the program's variables have now."""
        config = {name: value for name, value in super().get_config().items() if name != "variables"}
        if isinstance(self.program, Module) and (variables := dict(self.program.named_variables())):
            config["variables"] = {path: variable.get_json() for path, variable in variables.items()}
        return config

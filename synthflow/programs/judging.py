"""Judging: compile, evaluate and predict, as Keras users know them, all awaited but the first."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from synthflow.callbacks.callback import Callback
from synthflow.callbacks.callback_list import CallbackList
from synthflow.errors import CompileError, DataError
from synthflow.language_models.meter import current_meter, metered
from synthflow.language_models.remote_model import RemoteModel
from synthflow.metrics.mean import as_metric
from synthflow.metrics.metric import Metric
from synthflow.optimizers.optimizer import Optimizer
from synthflow.programs import batches
from synthflow.programs.batches import Dataset
from synthflow.programs.compiled import Compiled
from synthflow.programs.evaluation import Evaluation, predict, waits
from synthflow.programs.fitting import measured
from synthflow.programs.plan import models_of
from synthflow.programs.saving import SavableProgram
from synthflow.rewards.reward import Reward
from synthflow.rewards.reward_function import as_reward
from synthflow.search.budget import Purse
from synthflow.search.candidate import Cell, Row
from synthflow.search.evaluator import Constraint
from synthflow.search.executors import WAITING, Executor, LocalExecutor
from synthflow.search.journal import Fact


class JudgedProgram(SavableProgram):
    """What `Program` can do to be judged, and to say how."""

    stop_training: bool = False
    """A callback sets it to end the fit after the step or epoch under way."""
    _memo: Mapping[str, Fact] = {}

    def compile(
        self,
        *,
        reward: Reward | Callable[..., Any] | Sequence[Reward | Callable[..., Any]] | None = None,
        reward_weights: Sequence[float] | None = None,
        optimizer: Optimizer | None = None,
        metrics: Iterable[Metric | Callable[..., Any]] | None = None,
        seed: int = 0,
        executor: Executor | None = None,
        constraints: Sequence[Constraint] = (),
    ) -> None:
        """Choose how the program is judged and trained.

        Args:
            reward: Scores one prediction from 0 to 1: a Reward, or a function
                `(y_true, y_pred) -> float`, sync or async; or a list of these, which are summed.
            reward_weights: How much each of several rewards weighs; by default, all weigh the same.
            optimizer: Trains the variables; left out, the program can only be evaluated.
            metrics: Numbers to track beside the reward: metrics, or functions to take the mean of.
            seed: All chance of a run depends on it alone: same seed and same answers, same run.
            executor: Where rows run; by default in this process, as many at once as there are cores, or many
                where rows wait for a language model.
            constraints: Each takes a candidate's values by path and says what is wrong with
                them, or ''; a new candidate that breaks one is not run.

        Raises:
            CompileError: There is no reward, nothing to train, or the optimizer cannot
                write what this program would have it write.
        """
        if reward is None:
            raise CompileError(
                "compile needs a reward, which says what is good.\n"
                '  program.compile(reward=ExactMatch(in_mask=["answer"]), optimizer=...)'
            )
        chosen = [as_metric(metric) for metric in listed("metrics", metrics, Metric)]
        if len({"reward", *(metric.name for metric in chosen)}) <= len(chosen):
            raise CompileError(
                "Two metrics have the same name, or one is called 'reward'. Give each a name of its own."
            )
        if optimizer is not None and not isinstance(optimizer, Optimizer):
            raise CompileError(f"optimizer takes an Optimizer object, such as OMEGA(), not {optimizer!r:.100}.")
        if not isinstance(seed, int):
            raise CompileError(f"seed is a whole number, not {seed!r:.100}.")
        if executor is not None and not hasattr(executor, "map"):
            raise CompileError(
                f"executor takes what runs rows, as LocalExecutor(workers=2) does, not {executor!r:.100}."
            )
        if wrong := [constraint for constraint in constraints if not callable(constraint)]:
            raise CompileError(f"constraints takes functions from a candidate's values to text, not {wrong[0]!r:.100}.")
        judged_by = as_reward(reward, reward_weights)
        if optimizer is not None and self.built:
            optimizer.check(Evaluation(self, judged_by).variables_info())
        self._memo = {}  # a function of the same name may be another one now
        self.compiled = Compiled(
            judged_by,
            optimizer,
            tuple(metric.clone() for metric in chosen),
            seed,
            executor,
            tuple(constraints),
        )

    def recompile(self, config: Mapping[str, Any]) -> None:
        """Compile as a file says; whether the optimizer has anything to train is asked by `fit`.

        Raises:
            CompileError: See `compile`.
        """
        self.compile(**{**config, "optimizer": None})
        self.compiled = replace(self._compiled(), optimizer=config.get("optimizer"))

    async def evaluate(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        steps: int | None = None,
        callbacks: Iterable[Callback] | None = None,
    ) -> dict[str, float]:
        """Judge the program as it is.

        Args:
            x: The inputs; see `fit`.
            y: The answers.
            batch_size: Rows between two calls of the callbacks.
            steps: How many batches to read from an iterable.
            callbacks: What watches.

        Returns:
            The mean `reward`, and each metric by name.

        Raises:
            CompileError: The program was not compiled.
            DataError: The rows are not usable.
            EvaluationError: A reward, metric or module raised.
            LanguageModelError: A model gave no answer. One that did, and not as it was asked to, leaves its row
                without a prediction.
        """
        compiled = self._compiled()
        data = await self._load(x, y, steps)
        if not data.answered:
            raise DataError("evaluate needs answers to compare with: evaluate(x=..., y=...).")
        evaluation = Evaluation(self, compiled.reward, data.inputs, data.target)
        executor = self.executor

        async def run(rows: Sequence[Row]) -> Sequence[Any]:
            return await evaluation.run({}, rows)

        parts = _chunks(data.rows, batch_size)
        watchers = CallbackList(listed("callbacks", callbacks, Callback), self, {"steps": len(parts)})
        watchers.on_test_begin()
        cells: list[Cell] = []
        with metered(current_meter() or Purse()):  # so that metrics know what it took
            for number, rows in enumerate(parts):
                watchers.on_test_batch_begin(number)
                cells += await _all(executor, rows, run, batched=evaluation.batched)
                watchers.on_test_batch_end(number)
            logs = await measured(evaluation, compiled.metrics, data.rows, cells)
        watchers.on_test_end(logs)
        return logs

    async def predict(
        self,
        x: Any,
        *,
        batch_size: int = 32,
        steps: int | None = None,
        callbacks: Iterable[Callback] | None = None,
    ) -> Any:
        """Run the program on rows.

        Args:
            x: The inputs; see `fit`. An iterable yields `(x, y)` batches, whose y is not read.
            batch_size: Rows between two calls of the callbacks.
            steps: How many batches to read from an iterable.
            callbacks: What watches.

        Returns:
            A NumPy object array of outputs, one per row: None where the program answered None, and the
            LanguageModelError where a model gave no answer or none that could be used.

        Raises:
            DataError: The rows are not usable.
            EvaluationError: A module raised.
        """
        data = await self._load(x, None, steps)
        executor = self.executor
        batched = self.has_graph and self.runner.takes_batches

        async def run(rows: Sequence[Row]) -> Sequence[Any]:
            predicted, _ = await predict(self, rows, data.inputs)
            return predicted

        parts = _chunks(data.rows, batch_size)
        watchers = CallbackList(listed("callbacks", callbacks, Callback), self, {"steps": len(parts)})
        watchers.on_predict_begin()
        predictions: list[Any] = []
        for number, rows in enumerate(parts):
            watchers.on_predict_batch_begin(number)
            predictions += await _all(executor, rows, run, batched=batched)
            watchers.on_predict_batch_end(number)
        watchers.on_predict_end()
        return batches.predictions_array(predictions)

    async def test_on_batch(self, x: Any, y: Any) -> dict[str, float]:
        """Judge the program on these rows; see `evaluate`."""
        return await self.evaluate(x, y)

    async def predict_on_batch(self, x: Any) -> Any:
        """Run the program on these rows; see `predict`."""
        return await self.predict(x)

    @property
    def metrics_direction(self) -> dict[str, str | None]:
        """Whether more (`up`) or less (`down`) is better, for the reward and each metric."""
        metrics = self.compiled.metrics if self.compiled else ()
        return {"reward": "up", **{metric.name: metric.direction for metric in metrics}}

    @property
    def language_models(self) -> list[RemoteModel]:
        """All language and embedding models that the program, its reward, metrics and optimizer ask, each once.

        A loaded program has no ledgers: `for model in program.language_models: model.ledger = Ledger(path)`.
        """
        compiled = self.compiled
        parts = [self, *((compiled.reward, compiled.optimizer, compiled.metrics) if compiled else ())]
        return [model for _, model in models_of(parts)]

    @property
    def executor(self) -> Executor:
        """Where rows run: what `compile` was given, or this process."""
        if self.compiled is not None and self.compiled.executor is not None:
            return self.compiled.executor
        waiting = waits(self) or (self.compiled is not None and self.compiled.reward.waits)
        return LocalExecutor(WAITING if waiting else None)

    def _compiled(self) -> Compiled:
        if self.compiled is None:
            raise CompileError(
                "The program was not compiled.\n  program.compile(reward=..., optimizer=...)   <- do this first"
            )
        return self.compiled

    async def _load(self, x: Any, y: Any, most_batches: int | None = None) -> Dataset:
        """Read rows; the first ones build a program that is built by its first call."""
        data = batches.load(x, y, inputs=self._declared_inputs(), batches=most_batches)
        await self.ensure_built(data.inputs)
        return data

    def _declared_inputs(self) -> Any:
        return self.graph.inputs if self.has_graph else None


def listed(name: str, given: Iterable[Any] | None, kind: type) -> list[Any]:
    """Take what should be a list, and say so where one object was given instead."""
    if isinstance(given, kind) or callable(given):
        raise TypeError(f"{name} takes a list: {name}=[...], not {given!r:.100} alone.")
    return list(given or ())


def _chunks(rows: list[Row], size: int) -> list[list[Row]]:
    if size < 1:
        raise DataError(f"batch_size counts rows, so it must be at least 1, got {size}.")
    return [rows[start : start + size] for start in range(0, len(rows), size)]


async def _all(
    executor: Executor, rows: list[Row], run: Callable[[Sequence[Row]], Awaitable[Sequence[Any]]], *, batched: bool
) -> list[Any]:
    """Run rows through the executor, each alone or all together, and give the results in the order of the rows."""
    results: dict[int, Sequence[Any]] = {}

    async def one(item: tuple[int, Sequence[Row]]) -> None:
        number, part = item
        results[number] = await run(part)

    await executor.map(one, enumerate([rows] if batched else [[row] for row in rows]))
    return [result for number in sorted(results) for result in results[number]]

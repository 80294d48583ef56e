"""Training: fit and plan, as Keras users know the first, both awaited."""

from collections.abc import Iterable
from typing import Any, Self

from synthflow.callbacks.callback import Callback
from synthflow.callbacks.callback_list import CallbackList
from synthflow.callbacks.history import History
from synthflow.callbacks.progress import Progress
from synthflow.concurrency import OneAtATime
from synthflow.errors import CompileError, DataError
from synthflow.optimizers.optimizer import Optimizer
from synthflow.programs import batches
from synthflow.programs.batches import Dataset
from synthflow.programs.compiled import Compiled
from synthflow.programs.evaluation import Evaluation
from synthflow.programs.fitting import Fit, Schedule
from synthflow.programs.judging import JudgedProgram, listed
from synthflow.programs.plan import Plan, check_bounded
from synthflow.search.budget import Budget


class TrainableProgram(JudgedProgram):
    """What `Program` can do to learn."""

    _fitting: OneAtATime

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Start with no fit under way."""
        program = super().__new__(cls, *args, **kwargs)
        program._fitting = OneAtATime(
            "This program is being fit already. Await that fit first, or load a second program."
        )
        return program

    async def fit(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Iterable[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | Iterable[tuple[Any, Any]] | None = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        budget: Budget | None = None,
    ) -> History:
        """Train the program on rows.

        Every new candidate is scored on all training rows; the batches decide which rows a
        proposer is pointed to, and one batch is one generation. When every row is solved the
        epoch ends and nothing more is proposed. Called again, it goes on from the population.
        The program never ends worse on the training rows than it began.

        Args:
            x: The inputs: a list or array of data models; for several inputs a list, tuple or
                dict of such; or an iterable of `(x, y)` batches.
            y: The answers, in the same forms; left out for an iterable of batches.
            batch_size: Rows of a generation.
            epochs: The epoch to end before, counted from 0.
            verbose: 0 silent, 1 a progress display, 2 a line per epoch; "auto" is 1.
            callbacks: What watches the run.
            validation_split: The fraction of the rows, from 0 to below 1, that is set aside from the
                end, before shuffling: never trained on, never shown to a proposer.
            validation_data: `(x, y)` to validate on instead.
            shuffle: Whether each epoch takes the rows in an order of its own.
            initial_epoch: The epoch to begin with.
            steps_per_epoch: How many batches to read from an iterable; None reads to its end.
            budget: What the run may take: calls, tokens, cost, evaluations, seconds.

        Returns:
            The History: `reward` and the metrics of the best candidate on the training rows,
            `val_...` of the same candidate on the validation rows, a number per epoch; why it
            ended, what it used, and which failures of models there were. When a model gives no
            answer, or the budget is used up, the run ends with the best that is known; if not
            even the seeds could be scored, with no numbers at all.

        Raises:
            CompileError: The program was not compiled with an optimizer that can train it.
            DataError: The rows are not usable.
            EvaluationError: A reward, metric or module raised; the best so far is kept.
        """
        (compiled, optimizer), verbose = self._trainable(), 1 if verbose == "auto" else int(verbose)
        data = await self._load(x, y, steps_per_epoch)
        train, validation = self._validation(data, validation_split, validation_data)
        optimizer.check(Evaluation(self, compiled.reward).variables_info())
        await check_bounded(budget, self, compiled.reward, optimizer, compiled.metrics)
        watching = listed("callbacks", callbacks, Callback)
        history = History()
        schedule = Schedule(range(initial_epoch, epochs), batch_size, shuffle)
        watchers = CallbackList(
            [history, *([Progress(verbose)] if verbose else []), *watching],
            self,
            {
                "epochs": epochs,
                "steps": schedule.steps(len(train.rows)),
                "verbose": verbose,
                "metrics": ["reward", *(metric.name for metric in compiled.metrics)],
            },
        )
        fit = Fit(self, compiled, train, validation, watchers, schedule, self.executor, budget)
        history.stop_reason = await self._fit(fit)
        history.truncated = fit.truncated
        history.usage, history.failures = fit.usage.to_json(), dict(fit.usage.failures)
        history.errors = dict(fit.usage.errors)
        if verbose and history.stop_reason.startswith(("budget", "language model")):
            print(f"Training ended early, {history.stop_reason}.", *history.errors.values(), sep="\n  ")
        return history

    async def plan(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | Iterable[tuple[Any, Any]] | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        budget: Budget | None = None,
    ) -> Plan:
        """Print the most that a `fit` with these arguments can take, and ask nobody.

        Returns:
            The same numbers.

        Raises:
            CompileError: The program was not compiled with an optimizer.
            DataError: The rows are not usable.
        """
        compiled, _ = self._trainable()
        data = await self._load(x, y, steps_per_epoch)
        train, validation = self._validation(data, validation_split, validation_data)
        schedule = Schedule(range(initial_epoch, epochs), batch_size, shuffle=False)
        fit = Fit(self, compiled, train, validation, CallbackList([], self, {}), schedule, self.executor)
        plan = fit.plan(budget)
        print(plan)
        return plan

    async def train_on_batch(self, x: Any, y: Any) -> dict[str, float]:
        """Take one generation with these rows; give the logs of the best candidate on them."""
        rows = (await self._load(x, y)).rows
        history = await self.fit(x, y, batch_size=len(rows), shuffle=False, verbose=0)
        return {name: values[-1] for name, values in history.history.items()}

    def _trainable(self) -> tuple[Compiled, Optimizer]:
        compiled = self._compiled()
        if compiled.optimizer is None:
            raise CompileError(
                "fit needs an optimizer.\n  program.compile(reward=..., optimizer=OMEGA())   <- chooses one"
            )
        return compiled, compiled.optimizer

    def _validation(
        self,
        data: Dataset,
        fraction: float,
        given: Any,
    ) -> tuple[Dataset, Dataset]:
        if not data.answered:
            raise DataError("fit needs answers to learn from: fit(x=..., y=...).")
        if given is None:
            return data.split(fraction)
        pair = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
        validation = batches.load(*pair, inputs=data.inputs)
        if not validation.answered:
            raise DataError("validation_data needs answers: validation_data=(x, y).")
        return data, validation

    async def _fit(self, fit: Fit) -> str:
        with self._fitting:
            self.stop_training = False
            try:
                return await fit.run(self._memo)
            finally:
                self._memo = fit.memo

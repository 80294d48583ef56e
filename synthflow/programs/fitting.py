"""Fit: one run of an optimizer over a program's rows, with its logs and callbacks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthflow.callbacks.callback_list import CallbackList
from synthflow.data_models.canonical import digest
from synthflow.errors import BudgetExceeded, EvaluationError, LanguageModelError
from synthflow.language_models.meter import metered, phase
from synthflow.language_models.usage import UsageByPhase
from synthflow.metrics.metric import Metric
from synthflow.programs.batches import Dataset
from synthflow.programs.compiled import Compiled
from synthflow.programs.evaluation import Evaluation, trainable_variables
from synthflow.programs.plan import Plan, make_plan
from synthflow.search.budget import Budget, Purse
from synthflow.search.candidate import Candidate, Cell, Row, Scorecard, by_merit
from synthflow.search.evaluator import Evaluator
from synthflow.search.executors import Executor
from synthflow.search.journal import Fact, Journal
from synthflow.search.search import Search
from synthflow.search.steps import Step

if TYPE_CHECKING:
    from synthflow.optimizers.optimizer import Optimizer
    from synthflow.programs.training import TrainableProgram

Logs = dict[str, float]


@dataclass(frozen=True)
class Schedule:
    """How a fit goes through its rows."""

    epochs: range
    """The epochs to go through."""
    batch_size: int
    """Rows of a generation."""
    shuffle: bool
    """Whether each epoch has an order of its own."""

    def steps(self, rows: int) -> int:
        """Give the number of generations of an epoch over so many rows."""
        return math.ceil(rows / max(1, self.batch_size))


class Fit:
    """Runs the optimizer, and after each epoch puts the best candidate into the program.

    It is the search's `Watcher`: it keeps the logs, validates and calls the callbacks.

    Args:
        program: What to train.
        compiled: How it is judged and trained.
        train: The rows to learn from.
        validation: The rows to validate on; may have none.
        callbacks: What watches.
        schedule: Epochs, batches and order.
        executor: Where rows run.
        budget: What it may take.
    """

    def __init__(
        self,
        program: "TrainableProgram",
        compiled: Compiled,
        train: Dataset,
        validation: Dataset,
        callbacks: CallbackList,
        schedule: Schedule,
        executor: Executor,
        budget: Budget | None = None,
    ) -> None:
        self._program = program
        self._compiled = compiled
        self._train = train
        self._validation = validation
        self._callbacks = callbacks
        self._schedule = schedule
        self._executor = executor
        self._purse = Purse(budget)
        self._evaluation = Evaluation(program, compiled.reward, train.inputs, train.target)
        self._rows_id = digest([row.id for row in train.rows])
        self._last_logs: Logs = {}
        self.memo: Mapping[str, Fact] = {}
        """The cells that another fit of the same program need not run again."""
        self.truncated = False
        """Whether a clock cut a proposer or the run short, so that it may not be repeatable."""

    @property
    def usage(self) -> UsageByPhase:
        """What it used so far."""
        return self._purse.usage

    def plan(self, budget: Budget | None) -> Plan:
        """Give the most that it can take."""
        optimizer, steps = self._compiled.optimizer, self._schedule.steps(len(self._train.rows))
        assert optimizer is not None, "plan() made sure of it"
        return make_plan(
            self._evaluation,
            optimizer,
            seeds=len(self._seeds()),
            steps=steps * len(self._schedule.epochs),
            epochs=len(self._schedule.epochs),
            rows=len({row.id for row in self._train.rows}),
            validation_rows=len({row.id for row in self._validation.rows}),
            metrics=self._compiled.metrics,
            budget=budget,
        )

    async def run(self, memo: Mapping[str, Fact]) -> str:
        """Train, and give the reason why training ended.

        Args:
            memo: Cells known from earlier fits.
        """
        self.memo = memo
        optimizer, bred = self._compiled.optimizer, self._program.generations
        assert optimizer is not None, "fit() made sure of it"
        with metered(self._purse):
            async with Journal(memo) as journal:
                evaluator = Evaluator(self._evaluation, journal, self._executor, constraints=self._compiled.constraints)
                search = Search(
                    evaluator,
                    optimizer.proposers[0],
                    self._seeds(),
                    self._train.rows,
                    seed=self._compiled.seed,
                    path=f"from-{sum(bred.values())}",  # so that no two fits draw alike
                    epochs=self._schedule.epochs,
                    batch_size=self._schedule.batch_size,
                    shuffle=self._schedule.shuffle,
                    watcher=self,
                    taken=bred.get(self._rows_id, 0),
                    purse=self._purse,
                )
                try:
                    self._callbacks.on_train_begin()
                    await optimizer.run(search)
                    await search.close()
                except (LanguageModelError, BudgetExceeded) as error:  # it ends here, with the best that is known
                    search.finish(_reason(error))
                    await search.close()
                except BaseException:
                    self._adopt(search)
                    raise
                finally:
                    self.memo = evaluator.memo()
                    self.truncated = self._purse.timed_out or any(
                        getattr(proposer, "truncated", False) for proposer in optimizer.proposers
                    )
                    await _close(optimizer)
                self._adopt(search)
                self._callbacks.on_train_end(self._last_logs)
                return search.stop_reason

    async def on_epoch_begin(self, epoch: int, search: Search) -> None:
        """Tell the callbacks."""
        self._callbacks.on_epoch_begin(epoch)

    async def on_step_begin(self, step: Step, search: Search) -> None:
        """Tell the callbacks."""
        self._callbacks.on_train_batch_begin(step.batch)

    async def on_step_end(self, step: Step, search: Search) -> str:
        """Tell the callbacks how far the search is."""
        logs = {
            "reward": search.best.reward,
            "generation": step.number,
            "candidates": len(search.archive),
            "evaluations": search.evaluator.evaluations,
        }
        self._callbacks.on_train_batch_end(step.batch, logs)
        return self._stop()

    async def on_epoch_end(self, epoch: int, search: Search) -> str:
        """Put the best candidate into the program, validate it, and tell the callbacks."""
        self._adopt(search)
        self._last_logs, reason = {}, ""
        for prefix, measure in (("", self._trained), ("val_", self._validated)):
            try:
                self._last_logs |= {f"{prefix}{name}": value for name, value in (await measure(search)).items()}
            except (LanguageModelError, BudgetExceeded) as error:  # what it was for is not known
                names = ["reward", *(metric.name for metric in self._compiled.metrics)]
                self._last_logs |= {f"{prefix}{name}": math.nan for name in names}
                reason = _reason(error)
        self._callbacks.on_epoch_end(epoch, self._last_logs)
        return reason or self._stop()

    def _stop(self) -> str:
        return "callback" if self._program.stop_training else ""

    def _seeds(self) -> list[Candidate]:
        """Start from the program as it is, each other first value of a variable, and the last population."""
        variables = trainable_variables(self._program)
        current = {path: variable.get_json() for path, variable in variables.items()}
        values = [current]
        for path, variable in variables.items():
            values += [{**current, path: seed} for seed in variable.seed_candidates]
        for member in self._program.population:  # what is trainable may have changed since
            values.append({path: member["values"].get(path, value) for path, value in current.items()})
        return list({candidate.id: candidate for candidate in map(Candidate, values)}.values())

    def _adopt(self, search: Search) -> None:
        """Write the best candidate and the population into the program."""
        if not search.population:
            return
        cards = {card.id: card for card in [search.best, *search.population]}.values()
        population = sorted(cards, key=by_merit, reverse=True)
        members = [{"reward": card.reward, "values": dict(card.candidate.values)} for card in population]
        values = {path: variable.get_json() for path, variable in self._program.named_variables()}
        self._program.generations = {**self._program.generations, self._rows_id: search.step}
        self._program.set_state_tree({"variables": {**values, **search.best.candidate.values}, "population": members})

    async def _trained(self, search: Search) -> Logs:
        return await self._measured(search.best, self._train.rows)

    async def _validated(self, search: Search) -> Logs:
        rows = self._validation.rows
        if not rows:
            return {}
        cells = await search.evaluator.evaluate(search.best.candidate, rows)
        return await self._measured(Scorecard(search.best.candidate, cells, tuple(row.id for row in rows)), rows)

    async def _measured(self, card: Scorecard, rows: Sequence[Row]) -> Logs:
        return await measured(self._evaluation, self._compiled.metrics, rows, [card.cells[row.id] for row in rows])


async def measured(
    evaluation: Evaluation, metrics: Sequence[Metric], rows: Sequence[Row], cells: Sequence[Cell]
) -> Logs:
    """Give the mean reward and every metric of some cells.

    Raises:
        EvaluationError: A metric raised.
        LanguageModelError: A model that a metric asks gave no answer.
        BudgetExceeded: The budget has no room for a call.
    """
    counting = [metric.clone() for metric in metrics]
    for metric in counting:
        for row, cell in zip(rows, cells, strict=True):
            try:
                with phase("reward"):
                    await metric.update_state(evaluation.answer_of(row), evaluation.prediction_of(cell))
            except (LanguageModelError, BudgetExceeded):
                raise
            except Exception as error:
                raise EvaluationError(
                    f"Metric {metric.name!r} raised {type(error).__name__}: {error}\n"
                    f"  It happened on row {row.id} with x = {row.x!r:.200}."
                ) from error
    rewards = {"reward": math.fsum(cell.reward for cell in cells) / max(1, len(cells))}
    return rewards | {metric.name: metric.result() for metric in counting}


def _reason(error: LanguageModelError | BudgetExceeded) -> str:
    """Name why a run ends, in the words of `History.stop_reason`."""
    return f"budget: {error.limit}" if isinstance(error, BudgetExceeded) else f"language model: {error.kind}"


async def _close(optimizer: "Optimizer") -> None:
    """End what the proposers started."""
    for proposer in optimizer.proposers:
        close = getattr(proposer, "close", None)
        if close is not None:
            await close()

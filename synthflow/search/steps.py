"""Steps: the one place where a run ends.

A search goes through epochs; an epoch goes once through the rows, a batch at a time;
a batch is one step of the optimizer. Each turn of `async for step in search.steps()`
first closes the step before it. A search ends when, in this order of rank, the
optimizer has said `finish(reason)`, every row is `solved`, the watcher asks for it (with
its own reason) or a model does not answer, the budget is spent, `patience` is used up,
`max_steps` were taken, or no `epochs` are left. Whatever ends it, the epoch that is open
is closed.
"""

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from synthflow.search.candidate import Row
from synthflow.search.randomness import counter_rng

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synthflow.search.search import Search


@dataclass(frozen=True)
class Step:
    """One batch of one epoch: a generation of the optimizer."""

    number: int
    """From 1, over all epochs of this search and of earlier runs."""
    epoch: int
    """From 0, or where the run was told to begin."""
    batch: int
    """Which of the epoch's batches, from 0."""
    rows: tuple[Row, ...]
    """The batch: the rows to show proposers; every child is scored on all rows."""


class Steps:
    """Iterates over the steps of a search until there is a reason to stop."""

    def __init__(self, search: "Search", max_steps: int | None, patience: int | None) -> None:
        self._search = search
        self._max_steps = max_steps
        self._patience = patience
        self._epochs: Iterator[int] = count() if search.epochs is None else iter(search.epochs)
        self._epoch: int | None = None
        self._step: Step | None = None
        self._ahead: list[Step] = []
        self._begun = False
        self._spent = False
        self._stale = 0
        self._peak = search.best.reward

    def __aiter__(self) -> "Steps":
        return self

    async def __anext__(self) -> Step:
        await self._end_step()
        if not self._begun:  # even when a seed has solved every row, so that there is an epoch to report
            self._begun = True
            await self._begin_epoch()
        elif not self._ahead and not self._reason():
            await self._end_epoch()
            if not self._reason():
                await self._begin_epoch()
        if reason := self._reason():
            await self._end(reason)
            raise StopAsyncIteration
        return await self._begin_step()

    async def close(self) -> None:
        """End what is open, for an optimizer that left its loop by `break` or `return`."""
        await self._end_step()
        await self._end(self._reason() or "optimizer")

    def _reason(self) -> str:
        search = self._search
        reasons = (
            (search.stop_reason, bool(search.stop_reason)),
            ("solved", search.best.solved),
            (search.stop_asked, bool(search.stop_asked)),
            (search.budget_spent, bool(search.budget_spent)),
            ("patience", self._patience is not None and self._stale >= self._patience),
            ("max_steps", self._max_steps is not None and search.step - search.taken >= self._max_steps),
            ("epochs", self._spent),
        )
        return next((reason for reason, holds in reasons if holds), "")

    async def _end(self, reason: str) -> None:
        await self._end_epoch()
        self._search.finish(self._search.stop_reason or reason)

    async def _begin_epoch(self) -> None:
        search = self._search
        self._epoch = next(self._epochs, None)
        if self._epoch is None:
            self._spent = True
            return
        rows, size = list(search.rows), search.batch_size
        if search.shuffle:
            counter_rng(search.seed, search.path, "epoch", self._epoch).shuffle(rows)
        batches = [tuple(rows[at : at + size]) for at in range(0, len(rows), size)]
        self._ahead = [Step(search.step + 1 + n, self._epoch, n, batch) for n, batch in enumerate(batches)]
        if search.watcher and search.epochs is not None:
            await search.watcher.on_epoch_begin(self._epoch, search)

    async def _end_epoch(self) -> None:
        search, epoch = self._search, self._epoch
        self._epoch, self._ahead = None, []
        if epoch is not None and search.watcher and search.epochs is not None:
            search.stop_asked = await search.watcher.on_epoch_end(epoch, search) or search.stop_asked

    async def _begin_step(self) -> Step:
        search = self._search
        self._step = step = self._ahead.pop(0)
        search.step = step.number
        if search.watcher:
            await search.watcher.on_step_begin(step, search)
        return step

    async def _end_step(self) -> None:
        search, step = self._search, self._step
        self._step = None
        if step is None:
            return
        result = {
            "best": search.best.id,
            "reward": search.best.reward,
            "population": [card.id for card in search.population],
            "archive": len(search.archive),
        }
        search.evaluator.journal.note(f"step/{search.path}/{step.number}", result)  # a resumed run derives the same
        improved = search.best.reward > self._peak
        self._peak = max(self._peak, search.best.reward)
        self._stale = 0 if improved else self._stale + 1
        if search.watcher:
            search.stop_asked = await search.watcher.on_step_end(step, search) or search.stop_asked

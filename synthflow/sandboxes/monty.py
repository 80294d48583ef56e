"""The Monty sandbox: scripts run in a restricted Python interpreter, in worker processes that can be killed.

Monty (https://github.com/pydantic/monty) has no files, no network, no environment
and no clock of the host; what is left of Python is told by `walls`. Each run gets
a fresh session: the script first, then a line that writes `result` as JSON inside
the sandbox, so that a missing `result` and one that is not JSON are told apart,
and nothing but a bounded text ever crosses over.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self

import orjson

from synthflow.sandboxes.console import Console
from synthflow.sandboxes.diagnosis import (
    diagnose,
    no_worker,
    too_large,
    too_long,
    too_many_calls,
    too_much_printed,
)
from synthflow.sandboxes.host_calls import HostCalls, Tools, check_names, check_place, prelude
from synthflow.sandboxes.sandbox import Execution, Limits, Verdict
from synthflow.sandboxes.walls import describe_walls
from synthflow.sandboxes.workers import PATIENCE, Turn, Workers, require_monty, workers

OS_POLICY = {
    "datetime": datetime(2026, 1, 1, tzinfo=UTC),
    "sleep": "zero",
    "random_start": {"seed": 0},
}
"""One clock and one seed for every run, and no waiting: the same script on the same inputs gives the same result."""

SUSPENSIONS = 100
"""How often a script may ask the host for a name or a file, each time in vain."""

FLUSH = 0.05
"""Seconds that a worker gathers output before it sends it."""

NO_TOOLS: Tools = {}

NESTING = 200
"""How deep lists and dicts in `result` may be nested; deeper ones break what reads them later."""


class MontySandbox:
    """Runs scripts in Monty workers.

    Runs are queued, first come first served, and at most one runs for each core.
    A run that failed because the machine was too busy, or whose worker was killed
    from outside, is run once more with nothing beside it. Then its time limit is
    one of processor time, and on the wall it may take four times as long
    (`workers.PATIENCE`): on a slow machine an endless loop still ends as a timeout,
    and a right answer is still right.

    Args:
        limits: What one run may use; by default `Limits()`.

    Raises:
        SandboxError: pydantic-monty or its worker program is not installed.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        require_monty()
        self._limits = limits or Limits()
        # Cut inside the sandbox by syntax, which no script can redefine.
        self._tail = f"import json as _json\n_json.dumps(result, allow_nan=False)[:{self._limits.result + 1}]"

    @property
    def limits(self) -> Limits:
        """What one run may use."""
        return self._limits

    @property
    def walls(self) -> str:
        """What a script may do here, in words for whoever writes one."""
        return describe_walls(self._limits)

    def get_config(self) -> dict[str, Any]:
        """The limits, as JSON."""
        return {"limits": self._limits.to_json()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build the sandbox again from what `get_config` gave."""
        return cls(limits=Limits.from_json(config["limits"]))

    async def run(
        self, script: str, *, inputs: dict[str, Any], tools: Mapping[str, Callable[..., Any]] = NO_TOOLS
    ) -> Execution:
        """Run a script; whatever it does is told by the execution.

        Args:
            script: The source. It reads `inputs` and assigns `result`.
            inputs: A JSON object. Each place in it is a value of its own: no two
                share a list. What JSON cannot say becomes None (NaN, infinity)
                or `?` (half a character).
            tools: Sync functions that the script may call by these names, with JSON in and out; see
                `host_calls`. Each runs in a thread of its own, in the context of this call. A run that is
                repeated calls them again.

        Returns:
            How the run ended; `result` is JSON if the verdict is ok, and otherwise None.

        Raises:
            SandboxError: There are no workers, this process was forked from one that used them, or a tool
                of a script asks for this.
            LanguageModelError: A tool raised it: a model could not be asked.
            BudgetExceeded: A tool raised it: the budget is used up.
            TypeError: `inputs` holds something that is not JSON.
            ValueError: A tool has a name that a script cannot use.
        """
        check_names(tools)
        check_place()
        if len(script) > self._limits.source:
            return Execution(Verdict.refused, None, "", too_long(script, self._limits), 0.0)
        shared, turn = workers(), Turn()
        run = partial(self._attempt, shared, turn, script, tools, copy_context())
        queued = shared.threads.submit(self._run, shared, turn, run, inputs)
        try:
            return await asyncio.wrap_future(queued)
        except asyncio.CancelledError:
            turn.call_off()
            raise

    def _run(self, shared: Workers, turn: Turn, run: Callable[..., Execution], inputs: dict[str, Any]) -> Execution:
        values = {"inputs": plain_json(inputs)}
        with shared.gate.shared():
            execution = run(values)
        if execution.verdict is Verdict.infrastructure and not turn.called_off:
            with shared.gate.alone():
                execution = run(values, alone=True)
        return execution

    def _checkout(self, alone: bool, tools: Tools) -> dict[str, Any]:
        """What a session may use; alone, the watch keeps the time limit, and Monty a longer one."""
        return {
            "limits": {
                "max_feed_duration_secs": float(self._limits.timeout) * (PATIENCE if alone else 1),
                "max_memory": self._limits.memory << 20,
                "max_recursion_depth": self._limits.recursion,
                "max_suspensions": SUSPENSIONS + (2 * self._limits.tool_calls if tools else 0),
                "max_total_sleep_secs": 0.0,
            },
            "os_policy": OS_POLICY,
            "print_flush_interval": FLUSH,
        }

    def _attempt(
        self,
        shared: Workers,
        turn: Turn,
        script: str,
        tools: Tools,
        context: Context,
        values: dict[str, Any],
        *,
        alone: bool = False,
    ) -> Execution:
        import pydantic_monty

        console = Console(self._limits.printed, flooded=turn.stop)
        calls = HostCalls(tools, self._limits, turn, context)
        wall = self._limits.wall_time if tools else None
        result, ended = None, False
        try:
            with (
                shared.pool.checkout(**self._checkout(alone, tools)) as session,
                shared.watch.over(turn, session.worker_pid, self._limits.timeout, alone=alone, wall=wall),
            ):
                if tools:
                    session.feed_run(prelude(tools, self._limits))
                host = {"external_lookup": {"_tool": calls}} if tools else {}
                session.feed_run(script, inputs=values, print_callback=console, **host)
                ended = True
                text = session.feed_run(self._tail)
            result, problem = self._read(text)
            verdict = Verdict.refused if problem else Verdict.ok
        except pydantic_monty.MontyError as error:
            verdict, problem = diagnose(
                error, script_ended=ended, turn=turn, limits=self._limits, has_tools=bool(tools)
            )
        except RuntimeError as error:  # what the pool raises when it cannot start a worker
            verdict, problem = Verdict.infrastructure, no_worker(error)
        if calls.error is not None:
            raise calls.error
        if console.is_flooded:  # which stopped the run, wherever it was
            verdict, result, problem = Verdict.refused, None, too_much_printed(self._limits)
        if calls.are_too_many:
            verdict, result, problem = Verdict.refused, None, too_many_calls(self._limits)
        stdout, stderr = console.texts()
        joint = "\n" if stderr and problem and not stderr.endswith("\n") else ""
        return Execution(verdict, result, stdout, stderr + joint + problem, turn.seconds)

    def _read(self, text: str) -> tuple[Any, str]:
        """The result, and "" or why it is refused."""
        if len(text) > self._limits.result:
            return None, too_large(f"more than {self._limits.result:,} characters when written as JSON (result)")
        too_deep = f"more than {NESTING} lists and dicts, one inside the other"
        try:
            result = json.loads(text)
        except RecursionError:
            return None, too_large(too_deep)
        if text.count("[") + text.count("{") > NESTING and nesting(result) > NESTING:
            return None, too_large(too_deep)
        return result, ""


def plain_json(inputs: dict[str, Any]) -> Any:
    """Copy a JSON object into one that the sandbox can take."""
    try:
        return orjson.loads(orjson.dumps(inputs))
    except orjson.JSONEncodeError:  # whole numbers beyond 64 bits, lone surrogates
        text = json.dumps(inputs, ensure_ascii=False).encode("utf-8", "replace")
        return json.loads(text, parse_constant=lambda _: None)


def nesting(value: Any) -> int:
    """How many lists and dicts of a JSON value lie one inside the other.

    >>> nesting(1), nesting([]), nesting({"grid": [[0]]})
    (0, 1, 3)
    """
    depth, layer = 0, [value]
    while layer := [item for item in layer if isinstance(item, (list, dict))]:
        depth += 1
        layer = [child for item in layer for child in (item.values() if isinstance(item, dict) else item)]
    return depth

"""Host calls: how a script calls tools, which are functions of the host, and how far that goes.

Only text crosses over. In the sandbox each tool is a small function that writes its
arguments as JSON and reads the result from JSON, so a script can neither hand over
what is not JSON nor reach an object of the host. Here each call is counted, its text
is measured, and the tool runs in a thread of its own. A tool that does not return in
time is left behind in that thread, which nothing can end before the tool does; the
script is killed, and the sandbox goes on.

What a tool raises is told to the script, but for what says nothing about the script:
that a model could not be asked, that the budget is used up, or that a tool wants to
run a script itself. Then the run is over, and whoever started it hears of it.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextvars import Context, ContextVar
from keyword import iskeyword
from threading import Thread
from typing import Any

from synthflow.errors import BudgetExceeded, LanguageModelError, SandboxError
from synthflow.sandboxes.console import clip
from synthflow.sandboxes.sandbox import Limits
from synthflow.sandboxes.workers import TICK, Turn

Tools = Mapping[str, Callable[..., Any]]
"""Sync functions by the name under which a script calls them; they take JSON and give JSON."""

NOT_OF_SCRIPTS = (LanguageModelError, BudgetExceeded, SandboxError)
"""Errors of a tool that no script can do anything about."""

_IN_TOOL: ContextVar[bool] = ContextVar("in_tool", default=False)

REPORT = 2_000
"""Characters kept of what a tool raised."""

_FUNCTION = """
def {name}(*args, **kwargs):
    return _json.loads(_tool("{name}", _json.dumps([args, kwargs], allow_nan=False)[:{most}]))
"""


def check_names(names: Mapping[str, Any]) -> None:
    """Make sure that a script can call tools by these names.

    Raises:
        ValueError: One is no name of Python's, begins with `_`, or is `inputs` or `result`.
    """
    for name in names:
        if not name.isidentifier() or iskeyword(name) or name.startswith("_") or name in ("inputs", "result"):
            raise ValueError(f"A script cannot call a tool by the name {name!r}. Give it another name.")


def check_place() -> None:
    """Make sure that no tool runs a script, which would wait for the place that its own script holds.

    Raises:
        SandboxError: This is inside of a tool that a script called.
    """
    if _IN_TOOL.get():
        raise SandboxError(
            "A tool that a script calls cannot run a script: it would wait for the place that the first one holds.\n"
            "  Let one module run after the other, or do in Python what the inner script does."
        )


def prelude(tools: Tools, limits: Limits) -> str:
    """Write the script that makes the tools callable in a sandbox that has the function `_tool`."""
    functions = (_FUNCTION.format(name=name, most=limits.result + 1) for name in tools)
    return "import json as _json\n" + "".join(functions)


class HostCalls:
    """The function `_tool` of one run.

    Args:
        tools: What may be called.
        limits: What the run may use.
        turn: The clocks of the run.
        context: The context variables that the tools see.
    """

    def __init__(self, tools: Tools, limits: Limits, turn: Turn, context: Context) -> None:
        self.are_too_many = False
        """Whether the run was stopped for calling too often."""
        self.error: BaseException | None = None
        """Why the run was stopped, when it is none of the script's doing; see `NOT_OF_SCRIPTS`."""
        self._tools = tools
        self._limits = limits
        self._turn = turn
        self._context = context
        self._count = 0

    def __call__(self, *crossing: Any, **named: Any) -> str:
        """Call a tool.

        Args:
            crossing: Its name and its arguments as JSON, or whatever else a script gives.
            named: Nothing, or what a script gives by name.

        Returns:
            The result as JSON.

        Raises:
            ValueError: The script gave or the tool returned something else, or too much.
            RuntimeError: The tool raised, or the run is over.
        """
        self._count += 1
        if self._count > self._limits.tool_calls:
            self.are_too_many = True
            self._turn.stop()
            raise RuntimeError("Too many calls of tools.")
        name, args, kwargs = self._read((*crossing, *named))
        result = self._result(name, args, kwargs)
        try:
            text = json.dumps(result, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{name} returned what is not JSON: {error}") from None
        self._measure(text, f"{name} returned")
        return text

    def _read(self, crossing: tuple[Any, ...]) -> tuple[str, list[Any], dict[str, Any]]:
        if len(crossing) != 2 or not all(isinstance(part, str) for part in crossing) or crossing[0] not in self._tools:
            raise ValueError("There is no such tool.")
        name, text = crossing
        self._measure(text, f"{name} was given")
        try:
            args, kwargs = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            args, kwargs = None, None
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ValueError(f"{name} was given what is not JSON.")
        return name, args, kwargs

    def _measure(self, text: str, what: str) -> None:
        if len(text) > self._limits.result:
            raise ValueError(f"{what} more than {self._limits.result:,} characters of JSON (result).")

    def _result(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        returned: Future[Any] = Future()
        context = self._context.copy()
        context.run(_IN_TOOL.set, True)

        def work() -> None:
            try:
                returned.set_result(context.run(self._tools[name], *args, **kwargs))
            except BaseException as error:  # SystemExit too: whoever waits must hear of it
                returned.set_exception(error)

        Thread(target=work, name=f"synthflow-tool-{name}", daemon=True).start()
        while not wait([returned], TICK).done:
            if self._turn.is_over:
                raise RuntimeError(f"The run was over before {name} returned.")
        error = returned.exception()
        if isinstance(error, NOT_OF_SCRIPTS):
            self.error = error
            self._turn.stop()
            raise RuntimeError(f"The run is over: {name} cannot be called.")
        if error is not None:
            raise RuntimeError(clip(f"{name} failed: {type(error).__name__}: {error}", REPORT))
        return returned.result()

"""What went wrong, in a verdict and in words that help to repair the script.

The words go to whoever wrote the script, a model as often as a person: the
traceback with its line, the limit that was met, and what to write instead.
"""

import re
from typing import Any

from synthflow.sandboxes.console import FLOOD, FLOOD_PIECES, clip
from synthflow.sandboxes.sandbox import Limits, Verdict
from synthflow.sandboxes.walls import instead
from synthflow.sandboxes.workers import Turn

REPORT = 4_000
"""Characters kept of an error report; a script can raise an exception of any length."""

FAIR_SHARE = 0.5
"""The part of its time limit that a worker must get in processor time, or the machine is to blame for a timeout."""


_TOOL_FRAME = re.compile(r'  File "<python-input-0>", line \d+, in \w+\n(?:    .*\n){1,2}')
"""A line of a traceback in the functions that call tools, which are not the writer's."""


def diagnose(
    error: Any, *, script_ended: bool, turn: Turn, limits: Limits, has_tools: bool = False
) -> tuple[Verdict, str]:
    """Tell why a run failed.

    Args:
        error: The MontyError that ended it.
        script_ended: Whether the script itself was done, and `result` was being written as JSON.
        turn: The clocks of the run.
        limits: What the run was allowed.
        has_tools: Whether the script could call tools.

    Returns:
        The verdict, never ok, and a text, never empty.
    """
    import pydantic_monty

    if has_tools and turn.overdue and turn.seconds >= limits.wall_time:
        return Verdict.timeout, (
            f"TimeoutError: the run did not end within its limit of {limits.wall_time:g} seconds (wall_time), which "
            "counts the time that tools take.\nCall fewer tools, or ask them for less."
        )
    if isinstance(error, pydantic_monty.MontyCrashedError):
        return _crash(error, script_ended, turn, limits)
    if not isinstance(error, pydantic_monty.MontyRuntimeError):
        return Verdict.syntax, _report(error, has_tools)
    summary = clip(error.display("type-msg"), REPORT)
    kind, _, message = summary.partition(": ")
    # A limit is told from an exception that the script raised by its exact wording, and where it has none by its
    # lack of a line.
    if kind == "TimeoutError" and "time limit exceeded" in message and not error.traceback():
        return _timeout(script_ended, turn, limits)
    if kind == "MemoryError" and _is_memory_limit(message, error, limits):
        return (
            Verdict.memory,
            f"{_report(error, has_tools)}\nThe script needs more than its limit of {limits.memory} MiB (memory).",
        )
    if kind == "RuntimeError" and re.fullmatch(r"suspension limit \d+ exceeded", message):
        why = "The script keeps asking for names or files that do not exist here."
        return Verdict.refused, f"{_report(error, has_tools)}\n{why}"
    if script_ended:
        return _unwritable(kind, message)
    if kind == "NotImplementedError" and "syntax parser" in message:
        return Verdict.syntax, _report(error, has_tools)
    return Verdict.runtime, _report(error, has_tools)


def too_long(script: str, limits: Limits) -> str:
    """Say that a source is refused unread."""
    return (
        f"The script has {len(script):,} characters; at most {limits.source:,} are allowed (source). Write less code."
    )


def too_large(size: str) -> str:
    """Say that a result is refused for its size."""
    return f"`result` is too large: {size}. Return only what the schema asks for."


def too_much_printed(limits: Limits) -> str:
    """Say that a script was stopped for what it printed."""
    return (
        f"The script was stopped: it prints more than {FLOOD + limits.printed:,} characters, "
        f"or more than {FLOOD_PIECES:,} pieces by turns. Print less; the answer goes into `result`."
    )


def too_many_calls(limits: Limits) -> str:
    """Say that a script was stopped for calling tools."""
    return (
        f"The script was stopped: it calls tools more than {limits.tool_calls:,} times (tool_calls). "
        "Keep what they gave, and call them less often."
    )


def no_worker(error: Exception) -> str:
    """Say that the script was not run at all."""
    return f"No worker could be started, so the script was not run: {error}."


def _crash(error: Any, script_ended: bool, turn: Turn, limits: Limits) -> tuple[Verdict, str]:
    if error.timed_out or turn.overdue:
        return _timeout(script_ended, turn, limits)
    if "SIGKILL" in str(error) or "SIGTERM" in str(error):
        return Verdict.infrastructure, f"The worker was killed from outside, which is not the script's fault: {error}."
    return Verdict.refused, (
        f"The interpreter crashed on this script: {clip(str(error), REPORT)}.\n"
        "Write shorter expressions, nested less deeply, and split long data into several assignments."
    )


def _is_memory_limit(message: str, error: Any, limits: Limits) -> bool:
    if "its memory limit" in message:  # the worker is gone, and the line with it
        return not error.traceback()
    return re.fullmatch(rf"memory limit exceeded: \d+ bytes > {limits.memory << 20} bytes", message) is not None


def _timeout(script_ended: bool, turn: Turn, limits: Limits) -> tuple[Verdict, str]:
    got = turn.processor_seconds
    if got is not None and got < FAIR_SHARE * limits.timeout:
        return Verdict.infrastructure, (
            f"The machine was too busy: in {turn.seconds:.1f} seconds the script got {got:.1f} seconds of a processor. "
            "This says nothing about the script; run it again."
        )
    what = "writing `result` as JSON did not end" if script_ended else "the script did not end"
    return Verdict.timeout, (
        f"TimeoutError: the clock ran out: {what} within its limit of {limits.timeout:g} seconds (timeout).\n"
        "Look for a loop that never ends, or do less work."
    )


def _unwritable(kind: str, message: str) -> tuple[Verdict, str]:
    if kind == "NameError":
        return Verdict.missing_result, (
            "The script ended without assigning `result`. "
            "Assign the answer to a variable named `result` at the top level, such as: result = {...}"
        )
    return Verdict.schema, (
        f"{kind}: `result` is not JSON: {message}.\n"
        "Build it from dicts with text keys, lists, text, finite numbers, True, False and None."
    )


def _report(error: Any, has_tools: bool) -> str:
    """The traceback, and for a wall of the sandbox what to write instead."""
    text = clip(error.display(), REPORT)
    if has_tools:
        text = _TOOL_FRAME.sub("", text)
    for name in ("<python-input-1>" if has_tools else "<python-input-0>", "main.py"):
        text = text.replace(f'File "{name}"', 'File "script.py"')
    hint = instead(clip(error.display("type-msg"), REPORT))
    return f"{text}\nHint: {hint}" if hint else text

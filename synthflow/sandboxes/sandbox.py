"""What a sandbox promises: a script and its inputs in, one `Execution` out, whatever the script does.

A script is untrusted text that a proposer wrote. It finds its data in a dict
named `inputs` and assigns its answer to a variable named `result`. Whatever it
does instead is told by a `Verdict` and a text that helps to repair it. An exception
means that the script was not run: it is about the sandbox or the inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Protocol, Self


class Verdict(StrEnum):
    """How a run ended."""

    ok = "ok"
    """The script assigned `result`, and it is JSON."""
    syntax = "syntax"
    """The source is not Python, or uses syntax that the sandbox does not have."""
    runtime = "runtime"
    """The script raised an exception."""
    missing_result = "missing_result"
    """The script ended without assigning `result`."""
    schema = "schema"
    """`result` is not JSON, or does not fit the schema asked for."""
    timeout = "timeout"
    """The script ran for its whole time limit."""
    memory = "memory"
    """The script asked for more memory than its limit."""
    refused = "refused"
    """The script, its result or what it prints is larger than allowed, or the interpreter gave it up."""
    infrastructure = "infrastructure"
    """The machine, not the script, is to blame: run it again, and never score it as a failure."""


@dataclass(frozen=True)
class Limits:
    """What one run of a script may use.

    Each limit is at most what `MAXIMA` says, whoever asks for more, such as a saved file.

    Raises:
        ValueError: A limit is not above 0, is above its maximum, or is not a whole number where only whole
            ones make sense.

    >>> Limits(timeout=1.0).to_json()["timeout"]
    1.0
    """

    timeout: float = 5.0
    """Wall time, in seconds; at most an hour."""
    memory: int = 64
    """Heap of the script, in MiB; at most 16 GiB."""
    recursion: int = 1000
    """Depth of nested calls, in frames; at most 10,000."""
    source: int = 64_000
    """Length of the script, in characters; at most 10 million."""
    result: int = 1_000_000
    """Length of `result` written as JSON, and of what a tool is given or returns, in characters; at most 10 million."""
    printed: int = 16_000
    """How much is kept of what the script prints, stdout and stderr together, in characters; at most 10 million."""
    tool_calls: int = 100
    """How often a run may call tools; at most 100,000."""
    wall_time: float = 60.0
    """Time of a run that has tools, theirs included, in seconds; at most a day. `timeout` does not count theirs."""

    def __post_init__(self) -> None:
        """Refuse limits that no run could keep."""
        for name, value in asdict(self).items():
            whole = name not in ("timeout", "wall_time")
            number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not number or not 0 < value <= MAXIMA[name]:  # NaN is in no range
                kind = "a whole number" if whole else "a number of seconds"
                raise ValueError(
                    f"Limits({name}={value!r:.40}) must be {kind} above 0 and at most {MAXIMA[name]:,}, "
                    f"such as {name}={_DEFAULTS[name]}."
                )

    def to_json(self) -> dict[str, Any]:
        """Every limit by name, as `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, limits: Mapping[str, Any]) -> Self:
        """Build limits from what `to_json` wrote; a limit that is not named keeps its default.

        Raises:
            ValueError: A name is not the name of a limit, or a value is out of range.
        """
        if unknown := sorted(set(limits) - set(_DEFAULTS)):
            raise ValueError(f"Limits has no {', '.join(unknown)}. It has: {', '.join(_DEFAULTS)}.")
        return cls(**limits)


MAXIMA: dict[str, int] = {
    "timeout": 3600,
    "memory": 16_384,
    "recursion": 10_000,  # Monty's stack holds so many lists, one inside the other, and not five times as many
    "source": 10_000_000,
    "result": 10_000_000,
    "printed": 10_000_000,
    "tool_calls": 100_000,
    "wall_time": 86_400,
}
"""The most that each limit may be: more than a script needs, and no more than the Monty workers and the host bear."""

_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Limits)}


@dataclass(frozen=True)
class Execution:
    """What came of one run."""

    verdict: Verdict
    """How it ended."""
    result: Any
    """What the script assigned to `result`, as JSON; None unless the verdict is ok."""
    stdout: str
    """What the script printed, cut in the middle where it was too long."""
    stderr: str
    """What the script printed there, then what went wrong; empty only if the verdict is ok."""
    seconds: float
    """Wall time of the run, without waiting for a free worker."""


class Sandbox(Protocol):
    """Where untrusted scripts run."""

    @property
    def limits(self) -> Limits:
        """What one run may use."""

    @property
    def walls(self) -> str:
        """What a script may do here, in words for whoever writes one."""

    async def run(
        self, script: str, *, inputs: dict[str, Any], tools: Mapping[str, Callable[..., Any]] = ...
    ) -> Execution:
        """Run `script` with the JSON object `inputs`; whatever the script does is told by the execution.

        Args:
            script: The source. It reads `inputs` and assigns `result`.
            inputs: A JSON object.
            tools: Sync functions that the script may call by these names, with JSON in and out.

        Raises:
            SandboxError: No script can be run here; the message says why.
            TypeError: `inputs` holds something that is not JSON.
        """

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to build this sandbox again, as JSON."""

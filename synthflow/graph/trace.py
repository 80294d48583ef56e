"""Trace: what happened on the way of one row through a program.

Each row has its own trace, found through a `ContextVar`, so nothing that
one row did can be written down for another, in whatever order they finish.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from synthflow.data_models.schema import Json

_TRACE: ContextVar["Trace | None"] = ContextVar("trace", default=None)
_ROWS: ContextVar[Sequence["Trace | None"]] = ContextVar("rows", default=())


@dataclass(frozen=True)
class Note:
    """How the run of one script ended."""

    verdict: str
    """A `Verdict` of the sandbox, such as `ok` or `timeout`."""
    feedback: str
    """What its writer should read: printed text and errors."""


@dataclass(frozen=True)
class Call:
    """What a module that holds trainable variables was given, and what it answered."""

    module: object
    """The module."""
    inputs: Json
    """What it read, in JSON."""
    outputs: Json
    """What it made of that, in JSON."""


@dataclass
class Trace:
    """What modules wrote down while one row ran, in order."""

    notes: list[Note] = field(default_factory=list)
    """How scripts and answers ended."""
    calls: list[Call] = field(default_factory=list)
    """What trainable modules did."""

    @property
    def verdict(self) -> str:
        """The first verdict that is not `ok`, or `ok`."""
        return next((note.verdict for note in self.notes if note.verdict != "ok"), "ok")

    @property
    def was_run(self) -> bool:
        """Whether every script was run: `infrastructure` means that one was not, through no fault of its own."""
        return all(note.verdict != "infrastructure" for note in self.notes)

    @property
    def feedback(self) -> str:
        """All feedback, in order."""
        return "\n".join(note.feedback for note in self.notes if note.feedback)


def note(verdict: str, feedback: str = "") -> None:
    """Write down how a script ended; without a trace nothing is kept."""
    trace = _TRACE.get()
    if trace is not None:
        trace.notes.append(Note(verdict, feedback))


def record(module: object, inputs: Json, outputs: Json) -> None:
    """Write down what a trainable module did, so that its examples can be drawn from it; without a trace, nothing."""
    trace = _TRACE.get()
    if trace is not None:
        trace.calls.append(Call(module, inputs, outputs))


@contextmanager
def tracing(trace: Trace | None) -> Iterator[None]:
    """Keep the notes of this task in `trace`."""
    token = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(token)


@contextmanager
def tracing_rows(traces: Sequence[Trace | None]) -> Iterator[None]:
    """Tell a module that takes a batch at once which trace belongs to which row."""
    token = _ROWS.set(traces)
    try:
        yield
    finally:
        _ROWS.reset(token)


@contextmanager
def row(index: int) -> Iterator[None]:
    """Inside `call_batch`, keep the notes of row `index` in that row's trace; what it calls in turn notes there too."""
    traces = _ROWS.get()
    with tracing(traces[index] if traces else _TRACE.get()), tracing_rows(()):
        yield

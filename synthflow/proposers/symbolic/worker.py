"""The search as a process: one JSON request a line on stdin, one JSON answer a line on stdout.

    python -m synthflow.proposers.symbolic.worker

A request names the examples, a lane and a slice, and the answer is a function of the request:
enumerations are kept between requests to go on from, but one that is not there (a new process,
or one that served other tasks since) is run again from its beginning. The exception is a
`seconds` limit: an answer cut short by it says `truncated`, and later slices go on from there.

Request::

    {"pairs": [[input_grid, output_grid], ...], "lane": 0, "slice": 1, "evaluations": 6000,
     "input_field": "input_grid", "output_field": "output_grid",
     "parent": null | {"script": "...", "grids": [...]}, "seconds": null}

Answer::

    {"programs": [{"script": "...", "fits": true, "confidence": 1.0, "cost": 1.0, "accuracy": 1.0}, ...],
     "evaluations": 912, "exhausted": false, "truncated": false}
    {"error": "..."}

The process ends when stdin does.
"""

import json
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TextIO

from synthflow.proposers.symbolic.engine import Enumeration, Parent, Slice

_KEPT = 4
"""How many enumerations are kept; a long one on large grids may hold some hundreds of MiB."""


class Worker:
    """Answers requests, and keeps the enumerations that were used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, Enumeration]] = OrderedDict()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request; a bad one is answered with its error."""
        try:
            found = self._slice(request)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {**vars(found), "programs": [vars(program) for program in found.programs]}

    def _slice(self, request: dict[str, Any]) -> Slice:
        wanted, evaluations = request["slice"], request["evaluations"]
        if wanted < 1 or evaluations < 1:
            raise ValueError(f"slice and evaluations count from 1, got {wanted} and {evaluations}.")
        about = {name: value for name, value in request.items() if name not in ("slice", "seconds")}
        key = json.dumps(about, sort_keys=True)
        reached, enumeration = self._kept.pop(key, (0, None))
        if enumeration is None or reached >= wanted:
            reached, enumeration = 0, _begin(request)
        stop = _clock(request["seconds"])
        while True:
            reached += 1
            found = enumeration.slice(evaluations, stop=stop)
            if reached == wanted or found.truncated:
                break
        self._kept[key] = (wanted, enumeration)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer every line of a stream until it ends."""
    worker = Worker()
    for line in requests:
        try:
            request = json.loads(line)
        except ValueError as error:
            answer: dict[str, Any] = {"error": f"The request is not JSON: {error}"}
        else:
            answer = worker.answer(request) if isinstance(request, dict) else {"error": "The request is not an object."}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _begin(request: dict[str, Any]) -> Enumeration:
    parent = request["parent"]
    return Enumeration(
        [(pair[0], pair[1]) for pair in request["pairs"]],
        None if parent is None else Parent(parent["script"], parent["grids"]),
        lane=request["lane"],
        input_field=request["input_field"],
        output_field=request["output_field"],
    )


def _clock(seconds: float | None) -> Callable[[], bool] | None:
    """Make a stop that asks the clock; None if there is no limit."""
    if seconds is None:
        return None
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    serve(sys.stdin, sys.stdout)

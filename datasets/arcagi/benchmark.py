"""How many ARC-AGI tasks are solved with no language model, at 10 seconds a task on one core.

    python datasets/arcagi/benchmark.py --arc-version 1 --split training

For each task the one top-ranked script is taken: it counts as solved when it is right on
every held-out test pair. Each task has one core: as many tasks run at once as there are
cores, each in a process that is bound to its own. The clock is looked at between
generations, so the last one may end late; what it finds then does not count. Every learned
script is also run by plain CPython, and must give what it gave in the sandbox. Results go
to `results.md` beside this file, under a heading for the split.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

RESULTS = Path(__file__).with_name("results.md")
SECONDS = 10.0
"""Wall time that a task may take, on one core."""
MARGIN = 1.0
"""Seconds of it that are left for the verdict."""


@dataclass(frozen=True)
class Outcome:
    """What came of one task."""

    task: str
    """Its name."""
    train: bool
    """Whether the script is right on all training rows."""
    test: bool
    """Whether it is right on all held-out test pairs too, and was found in time."""
    same: bool
    """Whether plain CPython gives what the sandbox gave, on all inputs."""
    seconds: float
    """Wall time from loading the task to the verdict."""


def main() -> None:
    """Read the arguments; run all tasks of the split, or, as a child, a part of them."""
    parser = argparse.ArgumentParser(description="Solve ARC-AGI tasks with no language model and count.")
    parser.add_argument("--arc-version", type=int, choices=(1, 2), default=1)
    parser.add_argument("--split", choices=("training", "evaluation"), default="training")
    parser.add_argument("--limit", type=int, default=None, help="only so many tasks, evenly spread")
    parser.add_argument("--core", type=int, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = task_names(arguments.arc_version, arguments.split, arguments.limit)
    cores = sorted(os.sched_getaffinity(0))
    if arguments.core is not None:
        os.sched_setaffinity(0, {cores[arguments.core]})
        for name in names[arguments.core :: len(cores)]:
            print(json.dumps(asdict(asyncio.run(attempt(name, arguments.arc_version)))), flush=True)
        return
    command = [sys.executable, __file__, *sys.argv[1:]]
    children = [
        subprocess.Popen([*command, "--core", str(core)], stdout=subprocess.PIPE, text=True)
        for core in range(len(cores))
    ]
    outcomes = sorted(collect(children), key=lambda outcome: outcome.task)
    print(table(outcomes))
    if arguments.limit is None:
        record(f"ARC-AGI-{arguments.arc_version}, {arguments.split}", outcomes, sys.argv[1:])


def task_names(version: int, split: str, limit: int | None) -> list[str]:
    """Give the names of a split's tasks, or of so many of them, evenly spread."""
    from synthflow.datasets import arcagi

    names = list(getattr(arcagi, f"get_arcagi{version}_{split}_task_names")())
    return names if limit is None else names[:: max(1, len(names) // limit)][:limit]


async def attempt(name: str, version: int) -> Outcome:
    """Train on one task until it is solved or time is up, and judge the script."""
    from synthflow.callbacks import Callback
    from synthflow.cli.solve import solve_task
    from synthflow.datasets import arcagi

    class Deadline(Callback):
        """Stops when another generation would not fit into the time."""

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.began = time.monotonic()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            now = time.monotonic()
            if now + (now - self.began) - start > SECONDS - MARGIN:
                self.program.stop_training = True

    start = time.monotonic()
    solution = await solve_task(name, arc_version=version, epochs=10_000, callbacks=[Deadline()])
    seconds = time.monotonic() - start
    (x_train, _), (x_test, _) = arcagi.load_data(name, arc_version=version)
    rows = [*x_train, *x_test]
    sandbox = [prediction["output_grid"] for prediction in await solution.program.predict(rows)]
    plain = [run_plain(solution.script, row.get_json()) for row in rows]
    in_time = seconds <= SECONDS
    return Outcome(name, all(solution.train), solution.solved and in_time, sandbox == plain, seconds)


def run_plain(script: str, inputs: dict[str, Any]) -> Any:
    """Run a script that this project wrote by plain CPython; a failure answers as the sandbox does."""
    names: dict[str, Any] = {"inputs": inputs, "__name__": "__main__"}
    try:
        exec(compile(script, "script", "exec"), names)
    except Exception:
        return [[0]]
    return names["result"]["output_grid"]


def collect(children: list["subprocess.Popen[str]"]) -> Iterable[Outcome]:
    """Read the outcomes of all children as they come."""
    import selectors

    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]  # it is a pipe
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if not line:
                    selector.unregister(key.fileobj)
                    continue
                outcome = Outcome(**json.loads(line))
                print(f"{outcome.task}: {'solved' if outcome.test else '-'}, {outcome.seconds:.1f} s", flush=True)
                yield outcome
    if any(child.wait() for child in children):
        raise SystemExit("A part of the benchmark failed; see above.")


def table(outcomes: list[Outcome]) -> str:
    """Put the counts in a table."""
    fits, solved = [o for o in outcomes if o.train], [o for o in outcomes if o.test]
    times = [o.seconds for o in outcomes]
    share, late = len(solved) / len(outcomes), quantiles(times, n=20)[-1]
    rows = {
        "tasks": f"{len(outcomes)}",
        f"solved in {SECONDS:.0f} s: one script, right on every held-out test pair": f"**{len(solved)}** ({share:.1%})",
        "scripts that fit all training pairs": f"{len(fits)}",
        "of those, wrong on a test pair or late": f"{len(fits) - len(solved)}",
        "scripts that answer the same under plain CPython": f"{sum(o.same for o in outcomes)}",
        "seconds a task: mean, 95th percentile, longest": f"{mean(times):.1f}, {late:.1f}, {max(times):.1f}",
        "seconds a solved task: mean": f"{mean(o.seconds for o in solved) if solved else 0:.1f}",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def record(heading: str, outcomes: list[Outcome], arguments: list[str]) -> None:
    """Write a section of `results.md`, in place of an older one of the same heading."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# ARC-AGI with no language model\n"
    command = " ".join(["python", "datasets/arcagi/benchmark.py", *arguments])
    section = (
        f"## {heading}\n\n`{command}`, {SECONDS:.0f} s a task on one core, "
        f"{platform.system()}, CPython {platform.python_version()}.\n\n{table(outcomes)}\n"
    )
    text = re.sub(rf"## {re.escape(heading)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL).rstrip()
    RESULTS.write_text(f"{text}\n\n{section}", encoding="utf-8")


if __name__ == "__main__":
    main()

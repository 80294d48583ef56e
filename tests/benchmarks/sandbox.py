"""What the sandbox adds to Monty: a warm call against a bare checkout with two feeds, in one run.

    python tests/benchmarks/sandbox.py

Ratios and counts; seconds of a shared machine mean little.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median

ROUNDS = 300
"""How often each side is timed, by turns."""

CALLS = 200
"""How many calls are made at once."""

TAIL = "import json\njson.dumps(result, allow_nan=False)"

SCRIPTS = {
    "9x9": """
grid = inputs["input_grid"]
cells = range(9)
result = {"output_grid": [[grid[r % 3][c % 3] if grid[r // 3][c // 3] else 0 for c in cells] for r in cells]}
""",
    "30x30": """
result = {"output_grid": [row[::-1] for row in inputs["input_grid"]]}
""",
}
"""A script for each size of its output."""

GRIDS = {
    "9x9": [[1, 0, 1], [0, 1, 0], [1, 1, 1]],
    "30x30": [[row * column % 10 for column in range(30)] for row in range(30)],
}


def measure() -> dict[str, float]:
    """Time both sides by turns.

    Returns:
        `sandbox call / bare Monty at 9x9` and `... at 30x30`: ratios of medians, at most 3 is asked for;
        `right of 200 concurrent calls`: how many of the answers were right.
    """
    import pydantic_monty

    with pydantic_monty.Monty(min_processes=1, max_processes=1) as pool:
        ratios = {
            f"sandbox call / bare Monty at {size}": asyncio.run(
                _ratio(pool, SCRIPTS[size], {"input_grid": GRIDS[size]})
            )
            for size in SCRIPTS
        }
    return {**ratios, f"right of {CALLS} concurrent calls": float(asyncio.run(_right_answers()))}


async def _ratio(pool: object, script: str, inputs: dict[str, object]) -> float:
    from synthflow.sandboxes.monty import MontySandbox

    sandbox = MontySandbox()
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare_call(pool, script, inputs)))
        began = time.perf_counter()
        execution = await sandbox.run(script, inputs=inputs)
        ours.append(time.perf_counter() - began)
        assert execution.result, execution.stderr
    return median(ours) / median(bare)


def _bare_call(pool: object, script: str, inputs: dict[str, object]) -> None:
    with pool.checkout() as session:
        session.feed_run(script, inputs={"inputs": inputs})
        session.feed_run(TAIL)


def _seconds(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


async def _right_answers() -> int:
    from synthflow.sandboxes.monty import MontySandbox

    sandbox = MontySandbox()
    executions = await asyncio.gather(*(sandbox.run("result = inputs['i'] + 1", inputs={"i": i}) for i in range(CALLS)))
    return sum(execution.result == i + 1 for i, execution in enumerate(executions))


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")

"""What a fit costs: how often each cell is run, and how long it keeps the event loop from others."""

import asyncio
import time
from collections import Counter
from typing import Any

from synthflow import Program, PythonSynthesis
from synthflow.datasets import arcagi
from synthflow.modules.input import Input
from synthflow.optimizers import OMEGA
from synthflow.rewards import ExactMatch
from synthflow.sandboxes import Execution, MontySandbox

TASK = "a5313dff"
"""A task that takes several generations."""
EPOCHS = 4
TICK = 0.001


class CountingSandbox(MontySandbox):
    """Counts the runs of each script on each input."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: Counter[tuple[str, str]] = Counter()

    async def run(self, script: str, *, inputs: dict[str, Any]) -> Execution:
        """Run and count."""
        self.runs[script, repr(inputs)] += 1
        return await super().run(script, inputs=inputs)


def measure() -> dict[str, float]:
    """Give runs per cell, and the event loop's p99 delay during a fit over that of an idle loop."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    sandbox = CountingSandbox()
    (x, y), _ = arcagi.load_data(task_name=TASK)
    program = await _program(sandbox)
    idle = await _delays(asyncio.sleep(2.0))
    busy = await _delays(program.fit(x=x, y=y, epochs=EPOCHS, verbose=0))
    return {
        "(candidate, row) cells run in a fit": float(len(sandbox.runs)),
        "most runs of one cell": float(max(sandbox.runs.values())),
        "event loop delay p99 in a fit, ms": 1000 * _p99(busy),
        "event loop delay p99 when idle, ms": 1000 * _p99(idle),
        "event loop delay p99 in a fit / when idle": _p99(busy) / _p99(idle),
    }


async def _program(sandbox: MontySandbox) -> Program:
    inputs = Input(data_model=arcagi.get_input_data_model())
    synthesis = PythonSynthesis(
        data_model=arcagi.get_output_data_model(),
        python_script='result = {"output_grid": inputs["input_grid"]}',
        default_return_value={"output_grid": [[0]]},
        sandbox=sandbox,
    )
    program = Program(inputs=inputs, outputs=await synthesis(inputs))
    program.compile(reward=ExactMatch(in_mask=["output_grid"]), optimizer=OMEGA())
    return program


async def _delays(work: Any) -> list[float]:
    """Give by how much each tick of a clock came too late while `work` ran."""
    late: list[float] = []

    async def clock() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(TICK)
            late.append(time.perf_counter() - start - TICK)

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(clock())
        await work
        ticking.cancel()
    return late


def _p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * len(values))]


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")

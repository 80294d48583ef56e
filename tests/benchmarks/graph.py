"""What a node of a graph costs, against a bare awaited call."""

import asyncio
import time
from statistics import median

from synthflow import DataModel, Identity, Input, Program

NODES = 50
CALLS = 200
ROUNDS = 15


class Note(DataModel):
    """A value that flows."""

    text: str


async def bare(value: object) -> object:
    """Do what Identity does."""
    return value


async def chain(length: int) -> Program:
    """Make a program of Identity modules in a row."""
    inputs = outputs = Input(data_model=Note)
    for _ in range(length):
        outputs = await Identity()(outputs)
    return Program(inputs=inputs, outputs=outputs)


def measure() -> dict[str, float]:
    """Give the cost of a node of a chain as a multiple of a bare awaited call, both in turn in one run."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    program, value = await chain(NODES), Note(text="hello").to_json_data_model()
    nodes, calls = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(CALLS):
            await program(value)
        nodes.append(time.perf_counter() - start)
        start = time.perf_counter()
        for _ in range(CALLS * NODES):
            await bare(value)
        calls.append(time.perf_counter() - start)
    return {f"a node of a {NODES}-module chain / a bare awaited call": median(nodes) / median(calls)}


if __name__ == "__main__":
    for name, ratio in measure().items():
        print(f"{name}: {ratio:.2f}")

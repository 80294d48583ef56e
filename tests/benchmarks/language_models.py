"""What training with a language model costs beside the model: OMEGA against a server that takes 0.2 s for an answer."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from synthflow import EmbeddingModel, LanguageModel, Ledger, Program, PythonSynthesis
from synthflow.concurrency import at_once
from synthflow.data_models.data_model import DataModel
from synthflow.modules.input import Input
from synthflow.optimizers import OMEGA
from synthflow.rewards import ExactMatch
from synthflow.sandboxes import Execution, MontySandbox

POPULATION, GENERATIONS, DELAY = 8, 10, 0.2
SERVER = Path(__file__).parents[1] / "model_server.py"
SCRIPT = """
from itertools import count
numbers = count(2)

def answer(body):
    number = next(numbers)
    return {"thinking": "", "python_script": f"result = {{'m': inputs['n'] * {number} + {number}}}"}
"""


class Question(DataModel):
    """A number."""

    n: int


class Answer(DataModel):
    """Another."""

    m: int


X = [Question(n=n) for n in range(4)]
Y = [Answer(m=n + 1) for n in range(4)]


class CountingSandbox(MontySandbox):
    """Keeps what was run."""

    def __init__(self) -> None:
        super().__init__()
        self.ran: list[tuple[str, dict[str, Any]]] = []

    async def run(self, script: str, *, inputs: dict[str, Any], **options: Any) -> Execution:
        """Run and keep."""
        self.ran.append((script, inputs))
        return await super().run(script, inputs=inputs, **options)


def measure() -> dict[str, float]:
    """Give the wall time of a fit over its ideal, and what a server of its own process saw."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "answers.py"
        script.write_text(SCRIPT)
        server = subprocess.Popen(
            [sys.executable, SERVER, "--delay", str(DELAY), "--script", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        try:
            return asyncio.run(_measure(server.stdout.readline().strip(), Path(folder)))
        finally:
            server.communicate()


async def _measure(url: str, folder: Path) -> dict[str, float]:
    model = LanguageModel("openai/test", api_base=url, api_key="x")
    await _timed(model("Ready?"))  # imports litellm
    request = min([await _timed(model("Ready?")) for _ in range(3)])
    sandbox = CountingSandbox()
    fit = await _timed(_fit(model, sandbox))
    evaluations = await _timed(at_once(MontySandbox().run(script, inputs=inputs) for script, inputs in sandbox.ran))
    seen = await _seen(url)
    embedder = EmbeddingModel("openai/test-embedding", api_base=url, api_key="x")
    embedded = await _timed(_fit(model, CountingSandbox(), embedder))
    vectors = [one["body"]["input"] for one in await _seen(url) if one["path"].endswith("/embeddings")]
    ledger = Ledger(folder / "answers.sqlite")
    recorded = LanguageModel("openai/test", api_base=url, api_key="x", ledger=ledger)
    await _fit(recorded, CountingSandbox())
    before = len(await _seen(url))
    replay = await _timed(_fit(recorded, CountingSandbox()))
    return {
        "OMEGA, population 8, 10 generations, 0.2 s a request: wall time / (10 requests + evaluations)": fit
        / (GENERATIONS * request + evaluations),
        "the same with embeddings that take 0.2 s too": embedded / (GENERATIONS * request + evaluations),
        "most embeddings of one candidate": float(max(Counter(map(str, vectors)).values())),
        "most requests under way at once, by the server": float(_most_at_once(seen)),
        "requests of the fit": float(len(seen) - 4),
        "the same fit from a ledger: wall time / wall time of the paid one": replay / fit,
        "requests of the fit from a ledger": float(len(await _seen(url)) - before),
    }


async def _fit(model: LanguageModel, sandbox: MontySandbox, embedder: EmbeddingModel | None = None) -> None:
    inputs = Input(data_model=Question)
    synthesis = PythonSynthesis(
        data_model=Answer, python_script="result = {'m': 0}", default_return_value={"m": -1}, sandbox=sandbox
    )
    program = Program(inputs=inputs, outputs=await synthesis(inputs))
    optimizer = OMEGA(language_model=model, embedding_model=embedder, population_size=POPULATION)
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=optimizer)
    await program.fit(x=X, y=Y, epochs=GENERATIONS, verbose=0)


async def _seen(url: str) -> list[dict[str, Any]]:
    """Ask the server what it saw."""
    async with httpx.AsyncClient() as client:
        seen: list[dict[str, Any]] = (await client.get(f"{url}/requests")).json()
    return seen


async def _timed(work: Any) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


def _most_at_once(requests: list[dict[str, Any]]) -> int:
    """Count requests that arrived within one delay of each other."""
    arrived = [request["arrived"] for request in requests]
    return max(Counter(sum(start <= other < start + DELAY for other in arrived) for start in arrived))


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")

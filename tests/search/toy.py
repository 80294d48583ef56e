"""A small world for the kernel's tests: two scripts in a row, whose constants are to be found."""

import asyncio
import random
import re
from collections import Counter

from synthflow.search.candidate import Candidate, Cell, Row
from synthflow.search.evaluator import Evaluator
from synthflow.search.executors import LocalExecutor
from synthflow.search.journal import Journal
from synthflow.search.protocols import VariableInfo
from synthflow.search.search import Search

FIRST = """def left(x):
    return x * {0} + {1}

def right(x):
    return x * {2} + {3}

def main(x):
    return left(x) if x % 2 == 0 else right(x)
"""
SECOND = "def main(x):\n    return x - {0}\n"
SCHEMA = {
    "type": "object",
    "properties": {"script": {"type": "string"}},
    "required": ["script"],
    "additionalProperties": False,
}


def values(a=(0, 0, 0, 0), b=0):
    """Give the values whose scripts hold these constants."""
    return {"a": {"script": FIRST.format(*a)}, "b": {"script": SECOND.format(b)}}


SEED = Candidate(values())
SOLUTION = Candidate(values((3, 1, 2, 4), 2))


def info(path):
    """Describe a variable of the toy."""
    number = {"type": "integer"}
    return VariableInfo(path, "a toy", SCHEMA, f"script {path}", number, number, "plain Python", False)


def rows(xs=range(4)):
    """Give rows whose answers the hidden constants compute."""
    return [Row(x, (x * 3 + 1 if x % 2 == 0 else x * 2 + 4) - 2) for x in xs]


def compute(source, x):
    """Run one script."""
    space = {}
    exec(source, space)
    return space["main"](x)


class ToyProgram:
    """Runs both scripts on a row; counts what it runs."""

    def __init__(self, *, jitter=0.0, batched=False, deterministic=True, name="toy", broken=()):
        self.jitter, self.batched, self.deterministic, self.name = jitter, batched, deterministic, name
        self.broken = broken
        self.runs, self.batches, self.running, self.most = Counter(), [], 0, 0

    def fingerprint(self):
        """Name the toy."""
        return self.name

    def variables_info(self):
        """Describe both scripts."""
        return {"a": info("a"), "b": info("b")}

    async def run(self, values, rows):
        """Run rows, after a while."""
        self.running += 1
        self.most = max(self.most, self.running)
        self.batches.append(len(rows))
        try:
            await asyncio.sleep(random.random() * self.jitter)
            return [self.cell(values, row) for row in rows]
        finally:
            self.running -= 1

    def cell(self, values, row):
        """Run one row."""
        self.runs[Candidate(values).id, row.id] += 1
        if row.x in self.broken:
            raise KeyError(f"the reward raised on row {row.x}")
        try:
            answer = compute(values["b"]["script"], compute(values["a"]["script"], row.x))
        except Exception as error:
            return Cell(0.0, "runtime", None, f"{type(error).__name__}: {error}")
        return Cell(1.0 if answer == row.y else 0.5 / (1 + abs(answer - row.y)), "ok", answer)


class RandomEdit:
    """Changes one constant or two of a script in scope, or takes the other parent's script; fails now and then."""

    def __init__(self, *, operations=("mutation", "crossover"), fail=0.0, jitter=0.0, guesses=5):
        self.operations = frozenset(operations)
        self.fail, self.jitter, self.guesses, self.briefs = fail, jitter, guesses, []

    def unfit(self, variable):
        """Say that it can write them all."""
        return ""

    async def propose(self, brief, slot):
        """Change constants, or cross over."""
        self.briefs.append(brief)
        await asyncio.sleep(random.random() * self.jitter)
        if slot.rng.random() < self.fail:
            raise ConnectionError("the model is away")
        path = slot.rng.choice(sorted(brief.scope))
        if len(brief.parents) == 2:
            return {path: brief.parents[1].candidate.values[path]}
        source = brief.parents[0].candidate.values[path]["script"]
        for _ in range(slot.rng.randint(1, 2)):
            spot = slot.rng.choice(list(re.finditer(r"(?<=[*+-] )\d+", source)))
            source = source[: spot.start()] + str(slot.rng.randrange(self.guesses)) + source[spot.end() :]
        return {path: {"script": source}}


class Scripted:
    """Answers the slots of each call from a list, by slot number; an exception is raised."""

    def __init__(self, *answers, operations=("mutation",)):
        self.answers, self.operations, self.briefs, self.slots = answers, frozenset(operations), [], []

    def unfit(self, variable):
        """Say that it can write them all."""
        return ""

    async def propose(self, brief, slot):
        """Give the answer of this slot."""
        self.briefs.append(brief)
        self.slots.append(slot)
        answer = self.answers[slot.number % len(self.answers)]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Diary:
    """A watcher that writes down what it sees and stops where it is told."""

    def __init__(self, *, stop_at_step=None, stop_at_epoch=None):
        self.events, self.stop_at_step, self.stop_at_epoch = [], stop_at_step, stop_at_epoch

    async def on_epoch_begin(self, epoch, search):
        """Write it down."""
        self.events.append(f"epoch {epoch} begins")

    async def on_step_begin(self, step, search):
        """Write it down."""
        self.events.append(f"step {search.path}{step.number} begins")

    async def on_step_end(self, step, search):
        """Write it down, and stop if told to."""
        self.events.append(f"step {search.path}{step.number} ends")
        return "seen enough" if step.number == self.stop_at_step else ""

    async def on_epoch_end(self, epoch, search):
        """Write it down, and stop if told to."""
        self.events.append(f"epoch {epoch} ends")
        return "epoch enough" if epoch == self.stop_at_epoch else ""


def make_search(
    proposer=None, *, program=None, journal=None, workers=4, constraints=(), seeds=(SEED,), data=None, **options
):
    """Make a search over the toy."""
    evaluator = Evaluator(program or ToyProgram(), journal or Journal(), LocalExecutor(workers), constraints)
    return Search(evaluator, proposer or RandomEdit(), list(seeds), data or rows(), **options)


def outcome(search):
    """Give all that a run must have in common with its repetition."""
    return {
        "best": search.best.id,
        "reward": search.best.reward,
        "reason": search.stop_reason,
        "steps": search.step,
        "population": [card.id for card in search.population],
        "archive": list(search.archive.candidates),
        "tried": search.archive.tried,
    }

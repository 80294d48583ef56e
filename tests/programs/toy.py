"""A small world for the tests of programs: a script that is to add one to a number."""

import subprocess
import sys

from synthflow.data_models.data_model import DataModel
from synthflow.metrics.accuracy import Accuracy
from synthflow.modules.input import Input
from synthflow.modules.module import Module
from synthflow.modules.python_synthesis import PythonSynthesis
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.program import Program
from synthflow.rewards.exact_match import ExactMatch

SEED = "result = {'m': inputs['n']}"
HALF = "result = {'m': inputs['n'] + 1 if inputs['n'] < 2 else 0}"
GOOD = "result = {'m': inputs['n'] + 1}"


class Question(DataModel):
    """A number."""

    n: int


class Answer(DataModel):
    """The next number."""

    m: int


X = [Question(n=n) for n in range(4)]
Y = [Answer(m=n + 1) for n in range(4)]


def synthesis(script=SEED, **options):
    """Make the module."""
    return PythonSynthesis(data_model=Answer, python_script=script, default_return_value={"m": -1}, **options)


async def make_program(script=SEED, *, name="toy", **options):
    """Wire the module alone."""
    inputs = Input(data_model=Question)
    return Program(inputs=inputs, outputs=await synthesis(script, **options)(inputs), name=name)


class Listed:
    """Proposes scripts from a list: the first for the first generation, and the last from then on."""

    operations = frozenset({"mutation"})

    def __init__(self, scripts=(GOOD,)):
        self.scripts, self.briefs, self.closed = list(scripts), [], 0

    def unfit(self, variable):
        """Say that it can write them all."""
        return ""

    async def propose(self, brief, slot):
        """Give the script of this generation; each slot its own."""
        self.briefs.append(brief)
        script = self.scripts[min(brief.step, len(self.scripts)) - 1]
        if isinstance(script, Exception):
            raise script
        return {path: {"python_script": script + f"\n# slot {slot.number}" * bool(slot.number)} for path in brief.scope}

    async def close(self):
        """Count how often it was closed."""
        self.closed += 1

    def get_config(self):
        """Give the constructor's arguments."""
        return {"scripts": self.scripts}


def compiled(program, *scripts, population_size=1, reward=None, **options):
    """Compile a program with a proposer of listed scripts, and give that proposer."""
    proposer = Listed(scripts or (GOOD,))
    program.compile(
        reward=reward or ExactMatch(in_mask=["m"]),
        optimizer=OMEGA(population_size=population_size, proposers=[proposer]),
        **options,
    )
    return proposer


def accuracy():
    """Make a metric that agrees with the reward."""
    return Accuracy(in_mask=["m"])


class Increment(Module):
    """Adds to a number; its variable says how much."""

    def __init__(self, by=1, *, name=None, trainable=True):
        super().__init__(name=name, trainable=trainable)
        self.state = self.add_variable({"by": by}, schema={"type": "object", "properties": {"by": {"type": "integer"}}})

    def output_schema(self, inputs):
        """Give a question again."""
        return Question.get_schema()

    async def call(self, inputs):
        """Add."""
        return Question(n=inputs["n"] + self.state["by"])


def fresh_python(code, *arguments):
    """Run code in an interpreter of its own, and give what it printed."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True).stdout

"""Python synthesis: training that writes a program.

A language model that answers a question does so anew each time. Often one would rather
have the method than the answers: a short script that can be read, tested, reviewed and
run a million times for nothing. `PythonSynthesis` is a module whose trainable variable is
such a script. Training rewrites it; using it runs it, in a sandbox, and asks nobody.

This guide first looks at the module by itself: what a script is given, what it owes, and
what happens when it fails. Then it trains one on a puzzle of ARC-AGI until it solves it,
with no language model, no key and no network, in a few seconds:

    python guides/04_python_synthesis.py
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import synthflow
from synthflow.datasets import arcagi


class Text(synthflow.DataModel):
    """What the scripts of the first part read."""

    text: str = synthflow.Field(description="Words with blanks between them.")


class Count(synthflow.DataModel):
    """What they answer."""

    words: int = synthflow.Field(description="How many words there are.")


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


# --- The contract -------------------------------------------------------------------------
#
# A script finds its input, a JSON object, as the dict `inputs`. It owes its answer in a
# variable named `result`, which must fit the data model that the module was made with.
# There is nothing else to know: no function to define, nothing to import, nothing to print.
#
# Scripts are written by machines, so they fail in every way there is. None of that is an
# exception here. A failed run answers `default_return_value`, and says in `stderr` what
# went wrong, in words that help whoever repairs the script. That is why the default must
# itself fit the data model: it is a real answer, and it will be scored like one.

GOOD = 'result = {"words": len(inputs["text"].split())}'

FAILING = {
    "It does not parse": "result = {",
    "It raises": 'result = {"words": inputs["txt"]}',
    "It forgets its answer": 'words = len(inputs["text"])',
    "It answers something else": 'result = {"words": "three"}',
    "It never ends": "while True:\n    pass",
}

# --- The walls ----------------------------------------------------------------------------
#
# Scripts run in Monty, a small Python interpreter, in a process of its own. It has no files,
# no network, no environment, a clock that stands still, a part of the standard library and a
# part of the language. A script that leans on the rest fails like any other, and is told what
# to write instead. Time, memory, recursion and the sizes of source, result and output are
# limited; `timeout` is in seconds, 5 by default. `module.walls` describes it all, and is what
# a language model that writes scripts is shown.

WALLED = {
    "A file": 'result = {"words": len(open("essay.txt").read().split())}',
    "A library": "import numpy",
    "A part of the language": 'words = inputs["text"].split()\ndel words[0]\nresult = {"words": len(words) + 1}',
}


async def look_at_the_module():
    """Run scripts that keep the contract, and scripts that do not."""
    title("One script, one answer")
    row = Text(text="a script is worth a thousand answers")

    async def count(script):
        module = synthflow.PythonSynthesis(
            data_model=Count, python_script=script, default_return_value={"words": -1}, timeout=1.0
        )
        return await module(row)

    print((await count(GOOD)).get_json())

    for heading, scripts in (("What a failing script gives", FAILING), ("What the walls give", WALLED)):
        title(heading)
        for name, script in scripts.items():
            answer = await count(script)
            print(f"{name}: words={answer['words']}, {answer['stderr'].splitlines()[-1]}")


# --- The task -----------------------------------------------------------------------------
#
# An ARC-AGI puzzle shows a few pairs of grids, before and after some rule, and asks for the
# rule's answer to a grid that is held out. Rules are short programs, so a script can say one
# exactly, and an answer is either right or wrong. Each training row asks about one pair and
# carries the others as `examples`, so that no row tells its own answer.

TASK = "007bbfb7"

# Training starts from a seed. It need not be clever, only valid: this one gives the grid
# back as it is. However training goes, it never ends with less than the seed had.

SEED = 'result = {"output_grid": inputs["input_grid"]}'


async def build():
    """Wire the program: a grid with its examples in, a grid out, one script between."""
    inputs = synthflow.Input(data_model=arcagi.get_input_data_model())
    synthesis = synthflow.PythonSynthesis(
        data_model=arcagi.get_output_data_model(),
        python_script=SEED,
        default_return_value={"output_grid": [[0]]},
    )
    program = synthflow.Program(inputs=inputs, outputs=await synthesis(inputs), name="puzzle")
    program.summary()
    return program, synthesis


# --- Training -----------------------------------------------------------------------------
#
# The reward compares grids alone (`in_mask`), since the output also carries what the script
# printed. It is 1 for a grid that is right in every cell and else 0.
#
# OMEGA keeps a population of scripts. Each generation it picks parents, has children written
# and scores them on all training rows; who stays is decided by reward *and* by difference,
# so that one good idea does not crowd out the others. An optimizer that only collects
# examples would have nothing to do here: somebody must write code.
#
# Who writes it? Given no language model, OMEGA asks the symbolic proposer. It builds scripts
# out of a library of readable grid operations, in child processes, and proposes those that
# explain the training pairs best. It knows nothing about particular puzzles, and it
# knows grids only: for other data models `compile` says what it cannot do. A language
# model writes scripts for any; guide 06 has one, alone and together with this search.
#
# When a script solves all rows the run is over, whatever `epochs` says. `EarlyStopping` also
# ends one that no longer gets better, and puts back the best script it saw. It watches
# `reward`: with one row set aside by `validation_split`, `val_reward` can only be 0 or 1.


async def train(program, x, y):
    """Train until every row is solved, or nothing gets better for a while."""
    reward = synthflow.rewards.ExactMatch(in_mask=["output_grid"])
    program.compile(
        reward=reward,
        optimizer=synthflow.optimizers.OMEGA(population_size=8, instructions=arcagi.default_instructions()),
        metrics=[synthflow.metrics.MeanMetricWrapper(fn=reward, name="mean_reward")],
        seed=0,
    )
    patience = synthflow.callbacks.EarlyStopping(monitor="reward", mode="max", patience=2, restore_best_variables=True)
    return await program.fit(x=x, y=y, epochs=20, validation_split=0.2, callbacks=[patience])


# --- What was learned ---------------------------------------------------------------------
#
# The variable holds the script in use. Its `best_candidates` are all that the population
# kept, best first, each with its reward: when a run fails, they show how far it got.
#
# `save` writes everything as JSON, scripts line by line, so that `diff` between two runs
# shows how the algorithm changed. `export` writes the script alone, as a program that reads
# JSON and prints JSON and needs neither this package nor a sandbox. Read it before you run it.


def export_and_run(program, folder, row):
    """Write the script as a program of its own, and run that on a row with plain Python."""
    program.export(folder / "transform.py")
    done = subprocess.run(
        [sys.executable, "-I", folder / "transform.py"],
        input=json.dumps(row.get_json()),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["output_grid"]


async def main():
    """Go through the guide from top to bottom."""
    await look_at_the_module()

    title(f"Before training: task {TASK}")
    (x_train, y_train), (x_test, y_test) = arcagi.load_data(TASK)
    program, synthesis = await build()
    before = await program(x_train[0])
    print(f"The seed solves the first row: {before['output_grid'] == y_train[0].get('output_grid')}")

    title("Training")
    history = await train(program, x_train, y_train)
    print(f"Training ended: {history.stop_reason}. It logged {', '.join(history.history)}.")

    title("The learned script")
    for candidate in synthesis.state.get("best_candidates"):
        print(f"A candidate of reward {candidate['reward']:.2f}, {len(candidate['python_script'].splitlines())} lines.")
    print(f"\n{synthesis.state.get('python_script').strip()}")

    title("After training")
    answer, truth = await program(x_test[0]), y_test[0].get("output_grid")
    print(f"The held-out test pair is solved: {answer['output_grid'] == truth}")
    with tempfile.TemporaryDirectory() as name:
        program.save(Path(name) / "puzzle.json")
        loaded = synthflow.Program.load(Path(name) / "puzzle.json")
        print(f"A loaded copy answers the same: {await loaded(x_test[0]) == answer}")
        print(f"The exported script solves it too: {export_and_run(program, Path(name), x_test[0]) == truth}")


if __name__ == "__main__":
    asyncio.run(main())

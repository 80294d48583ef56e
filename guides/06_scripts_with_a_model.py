"""Scripts with a model: a language model writes the code, and nobody asks it afterwards.

Guide 04 trained a script with no language model at all: typed search over grid operations found
it. That works where there are operations to search over. A language model writes scripts for
anything, knows a great deal, and errs as freely; the sandbox, the reward and the population
take care of that. This guide lets one write, looks at what it is asked, watches it repair a
script that failed, mixes it with the search, and gives a script tools:

    python guides/06_scripts_with_a_model.py
"""

import asyncio
from random import Random

import synthflow
from synthflow.datasets import arcagi
from synthflow.proposers import LanguageModelProposer, SymbolicProposer
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel

TASK = "007bbfb7"
SEED = 'result = {"output_grid": inputs["input_grid"]}'


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


# --- The language model -------------------------------------------------------------------
#
# A real one would be `synthflow.LanguageModel("gemini/gemini-3.5-flash")`, and need a key. It should
# be a strong one: it is asked a few dozen times, and never again once the script is found.
#
# The coder below stands in for it. It is no language model: it has a notebook with four ideas
# that people have about such puzzles, and draws one. Its best idea leans on a library that the
# sandbox does not have, as real models do all the time. So it has a second rule: asked about a
# script that failed, it reads the error, and if that is about a missing library, it writes
# the same without it.

IDEAS = {
    "Mirror the grid.": """
grid = inputs["input_grid"]
result = {"output_grid": [row[::-1] for row in grid]}
""",
    "Enlarge each cell.": """
grid = inputs["input_grid"]
result = {"output_grid": [[cell for cell in row for _ in row] for row in grid for _ in grid]}
""",
    "Repeat the grid.": """
grid = inputs["input_grid"]
result = {"output_grid": [row * len(grid) for _ in grid for row in grid]}
""",
    "Put the grid where its cells are.": """
import numpy

grid = numpy.array(inputs["input_grid"])
result = {"output_grid": numpy.kron(grid != 0, grid).tolist()}
""",
}
WITHOUT_NUMPY = '''
def kron(mask, grid):
    """Put a copy of the grid in place of every cell of the mask that is not 0."""
    return [[cell if there else 0 for there in row for cell in line] for row in mask for line in grid]


grid = inputs["input_grid"]
result = {"output_grid": kron(grid, grid)}
'''


def coder(request):
    """Repair what failed for want of a library; else draw an idea, another one for each `sample`."""
    if asked_to_repair(request) and "No module named 'numpy'" in request.messages[-1]["content"]:
        return {
            "thinking": "There is no numpy here, and kron is easily written.",
            "python_script": WITHOUT_NUMPY.strip(),
        }
    thought, script = Random(request.sample).choice(list(IDEAS.items()))
    return {"thinking": thought, "python_script": script.strip()}


def asked_to_repair(request):
    """Tell whether a question is about a script that failed."""
    return "# What failed" in request.messages[-1]["content"]


# --- The program --------------------------------------------------------------------------
#
# It is that of guide 04, but for who writes. `instructions` are words for the model on what to
# aim for, and `embedding_model` measures how different two scripts are; see guide 05.


async def build(optimizer):
    """Wire the program, and compile it with an optimizer."""
    inputs = synthflow.Input(data_model=arcagi.get_input_data_model())
    synthesis = synthflow.PythonSynthesis(
        data_model=arcagi.get_output_data_model(),
        python_script=SEED,
        default_return_value={"output_grid": [[0]]},
    )
    program = synthflow.Program(inputs=inputs, outputs=await synthesis(inputs), name="puzzle")
    program.compile(reward=synthflow.rewards.ExactMatch(in_mask=["output_grid"]), optimizer=optimizer, seed=0)
    return program, synthesis


# --- What the model is asked --------------------------------------------------------------
#
# The system message is the same all run long: what a script is given and owes, what the sandbox
# allows, how to work, and the form of the answer. The message that follows is about one parent:
# its script, and what that did on the rows: its answers, what it printed, its errors, and each
# reward. Then where it stands on all rows, and what was tried from it before in vain. A prompt
# has a bounded size; the largest rows and the oldest attempts go first, and it says so.
#
# A script that failed is a candidate like any other, and may be drawn as a parent. Then the
# question begins with its error, in which the sandbox says what to write instead.


async def let_a_model_write(rows):
    """Train with a language model alone, and look at its questions."""
    model, embedding = ScriptedLanguageModel(coder), HashEmbeddingModel()
    optimizer = synthflow.optimizers.OMEGA(
        language_model=model,
        embedding_model=embedding,
        instructions=arcagi.default_instructions(),
        population_size=4,
    )
    program, synthesis = await build(optimizer)
    history = await program.fit(*rows, epochs=20, verbose=0)
    print(f"Training ended: {history.stop_reason}, after {len(history.epoch)} generations.")
    print(f"The model was asked {len(model.requests)} times, and {len(embedding.embedded)} scripts were embedded.")

    title("The first question, from its beginning")
    print("\n".join(model.requests[0].messages[-1]["content"].splitlines()[:14]), "\n...")

    title("A question about a script that failed")
    repair = next(filter(asked_to_repair, model.requests))
    print("\n".join(repair.messages[-1]["content"].splitlines()[:25]), "\n...")

    title("The learned script")
    print(synthesis.state["python_script"])
    return program


# --- Together with the search -------------------------------------------------------------
#
# The slots of a generation can be shared: with two proposers, every other script is written by
# the search, for nothing, and every other one by the model. They breed from one population, so
# either may go on from what the other found. This task is an easy one for the search, which
# solves it in the first generation. On harder ones the two find different things.


async def let_both_write(rows):
    """Train with the symbolic proposer and a language model, in turn."""
    model = ScriptedLanguageModel(coder)
    both = [SymbolicProposer(), LanguageModelProposer(model)]
    optimizer = synthflow.optimizers.OMEGA(
        proposers=both, instructions=arcagi.default_instructions(), population_size=4
    )
    program, _ = await build(optimizer)
    history = await program.fit(*rows, epochs=20, verbose=0)
    print(f"Training ended: {history.stop_reason}, after {len(history.epoch)} generations.")
    print(f"The model was asked {len(model.requests)} times.")
    return program


# --- At the command line ------------------------------------------------------------------
#
# Both can be had without writing a program:
#
#     synthflow solve 007bbfb7 --language-model gemini/gemini-3.5-flash --mix --max-calls 200
#
# Answers are paid for, so they are kept: in `runs/007bbfb7/ledger.sqlite`, each as soon as it is
# there. Kill the command in the middle of a generation and give it again: it begins anew,
# asks the same questions in the same order, gets the same answers from the ledger, and pays
# from the place where it was killed, for what was under way then and what comes after. In a program
# of your own, `LanguageModel(..., ledger=Ledger("answers.sqlite"))` does the same; see guide 03.
#
# --- Tools --------------------------------------------------------------------------------
#
# A script can be given functions of yours. They run outside of the sandbox, take and return JSON,
# and are all that it can reach there: so hand out no more than you would to a stranger. Their
# names, types and docstrings are told to whoever writes scripts. How often they may be called, and
# how long a run may take with them, are limits of the sandbox.


class Basket(synthflow.DataModel):
    """What somebody buys."""

    items: list[str] = synthflow.Field(description="The names of the things.")


class Total(synthflow.DataModel):
    """What that costs."""

    cents: int = synthflow.Field(description="The sum of the prices, in cents.")


def price(item: str) -> int:
    """Look up what a thing costs.

    Args:
        item: The name of the thing.

    Returns:
        Its price in cents.
    """
    prices = {"lamp": 2500, "vase": 900}
    if item not in prices:
        raise ValueError(f"There is no {item}; there are {', '.join(prices)}.")
    return prices[item]


async def give_tools():
    """Run a script that looks prices up."""
    till = synthflow.PythonSynthesis(
        data_model=Total,
        python_script='result = {"cents": sum([price(item) for item in inputs["items"]])}',
        default_return_value={"cents": -1},
        tools=[price],
    )
    print(till.walls[till.walls.index("Tools:") :])
    unknown = await till(Basket(items=["lamp", "bicycle"]))
    print(f"A thing that is not there: {unknown['cents']}, {unknown['stderr'].splitlines()[-1]}")
    return await till(Basket(items=["lamp", "vase", "vase"]))


async def main():
    """Go through the guide from top to bottom."""
    (x_train, y_train), (x_test, y_test) = arcagi.load_data(TASK)
    truth = y_test[0].get("output_grid")

    title("A model writes")
    written = await let_a_model_write((x_train, y_train))

    title("A model and the search write")
    mixed = await let_both_write((x_train, y_train))

    title("Tools")
    total = await give_tools()

    title("On the held-out test pair")
    print(f"The model's script solves it: {(await written(x_test[0]))['output_grid'] == truth}")
    print(f"So does that of both: {(await mixed(x_test[0]))['output_grid'] == truth}")
    print(f"And a script with a tool adds up: {total['cents'] == 4300}")


if __name__ == "__main__":
    asyncio.run(main())

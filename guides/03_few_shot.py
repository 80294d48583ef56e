"""Few-shot: a program that is shown its own best answers as examples.

A few examples in a prompt often say more than a page of instructions. `RandomFewShot` finds
them: it runs the program, keeps what was rewarded, shows some of it to the model as examples,
and keeps those only if the program is better with them on the same rows. This guide does that
to a program of one `Generator`, plans what it can cost before the first call, sets it a limit,
and runs it a second time for nothing:

    python guides/03_few_shot.py
"""

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Literal

import synthflow
from synthflow.testing import ScriptedLanguageModel


class Message(synthflow.DataModel):
    """What a customer writes."""

    text: str = synthflow.Field(description="The message.")


class Route(synthflow.DataModel):
    """Who is to answer."""

    team: Literal["orders", "money", "other"] = synthflow.Field(description="The team that answers the message.")


ROWS = [
    ("My parcel came broken.", "orders"),
    ("It came broken, the glass too.", "orders"),
    ("Is my parcel lost in the post?", "orders"),
    ("The post says that it is lost.", "orders"),
    ("The invoice says I was charged twice.", "money"),
    ("My card was charged twice.", "money"),
    ("Why was I charged for delivery?", "money"),
    ("Your invoice is no good, I want a refund.", "money"),
    ("A refund, please.", "money"),
    ("Do you sell bicycles?", "other"),
    ("When do you open?", "other"),
    ("You say nothing about size.", "other"),
    ("You charged me twice!", "money"),
    ("The vase came broken.", "orders"),
    ("Lost in the post again.", "orders"),
    ("Do you open on Sundays?", "other"),
]
X = [Message(text=text) for text, _ in ROWS]
Y = [Route(team=team) for _, team in ROWS]
FIT = {"epochs": 6, "batch_size": 6, "validation_split": 0.25}
TRAINED_ON, HELD_OUT = ROWS[:12], ROWS[12:]


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


# --- The language model -------------------------------------------------------------------
#
# A real one would be `synthflow.LanguageModel("openai/gpt-5-mini", max_tokens=200)`. The clerk
# below stands in for it. It is no language model, and has a small rule of its own: by itself
# it knows what a parcel and an invoice are, and nothing more. Shown examples, it goes by the one
# that has most long words in common with the message. So the right examples make it better, and
# the wrong ones make it worse, as with a real model.

KNOWN = {"parcel": "orders", "invoice": "money"}


def words(text):
    """Give the words of a text that have four letters or more."""
    return set(re.findall(r"[a-z]{4,}", text.lower()))


def clerk(request):
    """Answer like the nearest example that the prompt shows, or by the two words that it knows."""
    shown, message = request.messages[0]["content"], json.loads(request.messages[1]["content"])
    examples = [
        (len(words(json.loads(given)["text"]) & words(message["text"])), json.loads(answer)["team"])
        for given, answer in re.findall(r"^Input: (.*)\nAnswer: (.*)$", shown, re.MULTILINE)
    ]
    common, team = max(examples, default=(0, ""))
    if not common:
        team = next((team for word, team in KNOWN.items() if word in words(message["text"])), "other")
    return {"team": team}


# --- The program --------------------------------------------------------------------------
#
# A `Generator` has two variables: `state`, its instructions, and `examples`, an empty list at
# first. RandomFewShot fills the second and leaves the first alone.
#
# Each step draws examples from what the best program so far answered on the rows of the batch,
# where that earned a reward: true answers are compared with, and never copied. `offspring` sets
# are drawn and tried together. A set is kept only if the reward over all training rows is higher
# with it than without. `sampling` says how they are drawn: by reward (`softmax`), the `best`, or
# at `random`.


async def build(model):
    """Wire and compile the program."""
    inputs = synthflow.Input(data_model=Message)
    generator = synthflow.Generator(
        data_model=Route, language_model=model, instructions="Say which team should answer the message."
    )
    program = synthflow.Program(inputs=inputs, outputs=await generator(inputs), name="mail")
    program.compile(
        reward=synthflow.rewards.ExactMatch(in_mask=["team"]),
        optimizer=synthflow.optimizers.RandomFewShot(nb_min_examples=2, nb_max_examples=4, offspring=4),
        seed=2,
    )
    return program, generator


# --- Training -----------------------------------------------------------------------------
#
# `plan` takes the arguments of `fit`, asks nobody, and tells the most that it can take: should
# every attempt fail but the last, and nothing be solved early. What a fit really takes is
# usually far less, since no row is asked about twice under the same examples.
#
# The rows of `validation_split` are set aside before anything begins. They are never drawn as
# examples; `val_reward` says how the program does on what it has not seen.


async def train(program):
    """Plan, train, and see how it went."""
    await program.plan(X, Y, **FIT)
    before = await program.evaluate(X[: len(TRAINED_ON)], Y[: len(TRAINED_ON)])
    history = await program.fit(X, Y, **FIT, verbose=0)
    print(f"\nBefore, on the training rows: {before['reward']:.2f}")
    for name, values in history.history.items():
        print(f"{name} by epoch: {' '.join(f'{value:.2f}' for value in values)}")
    print(f"Training ended: {history.stop_reason}. It took {history.usage['inference']['calls']} calls.")
    return before["reward"], history


# --- What is shown ------------------------------------------------------------------------
#
# The examples are JSON, to be read, edited and saved like any variable. One thing is taken
# care of for you: a row that is itself among the examples is asked about without that example.
# Else training would reward examples for being copied, and learn nothing about other rows.


def look_at_examples(model, generator):
    """Print the examples, and the prompt of a row that is one of them."""
    examples = generator.examples["examples"]
    for example in examples:
        print(f"{example['outputs']['team']:<7} {example['inputs']['text']}")
    asked = examples[0]["inputs"]
    prompt = [one for one in model.requests if json.loads(one.messages[1]["content"]) == asked][-1]
    print(f"\nThe prompt for {asked['text']!r}:\n\n{prompt.messages[0]['content']}")


def shows_itself(request):
    """Tell whether a prompt shows the row that it asks about."""
    return f"Input: {request.messages[1]['content']}\n" in request.messages[0]["content"]


# --- A limit ------------------------------------------------------------------------------
#
# A `Budget` is never exceeded, whatever is under way: what a call can take is set aside before
# it begins. When it is used up, `fit` ends like any other: with the best that is known, and a
# reason. Besides `calls` it limits `tokens` and `cost` (each answer must then be bounded, by
# `max_tokens`), `evaluations`, and `seconds`.


async def train_on_a_budget():
    """Give a new program forty calls."""
    model = ScriptedLanguageModel(clerk)
    program, _ = await build(model)
    history = await program.fit(X, Y, **FIT, verbose=0, budget=synthflow.Budget(calls=40))
    print(f"Training ended: {history.stop_reason}, after {len(model.requests)} calls.")
    return len(model.requests)


# --- Never pay twice ----------------------------------------------------------------------
#
# A `Ledger` is a file that keeps each paid answer under the content of its question. Give it
# to a model, and whatever was asked before is answered from it: after a crash, in a second
# run, in a colleague's copy of the file. All chance of a run depends on its `seed`, so a second
# run asks the same questions, and comes to the same end without a single call. A budget
# counts what is in the ledger as it did when it was paid for, so that it ends there as well.


async def main():
    """Go through the guide from top to bottom."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sqlite"

        title("Training")
        with synthflow.Ledger(path) as ledger:
            model = ScriptedLanguageModel(clerk, ledger=ledger)
            program, generator = await build(model)
            before, history = await train(program)

        title("The examples")
        look_at_examples(model, generator)

        title("A limit")
        spent = await train_on_a_budget()

        title("The same again")
        with synthflow.Ledger(path) as ledger:
            second = ScriptedLanguageModel(clerk, ledger=ledger)
            again, _ = await build(second)
            repeated = await again.fit(X, Y, **FIT, verbose=0)
        print(f"{repeated.usage['inference']['recorded']} calls from the ledger, {len(second.requests)} sent.")

    title("What holds")
    rewards = [before, *history.history["reward"]]
    shown = {example["inputs"]["text"] for example in generator.examples["examples"]}
    print(f"The reward rose, and never fell: {rewards == sorted(rewards) and rewards[0] < rewards[-1]}")
    print(f"No validation row is shown: {shown.isdisjoint(text for text, _ in HELD_OUT)}")
    print(f"No row was shown its own answer: {not any(map(shows_itself, model.requests))}")
    print(f"The budget was kept: {spent <= 40}")
    print(f"The second run paid nothing: {not second.requests}")
    print(f"It came to the same: {repeated.history == history.history}")


if __name__ == "__main__":
    asyncio.run(main())

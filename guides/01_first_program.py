"""First program: a message in, an answer out, and all that can be done with what lies between.

A program is a graph of modules. What flows through it is JSON with a schema; what it has
learned is JSON too, and can be read. This guide builds the smallest program that asks a
language model, calls it, judges it, trains it, looks at what happens when the model fails,
and saves it. It needs no key and no network:

    python guides/01_first_program.py
"""

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Literal

import synthflow
from synthflow.errors import LanguageModelError
from synthflow.testing import ScriptedLanguageModel


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


# --- What goes in and what comes out ------------------------------------------------------
#
# A DataModel is a typed JSON object; `Field` says what a field means, and the language
# model reads that. Here a shop is written to, and every message must reach the right team.


class Message(synthflow.DataModel):
    """What a customer writes."""

    text: str = synthflow.Field(description="The message.")


class Route(synthflow.DataModel):
    """Who is to answer."""

    team: Literal["orders", "money", "other"] = synthflow.Field(description="The team that answers the message.")


MESSAGES = {
    "My parcel has not arrived.": "orders",
    "The parcel came open and wet.": "orders",
    "Please send the invoice again.": "money",
    "I want a refund for the lamp.": "money",
    "Do you sell bicycles?": "other",
    "A refund, please; the parcel is lost.": "money",
}
X = [Message(text=text) for text in MESSAGES]
Y = [Route(team=team) for team in MESSAGES.values()]

# --- The language model -------------------------------------------------------------------
#
# A real one would be `synthflow.LanguageModel("openai/gpt-5-mini")`, or any other name that
# litellm knows, or `synthflow.LanguageModel("ollama_chat/mistral", api_base="http://localhost:11434")`.
# This guide has to run anywhere, so a function of ours stands in for it. The clerk is no
# language model, and has one small rule: it obeys lines such as `invoice: money` in what it
# is told, the first that fits, and has no ideas of its own. So all depends on how it is instructed.


def clerk(request):
    """Answer as the instructions say, line by line."""
    told, message = request.messages[0]["content"], json.loads(request.messages[1]["content"])
    rules = re.findall(r"^(\w+): (\w+)$", told, re.MULTILINE)
    return {"team": next((team for word, team in rules if word in message["text"].lower()), "other")}


# --- The program --------------------------------------------------------------------------
#
# `Input` is the promise of a value. Awaiting a module with a promise wires it into the graph
# and runs nothing; `+` wires too, and puts the fields of both sides together. A `Generator`
# asks its model for an answer of one type. What it tells the model, its instructions and its
# examples, are variables: values of the program that training may change.

ASK = "Say which team should answer: orders, money or other."
RULES = ["parcel: orders\ninvoice: money", "refund: money\nparcel: orders\ninvoice: money", "refund: money"]


async def build(model):
    """Wire the program: a message in; the same message with its team out."""
    inputs = synthflow.Input(data_model=Message)
    generator = synthflow.Generator(
        data_model=Route,
        language_model=model,
        instructions=ASK,
        seed_instructions=[f"{ASK}\n{rules}" for rules in RULES],
    )
    route = await generator(inputs)
    return synthflow.Program(inputs=inputs, outputs=inputs + route, name="mail", description="Routes messages.")


async def look_at(program):
    """Call the program, and read what it holds."""
    program.summary()

    title("Called with a message")
    print((await program(X[0])).get_json())

    title("What it can learn")
    for path, variable in program.named_variables():
        print(f"{path}: {variable.get_json()}")


# --- Judging and training -----------------------------------------------------------------
#
# `compile` chooses a reward, a number from 0 to 1 for each prediction. `ExactMatch` compares
# the fields that count, here one. Metrics are numbers to track beside it; this one counts calls
# of models. `evaluate` gives the mean over rows, `predict` the answers; rows wait for the model
# together, not one after another.
#
# `fit` looks for better values of the variables. How it looks is the optimizer's business,
# and two guides of their own are about that: `03_few_shot.py` and `05_prompt_evolution.py`.
# All of them begin alike: the program as it is, and with each of its `seed_instructions`, is
# scored on all rows, and the best goes on. Here that is the whole of it: one of them solves
# every row, so the run is over. Otherwise RandomFewShot would try examples next. Whatever an
# optimizer tries, a program never ends worse on its training rows than it began.


async def train(program):
    """Judge, train, and judge again."""
    program.compile(
        reward=synthflow.rewards.ExactMatch(in_mask=["team"]),
        optimizer=synthflow.optimizers.RandomFewShot(),
        metrics=[synthflow.metrics.Calls()],
    )
    print(f"Before training: {await program.evaluate(X, Y)}")
    history = await program.fit(X, Y, epochs=5, verbose=0)
    print(f"After training:  {await program.evaluate(X, Y)}")
    print(f"Training ended: {history.stop_reason}. It logged {history.history}.")
    print(f"\nThe instructions now:\n{program.get_variable('generator/state')['instructions']}\n")
    for message, answer in zip(X, await program.predict(X), strict=True):
        print(f"{answer['team']:<7} {message.text}")


# --- When the model fails -----------------------------------------------------------------
#
# Models do two different things wrong. They answer badly: prose where JSON was asked for,
# a team that is not there. And they do not answer: the line is dead, or the time is up.
#
# Every answer is checked against the schema. A bad one is asked for again with the reason,
# `reask` times. What cannot be had is an error value, never a silent None: `reply.error`
# when a model is asked by hand, a place in what `predict` returns, and an exception where
# one program is called with one row. To `evaluate` and `fit` a bad answer is a row without a
# prediction, of reward 0. No answer says nothing about the program: `evaluate` raises it,
# and `fit` ends with the best it has, and says so in `history.stop_reason`.


def moody_clerk(request):
    """Mumble when shouted at, and be away on Sundays."""
    message = request.messages[1]["content"]
    if "Sunday" in message:
        raise LanguageModelError("Nobody is there.", "connection")
    return "Well, I am not sure." if "!" in message else clerk(request)


async def fail():
    """Show bad answers and none."""
    forgetful = ScriptedLanguageModel(["It is about money.", {"team": "cash"}, {"team": "money"}])
    reply = await forgetful("Where is my refund?", data_model=Route)
    print(f"The third answer will do: {reply.value}. After the second it was told:")
    print(forgetful.requests[2].messages[-1]["content"])

    title("Bad answers and none, as values")
    moody = ScriptedLanguageModel(moody_clerk, reask=1)
    program = await build(moody)
    rows = [Message(text=text) for text in ("Hello.", "Hello!", "Are you there on Sunday?")]
    for message, answer in zip(rows, await program.predict(rows), strict=True):
        told = answer.get_json() if not isinstance(answer, LanguageModelError) else f"{answer.kind}: {answer}"
        print(f"{message.text} -> {told}")
    print(f"\nFailures by kind: {dict(moody.usage.failures)}")


# --- What it costs ------------------------------------------------------------------------
#
# A model counts its calls, tokens, money and seconds by what they were for: `training` writes
# new values, `reward` judges, `inference` runs programs. Every attempt is a call. Where the
# price is not known the cost is None, not 0; our stand-in has no price. `fit` tells the same
# of its own calls in `history.usage`; guide 03 sets them a limit, and pays nothing twice.
#
# --- Saving -------------------------------------------------------------------------------
#
# `save` writes a JSON file: the graph, the variables, how it was compiled. Nothing in it is
# code, and `load` imports nothing because a file says so: a function of your own is named in
# the file, and you pass it when loading. A model is saved by its name, and never its key.


async def main():
    """Go through the guide from top to bottom."""
    title("The program")
    model = ScriptedLanguageModel(clerk)
    program = await build(model)
    await look_at(program)

    title("Judged and trained")
    await train(program)

    title("A model that fails")
    await fail()

    title("What it cost")
    for phase, usage in model.usage.to_json().items():
        print(f"{phase}: {usage['calls']} calls, {usage['tokens']} tokens, cost {usage['cost']}")

    title("Saved and loaded")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.json"
        program.save(path)
        variables = json.loads(path.read_text())["variables"]
        print(json.dumps(variables, indent=1))
        loaded = synthflow.Program.load(path, custom_objects={"clerk": clerk})
    predicted, again = await program.predict(X), await loaded.predict(X)
    print(f"\nEvery message reaches its team: {[one['team'] for one in predicted] == list(MESSAGES.values())}")
    print(f"A loaded copy answers the same: {list(predicted) == list(again)}")


if __name__ == "__main__":
    asyncio.run(main())

"""Prompt evolution: OMEGA writes the instructions of a program, with a language model.

The instructions of a `Generator` are a variable, so they can be evolved like a script: a
population of texts, of which the good and the different stay. Whoever writes a new text is a
language model too. It is shown a text with the rows where it went wrong, and asked for a
better one. This guide evolves the instructions of a program that thinks before it answers,
looks at the question that the writer is asked, and at two more ways to reward prose:

    python guides/05_prompt_evolution.py
"""

import asyncio
import json
import re
from random import Random
from typing import Literal

import synthflow
from synthflow.testing import HashEmbeddingModel, ScriptedLanguageModel


class Message(synthflow.DataModel):
    """What a customer writes."""

    text: str = synthflow.Field(description="The message.")


class Route(synthflow.DataModel):
    """Who is to answer."""

    team: Literal["orders", "money", "other"] = synthflow.Field(description="The team that answers the message.")


ROWS = [
    ("The parcel came broken.", "orders"),
    ("My parcel is late again.", "orders"),
    ("Is the parcel lost?", "orders"),
    ("The courier left it in the rain.", "orders"),
    ("The courier never rang.", "orders"),
    ("Please send an invoice.", "money"),
    ("There is no invoice in the parcel.", "money"),
    ("I want a refund for the lamp.", "money"),
    ("Please refund the courier too.", "money"),
    ("Do you sell bicycles?", "other"),
    ("Please call me.", "other"),
    ("When do you open?", "other"),
    ("Your courier broke the lamp.", "orders"),
    ("No refund, no invoice, nothing!", "money"),
    ("I sent a parcel back for a refund.", "money"),
    ("Do you repair bicycles?", "other"),
]
X = [Message(text=text) for text, _ in ROWS]
Y = [Route(team=team) for _, team in ROWS]


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


# --- Two language models ------------------------------------------------------------------
#
# One answers, one writes. They may be the same, but need not: a cheap model that runs the program a
# million times is well instructed by a strong one that is asked a few hundred times. Real ones would be
# `LanguageModel("openai/gpt-5-nano")` and `LanguageModel("openai/gpt-5", reasoning_effort="low")`.
#
# Functions stand in for both here, neither of them a language model, each with a small rule of
# its own. The clerk obeys lines such as `invoice: money` of its instructions, the first that fits.


def clerk(request):
    """Answer as the instructions say, and say which line that was."""
    told, message = request.messages[0]["content"], json.loads(request.messages[1]["content"])["text"].lower()
    rules = [rule for rule in re.findall(r"^(\w+): (\w+)$", told, re.MULTILINE) if rule[0] in message]
    word, team = rules[0] if rules else ("", "other")
    return {"thinking": f"It says {word!r}." if word else "No line fits.", "team": team}


# The writer reads what OMEGA asks it, as a real one would: the current text, and the rows that
# were answered wrongly. Its rule is to put one more line in front, made of a word of one such
# row and the row's true answer. It knows nothing about which words are telling; `sample` tells
# several answers to one question apart, so each time it guesses anew. Selection does the rest.


def writer(request):
    """Add a line for some word of some row that went wrong; or join the lines of two parents."""
    rng, asked = Random(request.sample), request.messages[-1]["content"]
    texts = re.findall(r"^`instructions`:\n```\n(.*?)\n```$", asked, re.MULTILINE | re.DOTALL)
    if "# Text B" in asked:
        lines = dict.fromkeys(line for text in texts[:2] for line in text.splitlines())
        return {"thinking": "Both have good lines.", "instructions": "\n".join(lines)}
    wrong = re.findall(r'Input:\n{"text":"(.*)"}\nTrue answer:\n{"team":"(\w+)"}\nIt has reward 0', asked)
    text, team = rng.choice(wrong)
    word = rng.choice(re.findall(r"[a-z]{4,}", text.lower()))
    ask, *lines = texts[0].splitlines()
    return {"thinking": f"{text!r} was for {team}.", "instructions": "\n".join([ask, f"{word}: {team}", *lines])}


# --- The program --------------------------------------------------------------------------
#
# `ChainOfThought` is a Generator whose answer begins with a field `thinking`. Models that do not
# think by themselves answer better for it, and the writer gets to read the thoughts. The
# reward looks at the team alone.
#
# A generation is one batch: its `offspring` slots each draw a parent, by its reward, and are
# asked for a child, all at once. A `merging_rate` of them joins two parents instead of
# changing one. Since a model may answer differently each time, a child first has to hold its
# own on the rows of the batch, where it must be no worse than its parent; only then is it run on all rows.
#
# The `embedding_model` measures how different two texts are. A candidate that someone near it
# beats goes; one that is worse than others, but far from all of them, stays, since it may be
# right where they are wrong. Each candidate is embedded once. Left out, what they answer and how
# they are written is compared. A real one would be `synthflow.EmbeddingModel("openai/text-embedding-3-small")`.

ASK = "Say which team should answer the message. Go by these words, the first that fits:"


async def build(answering, writing, embedding):
    """Wire and compile the program."""
    inputs = synthflow.Input(data_model=Message)
    thinker = synthflow.ChainOfThought(
        data_model=Route,
        language_model=answering,
        instructions=ASK,
        description="Tells a clerk how to route the mail of a shop.",
    )
    program = synthflow.Program(
        inputs=inputs, outputs=await thinker(inputs), name="mail", description="Routes the mail of a shop."
    )
    program.compile(
        reward=synthflow.rewards.ExactMatch(in_mask=["team"]),
        optimizer=synthflow.optimizers.OMEGA(
            language_model=writing,
            embedding_model=embedding,
            instructions="Short lists of words are best.",
            population_size=6,
            merging_rate=0.3,
        ),
        metrics=[synthflow.metrics.Calls("training")],
        seed=0,
    )
    return program, thinker


def crossed(request):
    """Tell whether a question is about two parents."""
    return "# Text B" in request.messages[-1]["content"]


async def train(program, writing):
    """Evolve, and show what the writer was asked on the way."""
    history = await program.fit(X, Y, epochs=12, batch_size=4, validation_split=0.25, verbose=0)
    for name in ("reward", "val_reward", "training_calls"):
        print(f"{name} by epoch: {' '.join(f'{value:.3g}' for value in history.history[name])}")
    print(f"Training ended: {history.stop_reason}.")
    both = sum(map(crossed, writing.requests))
    print(f"The writer was asked {len(writing.requests)} times, {both} times to join two parents.")

    title("What a writer is asked, from its beginning")
    changing = [request for request in writing.requests if not crossed(request)]
    print("\n".join(changing[-1].messages[-1]["content"].splitlines()[:32]))
    return history


# --- What was learned ---------------------------------------------------------------------
#
# The variable holds the best text, and `best_candidates` all that the population kept, best
# first. As with scripts, they are saved, and a second `fit` goes on from them.
#
# --- Other rewards ------------------------------------------------------------------------
#
# A team is right or wrong. Prose is not, and two rewards are made for it. `CosineSimilarity` embeds
# both texts and compares their directions. `LMAsJudge` asks a language model for a critique
# and a number; `instructions` say what makes an answer good. Several rewards are weighed by
# `compile(reward=[one, other], reward_weights=[3, 1])`. What a judge costs is counted as `reward`.


class Reply(synthflow.DataModel):
    """What the shop writes back."""

    text: str = synthflow.Field(description="The reply.")


def judge(request):
    """Play a judge, whose rule is that an apology is worth half, and an offer the other half."""
    prediction = request.messages[-1]["content"].partition("The prediction:")[2].lower()
    offered, sorry = "refund" in prediction, "sorry" in prediction
    critique = f"An apology: {sorry}. An offer: {offered}."
    return {"critique": critique, "reward": (sorry + offered) / 2}


async def look_at_rewards():
    """Score three replies in two ways."""
    near = synthflow.rewards.CosineSimilarity(HashEmbeddingModel())
    judged = synthflow.rewards.LMAsJudge(
        ScriptedLanguageModel(judge), instructions="A reply apologises, and offers something."
    )
    wanted = Reply(text="We are sorry, and will refund the lamp.")
    for text in ("We are sorry, and will refund you.", "A refund is on its way.", "Bicycles are great."):
        reply = Reply(text=text)
        print(f"{await near(wanted, reply):.2f} near, judged {await judged(wanted, reply):.2f}: {text}")


async def main():
    """Go through the guide from top to bottom."""
    title("Training")
    answering, writing, embedding = ScriptedLanguageModel(clerk), ScriptedLanguageModel(writer), HashEmbeddingModel()
    program, thinker = await build(answering, writing, embedding)
    before = await program.evaluate(X[12:], Y[12:])
    history = await train(program, writing)

    title("The population")
    candidates = thinker.state["best_candidates"]
    for candidate in candidates:
        print(f"{candidate['reward']:.2f}: {', '.join(candidate['instructions'].splitlines()[1:]) or 'the beginning'}")
    print(f"\n{(await program(Message(text='My lamp came without an invoice.'))).get_json()}")

    title("Other rewards")
    await look_at_rewards()

    title("What holds")
    rewards = history.history["reward"]
    print(f"The reward rose, and never fell: {rewards == sorted(rewards) and rewards[0] < rewards[-1]}")
    print(f"The best text is in use: {candidates[0]['instructions'] == thinker.state['instructions']}")
    print(f"Nothing was embedded twice: {len(set(embedding.embedded)) == len(embedding.embedded)}")
    print(f"It does better on rows that nobody saw: {history.history['val_reward'][-1] > before['reward']}")


if __name__ == "__main__":
    asyncio.run(main())

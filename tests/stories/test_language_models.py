"""What a user may count on when models write and judge, against a real server in the OpenAI wire format."""

import asyncio
import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest

from synthflow import Budget, Input, Ledger, LocalExecutor, Program
from synthflow.data_models.data_model import DataModel
from synthflow.modules.generator import Generator
from synthflow.optimizers import OMEGA, RandomFewShot
from synthflow.proposers import LanguageModelProposer, SymbolicProposer
from synthflow.rewards import ExactMatch
from synthflow.testing import ScriptedLanguageModel
from tests.model_server import Answer, failure
from tests.programs.toy import HALF, X, Y, make_program

SEEDS = [f"result = {{'m': inputs['n'] * {k} - {k}}}" for k in range(2, 9)]
SCRIPT = re.compile(r"```python\n(.*?)\n```", re.DOTALL)
EPOCHS = 4


def written(body):
    """Write a script that depends on the whole question: other parents, other children, none of them right."""
    number = sum(map(ord, body["messages"][-1]["content"])) % 997
    return {"thinking": "a guess", "python_script": f"result = {{'m': inputs['n'] * {number} + 7}}"}


async def trained(model, *, seeds=(), population_size=8, epochs=EPOCHS, batch_size=2, budget=None, **options):
    """Fit the script that adds one, and give the program with its history."""
    program = await make_program(seed_scripts=list(seeds))
    optimizer = OMEGA(language_model=model, population_size=population_size, selection="random", **options)
    program.compile(reward=ExactMatch(in_mask=["m"]), optimizer=optimizer, executor=LocalExecutor(2))
    history = await program.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0, budget=budget)
    return program, history


def state(program, history):
    """Give all that two equal runs have in common."""
    return program.get_state_tree(), history.history, history.stop_reason, program.generations


# --- All slots in flight, each paid once --------------------------------------------------------


async def test_all_children_of_a_generation_are_asked_for_at_once(model_server):
    """The server sees eight requests together, and each candidate embedded at most once."""
    eight = asyncio.Barrier(8)  # nobody is answered before eight are there

    async def after_the_others(body):
        await eight.wait()
        return written(body)

    model_server.answer = after_the_others
    model = model_server.model()
    await trained(model, seeds=SEEDS, epochs=3, batch_size=4, embedding_model=model_server.embedding_model())

    embedded = Counter(
        request.question if isinstance(request.question, str) else request.question[0]
        for request in model_server.embeddings
    )
    assert model_server.peak >= 8
    assert embedded
    assert set(embedded.values()) == {1}


async def test_a_run_with_recorded_answers_is_the_same_at_any_concurrency(model_server, tmp_path):
    """Answers that came in any order are replayed, one at a time or sixteen, and nothing is asked again."""
    count = iter(range(10**6))

    async def late(body):
        number = next(count)
        await asyncio.sleep(number * 7 % 5 / 1000)
        return {"thinking": "", "python_script": f"result = {{'m': inputs['n'] * {number} + 7}}"}

    model_server.answer = late
    path = tmp_path / "answers.sqlite"
    first = state(*await trained(model_server.model(ledger=Ledger(path)), seeds=SEEDS, merging_rate=0.3))
    asked = model_server.count
    for concurrency in (1, 16):
        model = model_server.model(ledger=Ledger(path, mode="read_only"), max_concurrency=concurrency)
        again = state(*await trained(model, seeds=SEEDS, merging_rate=0.3))
        assert again == first
        assert model.usage.of().recorded == model.usage.of().calls == asked
    assert model_server.count == asked


RUN = """
import asyncio, sys
from synthflow import LanguageModel, Ledger
from tests.stories.test_language_models import SEEDS, state, trained

async def main(url, path):
    model = LanguageModel("openai/test", api_base=url, api_key="x", ledger=Ledger(path))
    program, history = await trained(model, seeds=SEEDS)
    print(history.stop_reason, len(history.epoch))

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_run_that_is_killed_pays_again_only_for_what_was_under_way(model_server, tmp_path):
    """SIGKILL in the second generation; the second life asks for the rest, and for nothing that was answered."""

    def start(path):
        return subprocess.Popen([sys.executable, "-c", RUN, model_server.url, path], stdout=subprocess.PIPE, text=True)

    model_server.answer = written
    whole, _ = start(tmp_path / "whole.sqlite").communicate()
    needed, told = model_server.count, 11

    def some(body):
        return written(body) if len(model_server.chats) <= told else Answer(end="hang")

    model_server.forget()
    model_server.answer = some
    path = tmp_path / "killed.sqlite"
    first = start(path)
    try:
        wait_until(lambda: recorded(path) == told and model_server.count == 16)
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    model_server.forget()
    model_server.answer = written
    rest, _ = start(path).communicate()

    assert whole.split() == ["epochs", "4"]
    assert rest == whole
    assert model_server.count == needed - told


def recorded(path):
    """Count the answers in a ledger of another process."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(path)) as ledger:
        return ledger.execute("SELECT COUNT(*) FROM answers").fetchone()[0]
    return 0


def wait_until(holds, seconds=60):
    """Wait for another process."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


# --- Servers that fail ---------------------------------------------------------------------------

NO_ANSWER = {
    "it fails": (failure(500), "server"),
    "it is busy": (failure(429, **{"retry-after": "0"}), "rate_limit"),
    "it hangs": (Answer(end="hang"), "timeout"),
    "it drips": (Answer(end="drip"), "timeout"),
    "it drops the line": (Answer(end="drop"), "connection"),
    "it breaks off": (Answer("{}", end="close"), "connection"),
    "it says HTML": (Answer(raw=b"<html>Bad gateway</html>"), "malformed"),
    "it says broken JSON": (Answer(raw=b'{"choices": [{"mess'), "malformed"),
    "it says null": (Answer(raw=b'{"id": null, "choices": null, "usage": null}'), "malformed"),
    "it knows no such key": (failure(401), "authentication"),
    "it knows no such model": (failure(404), "not_found"),
}
BAD_ANSWER = {
    "no JSON": ("I would rather not.", "json"),
    "another schema": ({"thinking": "", "python_script": 3}, "schema"),
    "null fields": ({"thinking": None, "python_script": None}, "schema"),
    "nothing": (Answer(text=None), "empty"),
}


@pytest.mark.parametrize("name", NO_ANSWER)
async def test_a_server_that_gives_no_answer_ends_the_fit_with_the_best_and_says_so(model_server, name):
    """Not as reward 0: the seeds keep theirs, nothing else was tried, and the reason and the failures are told."""
    await model_server.model()("Ready?")  # the first call takes its time, whoever answers
    model_server.forget()
    model_server.answer, kind = NO_ANSWER[name]
    model = model_server.model(retry=1, timeout=0.7 if kind == "timeout" else 30.0)
    program, history = await trained(model, seeds=[HALF], population_size=2)

    assert history.stop_reason == f"language model: {kind}"
    assert history.history == {"reward": [0.5]}
    assert program.get_variable("python_synthesis/state")["python_script"] == HALF
    assert [member["reward"] for member in program.population] == [0.5, 0.0]
    assert history.failures == {kind: model_server.count}
    assert history.usage["training"]["calls"] == model_server.count


async def test_a_server_that_is_not_there_is_reported():
    """Nobody listens: the reason is the connection."""
    from synthflow.language_models.language_model import LanguageModel

    model = LanguageModel("openai/test", api_base="http://127.0.0.1:9/v1", api_key="x", retry=0, timeout=5)
    _, history = await trained(model, seeds=[HALF], population_size=2)

    assert history.stop_reason == "language model: connection"


@pytest.mark.parametrize("name", BAD_ANSWER)
async def test_answers_of_no_use_cost_their_slots_and_nothing_else(model_server, name):
    """The model was asked again with the reason; the run goes on to its end."""
    model_server.answer, kind = BAD_ANSWER[name]
    model = model_server.model(reask=1)
    program, history = await trained(model, seeds=[HALF], population_size=2, epochs=2, batch_size=4)

    assert history.stop_reason == "epochs"
    assert history.history == {"reward": [0.5, 0.5]}
    assert history.failures == {kind: 8}
    assert "cannot be used" in model_server.requests[-1].question
    assert program.get_variable("python_synthesis/state")["python_script"] == HALF


async def test_an_answer_of_twenty_megabytes_is_a_failure_like_any_other(model_server):
    """It costs its slot."""
    model_server.answer = Answer("x" * 20_000_000)
    _, history = await trained(model_server.model(reask=0), population_size=1, epochs=1, batch_size=4)

    assert history.failures == {"too_large": 1}
    assert history.stop_reason == "epochs"


class Word(DataModel):
    """A word."""

    word: str


async def wired(model, **options):
    """Wire a generator that is to say a word again."""
    inputs = Input(data_model=Word)
    return Program(inputs=inputs, outputs=await Generator(data_model=Word, language_model=model, **options)(inputs))


WORDS = [Word(word=word) for word in ("one", "two", "three", "four", "five", "six")]


async def test_a_program_whose_model_is_dead_is_not_worth_zero(model_server):
    """There is nothing to report but the reason."""
    model_server.answer = failure(503)
    program = await wired(model_server.model(retry=0), instructions="Say it again.")
    program.compile(reward=ExactMatch(), optimizer=RandomFewShot())
    history = await program.fit(WORDS, WORDS, epochs=3, verbose=0)

    assert (history.stop_reason, history.history) == ("language model: server", {})
    assert history.failures["server"] == model_server.count
    assert program.get_variable("generator/state")["instructions"] == "Say it again."


async def test_a_bad_answer_leaves_its_row_without_a_prediction(model_server):
    """It is worth 0 and says why; in `predict` the error stands in its place."""

    def answer(body):
        word = json.loads(re.search(r"\{.*\}", body["messages"][1]["content"], re.DOTALL)[0])["word"]
        return "mumble" if word == "two" else {"word": word}

    model_server.answer = answer
    program = await wired(model_server.model(reask=1))
    program.compile(reward=ExactMatch())
    logs = await program.evaluate(WORDS, WORDS)
    predictions = await program.predict(WORDS)

    assert logs["reward"] == pytest.approx(5 / 6)
    assert [prediction.kind for prediction in predictions if not hasattr(prediction, "get_json")] == ["json"]
    assert [prediction["word"] for prediction in predictions[2:]] == ["three", "four", "five", "six"]


# --- What models are shown ------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 2, 4])
async def test_the_answers_in_a_question_are_those_of_the_script_in_it(batch_size):
    """At any batch size, with answers that come in any order: each script is run again here and says the same."""
    checked = Counter()
    numbers = iter(range(10**6))

    async def answer(request):
        await asyncio.sleep(next(numbers) * 7 % 5 / 1000)
        check_question(request.messages[-1]["content"], checked)
        return written({"messages": request.messages})

    model = ScriptedLanguageModel(answer)
    await trained(
        model, seeds=[*SEEDS, "x = (", "result = {'m': 1 // inputs['n']}"], batch_size=batch_size, merging_rate=0.5
    )

    assert checked["mutation"] > 10
    assert checked["crossover"] > 10
    assert checked["answers"] > 60


def check_question(message, checked):
    """Compare what a question says that its scripts answered with what they do answer."""
    before, _, _ = message.partition("# What was tried before")
    scripts = [script for script in SCRIPT.findall(before)]
    crossed = "Cross script A with script B" in message
    checked["crossover" if crossed else "mutation"] += 1
    assert len(scripts) == (2 if crossed else 1)
    assert len(set(scripts)) == len(scripts)
    for row in re.split(r"^## Row \d+$", before.partition("# What")[2], flags=re.MULTILINE)[1:]:
        n = json.loads(re.search(r"\{\"n\":.*?\}", row)[0])["n"]
        for place, script in enumerate(scripts):
            told = row if not crossed else re.split(r"Script [AB] ", row)[place + 1]
            checked["answers"] += 1
            expected = run(script, n)
            if expected == n + 1:
                assert "answered just that" in told
            elif expected is None:
                assert re.search(r"Error|error", told), told
            else:
                assert f'{{"m":{expected}}}' in told.replace(" ", ""), told


def run(script, n):
    """Run a script of this file by plain Python; None when it fails."""
    names = {"inputs": {"n": n}}
    try:
        exec(script, names)
    except Exception:
        return None
    return names["result"]["m"]


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
async def test_mutation_and_crossover_occur_at_their_rates(rate):
    """Over four hundred draws, within three standard deviations; the parents crossed always differ."""
    kinds = Counter()

    def answer(request):
        message = request.messages[-1]["content"]
        scripts = SCRIPT.findall(message.partition("# What was tried before")[0])
        kinds["Cross script A" in message] += 1
        assert len(set(scripts)) == 1 + ("Cross script A" in message)
        return written({"messages": request.messages})

    await trained(ScriptedLanguageModel(answer), seeds=SEEDS, merging_rate=rate, offspring=50, epochs=8, batch_size=4)

    assert kinds.total() == 400
    assert abs(kinds[True] / 400 - rate) <= 3 * (rate * (1 - rate) / 400) ** 0.5


# --- Money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [1, 2, 7, 8, 9, 20])
async def test_the_server_never_sees_one_call_more_than_the_budget(model_server, calls):
    """Every third attempt fails and counts too."""
    model_server.answer = lambda body: failure(500) if model_server.count % 3 == 0 else written(body)
    _, history = await trained(model_server.model(), seeds=SEEDS, epochs=20, budget=Budget(calls=calls))

    assert model_server.count <= calls
    assert history.stop_reason == "budget: calls"
    assert history.usage["training"]["calls"] == model_server.count


async def test_a_budget_without_failures_is_used_up(model_server):
    """To the last call; the plan said so before."""
    model_server.answer = written
    _, history = await trained(model_server.model(), seeds=SEEDS, epochs=20, budget=Budget(calls=11))

    assert model_server.count == 11
    assert history.stop_reason == "budget: calls"


async def test_time_that_is_up_ends_calls_under_way(model_server):
    """A server that hangs does not hold the run longer than its seconds."""
    model_server.answer = lambda body: Answer(end="hang") if model_server.count > 4 else written(body)
    _, history = await trained(
        model_server.model(retry=0), population_size=4, epochs=9, batch_size=4, budget=Budget(seconds=4.0)
    )

    assert history.stop_reason == "budget: seconds"
    assert history.truncated


async def test_cost_is_unknown_until_a_price_is_known():
    """Then it is money, and can be limited."""
    model = ScriptedLanguageModel(
        lambda request: written({"messages": request.messages}), price=(1.0, 2.0), max_tokens=100
    )
    free = ScriptedLanguageModel(lambda request: written({"messages": request.messages}))
    _, known = await trained(model, epochs=1)
    _, unknown = await trained(free, epochs=1)
    _, limited = await trained(model, epochs=50, seeds=SEEDS, budget=Budget(cost=0.2))

    assert known.usage["training"]["cost"] > 0
    assert unknown.usage["training"]["cost"] is None
    assert limited.stop_reason == "budget: cost"
    assert 0 < limited.usage["training"]["cost"] <= 0.2


# --- Mixed populations ------------------------------------------------------------------------------


async def test_search_and_model_write_for_one_population():
    """Slots take turns; what one wrote the other is shown."""
    from synthflow.datasets import arcagi
    from synthflow.modules.python_synthesis import PythonSynthesis

    (x, y), _ = arcagi.load_data("a5313dff")
    model = ScriptedLanguageModel(lambda request: {"python_script": 'result = {"output_grid": [[1]]}', "thinking": ""})
    inputs = Input(data_model=arcagi.get_input_data_model())
    outputs = await PythonSynthesis(
        data_model=arcagi.get_output_data_model(),
        python_script='result = {"output_grid": inputs["input_grid"]}',
        default_return_value={"output_grid": [[0]]},
    )(inputs)
    program = Program(inputs=inputs, outputs=outputs)
    optimizer = OMEGA(population_size=6, proposers=[SymbolicProposer(), LanguageModelProposer(model)])
    program.compile(reward=ExactMatch(in_mask=["output_grid"]), optimizer=optimizer)
    await program.fit(x, y, epochs=1, verbose=0)
    scripts = [member["values"]["python_synthesis/state"]["python_script"] for member in program.population]

    assert len(model.requests) == 3
    assert 'result = {"output_grid": [[1]]}' in scripts
    assert any("def " in script for script in scripts)


# --- Few-shot ------------------------------------------------------------------------------------------


def says_again(needed):
    """Answer rightly when enough examples are shown, and else only short words."""

    def answer(request):
        shown = request.messages[0]["content"].count("Answer: ")
        word = json.loads(re.search(r"\{.*\}", request.messages[1]["content"], re.DOTALL)[0])["word"]
        return {"word": word if shown >= needed or len(word) == 3 else "what?"}

    return answer


async def test_examples_change_when_that_helps():
    """They are what the program answered on training rows, and they hold no validation row."""
    model = ScriptedLanguageModel(says_again(1))
    program = await wired(model)
    program.compile(reward=ExactMatch(), optimizer=RandomFewShot(nb_max_examples=2))
    history = await program.fit(WORDS, WORDS, epochs=5, verbose=0, validation_split=0.34)
    examples = program.get_variable("generator/examples")["examples"]

    assert history.history["reward"][-1] == 1.0
    assert history.history["val_reward"][-1] == 1.0
    assert examples
    assert all(one["inputs"] == one["outputs"] for one in examples)
    assert {one["inputs"]["word"] for one in examples} <= {"one", "two"}


async def test_examples_stay_when_none_helps():
    """Equal is not better."""
    model = ScriptedLanguageModel(says_again(99))
    program = await wired(model, examples=[(Word(word="ten"), Word(word="ten"))])
    program.compile(reward=ExactMatch(), optimizer=RandomFewShot())
    history = await program.fit(WORDS, WORDS, epochs=3, verbose=0)

    assert len(set(history.history["reward"])) == 1
    assert [one["inputs"] for one in program.get_variable("generator/examples")["examples"]] == [{"word": "ten"}]


async def test_prompts_evolve():
    """OMEGA rewrites instructions, a child is scored on the batch before all rows, and examples are left alone."""

    def answer(request):
        system = request.messages[0]["content"]
        if "You improve a program" in system:
            return {"thinking": "", "instructions": "Say the word again."}
        word = json.loads(re.search(r"\{.*\}", request.messages[1]["content"], re.DOTALL)[0])["word"]
        return {"word": word if "again" in system else "what?"}

    model = ScriptedLanguageModel(answer)
    program = await wired(model, instructions="Answer.")
    program.compile(reward=ExactMatch(), optimizer=OMEGA(language_model=model, population_size=2))
    history = await program.fit(WORDS, WORDS, epochs=3, batch_size=2, verbose=0)

    assert history.stop_reason == "solved"
    assert program.get_variable("generator/state")["instructions"] == "Say the word again."
    assert program.get_variable("generator/examples")["examples"] == []
    assert set(history.usage) == {"training", "inference"}


async def test_a_child_that_falls_on_the_batch_is_not_run_on_all_rows():
    """Two rows of six are enough to know, for each of three children."""
    asked, numbers = Counter(), iter(range(9))

    def answer(request):
        system = request.messages[0]["content"]
        if "You improve a program" in system:
            return {"thinking": "", "instructions": f"Say nothing, {next(numbers)} times."}
        asked["nothing" in system] += 1
        word = json.loads(re.search(r"\{.*\}", request.messages[1]["content"], re.DOTALL)[0])["word"]
        return {"word": "" if "nothing" in system or word == "six" else word}

    model = ScriptedLanguageModel(answer)
    program = await wired(model, instructions="Say it.")
    program.compile(reward=ExactMatch(), optimizer=OMEGA(language_model=model, population_size=1))
    await program.fit(WORDS, WORDS, epochs=1, batch_size=2, verbose=0, shuffle=False)

    assert asked[False] == 6
    assert asked[True] == 3 * 2

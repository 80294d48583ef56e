"""Ledger: what was paid for is kept, shared, and never paid for again."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from synthflow.errors import LanguageModelError, SavingError
from synthflow.language_models.ledger import Ledger
from synthflow.testing import ScriptedLanguageModel
from tests.language_models.toy import SCHEMA, SEARCH

CHILD = """
import asyncio, sys
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.ledger import Ledger

async def main(url, path):
    model = LanguageModel("openai/test", api_base=url, api_key="x", max_concurrency=4, ledger=Ledger(path), timeout=60)

    async def ask(number):
        print((await model(f"question {number}")).checked().text, flush=True)

    await asyncio.gather(*(ask(number) for number in range(8)))

asyncio.run(main(*sys.argv[1:]))
"""
SHARER = """
import asyncio, json, sys
from synthflow.language_models.ledger import Ledger
from synthflow.testing import ScriptedLanguageModel

async def main(path, name):
    async def answer(request):
        await asyncio.sleep(0.002)
        return name

    model = ScriptedLanguageModel(answer, ledger=Ledger(path))
    return [(await model(f"question {number}")).text for number in range(60)]

print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
"""
FORKING = """
import asyncio, os, sys
from synthflow.language_models.ledger import Ledger

async def pay():
    return "paid"

ledger = Ledger(sys.argv[1] or None)
asyncio.run(ledger.once("before", {}, pay))
child = os.fork()
if not child:
    asyncio.run(ledger.once("in the child", {}, pay))
    ledger.close()
    os._exit(0)
os.waitpid(child, 0)
print(asyncio.run(ledger.once("before", {}, pay)), asyncio.run(ledger.once("before", {}, pay)), len(ledger))
"""


class Payer:
    """Pays for an answer, and counts how often."""

    def __init__(self, answer="paid"):
        self.answer = answer
        self.times = 0

    async def __call__(self):
        """Pay."""
        self.times += 1
        await asyncio.sleep(0)
        return self.answer


async def test_of_ten_at_once_one_pays():
    """Ten equal questions at once are one request, and all ten get the answer."""
    model = ScriptedLanguageModel(lambda _: "Paris", ledger=Ledger())

    replies = await asyncio.gather(*(model("Capital of France?") for _ in range(10)))

    assert len(model.requests) == 1
    assert {reply.text for reply in replies} == {"Paris"}
    assert (model.usage.of().calls, model.usage.of().recorded) == (10, 9)


async def test_who_fails_leaves_the_turn_to_the_next():
    """A failure is not recorded, and whoever waited pays."""
    ledger, payer = Ledger(), Payer()

    async def fail():
        await asyncio.sleep(0)
        raise LanguageModelError("no", "server")

    outcomes = await asyncio.gather(ledger.once("key", {}, fail), ledger.once("key", {}, payer), return_exceptions=True)

    assert isinstance(outcomes[0], LanguageModelError)
    assert outcomes[1] == "paid"


async def test_one_and_one_point_nothing_are_one_temperature():
    """Equal numbers ask the same."""
    model = ScriptedLanguageModel(lambda _: "x", ledger=Ledger())
    for temperature in (1, 1.0):
        await model("?", temperature=temperature, top_p=temperature)

    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.5},
        {"sample": 1},
        {"schema": SCHEMA},
        {"tools": [SEARCH]},
        {"messages": "Hello!"},
        {"max_tokens": 9},
        {"reasoning_effort": "low"},
    ],
)
async def test_another_question_is_paid_for(change):
    """A ledger tells questions apart by all that is asked."""
    model = ScriptedLanguageModel(lambda _: '{"city": "Paris"}', ledger=Ledger())
    for question in ({}, change, change):
        (await model(**{"messages": "Hello?"} | question)).checked()

    assert len(model.requests) == 2


async def test_where_a_model_is_does_not_matter(tmp_path, model_server):
    """The same model behind another address or key gives the answer that was paid for."""
    with Ledger(tmp_path / "ledger.db") as ledger:
        first = await model_server.model(ledger=ledger)("Hello?")
        second = await model_server.model(ledger=ledger, api_base="http://127.0.0.1:9/v1", api_key="y")("Hello?")

    assert first.text == second.text == "ok"
    assert model_server.count == 1


async def test_answers_outlive_the_object(tmp_path):
    """Another ledger on the same file has the answer, value, tool calls and all."""
    path, payer = tmp_path / "new folder" / "ledger.db", Payer({"text": "é \U0001f600", "value": [1, 2.5, None]})
    with Ledger(path) as ledger:
        await ledger.once("key", {}, payer)
    with Ledger(path) as ledger:
        again = await ledger.once("key", {}, payer)

        assert (again, payer.times, len(ledger)) == (payer.answer, 1, 1)


async def test_the_file_tells_its_reader_what_was_asked(tmp_path):
    """The question stands beside the answer, as JSON."""
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        await ScriptedLanguageModel(["Paris"], ledger=ledger)("Capital of France?")
    connection = sqlite3.connect(path)
    ((asked, answered),) = connection.execute("SELECT request, answer FROM answers").fetchall()
    connection.close()

    assert json.loads(asked)["messages"][0]["content"] == "Capital of France?"
    assert json.loads(answered)["value"]["text"] == "Paris"


def test_one_ledger_serves_loop_after_loop(tmp_path):
    """Each `asyncio.run` is a new loop, and the answers stay."""
    payer = Payer()
    with Ledger(tmp_path / "ledger.db") as ledger:
        answers = [asyncio.run(ledger.once("key", {}, payer)) for _ in range(3)]

    assert (answers, payer.times) == (["paid"] * 3, 1)


def test_of_loops_at_once_one_pays(tmp_path):
    """Loops in several threads that ask the same while it is being paid for get the answer of the one that pays."""
    answers, paid, asking, waiting = [], [], threading.Event(), threading.Event()

    def ask(ledger, name):
        async def pay():
            paid.append(name)
            asking.set()
            await asyncio.to_thread(waiting.wait, 10)
            return name

        answers.append(asyncio.run(ledger.once("key", {}, pay)))

    with Ledger(tmp_path / "ledger.db") as ledger:
        threads = [threading.Thread(target=ask, args=(ledger, name)) for name in "abcd"]
        threads[0].start()
        assert asking.wait(10)
        for thread in threads[1:]:
            thread.start()
        threads[1].join(0.1)  # time enough for the others to pay too, if they would
        waiting.set()
        for thread in threads:
            thread.join()

    assert (answers, paid) == (["a"] * 4, ["a"])


async def test_when_the_one_who_pays_is_cancelled_another_pays():
    """Those who wait are not left without an answer, nor cancelled."""
    ledger, started, payer = Ledger(), asyncio.Event(), Payer()

    async def forever():
        started.set()
        await asyncio.sleep(60)

    paying = asyncio.create_task(ledger.once("key", {}, forever))
    await started.wait()
    others = [asyncio.create_task(ledger.once("key", {}, payer)) for _ in range(3)]
    await asyncio.sleep(0)
    paying.cancel()

    assert await asyncio.gather(*others) == ["paid"] * 3
    assert payer.times == 1


async def test_who_waits_may_be_cancelled():
    """The one who pays, and the others who wait, notice nothing."""
    ledger, started, release, payer = Ledger(), asyncio.Event(), asyncio.Event(), Payer()

    async def pay():
        started.set()
        await release.wait()
        return "paid"

    paying = asyncio.create_task(ledger.once("key", {}, pay))
    await started.wait()
    given_up, waiting = (asyncio.create_task(ledger.once("key", {}, payer)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    release.set()

    assert (await paying, await waiting, payer.times) == ("paid", "paid", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("folder", [True, False])
def test_a_fork_has_hands_of_its_own(tmp_path, folder):
    """A process that was forked from one that uses a ledger uses it too, and both go on."""
    path = str(tmp_path / "ledger.db") if folder else ""
    command = [sys.executable, "-W", "ignore", "-c", FORKING, path]  # that a fork is warned of is not the point
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (run.stdout, run.stderr) == (f"paid paid {2 if folder else 1}\n", "")


async def test_off_neither_reads_nor_writes(tmp_path):
    """A ledger that is off does not even make its file."""
    path, payer = tmp_path / "ledger.db", Payer()
    ledger = Ledger(path, mode="off")
    for _ in range(2):
        await ledger.once("key", {}, payer)

    assert (payer.times, path.exists()) == (2, False)


async def test_read_only_answers_and_never_pays(tmp_path):
    """What is recorded is given, and what is not is an error in the reply; the file stays as it was."""
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        await ScriptedLanguageModel(["Paris"], ledger=ledger)("known")
    before = path.read_bytes()
    with Ledger(path, mode="read_only") as ledger:
        model = ScriptedLanguageModel([], ledger=ledger)
        known, unknown = await model("known"), await model("unknown")

    assert known.text == "Paris"
    assert (unknown.error.kind, model.requests) == ("not_recorded", [])
    assert path.read_bytes() == before


async def test_refresh_pays_once_more_for_each(tmp_path):
    """A new answer replaces the old one, and is then the one that is kept."""
    path = tmp_path / "ledger.db"
    old, new = Payer("old"), Payer("new")
    with Ledger(path) as ledger:
        await ledger.once("key", {}, old)
    with Ledger(path, mode="refresh") as ledger:
        given = [await ledger.once("key", {}, new) for _ in range(2)]
    with Ledger(path) as ledger:
        given.append(await ledger.once("key", {}, old))

    assert (given, new.times) == (["new"] * 3, 1)


def test_another_mode_is_refused():
    """The error names the four."""
    with pytest.raises(ValueError, match="on, off, read_only, refresh, not 'readonly'"):
        Ledger(mode="readonly")


async def test_an_answer_is_kept_though_its_asker_is_cancelled(tmp_path):
    """Once paid, an answer is recorded, whoever gave up waiting for it meanwhile."""
    paid, payer = asyncio.Event(), Payer("again")

    async def pay():
        paid.set()
        return "first"

    with Ledger(tmp_path / "ledger.db") as ledger:
        task = asyncio.create_task(ledger.once("key", {}, pay))
        await paid.wait()
        task.cancel()
        await asyncio.wait([task])

        assert await ledger.once("key", {}, payer) == "first"


@pytest.mark.parametrize("mode", ["on", "read_only", "refresh"])
@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000])
async def test_a_file_of_something_else_is_refused(tmp_path, mode, content):
    """The error names the file and what to give, and the file stays as it was."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with Ledger(path, mode=mode) as ledger, pytest.raises(SavingError, match=r"notes\.txt cannot be used"):
        await ledger.once("key", {}, Payer())

    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", ["on", "read_only"])
async def test_a_database_of_something_else_is_refused(tmp_path, mode):
    """A ledger never writes its table into another program's database."""
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE answers (mine TEXT)")
    connection.close()
    with Ledger(path, mode=mode) as ledger, pytest.raises(SavingError, match="database of something else"):
        await ledger.once("key", {}, Payer())


async def test_a_folder_is_no_ledger(tmp_path):
    """What cannot be opened is refused with the reason."""
    with Ledger(tmp_path) as ledger, pytest.raises(SavingError, match="cannot be used"):
        await ledger.once("key", {}, Payer())


async def test_a_missing_file_cannot_be_read_only(tmp_path):
    """A misspelt name is told before anything is asked, and no file is made."""
    path = tmp_path / "misspelt.db"
    with Ledger(path, mode="read_only") as ledger, pytest.raises(SavingError, match="no such file"):
        await ledger.once("key", {}, Payer())

    assert list(tmp_path.iterdir()) == []


async def test_a_damaged_answer_is_told(tmp_path):
    """An answer that is no JSON is an error and not an answer."""
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        await ledger.once("key", {}, Payer())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE answers SET answer = '{'")
    connection.commit()
    connection.close()
    with Ledger(path) as ledger, pytest.raises(SavingError, match="damaged"):
        await ledger.once("key", {}, Payer())


async def test_a_broken_ledger_stops_a_model(tmp_path):
    """A model does not turn it into a reply, since a person must see to it."""
    (tmp_path / "ledger.db").write_text("no")
    model = ScriptedLanguageModel(["Paris"], ledger=Ledger(tmp_path / "ledger.db"))

    with pytest.raises(SavingError):
        await model("Capital of France?")


def test_a_killed_run_pays_again_only_for_what_was_under_way(tmp_path, model_server):
    """After `kill -9`, the second run sends the four questions that had no answer yet, and no other."""
    release = asyncio.Event()

    async def answer(body):
        number = int(body["messages"][-1]["content"].split()[-1])
        if number >= 4:
            await release.wait()
        return f"answer {number}"

    model_server.answer = answer
    command = [sys.executable, "-c", CHILD, model_server.url, str(tmp_path / "ledger.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        first = [child.stdout.readline().strip() for _ in range(4)]
        os.kill(child.pid, signal.SIGKILL)
    model_server.forget()
    model_server.answer = lambda body: "answer " + body["messages"][-1]["content"].split()[-1]
    second = subprocess.run(command, capture_output=True, text=True, check=True)

    assert sorted(first) == [f"answer {number}" for number in range(4)]
    assert sorted(second.stdout.split("\n")[:-1]) == [f"answer {number}" for number in range(8)]
    assert sorted(one.question for one in model_server.requests) == [f"question {number}" for number in range(4, 8)]
    assert second.stderr == ""


def test_processes_that_share_a_file_agree(tmp_path):
    """Two runs at the same time end with the same answers, whoever paid for each."""
    commands = [[sys.executable, "-c", SHARER, str(tmp_path / "ledger.db"), name] for name in ("a", "b")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    first, second = (json.loads(child.communicate()[0]) for child in children)

    assert first == second
    assert set(first) <= {"a", "b"}

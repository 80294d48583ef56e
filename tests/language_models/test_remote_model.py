"""RemoteModel: attempts, waits, places and the meter, the same for every provider."""

import asyncio
import threading
import time

import pytest

from synthflow.errors import BudgetExceeded, LanguageModelError
from synthflow.language_models import remote_model
from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.ledger import Ledger
from synthflow.language_models.meter import current_phase, metered, phase
from synthflow.language_models.provider import AskOtherwise, Completion
from synthflow.language_models.usage import Usage
from synthflow.search.budget import Budget, Purse
from synthflow.testing import ScriptedLanguageModel
from tests.language_models.toy import Tally
from tests.model_server import Answer, failure

PASSING = sorted(LanguageModelError.NO_ANSWER)
LASTING = sorted(LanguageModelError.REFUSED_REQUEST)


def fail(kind, retry_after=None):
    """Make a failure of this kind."""
    return LanguageModelError(f"it is {kind}", kind, retry_after)


@pytest.fixture
def waits(monkeypatch):
    """The seconds that are waited between attempts; none of them passes."""
    slept = []
    sleep = asyncio.sleep

    async def remember(seconds):
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(remote_model.asyncio, "sleep", remember)
    return slept


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.usefixtures("waits")
async def test_what_may_pass_is_tried_again(kind):
    """Each attempt is a call, and each failure is counted."""
    model = ScriptedLanguageModel([fail(kind), fail(kind), "done"], retry=2)

    reply = await model("?")

    assert (reply.text, model.usage.of().calls, dict(model.usage.failures)) == ("done", 3, {kind: 2})


@pytest.mark.parametrize("kind", LASTING)
async def test_what_lasts_is_not_tried_again(kind, waits):
    """One attempt is enough to know."""
    model = ScriptedLanguageModel(lambda _: fail(kind), retry=5)

    reply = await model("?")

    assert (reply.error.kind, len(model.requests), waits) == (kind, 1, [])


async def test_attempts_end(waits):
    """After `retry` more attempts the failure is the reply."""
    model = ScriptedLanguageModel(lambda _: fail("server"), retry=3)

    assert (await model("?")).error.kind == "server"
    assert (len(model.requests), len(waits)) == (4, 3)


async def test_requests_are_attempts(model_server):
    """What is counted here is what the server saw."""
    model_server.answer = [failure(500), failure(429), failure(503), "done"]
    model = model_server.model(retry=5)

    assert (await model("?")).text == "done"
    assert (model_server.count, model.usage.of().calls) == (4, 4)


async def test_waits_double_and_are_never_equal(waits):
    """Each wait is about twice the last, up to the longest; other requests wait otherwise."""
    model = ScriptedLanguageModel(lambda _: fail("server"), retry=5, retry_max_wait=5)
    await model("one")
    one, other = list(waits), waits
    waits.clear()
    await model("other")

    assert all(0.375 * 2**number <= wait <= 0.625 * 2**number for number, wait in enumerate(one[:3]))
    assert one[-1] == 5
    assert set(one[:3]).isdisjoint(other[:3])


async def test_the_same_request_waits_the_same(waits):
    """A run that is repeated waits as it did."""
    for _ in range(2):
        await ScriptedLanguageModel(lambda _: fail("server"), retry=2)("?")

    assert waits[:2] == waits[2:]


async def test_a_server_says_how_long_to_wait(waits):
    """Its wish lengthens a wait, up to the longest, and never shortens it."""
    model = ScriptedLanguageModel(
        [fail("rate_limit", 7), fail("rate_limit", 0), fail("rate_limit", 1e9), "done"], retry=3, retry_max_wait=60
    )
    await model("?")

    assert (waits[0], waits[2]) == (7, 60)
    assert waits[1] >= 0.75


async def test_no_wait_goes_beyond_the_end_of_a_run(waits):
    """Where two seconds are left, nobody waits for an hour."""
    model = ScriptedLanguageModel([fail("rate_limit", 3600), "done"], retry=1, retry_max_wait=4000)
    with metered(Tally(seconds_left=2.0)):
        await model("?")

    assert waits == [2.0]


async def test_an_attempt_that_takes_too_long_is_ended():
    """The provider is cancelled, and the failure says after how long."""
    ended = []

    async def forever(request):
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(request)

    reply = await ScriptedLanguageModel(forever, timeout=0.01)("?")

    assert (reply.error.kind, len(ended)) == ("timeout", 1)
    assert "within 0.01 seconds" in str(reply.error)


async def test_time_that_runs_out_ends_an_attempt():
    """What is left of a run is a limit for each attempt."""

    class Ending(Tally):
        """Has a hundredth of a second."""

        ends = time.monotonic() + 0.01

        @property
        def seconds_left(self):
            return max(0.0, self.ends - time.monotonic())

        @seconds_left.setter
        def seconds_left(self, _):
            pass

    tally = Ending()
    with metered(tally), pytest.raises(BudgetExceeded) as ended:
        await ScriptedLanguageModel(lambda _: asyncio.sleep(60), timeout=60)("?")

    assert ended.value.limit == "seconds"
    assert [(used.calls, failed) for _, used, failed in tally.settled] == [(1, "cancelled")]


@pytest.mark.parametrize("kind", ["timeout", "malformed", "cancelled"])
@pytest.mark.parametrize("price", [None, (1.0, 2.0)])
async def test_what_may_have_been_billed_is_charged(kind, price):
    """What was sent, and how it ended is not known, took all that it can have; its price is known if it was given."""
    started = asyncio.Event()

    async def answer(request):
        started.set()
        if kind == "malformed":
            raise fail(kind)
        await asyncio.sleep(60)

    model = ScriptedLanguageModel(
        answer, timeout=0.01 if kind == "timeout" else 60, max_tokens=100, price=price, reask=0
    )
    tally = Tally()
    with metered(tally):
        asked = asyncio.create_task(model("?"))
        await started.wait()
        if kind == "cancelled":
            asked.cancel()
        await asyncio.wait([asked])

    ((most, used, failure),) = tally.settled
    assert (failure, used.calls, used.tokens) == (kind, 1, most.tokens)
    assert used.completion_tokens == 100
    assert used.cost == (None if price is None else pytest.approx(most.priced))


async def test_what_nothing_bounds_is_charged_as_far_as_it_is_known():
    """An answer of any length counts as what was read."""
    tally = Tally()
    with metered(tally):
        await ScriptedLanguageModel([fail("malformed")])("?")

    ((most, used, _),) = tally.settled
    assert (used.prompt_tokens, used.completion_tokens, used.priced, used.unpriced) == (most.prompt_tokens, 0, 0.0, 1)


@pytest.mark.parametrize("kind", ["connection", "server", "rate_limit", "bad_request"])
async def test_what_was_refused_is_charged_as_a_call_alone(kind):
    """It took no tokens, and cost nothing."""
    model = ScriptedLanguageModel([fail(kind)], max_tokens=100)
    await model("?")

    assert (model.usage.of().calls, model.usage.of().tokens, model.usage.of().cost) == (1, 0, 0.0)


async def test_a_server_that_bills_for_rubbish_ends_a_budget(model_server):
    """It is not asked for ever: each answer that cannot be read takes tokens."""
    model_server.answer = Answer(raw=b'{"choices": [], "usage": {"prompt_tokens": 5000, "completion_tokens": 5000}}')
    model = model_server.model(retry=1000, max_tokens=100, retry_max_wait=0.0)
    purse = Purse(Budget(tokens=2000))
    with metered(purse), pytest.raises(BudgetExceeded):
        await model("?")

    assert 1 < model_server.count < 20
    assert 1000 < purse.spent()["tokens"] <= 2000


async def test_places_are_bounded():
    """No more calls than `max_concurrency` are under way."""
    under_way, most = 0, 0

    async def answer(request):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return "x"

    model = ScriptedLanguageModel(answer, max_concurrency=3)
    await asyncio.gather(*(model(str(number)) for number in range(20)))

    assert (most, len(model.requests)) == (3, 20)


async def test_a_wait_takes_no_place():
    """While one waits to be tried again, another is asked."""
    answers = {"fails": [fail("server", 0.05), "late"], "passes": ["early"]}
    order = []

    def answer(request):
        said = answers[request.messages[0]["content"]].pop(0)
        order.append(str(said))
        return said

    model = ScriptedLanguageModel(answer, max_concurrency=1, retry=1, retry_max_wait=0.05)
    await asyncio.gather(model("fails"), model("passes"))

    assert order == ["it is server", "early", "late"]


async def test_a_cancelled_call_gives_its_place_back():
    """It is settled as a call, and the next one goes on."""
    started = asyncio.Event()

    async def answer(request):
        if request.messages[0]["content"] == "stuck":
            started.set()
            await asyncio.sleep(60)
        return "x"

    model, tally = ScriptedLanguageModel(answer, max_concurrency=1), Tally()
    with metered(tally):
        stuck = asyncio.create_task(model("stuck"))
        await started.wait()
        stuck.cancel()
        await asyncio.wait([stuck])

    assert (await model("next")).text == "x"
    assert [(most.calls, used.calls, failed) for most, used, failed in tally.settled] == [(1, 1, "cancelled")]


def test_places_of_loops_that_ended_are_let_go():
    """A model that was used in many loops does not keep them."""
    model = ScriptedLanguageModel(lambda _: "x", max_concurrency=1)

    async def busy():
        await asyncio.gather(*(model(str(number)) for number in range(3)))

    for _ in range(5):
        asyncio.run(busy())

    assert len(model._places) == 1


def test_loops_at_once_have_places_of_their_own():
    """A model may be used from several threads, each with its loop: the one place of each is taken at the same time."""
    everybody = threading.Barrier(4, timeout=10)

    async def answer(request):
        if request.messages[0]["content"] == "0":
            everybody.wait()  # holds this loop and its place until all are here
        await asyncio.sleep(0)
        return "x"

    model, texts = ScriptedLanguageModel(answer, max_concurrency=1), []

    async def busy():
        texts.extend(reply.text for reply in await asyncio.gather(*(model(str(number)) for number in range(20))))

    threads = [threading.Thread(target=lambda: asyncio.run(busy()), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert texts == ["x"] * 80
    assert model.usage.of().calls == 80


@pytest.mark.usefixtures("waits")
async def test_a_meter_holds_and_settles_every_attempt():
    """The failed ones too: before each the most it can take, after each what it took."""
    answers = [fail("server"), Completion("done", prompt_tokens=3, completion_tokens=2)]
    model, tally = ScriptedLanguageModel(answers, retry=1, max_tokens=10, price=(1.0, 1.0)), Tally()
    with metered(tally), phase("training"):
        await model("?")

    (failed_most, failed_used, failed), (most, used, nothing) = tally.settled
    assert tally.held == [failed_most, most]
    assert (failed_used.calls, failed_used.tokens, failed) == (1, 0, "server")
    assert (used.calls, used.tokens, nothing) == (1, 5, "")
    assert most.completion_tokens == 10
    assert most.prompt_tokens >= used.prompt_tokens
    assert most.priced >= used.priced > 0
    assert tally.usage.of("training").calls == model.usage.of("training").calls == 2


async def test_a_meter_may_refuse():
    """Nothing is asked then, and the refusal is raised, not made a reply."""
    model = ScriptedLanguageModel(lambda _: fail("server"), retry=5, retry_max_wait=0)
    with metered(Tally(calls=2)), pytest.raises(BudgetExceeded):
        await model("?")

    assert (len(model.requests), model.usage.of().calls) == (2, 2)


async def test_what_nothing_limits_no_budget_has_room_for():
    """Without `max_tokens` or a price, an attempt may take any number of tokens and dollars."""
    tally = Tally()
    with metered(tally):
        await ScriptedLanguageModel(["x"])("?")

    (most,) = tally.held
    assert most.completion_tokens > 10**15
    assert most.priced == float("inf")


async def test_an_answer_of_no_use_is_noted():
    """The meter is told of its kind, beside the calls."""
    tally = Tally()
    with metered(tally):
        await ScriptedLanguageModel(["", "x"])("?")

    assert [(used.calls, failed) for _, used, failed in tally.settled] == [(1, ""), (0, "empty"), (1, "")]


@pytest.mark.usefixtures("waits")
async def test_a_recorded_answer_is_charged_as_it_was():
    """A repeated run spends what the first one spent, with the attempts that failed before the answer."""
    ledger, spent = Ledger(), []
    answers = [fail("server"), Completion("x", prompt_tokens=3, completion_tokens=2, cost=0.5)]
    for script in (answers, []):
        tally = Tally()
        with metered(tally):
            await ScriptedLanguageModel(script, ledger=ledger, retry=1)("?")
        spent.append(tally.usage.of())

    first, second = spent
    assert (first.paid, second.paid, second.recorded_tokens) == (0.5, 0.0, 5)
    assert (first.calls, first.tokens, first.cost, first.recorded) == (2, 5, 0.5, 0)
    assert (second.calls, second.tokens, second.cost, second.recorded) == (2, 5, 0.5, 2)


async def test_a_meter_may_refuse_a_recorded_answer():
    """A repeated run ends where the first one ended."""
    ledger = Ledger()
    await ScriptedLanguageModel(["x"], ledger=ledger)("?")

    with metered(Tally(calls=0)), pytest.raises(BudgetExceeded):
        await ScriptedLanguageModel([], ledger=ledger)("?")


async def test_a_meter_may_refuse_what_is_not_recorded():
    """A run that is repeated from a ledger ends where the budget ended it, and not for want of an answer."""
    model = ScriptedLanguageModel([], ledger=Ledger(mode="read_only"))
    with metered(Tally(calls=0)), pytest.raises(BudgetExceeded):
        await model("?")
    tally = Tally()
    with metered(tally):
        reply = await model("?")

    assert reply.error.kind == "not_recorded"
    assert (len(tally.held), tally.usage.of()) == (1, Usage())
    assert [most for most, _, _ in tally.settled] == tally.held


async def test_a_request_in_vain_is_no_attempt_and_no_failure():
    """A provider that learns how to ask is asked again at once; what it sent counts as a call."""

    class Learning:
        """Learns from its first request."""

        most_in_vain = 1
        sent = 0

        async def complete(self, request):
            self.sent += 1
            if self.sent == 1:
                raise AskOtherwise("it takes no such thing")
            return Completion("x")

    model, tally = LanguageModel(provider=Learning(), retry=0, reask=0), Tally()
    with metered(tally):
        reply = await model("?")

    assert (reply.text, model.usage.of().calls, dict(model.usage.failures)) == ("x", 2, {})
    assert (len(tally.held), model.most_calls()) == (2, 2)


async def test_a_provider_that_never_learns_is_not_asked_for_ever():
    """Then it cannot be asked."""

    class Stubborn:
        """Learns nothing."""

        most_in_vain = 1

        async def complete(self, request):
            raise AskOtherwise("no such thing")

    model = LanguageModel(provider=Stubborn(), retry=5)
    reply = await model("?")

    assert (reply.error.kind, model.usage.of().calls) == ("bad_request", 2)


@pytest.mark.usefixtures("waits")
async def test_the_last_error_of_each_kind_is_kept():
    """Of failures and of answers of no use, with the model and with the meter."""
    model, tally = ScriptedLanguageModel([fail("server"), "", "x"], retry=1), Tally()
    with metered(tally):
        await model("?")

    assert (
        model.usage.errors
        == tally.usage.errors
        == {"server": "it is server", "empty": "the answer is empty (it ended with 'stop')"}
    )


@pytest.mark.parametrize("name", ["oobabooga/http://10.0.0.1", "huggingface/https://models.example/x"])
@pytest.mark.parametrize("kind", [LanguageModel, EmbeddingModel])
def test_a_name_holds_no_address(kind, name):
    """A file could name a server there which nobody would ask about."""
    with pytest.raises(ValueError, match=r"api_base=.*<- give its address here"):
        kind(name)


def test_it_tells_its_name():
    """That is all."""
    assert repr(LanguageModel("openai/gpt-5", api_key="secret")) == "<LanguageModel 'openai/gpt-5'>"


async def test_phases_are_counted_apart():
    """Calls belong to the phase in which they were begun, whatever else happens meanwhile."""
    model = ScriptedLanguageModel(lambda _: "x")

    async def ask(name):
        with phase(name):
            await asyncio.sleep(0)
            await model("?")

    await asyncio.gather(ask("training"), ask("reward"), ask("reward"), model("?"))

    assert [model.usage.of(name).calls for name in ("training", "reward", "inference")] == [1, 2, 1]
    assert current_phase() == "inference"


async def test_a_price_is_asked_for_once():
    """And only when a meter wants to know it."""
    asked = []

    class Priced:
        """Has a price."""

        async def price(self, model):
            asked.append(model)
            return 0.5, 0.25

        async def complete(self, request):
            return Completion("x")

    model, tally = LanguageModel("a/b", provider=Priced(), max_tokens=4), Tally()
    await model("?")
    assert asked == []
    with metered(tally):
        for _ in range(3):
            await model("?")

    assert asked == ["a/b"]
    assert tally.held[0].priced == tally.held[0].prompt_tokens * 0.5 + 1.0


async def test_what_is_prepared_takes_no_time_of_an_attempt():
    """A provider that has to load first is not ended for it."""

    class Slow:
        """Loads for longer than an attempt may take."""

        async def prepare(self):
            await asyncio.sleep(0.05)

        async def complete(self, request):
            return Completion("x")

    assert (await LanguageModel(provider=Slow(), timeout=0.02)("?")).text == "x"


async def test_seconds_are_counted():
    """The time of each attempt adds up, also of those that failed."""
    model = ScriptedLanguageModel(lambda _: asyncio.sleep(0.02, "x"))
    await asyncio.gather(model("a"), model("b"))

    assert model.usage.of().seconds >= 0.04
    assert Usage(seconds=1.0).to_json()["seconds"] == 1.0


@pytest.mark.parametrize("server", ["https://models.example/v1", "http://10.0.0.1:8000", "http://localhost.example"])
async def test_a_server_that_a_file_names_is_asked_nothing_before_it_is_trusted(server):
    """A saved file could name anybody's; the key of the environment and the rows stay here."""
    model = LanguageModel.from_config({"model": "openai/test", "api_base": server, "retry": 0})
    asked = []

    class Watching:
        async def complete(self, request):
            asked.append(request)
            return Completion("yes")

    model._provider = Watching()
    refused = await model("Who are you?")
    model.trust_server()
    answered = await model("Who are you?")

    assert refused.error.kind == "untrusted_server"
    assert "trust_server()" in str(refused.error)
    assert (answered.text, len(asked)) == ("yes", 1)


@pytest.mark.parametrize("server", [None, "http://localhost:8000/v1", "http://127.0.0.1:1/v1", "http://[::1]:8000/v1"])
async def test_a_server_on_this_machine_and_a_services_own_are_trusted(server):
    """So are those that a person names in code."""
    model = LanguageModel.from_config({"model": "openai/test", "api_base": server})

    assert model._untrusted == ""
    assert LanguageModel("openai/test", api_base="https://models.example/v1")._untrusted == ""


async def test_a_provider_that_cancels_itself_broke_off():
    """Nobody cancelled the question, so it is a failure like any other."""

    class GivesUp:
        async def complete(self, request):
            raise asyncio.CancelledError

    reply = await LanguageModel(provider=GivesUp(), retry=0)("Who are you?")

    assert (reply.error.kind, reply.error.maybe_billed) == ("connection", True)


async def test_who_is_cancelled_stays_cancelled():
    """The question ends with its task."""

    class Waits:
        async def complete(self, request):
            await asyncio.Event().wait()

    asking = asyncio.create_task(LanguageModel(provider=Waits(), retry=3)("Who are you?"))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking

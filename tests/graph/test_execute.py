"""Execution: every node once, as soon as its parents are done, and each row by itself."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import LanguageModelError
from synthflow.graph import trace
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import Node, Source, symbolic_call
from synthflow.graph.trace import Trace

NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Number(DataModel):
    """A number."""

    n: int


def number(n):
    """Make a value, or None."""
    return None if n is None else JsonDataModel(json={"n": n}, schema=NUMBER)


def plain(outputs):
    """Read the numbers of a structure of values."""
    if isinstance(outputs, dict):
        return {key: plain(part) for key, part in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return type(outputs)(plain(part) for part in outputs)
    return outputs and outputs["n"]


@dataclass(eq=False)
class Step:
    """An operation that calls a function."""

    work: Any
    name: str | None = None
    default_name: str = "step"
    accepts_none: bool = False
    takes_batches: bool = False
    batches: list[int] = field(default_factory=list)

    async def call(self, *inputs):
        """Do the work, sync or async."""
        found = self.work(*inputs)
        return await found if asyncio.iscoroutine(found) else found

    async def call_batch(self, rows):
        """Do the work for each row, and count the rows."""
        self.batches.append(len(rows))
        return [await self.call(row) for row in rows]


def source():
    """Promise an input."""
    return Node(Source(NUMBER)).promise(NUMBER)


def wire(work, *arguments, schema=NUMBER, **options):
    """Wire a call of a function."""
    return symbolic_call(Step(work, **options), arguments, schema)


def add_one(value):
    """Add one."""
    return number(value["n"] + 1)


def minus(left, right):
    """Subtract; the order matters."""
    return number(left["n"] - right["n"])


async def run(inputs, outputs, *values):
    """Run a graph on numbers and read the numbers it yields."""
    return plain(await Runner(Graph(inputs, outputs)).run([number(value) for value in values]))


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("first", [True, False])
async def test_an_input_may_be_used_first_at_any_depth_and_on_either_side(depth, first):
    """The other operand may be any number of calls away."""
    a, b = source(), source()
    far = a
    for _ in range(depth):
        far = wire(add_one, far)
    end = wire(minus, b, far) if first else wire(minus, far, b)

    assert await run([a, b], end, 10, 3) == (3 - (10 + depth) if first else 10 + depth - 3)


async def test_a_diamond_runs_each_node_once():
    """Both sides read one and the same value."""
    calls = Counter()

    def counted(value):
        calls[value["n"]] += 1
        return number(value["n"] * 2)

    x = source()
    top = wire(counted, x)

    assert await run(x, wire(minus, wire(add_one, top), top), 5) == 1
    assert calls == {5: 1}


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        (lambda a, b: [a, b], [2, 3]),
        (lambda a, b: (b, a), (3, 2)),
        (lambda a, b: {"b": b, "both": [a, (b,)]}, {"b": 3, "both": [2, (3,)]}),
    ],
)
async def test_inputs_and_outputs_come_in_structures(structure, expected):
    """A call takes and gives lists, tuples and dicts of values."""
    a, b = source(), source()
    swapped = wire(lambda pair: (pair["right"], pair["left"]), {"left": a, "right": b}, schema=(NUMBER, NUMBER))

    assert await run([a, b], structure(swapped[1], swapped[0]), 2, 3) == expected


async def test_outputs_of_a_call_are_read_one_by_one():
    """Also out of nested structures, whose other parts nobody reads."""
    x = source()
    outputs = wire(
        lambda value: {"pair": [number(1), value], "rest": number(9)},
        x,
        schema={"pair": [NUMBER, NUMBER], "rest": NUMBER},
    )

    assert await run(x, wire(add_one, outputs["pair"][1]), 5) == 6


async def test_an_input_may_be_an_output():
    """A graph without a call gives back what it is given."""
    x = source()

    assert await run(x, [x, x], 5) == [5, 5]


async def test_none_flows_through():
    """A call with a None input is not made and yields None, unless it accepts None."""
    x = source()
    skipped = wire(add_one, wire(add_one, x))
    asked = wire(lambda value: number(0 if value is None else 1), skipped, accepts_none=True)

    assert await run(x, [skipped, asked], None) == [None, 0]
    assert await run(x, [skipped, asked], 1) == [3, 1]


async def test_none_flows_out_of_a_call_with_several_outputs():
    """Every output of a call that was not made is None."""
    x = source()
    one, other = wire(lambda value: (value, value), x, schema=(NUMBER, NUMBER))

    assert await run(x, [wire(add_one, other), one], None) == [None, None]


async def test_one_none_among_many_inputs_skips_the_call():
    """Also inside a structure."""
    a, b = source(), source()

    assert await run([a, b], wire(lambda pair: pair[0], [a, b]), 1, None) is None


async def test_branches_run_at_once():
    """Each waits for the other to have begun."""
    everyone = asyncio.Barrier(3)

    async def meet(value):
        await everyone.wait()
        return value

    x = source()
    start = wire(add_one, x)

    async with asyncio.timeout(30):
        assert await run(x, [wire(meet, start), wire(meet, start), wire(meet, x)], 1) == [2, 2, 1]


async def test_a_node_starts_as_soon_as_its_own_parents_are_done():
    """A whole branch runs while a node of its own depth in another branch has not ended."""
    far_ahead = asyncio.Event()

    async def wait(value):
        await far_ahead.wait()
        return value

    def signal(value):
        far_ahead.set()
        return value

    x = source()
    end = x
    for _ in range(5):
        end = wire(add_one, end)

    async with asyncio.timeout(30):
        assert await run(x, [wire(wait, x), wire(signal, end)], 0) == [0, 5]


async def _tasks_of(execution, *values):
    made = []

    def factory(loop, coroutine, **options):
        made.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **options)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    try:
        await execution.run([number(value) for value in values])
    finally:
        loop.set_task_factory(None)
    return len(made)


async def test_a_straight_chain_makes_no_task():
    """Fifty calls, and an input that joins on the way, run in the task of the caller."""
    a, b = source(), source()
    end = a
    for _ in range(25):
        end = wire(add_one, end)
    end = wire(minus, b, end)
    for _ in range(25):
        end = wire(add_one, end)

    assert await _tasks_of(Runner(Graph([a, b], end)), 1, 2) == 0


async def test_a_fork_makes_a_task_for_each_branch():
    """And none for the calls along it."""
    x = source()
    branches = [x, x, x]
    for _ in range(10):
        branches = [wire(add_one, branch) for branch in branches]

    assert await _tasks_of(Runner(Graph(x, wire(lambda *all_of_them: all_of_them[0], *branches))), 1) == 3


@pytest.mark.parametrize("forked", [False, True])
async def test_an_error_is_itself_with_a_note_that_names_the_module(forked):
    """In a chain and in a fork; its cause stays, and a group that a module raised stays a group."""
    mistake = ExceptionGroup("own", [KeyError("inner")])

    def fail(value):
        raise mistake from LookupError("cause")

    x = source()
    end = wire(fail, wire(add_one, x), name="culprit")
    outputs = [end, wire(add_one, x)] if forked else end

    with pytest.raises(ExceptionGroup) as caught:
        await run(x, outputs, 1)

    assert caught.value is mistake
    assert caught.value.__notes__ == ["It was raised by module 'culprit'."]
    assert isinstance(caught.value.__cause__, LookupError)


@pytest.mark.parametrize("rows", [False, True])
async def test_nothing_goes_on_after_an_error(rows):
    """The other branches, or rows, are cancelled and have ended when the error arrives."""
    begun, ended = asyncio.Event(), []

    async def wait(value):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(value["n"])

    async def fail(value):
        await begun.wait()
        raise ZeroDivisionError

    x = source()
    if rows:
        execution = Runner(Graph(x, wire(lambda value: fail(value) if value["n"] else wait(value), x)))
        work = execution.run_batch([[number(0)], [number(1)]], [None, None])
    else:
        work = Runner(Graph(x, [wire(wait, x), wire(fail, x)])).run([number(0)])

    with pytest.raises(ZeroDivisionError):
        await work

    assert ended == [0]


async def test_a_run_can_be_cancelled():
    """All its branches end with it."""
    begun, ended = asyncio.Barrier(3), []

    async def wait(value):
        await begun.wait()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(value["n"])

    x = source()
    running = asyncio.create_task(run(x, [wire(wait, x), wire(wait, x)], 7))
    await begun.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert ended == [7, 7]


async def test_objects_of_data_models_flow_as_json_data_models():
    """A module may return either."""
    x = source()
    execution = Runner(Graph(x, wire(lambda value: (Number(n=1), value), x, schema=(NUMBER, NUMBER))))

    assert [type(one) for one in await execution.run([number(2)])] == [JsonDataModel, JsonDataModel]


@pytest.mark.parametrize("returned", [{"n": 1}, {}, [], "text", [1, 2], [number(1), {"n": 2}], 3, Number])
async def test_what_is_no_data_model_is_an_error(returned):
    """Plain JSON above all; the message shows what to return."""
    x = source()
    end = wire(lambda value: returned, x, name="careless")

    with pytest.raises(TypeError, match=r"Module 'careless' returned .*\n.*return JsonDataModel\("):
        await run(x, end, 1)


async def test_a_message_about_a_huge_return_value_is_short():
    """A megabyte of JSON makes no megabyte of message."""
    x = source()

    with pytest.raises(TypeError) as caught:
        await run(x, wire(lambda value: {"n": "y" * 1_000_000}, x), 1)

    assert len(str(caught.value)) < 1_000


async def test_one_execution_serves_many_runs_at_once():
    """Runs share nothing but the graph."""
    x = source()
    slow = wire(lambda value: _turns(value["n"] % 5, value), x)
    execution = Runner(Graph(x, wire(minus, wire(add_one, slow), x)))

    found = await asyncio.gather(*(execution.run([number(n)]) for n in range(50)))

    assert plain(found) == [1] * 50


async def _turns(count, value):
    for _ in range(count):
        await asyncio.sleep(0)
    return value


# A random graph is written as a list of calls: the kind of work, what it reads (by number), whether it accepts None.
CALLS = st.lists(
    st.tuples(
        st.sampled_from(["sum", "pair", "sometimes", "batch"]),
        st.lists(st.integers(0, 40), min_size=1, max_size=3),
        st.booleans(),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=10,
)


def _work(kind, turns):
    """Make the work of a call, on plain numbers and None."""

    def count(*numbers):
        total = sum((place + 1) * (-1 if one is None else one) for place, one in enumerate(numbers)) + turns
        if kind == "sometimes":
            return None if total % 3 == 0 else total
        return (total, total * 2) if kind == "pair" else total

    return count


def _build(calls):
    """Wire the calls; give the graph's inputs, its outputs, and the oracle that computes the same by recursion."""
    inputs = [source(), source()]
    ends = [(promise, lambda values, place=place: values[place]) for place, promise in enumerate(inputs)]
    for kind, reads, accepts_none, turns in calls:
        parents = [ends[index % len(ends)] for index in reads[: 1 if kind == "batch" else 3]]
        count = _work(kind, turns)

        async def work(*arguments, count=count, turns=turns):
            await _turns(turns, None)
            trace.note("ok", str(plain(arguments)))
            found = count(*map(plain, arguments))
            return tuple(map(number, found)) if isinstance(found, tuple) else number(found)

        def oracle(values, parents=parents, count=count, accepts_none=accepts_none):
            arguments = [compute(values) for _, compute in parents]
            return None if None in arguments and not accepts_none else count(*arguments)

        schema = (NUMBER, NUMBER) if kind == "pair" else NUMBER
        options = {"accepts_none": accepts_none, "takes_batches": kind == "batch"}
        made = wire(work, *(promise for promise, _ in parents), schema=schema, **options)
        if kind == "pair":
            for slot in (0, 1):
                ends.append((made[slot], lambda values, slot=slot, whole=oracle: (whole(values) or (None, None))[slot]))
        else:
            ends.append((made, oracle))
    return inputs, ends


ROWS = st.lists(st.lists(st.none() | st.integers(-3, 3), min_size=2, max_size=2), max_size=4)


@given(CALLS, st.lists(st.none() | st.integers(-3, 3), min_size=2, max_size=2))
async def test_any_graph_yields_what_recursion_yields(calls, values):
    """Whatever is wired to what, in whatever order the calls end, None included."""
    inputs, ends = _build(calls)

    found = await run(inputs, [promise for promise, _ in ends], *values)

    assert found == [compute(values) for _, compute in ends]


@given(CALLS, ROWS)
async def test_a_batch_yields_what_its_rows_yield_one_by_one(calls, rows):
    """Outputs and notes both: each row's notes are its own, in the order of the graph."""
    inputs, ends = _build(calls)
    execution = Runner(Graph(inputs, {"outputs": [promise for promise, _ in ends]}))
    values = [[number(one) for one in row] for row in rows]
    traces, alone = [Trace() for _ in rows], [Trace() for _ in rows]

    together = await execution.run_batch(values, traces)
    one_by_one = []
    for row, own in zip(values, alone, strict=True):
        with trace.tracing(own):
            one_by_one.append(await execution.run(row))

    assert plain(together) == plain(one_by_one)
    batched = any(kind == "batch" for kind, *_ in calls)
    if not batched:  # a step that takes all rows at once says itself which row a note is about
        assert [sorted(n.feedback for n in one.notes) for one in traces] == [
            sorted(n.feedback for n in one.notes) for one in alone
        ]


async def test_a_module_that_takes_batches_gets_all_rows_at_once():
    """Rows whose input is None are left out and yield None; without any row it is not called."""
    x = source()
    step = Step(add_one, takes_batches=True)
    execution = Runner(Graph(x, symbolic_call(step, (x,), NUMBER)))

    found = await execution.run_batch([[number(1)], [None], [number(3)]], [None] * 3)
    none = await execution.run_batch([[None]], [None])
    empty = await execution.run_batch([], [])

    assert (plain(found), plain(none), empty) == ([2, None, 4], [None], [])
    assert step.batches == [2]
    assert execution.takes_batches
    assert not Runner(Graph(x, wire(add_one, x))).takes_batches


async def test_notes_of_a_batch_belong_to_their_rows():
    """The index that a module names is that among the rows it was given; rows that were left out keep nothing."""

    class Noting(Step):
        async def call_batch(self, rows):
            for index in reversed(range(len(rows))):
                with trace.row(index):
                    trace.note("ok", str(rows[index]["n"]))
            return rows

    x = source()
    end = symbolic_call(Noting(None, takes_batches=True), (x,), NUMBER)
    traces = [Trace() for _ in range(4)]

    await Runner(Graph(x, end)).run_batch([[number(n)] for n in (5, None, 7, 8)], traces)

    assert [one.feedback for one in traces] == ["5", "", "7", "8"]


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_batch_of_another_length_is_an_error(count):
    """The message names the module and both numbers."""

    class Careless(Step):
        async def call_batch(self, rows):
            return [number(0)] * count

    x = source()
    end = symbolic_call(Careless(None, name="careless", takes_batches=True), (x,), NUMBER)

    with pytest.raises(ValueError, match=f"'careless' returned {count} outputs for 2 rows"):
        await Runner(Graph(x, end)).run_batch([[number(1)], [number(2)]], [None, None])


async def test_an_error_in_a_batch_has_a_note_that_names_the_module():
    """As in a single row."""

    def fail(value):
        raise ZeroDivisionError

    x = source()
    end = wire(fail, x, name="culprit", takes_batches=True)

    with pytest.raises(ZeroDivisionError) as caught:
        await Runner(Graph(x, end)).run_batch([[number(1)]], [None])

    assert caught.value.__notes__ == ["It was raised by module 'culprit'."]


async def test_traces_stay_with_their_rows_whatever_the_order():
    """Rows that finish in the opposite order of their start keep their own notes."""
    turns = [asyncio.Event() for _ in range(4)]

    async def work(value):
        row = value["n"]
        if row < 3:
            await turns[row + 1].wait()
        trace.note("ok", str(row))
        turns[row].set()
        return value

    x = source()
    traces = [Trace() for _ in range(4)]

    await Runner(Graph(x, wire(work, x))).run_batch([[number(n)] for n in range(4)], traces)

    assert [one.feedback for one in traces] == ["0", "1", "2", "3"]


async def test_a_row_whose_model_gives_no_usable_answer_fails_alone():
    """In a batch its error stands in its place, what follows is not asked about it, and the other rows go on."""

    async def ask(value):
        if value["n"] == 1:
            raise LanguageModelError("it mumbled", "json")
        return number(value["n"] + 1)

    asking, batch = Step(ask), Step(add_one, takes_batches=True)
    source = Node(Source(NUMBER)).promise(NUMBER)
    answer = symbolic_call(batch, (symbolic_call(asking, (source,), NUMBER),), NUMBER)
    found = await Runner(Graph(source, answer)).run_batch([[number(0)], [number(1)], [number(2)]], [None] * 3)

    assert [plain(one) for one in (found[0], found[2])] == [2, 4]
    assert isinstance(found[1], LanguageModelError)
    assert batch.batches == [2]

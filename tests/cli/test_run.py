"""`synthflow run` answers each line with a line, in order, whatever a line is."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

import synthflow
from synthflow.cli.run import answer_lines


def row(grid):
    """Give a line with a grid to transform."""
    return json.dumps({"examples": [], "input_grid": grid})


async def as_stream(lines):
    """Give lines as standard input does."""
    for line in lines:
        yield line


def answers(program, lines, limit=4):
    """Give what the program answers to lines, and whether all were good."""
    written = []
    complete = asyncio.run(answer_lines(program, as_stream(lines), written.append, limit=limit))
    return complete, [json.loads(line) for line in written]


class Number(synthflow.DataModel):
    """A row with one whole number."""

    value: int


async def doubling(work=None):
    """Build a program that doubles a number, after awaiting `work(value)`."""

    async def double(number):
        if work is not None:
            await work(number["value"])
        return synthflow.JsonDataModel(json={"value": 2 * number["value"]}, data_model=Number)

    inputs = synthflow.Input(data_model=Number)
    outputs = await synthflow.Lambda(double, data_model=Number)(inputs)
    return synthflow.Program(inputs=inputs, outputs=outputs)


def test_each_line_is_answered_by_a_line(command, saved):
    """Two grids in, two grids out, in their order, and exit code 0."""
    code, out, _ = command("run", saved, stdin=row([[1, 2]]) + "\n" + row([[3]]) + "\n")

    grids = [json.loads(line)["output_grid"] for line in out.splitlines()]

    assert (code, grids) == (0, [[[1], [2]], [[3]]])


def test_a_bad_line_gives_an_error_in_its_place(command, saved):
    """Neither broken JSON nor an input that does not fit loses a line; the exit code is 1."""
    code, out, _ = command("run", saved, stdin="\n".join([row([[1]]), "{", '{"input_grid": [[1]]}', "7", row([[2]])]))

    lines = [json.loads(line) for line in out.splitlines()]

    assert code == 1
    assert [set(line) == {"error"} for line in lines] == [False, True, True, True, False]
    assert "Line 2 is not JSON" in lines[1]["error"]
    assert "'examples'" in lines[2]["error"]


def test_no_lines_give_no_lines(command, saved):
    """An empty input is answered by nothing, and that is no error."""
    assert command("run", saved)[:2] == (0, "")


@given(values=st.lists(st.one_of(st.integers(-9, 9), st.none()), max_size=12), limit=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_order_holds_however_long_a_line_takes(values, limit):
    """Later lines that are done sooner wait for their turn; None stands for a line that is not JSON."""

    async def slower_when_small(value):
        for _ in range(10 - value):
            await asyncio.sleep(0)

    lines = [b"oops" if value is None else json.dumps({"value": value}).encode() for value in values]

    complete, written = answers(asyncio.run(doubling(slower_when_small)), lines, limit)

    assert complete == (None not in values)
    assert [answer.get("value") for answer in written] == [None if v is None else 2 * v for v in values]


def test_no_more_rows_run_at_once_than_allowed():
    """With a limit of 3, a fourth row waits."""
    running, most = set(), 0

    async def count(value):
        nonlocal most
        running.add(value)
        most = max(most, len(running))
        for _ in range(5):
            await asyncio.sleep(0)
        running.remove(value)

    lines = [json.dumps({"value": value}).encode() for value in range(20)]

    complete, _ = answers(asyncio.run(doubling(count)), lines, limit=3)

    assert complete
    assert most == 3


def test_a_line_is_answered_before_the_next_is_read():
    """A partner that waits for each answer before it writes the next line is never stuck."""

    async def converse():
        program, answered = await doubling(), asyncio.Event()

        async def partner():
            for value in range(3):
                answered.clear()
                yield json.dumps({"value": value}).encode()
                await asyncio.wait_for(answered.wait(), 30)

        return await answer_lines(program, partner(), lambda _: answered.set(), limit=4)

    assert asyncio.run(converse())


def test_a_module_that_raises_spoils_its_own_line_only():
    """A person's error on one row is that line's error, with its type."""

    async def refuse_one(value):
        if value == 1:
            raise KeyError("one")

    lines = [json.dumps({"value": value}).encode() for value in range(3)]

    complete, written = answers(asyncio.run(doubling(refuse_one)), lines)

    assert not complete
    assert written[0] == {"value": 0}
    assert written[2] == {"value": 4}
    assert "KeyError" in written[1]["error"]


def test_programs_with_several_inputs_take_lists_or_objects():
    """A line has the structure of the program's inputs."""

    async def build(inputs):
        return synthflow.Program(inputs=inputs, outputs=await synthflow.Concat()(list(synthflow_leaves(inputs))))

    def synthflow_leaves(inputs):
        return inputs.values() if isinstance(inputs, dict) else inputs

    async def both():
        listed = await build([synthflow.Input(data_model=Number), synthflow.Input(data_model=Number)])
        named = await build({"a": synthflow.Input(data_model=Number), "b": synthflow.Input(data_model=Number)})
        return listed, named

    listed, named = asyncio.run(both())

    assert answers(listed, [b'[{"value": 1}, {"value": 2}]'])[1] == [{"value": 1, "value_1": 2}]
    assert answers(named, [b'{"b": {"value": 2}, "a": {"value": 1}}'])[1] == [{"value": 1, "value_1": 2}]

"""A trace keeps the notes of its own row."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from synthflow.graph import trace
from synthflow.graph.trace import Note, Trace


def test_without_a_trace_nothing_is_kept():
    """Notes outside an evaluation are dropped."""
    trace.note("timeout", "nobody reads this")

    kept = Trace()
    with trace.tracing(kept):
        trace.note("ok", "somebody does")
    trace.note("timeout", "nor this")

    assert kept.notes == [Note("ok", "somebody does")]


def test_the_verdict_is_the_first_that_is_not_ok():
    """And `ok` when all are, or none is; feedback is joined in order, without empty lines."""
    assert (Trace().verdict, Trace().feedback) == ("ok", "")
    notes = [Note("ok", ""), Note("schema", "one"), Note("timeout", "two")]
    assert (Trace(notes).verdict, Trace(notes).feedback) == ("schema", "one\ntwo")


def test_rows_of_a_batch_keep_their_own_notes():
    """Inside `tracing_rows`, `row(i)` writes into the i-th trace; a row without one keeps nothing."""
    first, third = Trace(), Trace()

    with trace.tracing_rows([first, None, third]):
        for index in (2, 1, 0):
            with trace.row(index):
                trace.note("ok", str(index))

    assert [first.feedback, third.feedback] == ["0", "2"]


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=6))
async def test_traces_of_tasks_that_run_at_once_never_mix(delays):
    """Whatever the order in which rows take their turns, each trace has its own notes, in order."""
    traces = [Trace() for _ in delays]

    async def work(row):
        with trace.tracing(traces[row]):
            for step, turns in enumerate(delays[row]):
                for _ in range(turns):
                    await asyncio.sleep(0)
                trace.note("ok", f"{row}.{step}")

    await asyncio.gather(*map(work, range(len(delays))))

    assert [[note.feedback for note in one.notes] for one in traces] == [
        [f"{row}.{step}" for step in range(len(steps))] for row, steps in enumerate(delays)
    ]

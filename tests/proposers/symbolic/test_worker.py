"""The worker process answers lines with lines, as a function of each."""

import io
import json
import signal
import subprocess
import sys

import pytest

from synthflow.proposers.symbolic.worker import Worker, serve
from tests.proposers.symbolic.tasks import FLIP, NEITHER, STAMP, rows, run

NOISE = [[rows(seed, 3, 3, [0, 1, 2, 3]), rows(seed + 50, 3, 3, [4, 5, 6])] for seed in range(3)]


def request(pairs=NOISE, **changes):
    """Write a request as the proposer would."""
    asked = {"pairs": pairs, "lane": 0, "slice": 1, "evaluations": 1500, "seconds": None}
    return {**asked, "input_field": "input_grid", "output_field": "output_grid", "parent": None, **changes}


def test_a_process_answers_every_line_and_ends_with_its_input():
    """Requests in, answers out, errors included; nothing heavy is imported; the end of input ends it."""
    lines = [
        json.dumps(request(STAMP[:3], input_field="x", output_field="y")),
        "not json",
        json.dumps(request([], slice=1)),
        "[]",
        json.dumps(request(FLIP[:2], lane=1)),
    ]

    process = subprocess.run(
        [sys.executable, "-m", "synthflow.proposers.symbolic.worker"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    first, second, third, fourth, last = map(json.loads, process.stdout.splitlines())

    assert first["programs"][0]["fits"]
    assert set(first) == {"programs", "evaluations", "exhausted", "truncated"}
    assert set(first["programs"][0]) == {"script", "fits", "confidence", "cost", "accuracy"}
    assert run(first["programs"][0]["script"], STAMP[3][0], input_field="x", output_field="y") == STAMP[3][1]
    assert "not JSON" in second["error"]
    assert "at least one pair" in third["error"]
    assert "not an object" in fourth["error"]
    assert last["programs"][0]["fits"]
    assert process.stderr == ""


def test_an_interrupt_is_left_to_the_parent():
    """Ctrl-C reaches the children too; they say nothing and go on, until the parent ends them."""
    command = [sys.executable, "-m", "synthflow.proposers.symbolic.worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    line = json.dumps(request(STAMP[:3])) + "\n"

    with subprocess.Popen(command, **pipes, text=True, bufsize=1) as process:
        process.stdin.write(line)
        before = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.stdin.write(line)
        after = process.stdout.readline()
        _, complaints = process.communicate(timeout=60)

    assert json.loads(before)["programs"]
    assert after == before
    assert complaints == ""
    assert process.returncode == 0


def test_it_starts_light():
    """Importing the worker brings in none of the heavy packages."""
    heavy = {"jsonschema", "litellm", "networkx", "numpy", "pydantic", "pydantic_monty"}
    code = "import sys, synthflow.proposers.symbolic.worker; print(*sys.modules)"

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout

    assert not heavy & set(out.split())


def test_a_later_slice_needs_no_earlier_request():
    """Slice 3 asked of a new worker is slice 3 asked of one that gave 1 and 2."""
    kept, fresh = Worker(), Worker()
    for number in (1, 2):
        kept.answer(request(slice=number))

    assert kept.answer(request(slice=3)) == fresh.answer(request(slice=3))


def test_an_earlier_slice_can_be_asked_again():
    """Asking for slice 1 after slice 2 gives the same as at first."""
    worker = Worker()
    first = worker.answer(request())
    worker.answer(request(slice=2))

    assert worker.answer(request()) == first


def test_other_tasks_in_between_change_no_answer():
    """However many enumerations came between, the next slice of the first is the same."""
    crowded, alone = Worker(), Worker()
    crowded.answer(request())
    for seed in range(6):
        crowded.answer(request([[rows(seed, 2, 2, [0, 1]), [[1]]]], evaluations=10))

    assert crowded.answer(request(slice=2)) == alone.answer(request(slice=2))


def test_a_time_limit_truncates():
    """With no time nothing is searched, and the answer says so."""
    answer = Worker().answer(request(NEITHER[:3], seconds=0.0))

    assert answer["truncated"]
    assert answer["programs"] == []


def test_a_parent_is_repaired():
    """A request with a parent gives its text with more after it."""
    parent = {
        "script": 'result = {"output_grid": inputs["input_grid"][::-1]}',
        "grids": [g[::-1] for g, _ in STAMP[:3]],
    }
    pairs = [[grid, [row[::-1] for row in grid[::-1]]] for grid, _ in STAMP[:3]]

    answer = Worker().answer(request(pairs, parent=parent))

    assert answer["programs"][0]["fits"]
    assert answer["programs"][0]["script"].startswith(parent["script"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slice": 0}, "count from 1"),
        ({"lane": 7}, "lane must be"),
        ({"pairs": [[[[1]]]]}, "IndexError"),
        ({"pairs": [3]}, "TypeError"),
        ({"parent": {"script": "", "grids": []}}, "one for each"),
        ({"parent": {}}, "KeyError"),
    ],
)
def test_a_bad_request_is_answered_with_its_error(changes, message):
    """The error names what was wrong, and the worker goes on."""
    answers = io.StringIO()
    serve(io.StringIO(json.dumps(request(**changes)) + "\n" + json.dumps(request(STAMP[:2])) + "\n"), answers)
    bad, good = map(json.loads, answers.getvalue().splitlines())

    assert message in bad["error"]
    assert good["programs"]

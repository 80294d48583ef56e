"""`synthflow run`: a saved program as a filter, one JSON input per line in, one JSON output per line out."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from synthflow.concurrency import first_error
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Json
from synthflow.errors import DataError
from synthflow.graph.structure import to_json
from synthflow.programs.program import Program
from synthflow.search.executors import LocalExecutor

Answers = asyncio.Queue[asyncio.Task[tuple[bool, Json]] | None]
"""Lines under way, in their order; None after the last."""


def run(
    program: Annotated[Path, typer.Argument(help="A file that Program.save wrote.", exists=True, dir_okay=False)],
    workers: Annotated[int | None, typer.Option(min=1, help="Rows run at once; by default, one per core.")] = None,
    trust_servers: Annotated[
        bool, typer.Option("--trust-servers", help="Ask the models' servers that the file names, with your keys.")
    ] = False,
) -> None:
    """Run a saved program on JSON lines.

    Each line of standard input is one input of the program; each line of standard output is
    the output for the line of the same number, or {"error": "..."} where there is none. The
    exit code is 1 when there was such a line, else 0.
    """
    loaded = Program.load(program)
    for model in loaded.language_models if trust_servers else ():
        model.trust_server()
    limit = workers or LocalExecutor().workers
    if not asyncio.run(answer_lines(loaded, _standard_input(), _write, limit=limit)):
        raise typer.Exit(1)


async def answer_lines(
    program: Program, lines: AsyncIterator[bytes], write: Callable[[bytes], None], *, limit: int
) -> bool:
    """Write an answer for each line, in the order of the lines, as soon as its turn comes.

    Args:
        program: What to run.
        lines: JSON texts; they are read only as fast as they are answered.
        write: Takes each answer, a JSON text without its newline.
        limit: How many rows run at once.

    Returns:
        Whether every line had an output.
    """
    gate = asyncio.Semaphore(limit)
    queue: Answers = asyncio.Queue(maxsize=limit)
    with first_error():
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(_write_in_order(queue, write))
            number = 0
            async for line in lines:
                number += 1
                await gate.acquire()
                task = group.create_task(_answer(program, line, number))
                task.add_done_callback(lambda _: gate.release())
                await queue.put(task)
            await queue.put(None)
    return writer.result()


async def _write_in_order(queue: Answers, write: Callable[[bytes], None]) -> bool:
    import orjson

    complete = True
    while task := await queue.get():
        answered, answer = await task
        complete &= answered
        write(orjson.dumps(answer))
    return complete


async def _answer(program: Program, line: bytes, number: int) -> tuple[bool, Json]:
    """Give True and the output, or False and an error: whatever a line does, the others get their answers."""
    import orjson

    try:
        return True, to_json(await program(_as_inputs(program, orjson.loads(line))))
    except orjson.JSONDecodeError as error:
        return False, {"error": f"Line {number} is not JSON: {error}."}
    except Exception as error:
        return False, {"error": f"Line {number}: {type(error).__name__}: {error}"}


def _as_inputs(program: Program, value: Json) -> Any:
    """Make data models of a line, in its own structure; the program checks them against its inputs."""
    if isinstance(value, list):
        return [_as_input(part) for part in value]
    if program.has_graph and isinstance(program.graph.inputs, dict) and isinstance(value, dict):
        return {name: _as_input(part) for name, part in value.items()}
    return _as_input(value)


def _as_input(value: Json) -> JsonDataModel | None:
    if value is not None and not isinstance(value, dict):
        raise DataError(f'an input is a JSON object, such as {{"text": "Why?"}}, not {value!r:.100}.')
    return None if value is None else JsonDataModel.of(value, {"type": "object"})


async def _standard_input() -> AsyncIterator[bytes]:
    """Read line by line, in a thread, so that answers are written while the next line is awaited."""
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        yield line


def _write(answer: bytes) -> None:
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()

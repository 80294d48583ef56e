"""`synthflow solve`: evolve a script that solves an ARC-AGI task, with a language model or without."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synthflow.cli.scripts import print_script
from synthflow.datasets.arcagi.models import default_instructions, get_input_data_model, get_output_data_model
from synthflow.datasets.arcagi.plot import plot_task
from synthflow.datasets.arcagi.rows import load_data
from synthflow.datasets.arcagi.tasks import get_task
from synthflow.errors import DataError, LanguageModelError
from synthflow.language_models.embedding_model import EmbeddingModel
from synthflow.language_models.language_model import LanguageModel
from synthflow.language_models.ledger import Ledger
from synthflow.modules.input import Input
from synthflow.modules.python_synthesis import PythonSynthesis
from synthflow.optimizers.omega import OMEGA
from synthflow.optimizers.optimizer import Optimizer
from synthflow.programs.program import Program
from synthflow.proposers.language_model_proposer import LanguageModelProposer
from synthflow.proposers.symbolic_proposer import SymbolicProposer
from synthflow.rewards.exact_match import ExactMatch
from synthflow.search.budget import Budget
from synthflow.search.executors import LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synthflow.callbacks.callback import Callback
    from synthflow.callbacks.history import History

SEED_SCRIPT = 'result = {"output_grid": inputs["input_grid"]}\n'
"""Where every search starts: the grid as it is."""


@dataclass(frozen=True)
class Solution:
    """What came of one task."""

    program: Program
    """The trained program."""
    history: "History"
    """The reward of each epoch, and why training ended."""
    script: str
    """The learned script: the best on the training rows."""
    train: tuple[bool, ...]
    """For each training row, whether the script solves it."""
    test: tuple[bool, ...]
    """For each held-out test pair, whether the script solves it."""
    predictions: Any
    """The outputs for the test pairs, an object array."""

    @property
    def solved(self) -> bool:
        """Whether the script solves all there is."""
        return all(self.train) and all(self.test)


def solve(
    task: Annotated[str | None, typer.Argument(help="Name of the task, such as 007bbfb7.")] = None,
    epochs: Annotated[int, typer.Option(min=0, help="Generations at most.")] = 20,
    population_size: Annotated[int, typer.Option(min=1, help="Scripts kept alive.")] = 8,
    seed: Annotated[int, typer.Option(help="Same seed, same run.")] = 0,
    arc_version: Annotated[int, typer.Option(min=1, max=2, help="1 for ARC-AGI-1, 2 for ARC-AGI-2.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Rows run at once; by default, one per core.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; by default, runs/TASK.", file_okay=False)] = None,
    plot: Annotated[bool, typer.Option(help="Whether to draw the task.")] = True,
    language_model: Annotated[
        str | None, typer.Option(help="Who writes scripts, such as gemini/gemini-3.5-flash; by default, a search.")
    ] = None,
    embedding_model: Annotated[str | None, typer.Option(help="Tells scripts apart, with a language model.")] = None,
    api_base: Annotated[str | None, typer.Option(help="Address of the models' server.")] = None,
    mix: Annotated[bool, typer.Option("--mix", help="Let the search write every other script.")] = False,
    ledger: Annotated[
        Path | None, typer.Option(help="Where paid answers are kept; by default, ledger.sqlite beside the results.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=1, help="The most calls of models.")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="The most seconds to train.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A task in a JSON file, instead of a name.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Evolve a Python script that solves an ARC-AGI task.

    Writes the program (program.json), the script as a program of its own (transform.py) and
    a picture (task.svg). The exit code is 0 when the script solves all training rows and
    all held-out test pairs, else 1. Answers of a language model are kept in a ledger, so a
    command that is stopped and given again pays only for what it has not been told yet.
    When the model gives no answer and nothing was learned, nothing is written and the code is 2.
    """
    if language_model is None and (mix or embedding_model or api_base or ledger):
        raise typer.BadParameter("needs --language-model", param_hint="--mix, --embedding-model, --api-base, --ledger")
    name = task or (file.stem if file else None)
    if name is None:
        raise DataError("Name a task, such as `synthflow solve 007bbfb7`, or give one with `--file task.json`.")
    get_task(name, file, arc_version)  # before a folder is made for one that does not exist
    where = out or Path("runs") / name
    where.mkdir(parents=True, exist_ok=True)  # before the work, so that it is not lost to a misspelt path
    paid = Ledger(ledger or where / "ledger.sqlite", mode="off" if language_model is None else "on")
    optimizer = OMEGA(
        instructions=default_instructions(),
        population_size=population_size,
        **_writers(language_model, embedding_model, api_base, paid, mix=mix),
    )
    with paid:
        solution = asyncio.run(
            solve_task(
                name,
                optimizer=optimizer,
                epochs=epochs,
                seed=seed,
                arc_version=arc_version,
                workers=workers,
                file=file,
                verbose=1,
                budget=Budget(calls=max_calls, seconds=max_seconds),
            )
        )
    _report(solution)
    if solution.history.stop_reason.startswith("language model") and solution.script == SEED_SCRIPT:
        # Nothing was learned, and what an earlier command wrote there stays.
        raise LanguageModelError("\n".join(solution.history.errors.values()), "server")
    solution.program.save(where / "program.json")
    solution.program.export(where / "transform.py")
    if plot:
        plot_task(name, solution.predictions, where / "task.svg", filepath=file, arc_version=arc_version)
    print(f"\nWritten to {where}: program.json, transform.py{', task.svg' if plot else ''}.")
    if not solution.solved:
        raise typer.Exit(1)


async def solve_task(
    name: str,
    *,
    optimizer: Optimizer | None = None,
    epochs: int = 20,
    seed: int = 0,
    arc_version: int = 1,
    workers: int | None = None,
    file: Path | None = None,
    verbose: int = 0,
    callbacks: "Iterable[Callback]" = (),
    budget: Budget | None = None,
) -> Solution:
    """Train a script on the training pairs of a task, and try it on the test pairs.

    Args:
        name: The task.
        optimizer: Trains the script; by default, OMEGA with no language model.
        epochs: Generations at most; it ends before when all training rows are solved.
        seed: Same seed, same run.
        arc_version: 1 or 2.
        workers: Rows run at once; by default, one per core.
        file: A task in a JSON file, instead of the known one of that name.
        verbose: 0 silent, 1 a progress display, 2 a line per epoch.
        callbacks: What watches the run; it ends by itself when all training rows are solved.
        budget: What the run may take.

    Raises:
        DataError: There is no such task.
    """
    (x_train, y_train), (x_test, y_test) = load_data(name, filepath=file, arc_version=arc_version)
    if verbose:
        print(f"Task {name}: training rows: {len(x_train)}, held-out test pairs: {len(x_test)}.\n")
    program = await build(name)
    program.compile(
        reward=ExactMatch(in_mask=["output_grid"]),
        optimizer=optimizer or OMEGA(instructions=default_instructions()),
        seed=seed,
        executor=LocalExecutor(workers),
    )
    history = await program.fit(
        x=x_train, y=y_train, epochs=epochs, verbose=verbose, callbacks=callbacks, budget=budget
    )
    predictions = await program.predict(x_test)
    return Solution(
        program=program,
        history=history,
        script=program.get_variable("python_synthesis/state")["python_script"],
        train=_verdicts(await program.predict(x_train), y_train),
        test=_verdicts(predictions, y_test),
        predictions=predictions,
    )


def _writers(
    language_model: str | None, embedding_model: str | None, api_base: str | None, ledger: Ledger, *, mix: bool
) -> dict[str, Any]:
    """Give OMEGA's arguments for who writes; none where the search without a model does."""
    if language_model is None:
        return {}
    model = LanguageModel(language_model, api_base=api_base, ledger=ledger)
    writers: dict[str, Any] = {"proposers": [*([SymbolicProposer()] if mix else []), LanguageModelProposer(model)]}
    if embedding_model is not None:
        writers["embedding_model"] = EmbeddingModel(embedding_model, api_base=api_base, ledger=ledger)
    return writers


async def build(name: str) -> Program:
    """Build the program for a task: one script, from the grid to the grid."""
    inputs = Input(data_model=get_input_data_model())
    outputs = await PythonSynthesis(
        data_model=get_output_data_model(),
        python_script=SEED_SCRIPT,
        default_return_value={"output_grid": [[0]]},
    )(inputs)
    return Program(inputs=inputs, outputs=outputs, name=f"arcagi_{name}", description=f"Solves ARC-AGI task {name}.")


def _verdicts(predictions: Any, answers: Any) -> tuple[bool, ...]:
    return tuple(
        prediction["output_grid"] == answer.get_json()["output_grid"]
        for prediction, answer in zip(predictions, answers, strict=True)
    )


def _report(solution: Solution) -> None:
    print(f"\nThe learned script (training ended: {solution.history.stop_reason}):\n")
    print_script(solution.script)
    for usage in solution.history.usage.values():
        paid = "unknown" if usage["paid"] is None else f"${usage['paid']:.4f}"
        kept = f" ({usage['recorded']} of them from the ledger)" if usage["recorded"] else ""
        print(f"\nCalls of models: {usage['calls']}{kept}, tokens: {usage['tokens']}, paid: {paid}.")
    for kind, count in sorted(solution.history.failures.items()):
        print(f"Failures, {kind}: {count}.")
    print(f"\nTraining rows solved: {sum(solution.train)} of {len(solution.train)}.")
    for number, solved in enumerate(solution.test, start=1):
        print(f"Test pair {number}, held out: {'solved' if solved else 'not solved'}.")

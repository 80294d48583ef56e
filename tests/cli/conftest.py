"""What the tests of the command line share: a saved program, and commands run in this process."""

import asyncio
import io
import sys

import pytest

import synthflow
from synthflow.cli.main import main

TRANSPOSE = 'result = {"output_grid": [list(row) for row in zip(*inputs["input_grid"])]}'


@pytest.fixture
def saved(tmp_path):
    """A program in a file whose script transposes a grid."""

    async def build():
        inputs = synthflow.Input(data_model=synthflow.datasets.arcagi.get_input_data_model())
        outputs = await synthflow.PythonSynthesis(
            data_model=synthflow.datasets.arcagi.get_output_data_model(),
            python_script=TRANSPOSE,
            default_return_value={"output_grid": [[0]]},
        )(inputs)
        return synthflow.Program(inputs=inputs, outputs=outputs, name="transpose")

    path = tmp_path / "transpose.json"
    asyncio.run(build()).save(path)
    return path


@pytest.fixture
def command(capfd, monkeypatch, tmp_path):
    """Run `synthflow ...` in an empty folder; give its exit code, standard output and standard error."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        output = capfd.readouterr()
        return exit_.value.code or 0, output.out, output.err

    return run

"""`synthflow show`: what is in a saved program."""

from pathlib import Path
from typing import Annotated, Any

import typer

from synthflow.cli.scripts import print_script
from synthflow.programs.program import Program


def show(
    program: Annotated[Path, typer.Argument(help="A file that Program.save wrote.", exists=True, dir_okay=False)],
) -> None:
    """Print a saved program: its graph, its variables, and the population with its rewards."""
    loaded = Program.load(program)
    if loaded.has_graph:
        loaded.summary()
    variables = {path: variable.get_json() for path, variable in loaded.named_variables()}
    in_use = [all(variables[path] == value for path, value in member["values"].items()) for member in loaded.population]
    if not any(in_use):
        _print_values("In use", variables)
    for number, (member, used) in enumerate(zip(loaded.population, in_use, strict=True), start=1):
        title = f"Candidate {number} of {len(in_use)}, reward {member['reward']:.4f}{', in use' if used else ''}"
        _print_values(title, member["values"])


def _print_values(title: str, values: dict[str, Any]) -> None:
    """Print the values of variables: a script as source, all else as JSON."""
    for path, value in values.items():
        print(f"\n{title}: {path}\n")
        fields = dict(value)
        script = fields.pop("python_script", None)
        if isinstance(script, str):
            print_script(script)
        if fields:
            import orjson

            print(orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode())

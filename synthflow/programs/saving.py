"""Saving: the part of a program that goes into files and comes out of them."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from synthflow.data_models.canonical import digest
from synthflow.data_models.schema import Json
from synthflow.data_models.variable import Variable
from synthflow.errors import SavingError
from synthflow.programs import export, files
from synthflow.programs.compiled import Compiled
from synthflow.programs.evaluation import trainable_variables
from synthflow.programs.graph_format import encode_program
from synthflow.programs.objects import decode, encode
from synthflow.programs.wired import WiredProgram


class SavableProgram(WiredProgram):
    """What `Program` can do with its state and with files."""

    compiled: Compiled | None = None
    """What `compile` was given; None before."""
    generations: Mapping[str, int] = {}
    """How many generations have been bred on each set of training rows, by its hash; a fit goes on from there."""
    population: tuple[dict[str, Json], ...] = ()
    """What the last fit kept to breed, best first: `{"reward": ..., "values": {path: value}}`."""

    def get_state_tree(self) -> dict[str, Json]:
        """Give the values of all variables by path, and the population."""
        values = {path: variable.get_json() for path, variable in self.named_variables()}
        return {"variables": values, "population": list(self.population)}

    def set_state_tree(self, tree: Mapping[str, Json]) -> None:
        """Put back what `get_state_tree` gave."""
        variables = dict(self.named_variables())
        for path, value in tree["variables"].items():
            variables[path].assign(value)
        self.population = tuple(tree["population"])
        for path, variable in trainable_variables(self).items():
            variable.best_candidates = _view(path, self.population)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole program to a JSON file, atomically.

        Args:
            path: A name that ends in `.json`.

        Raises:
            SavingError: Something in the program cannot be saved; the file is left as it was.
        """
        compiled = {} if self.compiled is None else {"compile": encode(self.compiled.get_config())}
        frozen = [name for name, variable in self.named_variables() if not variable.trainable]
        about = {"synthflow": files.FORMAT, "program": encode_program(self), "frozen": frozen}
        files.write_json(path, {**about, **compiled, **self._state()})

    def save_variables(self, path: str | os.PathLike[str]) -> None:
        """Write only the variables and the population to a JSON file, atomically.

        Raises:
            SavingError: The name does not end in `.json`.
        """
        files.write_json(path, {"synthflow": files.FORMAT, **self._state()})

    def load_variables(self, path: str | os.PathLike[str]) -> None:
        """Set all variables from a file that `save` or `save_variables` wrote.

        Raises:
            SavingError: The file has other variables than this program, or their values
                do not fit; then nothing is changed.
        """
        self.restore(files.read_json(path), path)

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the learned script as a program of its own, which needs neither synthflow nor a sandbox.

        It reads the input as JSON from standard input and prints the result as JSON. It
        runs without any isolation: read it before you run it.

        Args:
            path: Where to write; usually a name that ends in `.py`.

        Raises:
            SavingError: The program is not one script, from its only input to its output.
        """
        files.write_text(path, export.script_of(self))

    def _state(self) -> dict[str, Json]:
        tree = self.get_state_tree()
        return {
            "generations": dict(self.generations),
            "variables": encode(tree["variables"]),
            "population": encode(tree["population"]),
        }

    def restore(self, content: dict[str, Json], path: str | os.PathLike[str]) -> None:
        """Set all variables and the population from what a file holds; raises as `load_variables` does."""
        try:
            saved = decode(content.get("variables", {}), plain=True)
            population, generations = decode(content.get("population", []), plain=True), content.get("generations", {})
        except (TypeError, RecursionError) as error:
            raise SavingError(f"{os.fspath(path)}: its values are not of this format: {error}.") from error
        if not isinstance(saved, dict):
            raise SavingError(f"{os.fspath(path)}: its variables are {saved!r:.100}, not an object.")
        mine = dict(self.named_variables())
        if set(saved) != set(mine):
            raise SavingError(_mismatch(path, saved, mine))
        for name, value in saved.items():
            if wrong := mine[name].mismatch(value):
                raise SavingError(f"{os.fspath(path)}: the value of {name!r} does not fit this program: {wrong}.")
        if wrong := _unfit(population, mine):
            raise SavingError(f"{os.fspath(path)}: the population does not fit this program: {wrong}.")
        if not isinstance(generations, dict) or not all(isinstance(n, int) and n >= 0 for n in generations.values()):
            raise SavingError(f"{os.fspath(path)}: generations counts from 0 by rows, and is {generations!r:.100}.")
        self.generations = generations
        self.set_state_tree({"variables": saved, "population": population})


def _view(path: str, population: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Show one variable's values in a population, best first, each once."""
    shown: dict[str, dict[str, Json]] = {}
    for member in population:
        value = member["values"].get(path)  # none if it was not trainable then
        if value is not None:
            shown.setdefault(digest(value), {**value, "reward": member["reward"]})
    return list(shown.values())


def _unfit(population: Json, variables: Mapping[str, Variable]) -> str:
    """Say what is wrong with a population from a file, or ''."""
    if not isinstance(population, list):
        return "it is not a list"
    for number, member in enumerate(population):
        if not isinstance(member, dict) or not isinstance(member.get("reward"), (int, float)):
            return f"member {number} has no reward"
        values = member.get("values")
        if not isinstance(values, dict) or not set(values) <= set(variables):
            return (
                f"member {number} holds other values than those of {', '.join(map(repr, variables)) or 'no variable'}"
            )
        for path, value in values.items():
            if wrong := variables[path].mismatch(value):
                return f"member {number}, {path!r}: {wrong}"
    return ""


def _mismatch(path: str | os.PathLike[str], saved: Mapping[str, Json], mine: Mapping[str, Any]) -> str:
    unknown, missing = [name for name in saved if name not in mine], [name for name in mine if name not in saved]
    lines = []
    if unknown:
        lines.append(f"{os.fspath(path)} holds variables that this program lacks: {', '.join(map(repr, unknown))}.")
    if missing:
        lines.append(f"{os.fspath(path)} lacks variables of this program: {', '.join(map(repr, missing))}.")
    lines.append(f"  The file has: {', '.join(map(repr, saved)) or 'none'}.")
    lines.append(
        f"  The program has: {', '.join(map(repr, mine)) or 'none'}. "
        "Was it saved from another program, or was a module renamed?"
    )
    return "\n".join(lines)

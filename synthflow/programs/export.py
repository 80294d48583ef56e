"""Export: the learned script as a program of its own."""

import ast

from synthflow.errors import SavingError
from synthflow.modules.python_synthesis import PythonSynthesis
from synthflow.programs.evaluation import is_direct
from synthflow.programs.wired import WiredProgram

WRAPPER = '''"""{title}

Reads its input as JSON from standard input and prints its answer as JSON; what
the script itself prints goes to standard error. It runs without a sandbox.
"""

import json
import sys

inputs = json.load(sys.stdin)
sys.stdout = sys.stderr

{script}

import json, sys  # again, for the script may have used the names

sys.__stdout__.write(json.dumps(result) + "\\n")
'''


def script_of(program: WiredProgram) -> str:
    """Give the source of a program whose graph is one script, wrapped to read and print JSON.

    Raises:
        SavingError: The program is not one script, from its only input to its output.
    """
    synthesis = _only_script(program)
    if synthesis is None:
        raise SavingError(
            f"Only a program that is one PythonSynthesis, from its input to its output, is a script; "
            f"{program.name or program.default_name!r} is more.\n"
            '  program.save("program.json")   <- keeps all of it'
        )
    script = synthesis.state["python_script"].strip("\n")
    if any(isinstance(part, ast.ImportFrom) and part.module == "__future__" for part in _statements(script)):
        raise SavingError(
            "The script begins with `from __future__ import`, which only works at the top of a file. Remove it."
        )
    title = (program.description or program.name or "A script learned by synthflow").split("\n")[0]
    return WRAPPER.format(title=title.replace("\\", "/").replace('"""', "'''").rstrip(".") + ".", script=script)


def _only_script(program: WiredProgram) -> PythonSynthesis | None:
    if not program.has_graph:
        return None
    for node in program.graph.nodes:
        if isinstance(node.operation, PythonSynthesis) and is_direct(program.graph, node):
            return node.operation
    return None


def _statements(script: str) -> list[ast.stmt]:
    try:
        return ast.parse(script).body
    except SyntaxError as error:
        raise SavingError(
            f"The script has a syntax error in line {error.lineno}, so it cannot run: {error.msg}."
        ) from error

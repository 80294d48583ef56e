"""A program as another process finds it: loaded from its file and run there."""

import json

from tests.programs.toy import fresh_python

CODE = """
import asyncio, json, sys
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.graph.structure import map_leaves
from synthflow.programs.program import Program
{functions}
program = Program.load(sys.argv[1], custom_objects={{{names}}})
found = asyncio.run(program(JsonDataModel(json=json.loads(sys.argv[2]), schema={{"type": "object"}})))
outputs = map_leaves(lambda leaf: leaf and leaf.get_json(), found)
variables = {{path: variable.get_json() for path, variable in program.named_variables()}}
print(json.dumps([outputs, variables]))
"""


def in_a_fresh_process(program, path, inputs, functions="", names=()):
    """Save a program, and give what another process reads in the file: the outputs for `inputs`, and the variables.

    Args:
        program: What to save.
        path: Where.
        inputs: Its input, as JSON.
        functions: Source of functions that the file names.
        names: Their names.
    """
    program.save(path)
    code = CODE.format(functions=functions, names=", ".join(f"{name!r}: {name}" for name in names))
    outputs, variables = json.loads(fresh_python(code, path, json.dumps(inputs)))
    return outputs, variables

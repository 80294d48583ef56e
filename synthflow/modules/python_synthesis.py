"""PythonSynthesis: a module whose trainable variable is a Python script.

No language model runs at inference: the script does, in a sandbox. Training
rewrites the script; whatever it does wrong becomes text that its writer can read.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from synthflow.data_models import schema as schemas
from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel, described_schema
from synthflow.data_models.operators import Described
from synthflow.data_models.schema import Json, Schema, Validator
from synthflow.errors import SchemaError
from synthflow.graph import trace
from synthflow.modules.module import Module
from synthflow.modules.tool import Tool, as_tools
from synthflow.sandboxes.host_calls import check_names
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Execution, Limits, Sandbox, Verdict
from synthflow.sandboxes.walls import describe_tools

RESERVED = ("stdout", "stderr", "python_script")


class PythonScript(DataModel):
    """A Python script that reads the dict `inputs` and assigns its answer to `result`."""

    python_script: str = Field(description="The whole source of the script.")


class ConsoleLog(DataModel):
    """What a script printed."""

    stdout: str = Field(description="What the script printed.")
    stderr: str = Field(description="Errors and warnings; empty when the script ran cleanly.")


class PythonSynthesis(Module):
    """Runs a script on its input: `inputs` in, `result` out.

    The output has the fields of `result`, then `stdout` and `stderr`. Whatever a script
    does wrong (syntax, an exception, a missing or unfit `result`, a limit) gives
    `default_return_value` and a `stderr` that says what to repair; it never raises. A tool may: that a
    model cannot be asked, or the budget is used up, says nothing about the script.

    Args:
        data_model: The DataModel class that `result` must fit.
        schema: Its JSON schema, instead of `data_model`.
        python_script: The first script.
        default_return_value: The answer of every failed run; it must fit the schema.
        seed_scripts: More scripts to start the search from.
        return_python_script: Whether the output also has the script, as its first field.
        timeout: Seconds that one run may take; 5 by default.
        sandbox: Where scripts run; by default a MontySandbox with that timeout.
        tools: Functions or `Tool` objects that the script may call by name, none of them async. How often,
            and how long a run may then take, is told by the limits `tool_calls` and `wall_time` of the sandbox.
        name: Its name in a program.
        description: What the script is to do; shown to whoever writes scripts.
        trainable: Whether training may change the script.

    Raises:
        SchemaError: `default_return_value` does not fit, or the schema has a reserved
            field (`stdout`, `stderr`, `python_script`).
        ValueError: The script is missing, both `timeout` and `sandbox` are given, or a tool is async
            or has a name that a script cannot use.
        SandboxError: The sandbox is not available; the message says how to install it.
    """

    def __init__(
        self,
        *,
        data_model: Described | None = None,
        schema: Schema | None = None,
        python_script: str | None = None,
        default_return_value: dict[str, Json] | None = None,
        seed_scripts: Sequence[str] | None = None,
        return_python_script: bool = False,
        timeout: float | None = None,
        sandbox: Sandbox | None = None,
        tools: Sequence[Tool | Callable[..., Any]] = (),
        name: str | None = None,
        description: str = "",
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, description=description, trainable=trainable)
        if sandbox is not None and not hasattr(sandbox, "run"):
            raise TypeError(f"sandbox takes a sandbox such as MontySandbox(), not {sandbox!r:.100}.")
        self.target = described_schema(schema, data_model)
        self._validator = Validator(self.target)
        self.default_return_value = _checked_default(default_return_value, self._validator)
        if timeout is not None and sandbox is not None:
            raise ValueError(
                "Give timeout= or sandbox=, not both: a sandbox has its own limits.\n"
                "  sandbox=MontySandbox(Limits(timeout=...))"
            )
        self.sandbox = sandbox or MontySandbox(Limits() if timeout is None else Limits(timeout=timeout))
        self.tools = as_tools(tools)
        self._functions = _checked_functions(self.tools)
        self.deterministic = not self.tools  # the same script on the same inputs may be told other things by a tool
        told = describe_tools([tool.describe() for tool in self.tools], self.sandbox.limits) if self.tools else ""
        self.walls = self.sandbox.walls + told
        self.return_python_script = return_python_script
        scripts = _checked_scripts(python_script, seed_scripts)
        self.state = self.add_variable({"python_script": scripts[0]}, data_model=PythonScript, description=description)
        self.state.seed_candidates = [{"python_script": script} for script in scripts]
        log = ConsoleLog.get_schema()
        answer = schemas.concat(PythonScript.get_schema(), self.target) if return_python_script else self.target
        self._outputs = schemas.concat(answer, log)

    def output_schema(self, inputs: Any) -> Schema:
        """The target's fields, then what the script printed."""
        if not isinstance(inputs, Described):
            raise SchemaError(
                f"{type(self).__name__} reads one value, and was given {inputs!r:.100}.\n"
                "  await synthesis(a + b)   <- merge several into one"
            )
        return self._outputs

    async def call(self, inputs: JsonDataModel) -> JsonDataModel:
        """Run the current script; on any failure, answer `default_return_value`.

        Raises:
            LanguageModelError: A tool raised it.
            BudgetExceeded: A tool raised it.
            SandboxError: The sandbox cannot run scripts, or a tool wants to run one itself.
        """
        script = self.state["python_script"]
        callable_too = {"tools": self._functions} if self.tools else {}
        run = await self.sandbox.run(script, inputs=inputs.get_json(), **callable_too)
        verdict, stderr = self._judged(run)
        answer = run.result if verdict == Verdict.ok else deepcopy(self.default_return_value)
        trace.note(verdict, stderr)
        shown = {"python_script": script} if self.return_python_script else {}
        return JsonDataModel.of({**shown, **answer, "stdout": run.stdout, "stderr": stderr}, self._outputs)

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments."""
        return {
            "schema": self.target,
            "python_script": self.state.seed_candidates[0]["python_script"],
            "default_return_value": self.default_return_value,
            "seed_scripts": [seed["python_script"] for seed in self.state.seed_candidates[1:]],
            "return_python_script": self.return_python_script,
            "sandbox": self.sandbox,
            "tools": self.tools,
            "name": self.name,
            "description": self.description,
            "trainable": self.trainable,
        }

    def _judged(self, run: Execution) -> tuple[Verdict, str]:
        """Add the verdict of the schema to that of the sandbox."""
        if run.verdict != Verdict.ok:
            return run.verdict, run.stderr
        wrong = self._validator.mismatch(run.result)
        if not wrong:
            return Verdict.ok, run.stderr
        fields = schemas.describe(self._validator.schema)
        reason = f"Schema error: `result` does not fit the output schema ({fields}): {wrong}."
        return Verdict.schema, f"{run.stderr}\n{reason}".lstrip("\n")


def _checked_default(default: dict[str, Json] | None, validator: Validator) -> dict[str, Json]:
    fields = schemas.properties(validator.schema)
    if reserved := [name for name in RESERVED if name in fields]:
        raise SchemaError(
            f"The output schema has a field {reserved[0]!r}, a name that PythonSynthesis uses for its own output. "
            "Rename the field."
        )
    if default is None:
        raise ValueError("PythonSynthesis needs default_return_value=, the answer of every failed run.")
    if wrong := validator.mismatch(default):
        raise SchemaError(
            f"default_return_value does not fit the output schema ({schemas.describe(validator.schema)}): {wrong}.\n"
            "  Every failed run returns it, so it must itself be a valid answer."
        )
    return deepcopy(default)


def _checked_functions(tools: Sequence[Tool]) -> dict[str, Callable[..., Json]]:
    functions = {tool.called: tool.run_now for tool in tools}
    check_names(functions)
    if waiting := [tool.called for tool in tools if tool.is_async]:
        raise ValueError(
            f"Tool {waiting[0]!r} is async, and a script cannot wait for it.\n  def {waiting[0]}(...): ...   "
            "<- write it without async"
        )
    return functions


def _checked_scripts(python_script: str | None, seed_scripts: Sequence[str] | None) -> list[str]:
    if python_script is None:
        raise ValueError('PythonSynthesis needs python_script=, the first script, such as "result = inputs".')
    if isinstance(seed_scripts, str):
        raise TypeError("seed_scripts takes a list of scripts: seed_scripts=[script].")
    scripts = [python_script, *(seed_scripts or ())]
    for script in scripts:
        if not isinstance(script, str):
            raise TypeError(f"A script is a string of Python source, not {script!r}.")
    return list(dict.fromkeys(scripts))

"""What can go wrong, in one small tree.

    SynthflowError
    ├── SchemaError (ValueError)          a value does not fit its JSON schema
    ├── GraphError (ValueError)           a program is wired in a way that cannot run
    ├── DataError (ValueError)            the rows given to fit, evaluate or predict are not usable
    ├── CompileError (ValueError)         the parts given to compile do not fit the program
    ├── SavingError (ValueError)          a file does not belong to this program, or cannot be written
    ├── SandboxError (RuntimeError)       untrusted code could not be isolated or run at all
    ├── EvaluationError (RuntimeError)    a person's reward, metric or module raised
    └── Diverged (RuntimeError)           a resumed run asked for something else than was recorded

Each message says what was wrong, where, and what to write instead; its first
line stands alone in a log. Scripts that a proposer wrote never raise: their
failures are a verdict and a text in `stderr`.
"""


class SynthflowError(Exception):
    """The root of every error that synthflow raises on purpose."""


class SchemaError(SynthflowError, ValueError):
    """A value does not fit its JSON schema, or two schemas do not fit each other."""


class GraphError(SynthflowError, ValueError):
    """A program is wired in a way that cannot run."""


class DataError(SynthflowError, ValueError):
    """The rows given to fit, evaluate or predict are not usable."""


class CompileError(SynthflowError, ValueError):
    """The reward, optimizer or metrics given to compile do not fit the program."""


class SavingError(SynthflowError, ValueError):
    """A file does not belong to this program, or a program cannot be written to a file."""


class SandboxError(SynthflowError, RuntimeError):
    """Untrusted code could not be isolated, or could not be run at all."""


class EvaluationError(SynthflowError, RuntimeError):
    """A reward, metric or module that a person wrote raised while a row was evaluated."""


class Diverged(SynthflowError, RuntimeError):
    """A resumed run asked for something else than was recorded at the same place."""

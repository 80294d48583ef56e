"""What can go wrong, in one small tree.

    SynthflowError
    ├── SchemaError (ValueError)          a value does not fit its JSON schema
    ├── GraphError (ValueError)           a program is wired in a way that cannot run
    ├── DataError (ValueError)            the rows given to fit, evaluate or predict are not usable
    ├── CompileError (ValueError)         the parts given to compile do not fit the program
    ├── SavingError (ValueError)          a file does not belong to this program, or cannot be written
    ├── SandboxError (RuntimeError)       untrusted code could not be isolated or run at all
    ├── LanguageModelError (RuntimeError) a model gave no answer, or none that can be used
    ├── BudgetExceeded (RuntimeError)     the next call or evaluation would go beyond the budget
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


class LanguageModelError(SynthflowError, RuntimeError):
    """A language or embedding model gave no answer, or none that can be used.

    Args:
        message: What was wrong, with the model's name.
        kind: One of `NO_ANSWER`, `REFUSED_REQUEST` or `BAD_ANSWER`.
        retry_after: Seconds after which the provider wants to be asked again, where it said so.
        maybe_billed: Whether the provider may have answered, and bill for it; by default, as the kind says.
    """

    NO_ANSWER = frozenset({"connection", "timeout", "rate_limit", "server", "malformed"})
    """The provider failed; the same request may be answered later. `malformed`: it broke its own protocol."""
    REFUSED_REQUEST = frozenset({"authentication", "not_found", "bad_request", "not_recorded", "untrusted_server"})
    """The request will never be answered as it is."""
    MAYBE_BILLED = frozenset({"timeout", "malformed"})
    """Kinds after which nobody knows whether the provider answered."""
    BAD_ANSWER = frozenset({"empty", "json", "schema", "too_large", "tool"})
    """The model answered, and not as it was asked to, however often it was told."""

    def __init__(
        self, message: str, kind: str, retry_after: float | None = None, *, maybe_billed: bool | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.maybe_billed = kind in self.MAYBE_BILLED if maybe_billed is None else maybe_billed

    @property
    def answered(self) -> bool:
        """Whether the model did answer: then the failure says something about it, else about the way to it."""
        return self.kind in self.BAD_ANSWER


class BudgetExceeded(SynthflowError, RuntimeError):
    """The next call or evaluation would go beyond the budget, so it was not begun.

    Args:
        limit: The limit that was reached: `calls`, `tokens`, `cost`, `evaluations` or `seconds`.
    """

    def __init__(self, limit: str) -> None:
        super().__init__(
            f"The budget has no {limit} left for this.\n  fit(..., budget=Budget({limit}=...))   <- set it here"
        )
        self.limit = limit


class EvaluationError(SynthflowError, RuntimeError):
    """A reward, metric or module that a person wrote raised while a row was evaluated."""


class Diverged(SynthflowError, RuntimeError):
    """A resumed run asked for something else than was recorded at the same place."""

"""Where untrusted code runs."""

from synthflow.sandboxes.monty import MontySandbox as MontySandbox
from synthflow.sandboxes.sandbox import Execution as Execution
from synthflow.sandboxes.sandbox import Limits as Limits
from synthflow.sandboxes.sandbox import Sandbox as Sandbox
from synthflow.sandboxes.sandbox import Verdict as Verdict

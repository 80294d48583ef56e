"""The command `synthflow`: solve an ARC-AGI task, show a saved program, run one on a stream of inputs.

An error that synthflow raises on purpose is one message on standard error and exit
code 2, as for a misspelt option; any other error is a bug and shows its traceback.
"""

from collections.abc import Sequence

import typer

from synthflow.cli.run import run
from synthflow.cli.show import show
from synthflow.cli.solve import solve
from synthflow.errors import SynthflowError

app = typer.Typer(
    help="Train programs whose weights are text that a person can read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(solve)
app.command()(show)
app.command()(run)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        arguments: What was typed after `synthflow`; by default, what this process was given.

    Raises:
        SystemExit: Always; its code is 0 for success, 1 where a command documents it, 2 for an error.
    """
    try:
        app(args=arguments)
    except SynthflowError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise SystemExit(2) from None

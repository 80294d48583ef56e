"""Scripts on a screen: highlighted on a terminal, plain anywhere else."""

import sys


def print_script(script: str) -> None:
    """Print a Python script; in a file or a pipe it is the source and nothing else."""
    source = script.strip("\n")
    if not sys.stdout.isatty():
        print(source)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(source, "python", theme="ansi_dark", word_wrap=True))

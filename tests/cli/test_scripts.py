"""A script is coloured on a terminal and plain everywhere else."""

import os
import re
import subprocess
import sys

from synthflow.cli.scripts import print_script

SCRIPT = 'def double(n):\n    return 2 * n\n\n\nresult = {"n": double(inputs["n"])}'


def test_a_pipe_gets_the_source(capsys):
    """What is printed into a file can be run."""
    print_script(f"\n{SCRIPT}\n")

    assert capsys.readouterr().out == f"{SCRIPT}\n"


def test_a_terminal_gets_colours():
    """On a terminal there are escape codes, and between them the same source."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", f"from synthflow.cli.scripts import print_script\nprint_script({SCRIPT!r})"]

    subprocess.run(command, stdout=theirs, env={**os.environ, "TERM": "xterm-256color", "NO_COLOR": ""}, check=True)
    os.close(theirs)
    printed = os.read(ours, 1 << 16).decode()
    os.close(ours)

    assert "\x1b[" in printed
    lines = re.sub(r"\x1b\[[0-9;]*m", "", printed).splitlines()
    assert [line.rstrip() for line in lines] == SCRIPT.splitlines()

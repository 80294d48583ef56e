"""Hostile scripts: the host survives, answers in time, and the next script is unharmed."""

import os
import time

import pytest

from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits, Verdict
from synthflow.sandboxes.workers import cores

LIMITS = Limits(timeout=1.0, memory=64)

PATIENCE = LIMITS.timeout + 1.0
"""Seconds in which every script must be answered on an idle core."""

SLACK = 10.0
"""Seconds granted on top while more processes want to run than there are cores."""

OK, RUNTIME, SYNTAX = Verdict.ok, Verdict.runtime, Verdict.syntax
MEMORY, TIMEOUT, REFUSED, SCHEMA, MISSING = (
    Verdict.memory,
    Verdict.timeout,
    Verdict.refused,
    Verdict.schema,
    Verdict.missing_result,
)


def loop(line, before=""):
    """A script that repeats `line` for ever."""
    return f"{before}\nwhile True:\n    {line}"


def nested(depth, then):
    """A script that nests a list `depth` deep and does something with it."""
    return f"x = []\nfor _ in range({depth}):\n    x = [x]\n{then}"


ENDLESS = {
    "loop": (loop("pass"), {TIMEOUT}),
    "loop in except": (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        {TIMEOUT},
    ),
    "loop in finally": ("try:\n    1 / 0\nfinally:\n    while True:\n        pass", {TIMEOUT}),
    "factorial": ("import math\nresult = math.factorial(10 ** 7)", {TIMEOUT, SCHEMA, MEMORY}),
    "decimal": (
        "from decimal import Decimal, getcontext\ngetcontext().prec = 10 ** 6\nresult = len(str(Decimal(7).sqrt()))",
        {OK, TIMEOUT, MEMORY, RUNTIME},
    ),
    "sorting": (loop("sorted(x)", "x = list(range(200_000))[::-1]"), {TIMEOUT}),
    "hashing": (loop("h = hashlib.sha256(h).digest()", "import hashlib\nh = b''"), {TIMEOUT}),
    "repeated squaring": (loop("x = x * x", "x = 3"), {TIMEOUT, MEMORY}),
    "counting in a long text": (loop("s.count('ba')", "s = 'ab' * 10_000_000"), {TIMEOUT}),
    "searching a long text": (loop("'ba' * 9 + 'c' in s", "s = 'ba' * 10_000_000"), {TIMEOUT}),
    "normalizing": (
        "import unicodedata\nwhile True:\n    unicodedata.normalize('NFKD', 'é' * 2_000_000)",
        {TIMEOUT, MEMORY},
    ),
    "comparing shared lists": (
        "x, y = [1], [1]\nfor _ in range(40):\n    x, y = [x, x], [y, y]\nresult = x == y",
        {TIMEOUT},
    ),
    "greatest common divisor": (
        "import math\nwhile True:\n    math.gcd(3 ** 400_000, 7 ** 300_000)",
        {TIMEOUT, MEMORY},
    ),
    "large power": ("x = 9 ** 9 ** 7\nresult = 1", {OK, TIMEOUT, MEMORY}),
}

BOMBS = {
    "list": (loop("x.append([1])", "x = []"), {MEMORY}),
    "text": (loop("s += s", "s = 'x'"), {MEMORY}),
    "dict": (loop("d[len(d)] = 'x' * 100", "d = {}"), {MEMORY}),
    "objects": (loop("x.append(A())", "class A:\n    y = 1\nx = []"), {MEMORY}),
    "closures": (loop("f = (lambda g: lambda: g)(f)", "f = None"), {MEMORY}),
    "cache": (
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(n):\n    return 'x' * 1000 + str(n)\n"
        + loop("f(n); n += 1", "n = 0"),
        {MEMORY},
    ),
    "product": ("from itertools import product\nresult = len(list(product(range(100), repeat=6)))", {MEMORY}),
    "permutations": ("from itertools import permutations\nresult = len(list(permutations(range(12))))", {MEMORY}),
    "count": ("from itertools import count\nresult = list(count())", {MEMORY}),
    "multiplied list": ("x = [0] * 10 ** 12", {MEMORY}),
    "multiplied text": ("x = 'a' * (1 << 60)", {MEMORY, RUNTIME}),
    "zfill": ("x = 'a'.zfill(10 ** 12)", {MEMORY}),
    "replace": ("x = ('a' * 10 ** 6).replace('a', 'b' * 10 ** 6)", {MEMORY}),
    "width": ("x = '%1000000000000d' % 1", {MEMORY, RUNTIME}),
    "bytes": ("x = bytes(10 ** 12)", {MEMORY}),
    "sample": ("import random\nx = random.sample(range(10 ** 10), 10 ** 9)", {MEMORY, RUNTIME}),
    "tower": ("x = 9 ** 9 ** 9", {MEMORY}),
    "shift": ("x = 1 << 10 ** 12", {MEMORY}),
    "precision": (
        "from decimal import Decimal, getcontext\ngetcontext().prec = 10 ** 9\nx = Decimal(1) / 3",
        {MEMORY, RUNTIME, TIMEOUT},
    ),
}

DEPTHS = {
    "recursion": ("def f():\n    return f()\nf()", {RUNTIME}),
    "recursion in a sort key": ("def f(x):\n    return sorted([x], key=f)\nf(1)", {RUNTIME}),
    "recursion in map": ("def f(x):\n    return list(map(f, [x]))\nf(1)", {RUNTIME}),
    "recursion in repr": ("class A:\n    def __repr__(self):\n        return repr(self)\nrepr(A())", {RUNTIME}),
    "recursion in eq": ("class A:\n    def __eq__(self, other):\n        return self == other\nA() == A()", {RUNTIME}),
    "recursion in hash": ("class A:\n    def __hash__(self):\n        return hash(self)\nhash(A())", {RUNTIME}),
    "recursion in eval": ("s = 'eval(s)'\neval(s)", {RUNTIME}),
    "recursion in exec": ("s = 'exec(s)'\nexec(s)", {RUNTIME}),
    "nested repr": (nested(100_000, "result = len(repr(x))"), {OK, RUNTIME}),
    "nested equality": (nested(100_000, "y = [x]\nresult = x == y"), {OK, RUNTIME}),
    "nested hash": ("x = ()\nfor _ in range(100_000):\n    x = (x,)\nhash(x)\nresult = 1", {OK, RUNTIME}),
    "nested copy": (nested(100_000, "import copy\ncopy.deepcopy(x)\nresult = 1"), {OK, RUNTIME}),
    "nested JSON": (nested(100_000, "import json\njson.dumps(x)"), {RUNTIME}),
    "nested sort": (nested(100_000, "sorted([x, [x]])\nresult = 1"), {OK, RUNTIME}),
    "nested result": (nested(100_000, "result = x"), {SCHEMA}),
    "result nested less deeply": (nested(900, "result = x"), {REFUSED}),
    "result that holds itself": ("result = []\nresult.append(result)", {SCHEMA}),
    "result that doubles": ("result = [1]\nfor _ in range(60):\n    result = [result, result]", {TIMEOUT, MEMORY}),
}

SOURCES = {
    "parentheses": ("result = " + "(" * 5000 + ")" * 5000, {SYNTAX}),
    "signs": ("result = " + "-" * 60_000 + "1", {SYNTAX}),
    "sums": ("result = " + "1+" * 30_000 + "1", {SYNTAX}),
    "brackets": ("result = " + "[" * 30_000 + "]" * 30_000, {SYNTAX}),
    "calls": ("result = f" + "()" * 30_000, {SYNTAX}),
    "elifs": ("if 0:\n    pass\n" + "elif 0: pass\n" * 4800, {SYNTAX}),
    "blocks": ("".join(" " * i + "if 1:\n" for i in range(340)) + " " * 340 + "pass", {SYNTAX}),
    "a long literal": ("result = '" + "x" * 2_000_000 + "'", {REFUSED}),
    "five million characters": ("x = 1\n" * 850_000, {REFUSED}),
    "half a million characters of sums": ("result = " + "1+" * 250_000 + "1", {REFUSED}),
}

OUTPUTS = {
    "print for ever": (loop("print('x' * 1000)"), {REFUSED}),
    "print little for ever": (loop("print(1)"), {REFUSED}),
    "print nothing for ever": (loop("print('', end='', flush=True)"), {TIMEOUT}),
    "print by turns": (loop("print('a')\n    print('b', file=sys.stderr)", "import sys"), {REFUSED}),
    "print much at once": ("print('x' * 30_000_000)\nresult = 1", {REFUSED}),
    "a million numbers": ("result = list(range(1_000_000))", {REFUSED, MEMORY}),
    "a long text": ("result = 'x' * 30_000_000", {REFUSED, MEMORY}),
    "a long message": ("raise ValueError('x' * 20_000_000)", {RUNTIME, MEMORY}),
}

PATTERNS = {
    "nested quantifiers": ("import re\nresult = re.match('(a+)+$', 'a' * 5000 + 'b') is None", {OK, RUNTIME}),
    "back references": (r"import re" + "\n" + r"result = re.match(r'(a*)*\1b', 'a' * 5000) is None", {OK, RUNTIME}),
}

WAITS = {
    "sleep": ("import time\ntime.sleep(1e9)\nresult = 1", {OK, RUNTIME}),
    "async sleep": ("import asyncio\nawait asyncio.sleep(1e9)\nresult = 1", {OK, RUNTIME}),
    "sleep for ever": (loop("time.sleep(1e9)", "import time"), {TIMEOUT, REFUSED}),
    "an unknown name": (loop("try:\n        nope\n    except NameError:\n        pass"), {REFUSED}),
    "an unknown module": (
        loop("try:\n        import numpy\n    except ImportError:\n        pass"),
        {REFUSED, TIMEOUT},
    ),
    "a file": (loop("try:\n        open('/etc/passwd')\n    except OSError:\n        pass"), {REFUSED, TIMEOUT}),
    "the environment": (
        loop("try:\n        os.environ\n    except RuntimeError:\n        pass", "import os"),
        {REFUSED, TIMEOUT},
    ),
}

ESCAPES = {
    "read": ("result = open('/etc/passwd').read()", {RUNTIME}),
    "read a path": ("from pathlib import Path\nresult = Path('/etc/passwd').read_text()", {RUNTIME}),
    "write": ("open('/tmp/escaped', 'w').write('x')", {RUNTIME}),
    "list": ("import os\nresult = os.listdir('/')", {RUNTIME}),
    "urandom": ("import os\nresult = str(os.urandom(4))", {RUNTIME}),
    "import": ("__import__('os').system('true')", {RUNTIME}),
    "class": ("result = str(().__class__.__bases__)", {RUNTIME}),
    "subclasses": ("result = str(object.__subclasses__())", {RUNTIME}),
    "globals": ("def f():\n    pass\nresult = str(f.__globals__)", {RUNTIME}),
    "code": ("def f():\n    pass\nresult = str(f.__code__)", {RUNTIME}),
    "format": ("result = '{0.__class__}'.format(1)", {RUNTIME}),
    "builtins": ("result = str(__builtins__)", {RUNTIME}),
}

HOSTILE = {
    f"{group}: {name}": case
    for group, cases in {
        "endless": ENDLESS,
        "bombs": BOMBS,
        "depths": DEPTHS,
        "sources": SOURCES,
        "outputs": OUTPUTS,
        "patterns": PATTERNS,
        "waits": WAITS,
        "escapes": ESCAPES,
    }.items()
    for name, case in cases.items()
}


def machine_is_loaded():
    """Whether more processes want to run than there are cores."""
    return os.getloadavg()[0] > cores()


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_script_is_contained(name, full_share):
    """Its verdict is typed and explained, in time, and the next script is right."""
    script, verdicts = HOSTILE[name]
    sandbox = MontySandbox(LIMITS)
    await sandbox.run("result = 0", inputs={})

    began = time.monotonic()
    execution = await sandbox.run(script, inputs={})
    seconds = time.monotonic() - began
    after = await sandbox.run("result = 1 + 1", inputs={})

    loaded = machine_is_loaded()  # then the clock may run out before another limit is met
    assert execution.verdict in (verdicts | {TIMEOUT} if loaded else verdicts), execution.stderr
    assert (execution.verdict is Verdict.ok) == (execution.stderr == "")
    assert seconds <= PATIENCE + (SLACK if loaded else 0.0)
    assert after.result == 2


async def test_a_script_that_crashes_the_interpreter_is_refused_each_time():
    """A source that overflows the parser's stack is the script's fault, and not the machine's."""
    sandbox = MontySandbox(Limits(source=1_000_000))

    executions = [await sandbox.run(SOURCES["half a million characters of sums"][0], inputs={}) for _ in range(2)]
    after = await sandbox.run("result = 1", inputs={})

    assert [execution.verdict for execution in executions] == [Verdict.refused] * 2
    assert "crashed on this script" in executions[0].stderr
    assert after.result == 1

"""What importing synthflow costs, against the libraries it stands on."""

import subprocess
import sys
from statistics import median

ROUNDS = 7
LIBRARIES = "import pydantic, networkx, orjson"
EVERYTHING = "import synthflow; [getattr(synthflow, name) for name in synthflow.__all__]"


def measure() -> dict[str, float]:
    """Give CPU times as multiples of importing pydantic, networkx and orjson, each in fresh processes in turn."""
    statements = {"import synthflow": "import synthflow", "every public name of synthflow": EVERYTHING}
    seconds: dict[str, list[float]] = {name: [] for name in (LIBRARIES, *statements)}
    for _ in range(ROUNDS):
        seconds[LIBRARIES].append(_cpu_seconds(LIBRARIES))
        for name, statement in statements.items():
            seconds[name].append(_cpu_seconds(statement))
    return {f"{name} / {LIBRARIES}": median(seconds[name]) / median(seconds[LIBRARIES]) for name in statements}


def _cpu_seconds(statement: str) -> float:
    code = f"import time; start = time.process_time(); {statement}; print(time.process_time() - start)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    for name, ratio in measure().items():
        print(f"{name}: {ratio:.2f}")

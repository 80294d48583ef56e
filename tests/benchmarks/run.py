"""Run all benchmarks and write `results.md` beside this file.

    python tests/benchmarks/run.py

All figures are ratios or counts of one run on one machine; times are taken in turn, so
that a busy machine slows both sides.
"""

import importlib.util
import platform
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
PARTS = ("sandbox", "graph", "imports", "fit", "language_models")


def main() -> None:
    """Run every part and write the table."""
    lines = [
        "# What things cost",
        "",
        "Written by `python tests/benchmarks/run.py`; ratios and counts of one run, "
        f"on {platform.system()} with CPython {platform.python_version()}.",
        "",
        "| what | value |",
        "|---|---|",
    ]
    for part in PARTS:
        for name, value in _load(part).measure().items():
            print(f"{name}: {value:.3g}", flush=True)
            lines.append(f"| {name} | {value:.3g} |")
    (HERE / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _load(part: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(part, HERE / f"{part}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{part}.py is missing beside {__file__}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()

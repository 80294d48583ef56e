# The commands of CONTRIBUTING.md, by name.
.PHONY: setup test check docs benchmark

setup:
	python3 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.lock && .venv/bin/pip install -q --no-deps -e .

test:
	.venv/bin/pytest

check:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

docs:
	.venv/bin/mkdocs build --strict

benchmark:
	.venv/bin/python tests/benchmarks/run.py

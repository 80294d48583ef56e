"""Loaders for benchmarks, and for tables of one's own."""

from synthflow.datasets import arcagi as arcagi
from synthflow.datasets import gsm8k as gsm8k
from synthflow.datasets import hotpotqa as hotpotqa
from synthflow.datasets.tables import load_csv as load_csv
from synthflow.datasets.tables import load_jsonl as load_jsonl

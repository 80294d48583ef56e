"""Loaders for benchmark data."""

from synthflow.datasets import arcagi as arcagi

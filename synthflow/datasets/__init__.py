"""Loaders for benchmark data."""

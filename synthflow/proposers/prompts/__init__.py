"""Prompts: what a language model is told before it writes a new value for a variable."""

"""The functions that symbolic search composes; their source text is what a script shows."""

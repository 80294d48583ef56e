"""What flows: declared types, run-time values, schemas and variables."""

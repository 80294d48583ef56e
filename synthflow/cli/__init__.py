"""The command `synthflow`: a file a command."""

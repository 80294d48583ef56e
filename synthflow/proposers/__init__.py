"""Who writes new candidates."""

"""Who watches a run, and may stop it."""

"""Who decides which candidates live."""

"""A proposer that writes scripts by typed search, with no language model."""

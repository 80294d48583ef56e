"""Numbers tracked over many predictions."""

"""How modules are wired, run and drawn."""

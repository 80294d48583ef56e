"""What the sandbox tests share."""

import time

import pytest

from synthflow.sandboxes import workers


@pytest.fixture
def full_share(monkeypatch):
    """Every worker counts as having had a core for itself, so that neighbours on the machine change no verdict."""
    monkeypatch.setattr(workers, "processor_seconds", lambda pid: time.monotonic())

"""Property tests say what holds, not how fast: a busy machine is no failure."""

import pytest
from hypothesis import HealthCheck, settings

from tests.model_server import ModelServer

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def model_server():
    """A server on loopback that answers in the OpenAI wire format whatever the test tells it to."""
    with ModelServer() as server:
        yield server

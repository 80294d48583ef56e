"""A meter that lets everything pass and remembers it, and a schema to ask for."""

from synthflow.errors import BudgetExceeded
from synthflow.language_models.meter import current_phase
from synthflow.language_models.usage import UsageByPhase

SCHEMA = {
    "type": "object",
    "title": "A City!",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Search.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}


class Tally:
    """Counts what is held and settled, and refuses after `calls`."""

    def __init__(self, calls=1000, seconds_left=None):
        self.usage = UsageByPhase()
        self.seconds_left = seconds_left
        self.held = []
        self.settled = []
        self._calls = calls

    async def hold(self, most):
        """Remember what could be taken."""
        if len(self.held) == self._calls:
            raise BudgetExceeded("calls")
        self.held.append(most)

    def settle(self, most, used, failure="", why=""):
        """Remember what was taken."""
        self.settled.append((most, used, failure))
        self.usage.add(current_phase(), used, failure, why)

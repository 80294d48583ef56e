"""The meter of a task reaches the tasks that it starts, and no others."""

import asyncio

from synthflow.language_models.meter import current_meter, current_phase, metered, phase
from tests.language_models.toy import Tally


async def see():
    """Say which meter and phase are seen here."""
    return current_meter(), current_phase()


async def test_a_meter_reaches_what_is_started_inside():
    """Tasks that are started inside see it; afterwards nobody does."""
    tally = Tally()
    with metered(tally), phase("training"):
        inside = await asyncio.gather(see(), see())

    assert inside == [(tally, "training")] * 2
    assert await see() == (None, "inference")


async def test_meters_do_not_mix():
    """Two runs at the same time see each their own."""

    async def run(tally):
        with metered(tally):
            await asyncio.sleep(0)
            return current_meter() is tally

    assert await asyncio.gather(run(Tally()), run(Tally())) == [True, True]


def test_an_inner_phase_ends():
    """After a reward inside of training, training goes on."""
    with phase("training"):
        with phase("reward"):
            assert current_phase() == "reward"
        assert current_phase() == "training"

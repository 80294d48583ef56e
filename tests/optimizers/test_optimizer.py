"""Optimizers say at once what they cannot work with."""

import pytest

from synthflow.errors import CompileError
from synthflow.optimizers.convergence import TestConvergence
from synthflow.optimizers.omega import OMEGA
from tests.search.toy import RandomEdit, Scripted, info


class Choosy(Scripted):
    """A proposer that can write nothing."""

    def unfit(self, variable):
        """Refuse."""
        return "no primitives fit"


@pytest.mark.parametrize("make", [OMEGA, TestConvergence])
def test_proposers_must_be_able_to_mutate(make):
    """An empty list, something else, and one that only crosses over are refused."""
    with pytest.raises(ValueError, match="proposers is empty"):
        make(proposers=[])
    with pytest.raises(TypeError, match="async def propose"):
        make(proposers=["symbolic"])
    with pytest.raises(TypeError, match="mutation"):
        make(proposers=[RandomEdit(operations={"crossover"})])


def test_a_program_without_trainable_variables_is_refused():
    """There would be nothing to change."""
    with pytest.raises(CompileError, match="no trainable variable"):
        OMEGA(proposers=[RandomEdit()]).check({})


def test_every_proposer_is_asked_whether_it_can_write():
    """One that can write none of the variables says so at compile."""
    OMEGA(proposers=[RandomEdit()]).check({"a": info("a")})

    with pytest.raises(CompileError, match="no primitives fit"):
        OMEGA(proposers=[RandomEdit(), Choosy()]).check({"a": info("a")})


@pytest.mark.parametrize(
    "optimizer",
    [
        OMEGA(instructions="x", population_size=3, offspring=5, selection="best", merging_rate=0.5),
        TestConvergence(max_iterations=None, patience=7, branching=2),
    ],
)
def test_a_config_makes_the_same_optimizer(optimizer):
    """Its arguments, and the proposers only where they were given."""
    config = optimizer.get_config()
    given = [RandomEdit()]

    assert type(optimizer)(**config).get_config() == config
    assert "proposers" not in config
    assert type(optimizer)(**config, proposers=given).get_config()["proposers"] == given

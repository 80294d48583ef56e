"""Who writes new candidates."""

from synthflow.proposers.symbolic_proposer import SymbolicProposer as SymbolicProposer

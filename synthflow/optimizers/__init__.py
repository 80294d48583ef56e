"""Who decides which candidates live."""

from synthflow.optimizers.climber import Climber as Climber
from synthflow.optimizers.convergence import TestConvergence as TestConvergence
from synthflow.optimizers.omega import OMEGA as OMEGA
from synthflow.optimizers.optimizer import Optimizer as Optimizer
from synthflow.optimizers.random_few_shot import RandomFewShot as RandomFewShot

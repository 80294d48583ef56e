"""What is good: the score of one prediction, from 0 to 1."""

from synthflow.rewards.batch_reward import BatchReward as BatchReward
from synthflow.rewards.batch_reward import BatchRewardFunctionWrapper as BatchRewardFunctionWrapper
from synthflow.rewards.cosine_similarity import CosineSimilarity as CosineSimilarity
from synthflow.rewards.exact_match import ExactMatch as ExactMatch
from synthflow.rewards.grid_similarity import GridSimilarity as GridSimilarity
from synthflow.rewards.lm_as_judge import LMAsJudge as LMAsJudge
from synthflow.rewards.program_as_judge import ProgramAsJudge as ProgramAsJudge
from synthflow.rewards.reward import Reward as Reward
from synthflow.rewards.reward import feedback as feedback
from synthflow.rewards.reward_function import RewardFunctionWrapper as RewardFunctionWrapper
from synthflow.rewards.weighted_sum import WeightedSum as WeightedSum

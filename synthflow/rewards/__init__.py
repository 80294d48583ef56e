"""What is good: the score of one prediction, from 0 to 1."""

from synthflow.rewards.exact_match import ExactMatch as ExactMatch
from synthflow.rewards.grid_similarity import GridSimilarity as GridSimilarity
from synthflow.rewards.reward import Reward as Reward
from synthflow.rewards.reward_function import RewardFunctionWrapper as RewardFunctionWrapper

"""Numbers tracked over many predictions."""

from synthflow.metrics.accuracy import Accuracy as Accuracy
from synthflow.metrics.f_score import F1Score as F1Score
from synthflow.metrics.f_score import FBetaScore as FBetaScore
from synthflow.metrics.f_score import Precision as Precision
from synthflow.metrics.f_score import Recall as Recall
from synthflow.metrics.mean import Mean as Mean
from synthflow.metrics.mean import MeanMetricWrapper as MeanMetricWrapper
from synthflow.metrics.metric import Metric as Metric
from synthflow.metrics.pass_at_k import PassAtK as PassAtK
from synthflow.metrics.usage import Calls as Calls
from synthflow.metrics.usage import Cost as Cost
from synthflow.metrics.usage import Seconds as Seconds
from synthflow.metrics.usage import Tokens as Tokens

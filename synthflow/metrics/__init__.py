"""Numbers tracked over many predictions."""

from synthflow.metrics.accuracy import Accuracy as Accuracy
from synthflow.metrics.mean import Mean as Mean
from synthflow.metrics.mean import MeanMetricWrapper as MeanMetricWrapper
from synthflow.metrics.metric import Metric as Metric

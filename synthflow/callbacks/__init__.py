"""Who watches a run, and may stop it."""

from synthflow.callbacks.callback import Callback as Callback
from synthflow.callbacks.callback_list import CallbackList as CallbackList
from synthflow.callbacks.checkpoint import ProgramCheckpoint as ProgramCheckpoint
from synthflow.callbacks.csv_logger import CSVLogger as CSVLogger
from synthflow.callbacks.early_stopping import EarlyStopping as EarlyStopping
from synthflow.callbacks.history import History as History
from synthflow.callbacks.progress import Progress as Progress

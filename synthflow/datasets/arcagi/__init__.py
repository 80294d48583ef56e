"""ARC-AGI-1 and ARC-AGI-2, offline: `load_data`, task names, data models and pictures."""

from synthflow.datasets.arcagi.models import Color as Color
from synthflow.datasets.arcagi.models import default_instructions as default_instructions
from synthflow.datasets.arcagi.models import get_input_data_model as get_input_data_model
from synthflow.datasets.arcagi.models import get_output_data_model as get_output_data_model
from synthflow.datasets.arcagi.plot import plot_task as plot_task
from synthflow.datasets.arcagi.rows import load_data as load_data
from synthflow.datasets.arcagi.tasks import get_arcagi1_evaluation_task_names as get_arcagi1_evaluation_task_names
from synthflow.datasets.arcagi.tasks import get_arcagi1_training_task_names as get_arcagi1_training_task_names
from synthflow.datasets.arcagi.tasks import get_arcagi2_evaluation_task_names as get_arcagi2_evaluation_task_names
from synthflow.datasets.arcagi.tasks import get_arcagi2_training_task_names as get_arcagi2_training_task_names

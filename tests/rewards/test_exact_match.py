"""ExactMatch: equal or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError
from synthflow.rewards.exact_match import ExactMatch


class Answer(DataModel):
    """An answer."""

    grid: list[list[int]]


def with_console(grid):
    """Give a prediction as PythonSynthesis makes it."""
    return JsonDataModel(json={"grid": grid, "stdout": "", "stderr": ""}, schema={"type": "object"})


async def test_every_field_of_either_side_counts():
    """A field that only the prediction has makes it wrong, until it is masked."""
    assert await ExactMatch()(Answer(grid=[[1]]), with_console([[1]])) == 0.0
    assert await ExactMatch(in_mask=["grid"])(Answer(grid=[[1]]), with_console([[1]])) == 1.0
    assert await ExactMatch(out_mask=["stdout", "stderr"])(Answer(grid=[[1]]), with_console([[1]])) == 1.0


@given(st.lists(st.lists(st.integers(0, 9))), st.lists(st.lists(st.integers(0, 9))))
async def test_the_reward_says_whether_the_json_is_equal(one, other):
    """1.0 for equal JSON, 0.0 for any difference."""
    assert await ExactMatch(in_mask=["grid"])(Answer(grid=one), with_console(other)) == float(one == other)


@pytest.mark.parametrize("outputs", [[Answer(grid=[[1]]), None], (Answer(grid=[[1]]), None)])
async def test_several_outputs_match_together(outputs):
    """All outputs must be equal, in lists or tuples; a branch that answered None may be right."""
    assert await ExactMatch()([Answer(grid=[[1]]), None], outputs) == 1.0
    assert await ExactMatch()([Answer(grid=[[2]]), None], outputs) == 0.0
    assert await ExactMatch()([Answer(grid=[[1]]), Answer(grid=[])], outputs) == 0.0


async def test_fields_that_only_predictions_can_have_are_said():
    """None could ever be right, which is a slip and no score; with a mask it is compared."""
    schema = {"type": "object", "properties": {"grid": {}, "note": {}}, "required": ["grid", "note"]}
    more = JsonDataModel(json={"grid": [[1]], "note": "x"}, schema=schema)

    with pytest.raises(EvaluationError, match=r"(?s)'note', which the answers lack.*in_mask=\['grid'\]"):
        await ExactMatch()(Answer(grid=[[1]]), more)
    assert await ExactMatch(in_mask=["grid"])(Answer(grid=[[1]]), more) == 1.0

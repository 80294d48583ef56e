"""GridSimilarity: 1.0 only for the right grid, and more for a grid that is nearer to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import EvaluationError
from synthflow.rewards.grid_similarity import GridSimilarity, is_grid, similarity


class Picture(DataModel):
    """A grid with a caption."""

    caption: str = ""
    grid: list[list[int]]


class Pair(DataModel):
    """Two grids."""

    left: list[list[int]]
    right: list[list[int]]


@st.composite
def grids(draw):
    """Rectangular grids of few colours, so that they often agree somewhere."""
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(st.integers(0, 2), min_size=width, max_size=width), min_size=1, max_size=4))


@given(grids(), grids())
def test_it_is_1_exactly_for_equal_grids(truth, prediction):
    """Whatever the grids, the value is in [0, 1], the same in both directions, and 1.0 means equal."""
    value = similarity(truth, prediction)

    assert 0.0 <= value <= 1.0
    assert value == similarity(prediction, truth)
    assert (value == 1.0) == (truth == prediction)


@given(grids(), st.data())
def test_mending_a_wrong_cell_never_lowers_it(truth, data):
    """A prediction of the right shape gets better with each cell that becomes right."""
    prediction = [[data.draw(st.integers(0, 2)) for _ in row] for row in truth]
    wrong = [(r, c) for r, row in enumerate(truth) for c, cell in enumerate(row) if prediction[r][c] != cell]
    values = [similarity(truth, prediction)]
    for r, c in wrong:
        prediction[r][c] = truth[r][c]
        values.append(similarity(truth, prediction))

    assert values == sorted(values)


def test_the_formula():
    """0.2 times the shapes' overlap, plus 0.8 times the mean over the colours of theirs."""
    truth, prediction = [[1, 0], [0, 0]], [[1, 0, 0], [0, 0, 0]]

    assert similarity(truth, prediction) == pytest.approx(0.2 * 4 / 6 + 0.8 * (1 / 1 + 3 / 5) / 2)


def test_a_rare_colour_weighs_as_much_as_the_background():
    """Leaving one coloured cell of a hundred out costs half of the cells' term, not a hundredth."""
    blank = [[0] * 10 for _ in range(10)]
    truth = [[7] + [0] * 9, *blank[1:]]

    assert similarity(truth, blank) < 0.6


async def test_the_one_grid_is_found_by_itself():
    """A text beside it does not count."""
    assert await GridSimilarity()(Picture(grid=[[1]]), Picture(grid=[[1]], caption="other")) == 1.0


async def test_of_two_grids_one_must_be_named():
    """The error shows how, and a named field, or a mask, decides."""
    truth, prediction = Pair(left=[[1]], right=[[2]]), Pair(left=[[1]], right=[[3]])

    with pytest.raises(EvaluationError, match=r"has 2 among its fields 'left', 'right'(?s:.*)GridSimilarity\('left'\)"):
        await GridSimilarity()(truth, prediction)
    assert await GridSimilarity("left")(truth, prediction) == 1.0
    assert await GridSimilarity(in_mask=["left"])(truth, prediction) == 1.0
    assert await GridSimilarity("right")(truth, prediction) == pytest.approx(0.2)


@pytest.mark.parametrize("grid", [[], [[]], [[1], [1, 2]], None, "text", [[None]], 3])
async def test_a_prediction_that_is_no_grid_is_worth_nothing(grid):
    """Empty, ragged and other values score 0.0."""
    prediction = JsonDataModel(json={"grid": grid}, schema={"type": "object"})

    assert not is_grid(grid)
    assert await GridSimilarity(in_mask=["grid"])(Picture(grid=[[1]]), prediction) == 0.0


async def test_a_prediction_without_the_field_is_worth_nothing():
    """It is a wrong answer, not an error."""
    assert await GridSimilarity()(Picture(grid=[[1]]), JsonDataModel(json={}, schema={"type": "object"})) == 0.0


async def test_an_answer_without_the_named_grid_is_an_error():
    """The person who named the field is told which fields there are."""
    with pytest.raises(EvaluationError, match=r"'caption', and in a true answer it is ''.*'caption', 'grid'"):
        await GridSimilarity("caption")(Picture(grid=[[1]]), Picture(grid=[[1]]))


async def test_several_outputs_are_an_error():
    """A single grid is compared."""
    with pytest.raises(EvaluationError, match="several outputs"):
        await GridSimilarity()([Picture(grid=[[1]])], [Picture(grid=[[1]])])

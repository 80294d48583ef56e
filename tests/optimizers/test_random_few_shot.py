"""RandomFewShot draws examples from what earned something, and keeps them only if they help."""

import random

import pytest

from synthflow.errors import CompileError
from synthflow.optimizers.random_few_shot import ExampleProposer, RandomFewShot
from synthflow.search.brief import Brief, Slot
from synthflow.search.candidate import Candidate, Cell, Row, Scorecard
from synthflow.search.protocols import VariableInfo

ANY = {"type": "object"}
LIST = {"type": "object", "properties": {"examples": {"type": "array"}}}
ROWS = tuple(Row({"q": n}, {"a": n}) for n in range(6))
REWARDS = (1.0, 0.0, 0.5, 1.0, 0.2, 0.0)


def info(path="generator/examples", schema=LIST, direct=True):
    """Describe a variable."""
    return VariableInfo(path, "", schema, "", ANY, ANY, "", direct)


def brief(*, calls=None, direct=True, evidence=ROWS[:5], paths=("generator/examples",)):
    """Show a candidate whose rewards are those above."""
    cells = {
        row.id: Cell(reward, "ok", {"a": f"said {row.x['q']}"}, calls={} if calls is None else calls(row))
        for row, reward in zip(ROWS, REWARDS, strict=True)
    }
    card = Scorecard(Candidate({path: {"examples": []} for path in paths}), cells, tuple(row.id for row in ROWS))
    rewarded = tuple(row for row in evidence if cells[row.id].reward > 0)
    return Brief(
        (card,), ROWS, rewarded, dict.fromkeys(paths), variables={path: info(path, direct=direct) for path in paths}
    )


async def draw(about, *, least=1, most=3, sampling="random", temperature=0.3, seed=0):
    """Draw once."""
    proposer = ExampleProposer(least, most, sampling, temperature)
    return await proposer.propose(about, Slot(0, 1, random.Random(seed)))


async def test_examples_are_rewarded_predictions():
    """Never the true answers, and never a row that earned nothing."""
    seen = set()
    for seed in range(40):
        value = await draw(brief(), seed=seed)
        examples = value["generator/examples"]["examples"]
        assert 1 <= len(examples) <= 3
        for example in examples:
            number = example["inputs"]["q"]
            seen.add(number)
            assert example == {"inputs": {"q": number}, "outputs": {"a": f"said {number}"}}

    assert seen == {0, 2, 3, 4}


async def test_a_generator_inside_a_program_gets_its_own_inputs_and_outputs():
    """Not those of the row."""

    def calls(row):
        return {"generator": [{"inputs": {"inner": row.x["q"]}, "outputs": {"inner": -row.x["q"]}}]}

    value = await draw(brief(calls=calls, direct=False), least=4, most=4)

    assert sorted(example["outputs"]["inner"] for example in value["generator/examples"]["examples"]) == [-4, -3, -2, 0]


async def test_a_generator_that_was_not_asked_gives_none():
    """A branch that was not taken has no predictions, whatever the row earned."""
    with pytest.raises(LookupError, match="generator"):
        await draw(brief(direct=False))


async def test_the_best_are_drawn_first():
    """And by softmax, the better the likelier."""
    best = await draw(brief(), least=2, most=2, sampling="best")
    cold = [await draw(brief(), least=1, most=1, sampling="softmax", temperature=0.01, seed=seed) for seed in range(20)]

    assert {example["inputs"]["q"] for example in best["generator/examples"]["examples"]} == {0, 3}
    assert {one["generator/examples"]["examples"][0]["inputs"]["q"] for one in cold} == {0, 3}


async def test_one_generator_is_changed_at_a_time():
    """Which one is drawn."""
    paths = ("first/examples", "second/examples")
    drawn = [await draw(brief(paths=paths), seed=seed) for seed in range(20)]

    assert {tuple(value) for value in drawn} == {("first/examples",), ("second/examples",)}


def test_a_program_without_examples_is_refused():
    """With what to use instead."""
    script = info("python_synthesis/state", {"type": "object", "properties": {"python_script": {"type": "string"}}})

    with pytest.raises(CompileError, match=r"(?s)no trainable ones: it has 'python_synthesis/state'.*OMEGA"):
        RandomFewShot().check({"python_synthesis/state": script})
    RandomFewShot().check({"python_synthesis/state": script, "generator/examples": info()})


@pytest.mark.parametrize(
    "wrong",
    [
        {"nb_min_examples": 0},
        {"nb_min_examples": 3, "nb_max_examples": 2},
        {"sampling": "worst"},
        {"sampling_temperature": 0.0},
        {"population_size": 0},
        {"offspring": 0},
    ],
)
def test_arguments_are_in_range(wrong):
    """Each says which one is not."""
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("nb_max", "nb_m..")):
        RandomFewShot(**wrong)


def test_a_config_makes_the_same_optimizer():
    """Its proposer is made of its arguments."""
    config = RandomFewShot(nb_max_examples=5, sampling="best", offspring=2).get_config()

    assert config == {"nb_max_examples": 5, "sampling": "best", "offspring": 2}
    assert RandomFewShot(**config).offspring == 2

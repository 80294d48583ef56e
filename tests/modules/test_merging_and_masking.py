"""Modules that merge, mask and pass on do what operators and masks do, wired or run."""

import operator
from functools import reduce

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import mismatch
from synthflow.errors import SchemaError
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.modules.lambda_module import Lambda
from synthflow.modules.masking import InMask, OutMask
from synthflow.modules.merging import And, Concat, Not, Or, Xor


class Question(DataModel):
    """A question."""

    text: str


class Answer(DataModel):
    """An answer."""

    text: str
    score: float = 0.0


ASKED, TOLD = Question(text="Why?"), Answer(text="So.", score=1.0)
MERGES = {Concat: operator.add, And: operator.and_, Or: operator.or_, Xor: operator.xor}


async def wired(module, kinds, values):
    """Run a module in a graph on values; check that what comes out was promised."""
    inputs = [Input(data_model=kind, optional=True) for kind in kinds]
    promised = await module(inputs if len(inputs) > 1 else inputs[0])
    found = await Runner(Graph(inputs, promised)).run([value and value.to_json_data_model() for value in values])
    assert found is None or mismatch(found.get_json(), promised.get_schema()) == ""
    return found


def _folded(apply, values):
    def step(left, right):
        return None if left is None and right is None and apply is not operator.add else apply(left, right)

    return reduce(step, values)


@pytest.mark.parametrize("kind", MERGES)
@pytest.mark.parametrize("third", [ASKED, None])
@pytest.mark.parametrize("second", [TOLD, None])
@pytest.mark.parametrize("first", [ASKED, None])
async def test_a_list_is_folded_with_the_operator(kind, first, second, third):
    """Wired and run, for any of the values None."""
    values = [first, second, third]

    if kind is Concat and None in values:
        for merge in (kind()(values), wired(kind(), [Question, Answer, Question], values)):
            with pytest.raises(ValueError, match="needs a value on both sides"):
                await merge
        return
    expected = _folded(MERGES[kind], values)

    assert await kind()(values) == expected
    assert await wired(kind(), [Question, Answer, Question], values) == expected


@pytest.mark.parametrize("kind", MERGES)
async def test_a_tuple_or_a_single_value_in_a_list_is_merged_too(kind):
    """One value is itself."""
    assert await kind()([ASKED]) == ASKED
    assert await kind()((ASKED, TOLD)) == MERGES[kind](ASKED, TOLD)


@pytest.mark.parametrize("inputs", [ASKED, [], Input(data_model=Question)])
async def test_what_is_no_list_is_not_merged(inputs):
    """The message shows the list."""
    with pytest.raises(ValueError, match=r"await Concat\(\)\(\[a, b\]\)"):
        await Concat()(inputs)


async def test_not_is_none():
    """Whatever the input, as `~` does."""
    assert await Not()(ASKED) is None
    assert await Not()(None) is None
    assert await wired(Not(), [Question], [ASKED]) is None


async def test_identity_gives_its_input_back():
    """And None for None."""
    assert await Identity()(TOLD) == TOLD
    assert await Identity()(None) is None
    assert await wired(Identity(), [Answer], [TOLD]) == TOLD


async def test_masks_keep_or_drop_fields():
    """Wired and run; value and schema agree."""
    for module, expected in ((InMask(["score"]), {"score": 1.0}), (OutMask(["score"]), {"text": "So."})):
        assert (await module(TOLD)).get_json() == expected
        assert (await wired(module, [Answer], [TOLD])).get_json() == expected


async def test_a_mask_of_a_union_keeps_what_each_value_has():
    """A field that only one variant has is kept where it is."""
    for module, expected in ((InMask(["score"]), [{}, {"score": 1.0}]), (OutMask(["score"]), [{"text": "Why?"}] * 2)):
        one, other = Input(data_model=Question, optional=True), Input(data_model=Answer, optional=True)
        promised = await module(one ^ other)
        execution = Runner(Graph([one, other], promised))

        found = [
            await execution.run([ASKED.to_json_data_model(), None]),
            await execution.run([None, JsonDataModel(json={"text": "Why?", "score": 1.0}, data_model=Answer)]),
        ]

        assert [value.get_json() for value in found] == expected
        assert [mismatch(value.get_json(), promised.get_schema()) for value in found] == ["", ""]


async def test_an_absent_optional_field_still_takes_its_name_after_a_mask():
    """Names of clashes agree between what is promised and what is delivered."""
    one, other = Input(data_model=Answer), Input(data_model=Answer)
    promised = await InMask(["text", "score"])(one) + other
    short = JsonDataModel(json={"text": "x"}, data_model=Answer)

    found = await Runner(Graph([one, other], promised)).run([short, TOLD.to_json_data_model()])

    assert found.get_json() == {"text": "x", "text_1": "So.", "score_1": 1.0}
    assert mismatch(found.get_json(), promised.get_schema()) == ""


@pytest.mark.parametrize("kind", [InMask, OutMask])
async def test_a_misspelt_field_is_an_error_when_it_is_wired(kind):
    """The message names the fields there are."""
    with pytest.raises(SchemaError, match=f"{kind.__name__} names a field 'scores'.*'text', 'score'"):
        await kind(["scores"])(Input(data_model=Answer))


@pytest.mark.parametrize("kind", [InMask, OutMask])
def test_a_mask_is_a_list(kind):
    """A string would be read as letters."""
    with pytest.raises(TypeError, match=r"mask=\['text'\]"):
        kind("text")
    assert kind.from_config(kind(["text"]).get_config()).mask == ["text"]


@pytest.mark.parametrize(
    "function",
    [
        lambda inputs: {"text": inputs["text"].upper()},
        lambda inputs: Question(text=inputs["text"].upper()),
        lambda inputs: JsonDataModel(json={"text": inputs["text"].upper()}, data_model=Question),
    ],
)
async def test_a_function_becomes_a_module(function):
    """It may return a dict, an object or a JsonDataModel."""
    module = Lambda(function, data_model=Question)

    assert (await module(ASKED)).get_json() == {"text": "WHY?"}
    assert (await wired(module, [Question], [ASKED])).get_json() == {"text": "WHY?"}
    assert module.default_name == "lambda"


async def test_a_coroutine_function_becomes_a_module():
    """And None is a result like any other."""

    async def shout(inputs):
        return None if inputs["text"] == "" else {"text": inputs["text"].upper()}

    assert (await Lambda(shout, data_model=Question)(ASKED))["text"] == "WHY?"
    assert await Lambda(shout, data_model=Question)(Question(text="")) is None
    assert await Lambda(shout, data_model=Question)(None) is None


@pytest.mark.parametrize("returned", [{"text": 1}, {"txt": "x"}, "x", [], TOLD])
async def test_what_a_function_returns_is_checked(returned):
    """The message names the field."""
    with pytest.raises(SchemaError, match="function of <Lambda 'careless'> returned what does not fit"):
        await Lambda(lambda inputs: returned, data_model=Question, name="careless")(ASKED)

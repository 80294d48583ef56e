"""Promises: operators wire, nothing runs, and what is promised is delivered."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import mismatch
from synthflow.errors import GraphError
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import OPERATORS, Node, Source, SymbolicDataModel

SIGNS = {"+": operator.add, "&": operator.and_, "|": operator.or_, "^": operator.xor}


class Question(DataModel):
    """A question."""

    text: str


class Answer(DataModel):
    """An answer."""

    text: str
    score: float = 0.0


def promise(data_model):
    """Promise a value of a type, as Input does."""
    return Node(Source(data_model.get_schema(), optional=True)).promise(data_model.get_schema())


async def value_of(outputs, given):
    """Run the graph between some promises, with values, and `outputs`."""
    return await Runner(Graph([*given], outputs)).run([*given.values()])


@pytest.fixture
def question():
    """The promise of a question."""
    return promise(Question)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("left", [Question(text="Why?"), None])
@pytest.mark.parametrize("right", [Answer(text="So.", score=1.0), None])
async def test_an_operator_on_promises_does_what_it_does_on_values(sign, left, right):
    """The table of the operators holds at run time, None included."""
    one, other = promise(Question), promise(Answer)
    given = {one: left and left.to_json_data_model(), other: right and right.to_json_data_model()}

    if sign == "+" and (left is None or right is None):
        with pytest.raises(ValueError, match="needs a value on both sides"):
            await value_of(one + other, given)
    elif left is None and right is None:
        assert await value_of(SIGNS[sign](one, other), given) is None
    else:
        assert await value_of(SIGNS[sign](one, other), given) == SIGNS[sign](left, right)


@pytest.mark.parametrize("form", [lambda value: value, DataModel.to_json_data_model])
@pytest.mark.parametrize("sign", SIGNS)
async def test_a_value_beside_a_promise_becomes_a_constant(question, sign, form):
    """On either side, as a DataModel object or as a JsonDataModel."""
    told, asked = form(Answer(text="So.", score=1.0)), JsonDataModel(json={"text": "Why?"}, data_model=Question)

    assert await value_of(SIGNS[sign](question, told), {question: asked}) == SIGNS[sign](asked, told)
    assert await value_of(SIGNS[sign](told, question), {question: asked}) == SIGNS[sign](told, asked)


@pytest.mark.parametrize("value", [JsonDataModel(json={"text": "Why?"}, data_model=Question), None])
async def test_not_a_promise_is_none(question, value):
    """`~` keeps the schema and yields None."""
    assert (~question).get_schema() == question.get_schema()
    assert await value_of(~question, {question: value}) is None


@pytest.mark.parametrize("sign", SIGNS)
def test_none_beside_a_promise_is_an_error(question, sign):
    """On either side the error says what to wire instead."""
    for sides in ((question, None), (None, question)):
        with pytest.raises(ValueError, match="wire the promise of the branch"):
            SIGNS[sign](*sides)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("kind", [Question, Question + Answer])
def test_a_type_beside_a_promise_is_an_error(question, sign, kind):
    """A forgotten `Input` is the likely slip, and the error shows it."""
    for sides in ((question, kind), (kind, question)):
        with pytest.raises(GraphError, match=r"Input\(data_model=...\)"):
            SIGNS[sign](*sides)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("stranger", [1, "text", {"text": "x"}, [1]])
def test_a_stranger_beside_a_promise_is_a_type_error(question, sign, stranger):
    """Numbers, text and dicts are not wired."""
    for sides in ((question, stranger), (stranger, question)):
        with pytest.raises(TypeError):
            SIGNS[sign](*sides)


@pytest.mark.parametrize(
    "read",
    [
        lambda promise: promise["text"],
        lambda promise: promise.get("text"),
        lambda promise: promise.get_json(),
        bool,
    ],
)
def test_a_promise_has_no_content(question, read):
    """Reading one too early explains itself."""
    with pytest.raises(GraphError, match="before the program runs"):
        read(question)


def test_a_promise_tells_its_fields(question):
    """Names, `in` and the repr come from the schema."""
    assert question.keys() == ["text"]
    assert "text" in question
    assert Question in question
    assert question in promise(Answer)
    assert Answer not in question
    assert repr(question) == "SymbolicDataModel(text: string)"


def test_a_call_promises_outputs_in_the_structure_of_its_schemas():
    """Tuples, lists and dicts of schemas, nested at will."""
    text = Question.get_schema()

    one, (two, three), named = Node(Source(text)).promise((text, [text, text], {"last": text}))

    assert [leaf.path for leaf in (one, two, three, named["last"])] == [(0,), (1, 0), (1, 1), (2, "last")]
    assert all(isinstance(leaf, SymbolicDataModel) for leaf in (one, two, three, named["last"]))


def test_a_recursive_model_is_one_promise():
    """Its schema, a reference to itself, is no dict of schemas."""

    class Tree(DataModel):
        children: list["Tree"]

    Tree.model_rebuild(_types_namespace={"Tree": Tree})

    assert promise(Tree).keys() == ["children"]
    assert (promise(Tree) + promise(Question)).keys() == ["children", "text"]


def test_a_promise_of_what_is_no_schema_is_an_error():
    """A class in the place of its schema is the likely slip."""
    with pytest.raises(GraphError, match=r"return Answer.get_schema\(\)"):
        Node(Source(Question.get_schema())).promise(Question)


def test_each_operator_has_its_name():
    """The table of operators by name agrees with what promises do."""
    one, other = promise(Question), promise(Answer)

    for name, apply in OPERATORS.items():
        made = apply(one) if name == "not" else apply(one, other)
        assert made.node.operation.default_name == name


expressions = st.recursive(
    st.integers(0, 2),
    lambda inner: st.tuples(st.sampled_from([*SIGNS, "~"]), inner, inner),
    max_leaves=6,
)
schemas_of_inputs = st.dictionaries(
    st.sampled_from(["a", "b", "a_1"]), st.sampled_from([{"type": "integer"}, {"type": "string"}]), max_size=3
)


def wired(expression, inputs):
    """Apply an expression to promises."""
    if isinstance(expression, int):
        return inputs[expression]
    sign, left, right = expression
    return ~wired(left, inputs) if sign == "~" else SIGNS[sign](wired(left, inputs), wired(right, inputs))


def computed(expression, values):
    """Apply an expression to values, None included."""
    if isinstance(expression, int):
        return values[expression]
    sign, left, right = expression
    if sign == "~":
        computed(left, values)
        return None
    sides = computed(left, values), computed(right, values)
    return None if sides == (None, None) and sign != "+" else SIGNS[sign](*sides)


@given(
    expressions, st.lists(schemas_of_inputs, min_size=3, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3)
)
async def test_the_promise_of_an_expression_admits_what_it_yields(expression, fields, there):
    """Whatever operators are nested and whichever inputs are None, the value is that of the operators, and fits."""
    inputs, values = [], []
    for properties, given_value in zip(fields, there, strict=True):
        schema = {"type": "object", "properties": properties, "required": list(properties)[:1]}
        schema |= {"additionalProperties": False}
        content = {name: 1 if kind["type"] == "integer" else "x" for name, kind in list(properties.items())[:2]}
        inputs.append(Node(Source(schema)).promise(schema))
        values.append(JsonDataModel(json=content, schema=schema) if given_value else None)
    outputs = wired(expression, inputs)
    execution = Runner(Graph(inputs, outputs))

    try:
        expected = computed(expression, values)
    except (ValueError, TypeError):  # None beside `+`
        with pytest.raises(ValueError, match="needs a value on both sides"):
            await execution.run(values)
        return
    found = await execution.run(values)

    assert found == expected
    assert found is None or mismatch(found.get_json(), outputs.get_schema()) == ""

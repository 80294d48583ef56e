"""The operators `+ & | ^ ~ in` do on values what they promise on types."""

import copy
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import mismatch, properties, variants
from synthflow.data_models.schema_model import SchemaModel


class Question(DataModel):
    """A question."""

    text: str


class Answer(DataModel):
    """An answer."""

    text: str
    score: float = 0.0


ASKED, TOLD = Question(text="Why?"), Answer(text="So.", score=1.0)
FORMS = {"object": lambda value: value, "json": lambda value: value.to_json_data_model()}
OPERATORS = {"+": operator.add, "&": operator.and_, "|": operator.or_, "^": operator.xor}
TABLE = [  # operator, both, left only, right only
    ("+", {"text": "Why?", "text_1": "So.", "score": 1.0}, ValueError, ValueError),
    ("&", {"text": "Why?", "text_1": "So.", "score": 1.0}, None, None),
    ("|", {"text": "Why?", "text_1": "So.", "score": 1.0}, ASKED, TOLD),
    ("^", None, ASKED, TOLD),
]

KINDS = {
    "integer": ({"type": "integer"}, st.integers(-9, 9)),
    "string": ({"type": "string"}, st.text(max_size=3)),
    "nested": ({"$ref": "#/$defs/Outer"}, None),  # what it means differs between two schemas
}


@st.composite
def plain_models(draw):
    """A plain schema with a value that fits it: clashing names, optional fields, clashing definitions, open ends."""
    meaning, contents = KINDS[draw(st.sampled_from(["integer", "string"]))]
    fields, needed, value = {}, [], {}
    for name in draw(st.lists(st.sampled_from(["a", "b", "a_1"]), unique=True, max_size=3)):
        kind = draw(st.sampled_from(sorted(KINDS)))
        fields[name], content = KINDS[kind]
        required, given = draw(st.booleans()), draw(st.booleans())
        if required:
            needed.append(name)
        if required or given:
            value[name] = draw(contents.map(lambda one: {"inner": one}) if content is None else content)
    schema = {"type": "object", "properties": fields, "required": needed}
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    elif draw(st.booleans()):
        value["b" if "b" not in fields else "c"] = draw(st.booleans())
    outer = {"type": "object", "properties": {"inner": {"$ref": "#/$defs/Inner"}}, "required": ["inner"]}
    return JsonDataModel(json=value, schema=schema | {"$defs": {"Outer": outer, "Inner": meaning}})


@st.composite
def models(draw):
    """A value with a plain schema, or with a union of two of which it fits one."""
    model = draw(plain_models())
    if draw(st.booleans()):
        return model
    other = draw(plain_models())
    return JsonDataModel(json=model.get_json(), schema=(_type(model) ^ _type(other)).get_schema())


def _type(model):
    return SchemaModel(model.get_schema())


@pytest.mark.parametrize("left_form", FORMS)
@pytest.mark.parametrize("right_form", FORMS)
@pytest.mark.parametrize(("sign", "both", "left_only", "right_only"), TABLE)
def test_the_table_of_the_operators_on_values(sign, both, left_form, right_form, left_only, right_only):
    """Objects and JsonDataModels mix; None stands on either side."""
    left, right, apply = FORMS[left_form](ASKED), FORMS[right_form](TOLD), OPERATORS[sign]

    found = apply(left, right)

    assert (found if found is None else found.get_json()) == both
    for sides, expected in (((left, None), left_only), ((None, right), right_only)):
        if expected is ValueError:
            with pytest.raises(ValueError, match=r"Use `&` to get None, or `\|`"):
                apply(*sides)
        else:
            assert apply(*sides) == expected


@pytest.mark.parametrize("form", FORMS)
def test_not_a_value_is_none(form):
    """`~value` is None, whatever the value."""
    assert ~FORMS[form](ASKED) is None


@pytest.mark.parametrize("sign", OPERATORS)
def test_an_operator_on_types_promises_each_value_it_can_yield(sign):
    """Types, whether classes or SchemaModels, answer the schema of all outcomes."""
    for left_type, right_type in ((Question, Answer), (_type(ASKED), Answer), (Question, _type(TOLD))):
        promised = OPERATORS[sign](left_type, right_type).get_schema()

        outcomes = [OPERATORS[sign](ASKED, TOLD)]
        if sign in "|^":
            outcomes += [OPERATORS[sign](ASKED, None), OPERATORS[sign](None, TOLD)]
        assert [mismatch(one.get_json(), promised) for one in outcomes if one is not None] == [""] * (
            len(outcomes) - outcomes.count(None)
        )


def test_or_and_exclusive_or_promise_each_outcome_and_no_more():
    """A value of neither kind does not fit the promise."""
    both, either = (Question | Answer).get_schema(), (Question ^ Answer).get_schema()

    assert mismatch({"text": "x", "text_1": "y", "score": 0.5}, both) == ""
    assert mismatch({"text": "x", "text_1": "y", "score": 0.5}, either) != ""
    assert mismatch({"score": 1.0}, both) != ""
    assert len(variants(both)) == 3
    assert len(variants(either)) == 2


def test_not_a_type_is_the_type():
    """`~` promises nothing new."""
    assert (~Question).get_schema() == Question.get_schema()


@pytest.mark.parametrize("sign", OPERATORS)
def test_none_beside_a_type_is_an_error_or_an_annotation(sign):
    """`+` explains itself, `|` is an annotation, and the others are no operators for it."""
    for kind in (Question, _type(ASKED)):
        for sides in ((kind, None), (None, kind)):
            if sign == "|":
                assert type(None) in (sides[0] | sides[1]).__args__
            else:
                with pytest.raises(ValueError if sign == "+" else TypeError):
                    OPERATORS[sign](*sides)


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("stranger", [1, "text", {"text": "x"}, [ASKED], Question])
def test_a_stranger_beside_a_value_is_a_type_error(sign, stranger):
    """No operator guesses what a number, a dict or a type beside a value could mean."""
    for value in (ASKED, ASKED.to_json_data_model()):
        for sides in ((value, stranger), (stranger, value)):
            with pytest.raises(TypeError):
                OPERATORS[sign](*sides)


def test_clashing_names_are_numbered_on():
    """Names that are taken already are passed over."""
    three = ASKED + ASKED + ASKED

    assert list(three.keys()) == ["text", "text_1", "text_2"]
    assert (Question + Question + Question).keys() == ["text", "text_1", "text_2"]


@given(models(), models())
def test_what_is_merged_fits_its_own_schema_and_the_promise(left, right):
    """Whatever the clashes of names and definitions, absent optional fields, unions and undeclared fields."""
    for apply in (operator.add, operator.and_, operator.or_):
        merged = apply(left, right)

        assert mismatch(merged.get_json(), merged.get_schema()) == ""
        assert mismatch(merged.get_json(), apply(_type(left), _type(right)).get_schema()) == ""


@given(models(), models(), models())
def test_what_is_merged_twice_fits_its_promise(one, two, three):
    """Promises nest: what an operator yields is a good operand for the next."""
    kinds = [_type(one), _type(two), _type(three)]

    for value, promised in (
        ((one | two) + three, (kinds[0] | kinds[1]) + kinds[2]),
        ((None | two) + three, (kinds[0] | kinds[1]) + kinds[2]),
        (one + (two ^ None), kinds[0] + (kinds[1] ^ kinds[2])),
        ((one & two) | three, (kinds[0] & kinds[1]) | kinds[2]),
    ):
        assert mismatch(value.get_json(), promised.get_schema()) == ""


@given(models(), models())
def test_either_alone_fits_the_promise(left, right):
    """`|` and `^` promise each side as it is."""
    for apply in (operator.or_, operator.xor):
        promised = apply(_type(left), _type(right)).get_schema()

        assert mismatch(apply(left, None).get_json(), promised) == ""
        assert mismatch(apply(None, right).get_json(), promised) == ""


@given(plain_models(), plain_models())
def test_the_fields_come_left_then_right(left, right):
    """No content is lost, the left side keeps its names, and each clash gets a number."""
    merged = left + right

    declared = list(properties(left.get_schema()))
    assert list(properties(merged.get_schema()))[: len(declared)] == declared
    assert all(merged[name] == content for name, content in left.items() if name in declared)
    assert sorted(map(repr, merged.values())) == sorted(map(repr, [*left.values(), *right.values()]))


@given(models(), models())
def test_operands_stay_as_they_were(left, right):
    """Neither values nor schemas are changed by any operator."""
    before = copy.deepcopy([left.get_json(), left.get_schema(), right.get_json(), right.get_schema()])

    for apply in OPERATORS.values():
        apply(left, right)
        apply(_type(left), _type(right))

    assert [left.get_json(), left.get_schema(), right.get_json(), right.get_schema()] == before


@pytest.mark.parametrize("outer", [Answer, TOLD, TOLD.to_json_data_model(), _type(TOLD)])
@pytest.mark.parametrize("inner", [Question, ASKED, ASKED.to_json_data_model(), _type(ASKED)])
def test_in_asks_for_fields(outer, inner):
    """By name, or for all fields of another model, in whatever form either comes."""
    assert "text" in outer
    assert "score" in outer
    assert "scores" not in outer
    assert inner in outer
    assert outer not in inner


def test_in_compares_types_too():
    """A field of the same name and another type is another field; titles and descriptions do not matter."""

    class Numbered(DataModel):
        text: int

    class Told(DataModel):
        """Another description."""

        text: str

    assert Numbered not in Answer
    assert Told in Answer


def _forest(field, kind):
    class Tree(DataModel):
        value: kind
        children: list["Tree"] = Field(default_factory=list)

    Tree.model_rebuild(_types_namespace={"Tree": Tree})
    return SchemaModel(type("Forest", (DataModel,), {"__annotations__": {field: list[Tree]}}).get_schema())


def test_two_recursive_models_of_one_name_stay_two():
    """Both are called Tree; each field keeps its own kind, at any depth."""
    both = (_forest("oaks", int) + _forest("elms", str)).get_schema()

    assert mismatch({"oaks": [], "elms": [{"value": "x", "children": [{"value": "y"}]}]}, both) == ""
    assert mismatch({"oaks": [], "elms": [{"value": "x", "children": [{"value": 1}]}]}, both) != ""


def test_in_finds_a_recursive_model_under_a_new_name():
    """Definitions that were renamed in a merge are still the same types."""
    oaks, elms = _forest("oaks", int), _forest("elms", str)

    assert oaks in oaks + elms
    assert elms in oaks + elms
    assert _forest("elms", int) not in oaks + elms


def test_the_variant_that_a_value_fits_tells_which_names_are_taken():
    """Of a union, the absent optional field of that variant counts, and the fields of the others do not."""
    integer, text = {"type": "integer"}, {"type": "string"}
    other = SchemaModel({"type": "object", "properties": {"c": integer}, "required": ["c"]})
    own = SchemaModel({"type": "object", "properties": {"a": integer, "b": integer}, "required": ["a"]})
    right = JsonDataModel(json={"b": "x", "c": "y"}, schema={"type": "object", "properties": {"b": text, "c": text}})

    merged = JsonDataModel(json={"a": 1}, data_model=other ^ own) + right

    assert merged.get_json() == {"a": 1, "b_1": "x", "c": "y"}
    assert mismatch(merged.get_json(), merged.get_schema()) == ""


def test_in_does_not_take_anything_else():
    """The error says what may be asked."""
    with pytest.raises(TypeError, match="name of a field or for a data model, not for 3"):
        assert 3 in Question

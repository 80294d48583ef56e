"""Objects are written as JSON and read back equal; a file can name only what is trusted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.schema_model import SchemaModel
from synthflow.errors import SavingError
from synthflow.metrics.mean import MeanMetricWrapper
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.objects import HOMES, MARKS, allowed_class, decode, encode
from synthflow.proposers.symbolic_proposer import SymbolicProposer
from synthflow.rewards.exact_match import ExactMatch
from synthflow.rewards.grid_similarity import GridSimilarity
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits
from tests.programs.toy import Question

KEYS = st.one_of(st.text(max_size=4), st.sampled_from([*MARKS, "$$lines", "$$$class", "config", "$", "$list", "$dict"]))
TEXTS = st.one_of(st.text(max_size=6), st.sampled_from(["a\nb", "\n", "\r\n", "a\n\n", "\x00", "$lines"]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


def named(y_true, y_pred):
    """Have a name of its own."""
    return 1.0


@given(VALUES)
def test_any_json_comes_back_as_it_was(value):
    """Whatever keys a person's dict has; and what is written is JSON."""
    written = json.loads(json.dumps(encode(value)))

    assert decode(written) == decode(written, plain=True) == value


@given(VALUES)
def test_a_text_of_several_lines_is_never_one_string_of_the_file(value):
    """So that `diff` shows which line changed."""

    def texts(part):
        if isinstance(part, dict):
            return [text for one in part.values() for text in texts(one)]
        return [text for one in part for text in texts(one)] if isinstance(part, list) else [part]

    assert not [text for text in texts(encode(value)) if isinstance(text, str) and "\n" in text]


@pytest.mark.parametrize(
    "made",
    [
        ExactMatch(in_mask=["m"], out_mask=["x"], in_mask_pattern="a.*", name="exact"),
        GridSimilarity(field="grid"),
        MeanMetricWrapper(ExactMatch(in_mask=["m"]), name="exact"),
        OMEGA(instructions="two\nlines", population_size=3, selection="best", merging_rate=0.0),
        OMEGA(proposers=[SymbolicProposer(evaluations=600, workers=1, seconds=2.0)]),
        MontySandbox(Limits(timeout=0.5, memory=16, source=99)),
        SchemaModel(Question.get_schema()),
    ],
)
def test_an_object_comes_back_with_its_configuration(made):
    """Down to the objects inside it."""
    again = decode(json.loads(json.dumps(encode(made))))

    assert type(again) is type(made)
    assert encode(again) == encode(made)


def test_a_declared_type_is_written_as_its_schema():
    """The class itself is not needed to load."""
    assert decode(encode(Question)).get_schema() == Question.get_schema()


def test_a_named_function_needs_custom_objects():
    """It is found by its name and never imported."""
    text = encode(named)

    assert text == {"$function": "named"}
    assert decode(text, {"named": named}) is named
    with pytest.raises(SavingError, match=r"custom_objects=\{'named': named\}"):
        decode(text)


@pytest.mark.parametrize("value", [lambda: 0, object(), {1, 2}, float("nan"), [float("inf")], {"a": b"bytes"}])
def test_what_cannot_be_saved_says_so(value):
    """With the value, and for a lambda with what to write."""
    with pytest.raises(SavingError, match=r"cannot be saved|without a name"):
        encode(value)
    assert encode(value, opaque=True) == encode(value, opaque=True)


def test_a_class_with_the_name_of_one_of_ours_is_refused():
    """The file could not tell them apart."""

    class OMEGA:
        def get_config(self):
            """Hold nothing."""
            return {}

    with pytest.raises(SavingError, match="Rename it"):
        encode(OMEGA())


@pytest.mark.parametrize(
    "text",
    [
        {"$class": "os.system", "config": {"command": "true"}},
        {"$class": "Popen", "config": {}},
        {"$function": "eval"},
        {"$class": "OMEGA", "config": {"populaton_size": 3}},
        {"$class": "named", "config": {"y_true": 1, "y_pred": 2}},
        {"$program": {"class": "Popen"}},
    ],
)
def test_a_file_cannot_name_what_is_not_trusted(text):
    """Nor call a trusted function at loading."""
    with pytest.raises(SavingError):
        decode(text, {"named": named})


@pytest.mark.parametrize("text", [{"$class": "OMEGA", "config": {}}, {"a": [{"$function": "named"}]}, {"$program": {}}])
def test_plain_values_hold_no_objects(text):
    """The value of a variable is JSON."""
    with pytest.raises(SavingError, match="in the place of a value"):
        decode(text, {"named": named}, plain=True)


def test_every_allowed_class_is_known_by_its_own_name():
    """So that what is saved under it is found under it."""
    assert all(allowed_class(name).__name__ == name for name in HOMES)
    assert allowed_class("Popen") is None

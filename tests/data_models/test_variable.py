"""Variable: read by many at once, written only between evaluations."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.variable import Variable, overlay
from synthflow.errors import SchemaError


class Counter(DataModel):
    """Counts things."""

    count: int
    note: str = ""


@pytest.fixture
def counter():
    """A variable that counts."""
    return Variable({"count": 1, "note": "first"}, data_model=Counter, name="counter")


def test_the_own_fields_are_read_by_name(counter):
    """`get`, `[]`, `keys` and `get_json` read the value."""
    assert (counter["count"], counter.get("note"), counter.get("absent", 7)) == (1, "first", 7)
    assert counter.keys() == ["count", "note"]
    assert counter.get_json() == {"count": 1, "note": "first"}
    assert counter.to_json_data_model() == Counter(count=1, note="first")


def test_the_views_are_read_beside_the_value_and_are_no_part_of_it(counter):
    """`best_candidates` and `seed_candidates` are plain lists, empty at first."""
    counter.best_candidates = [{"count": 2, "note": "", "reward": 1.0}]

    assert counter.get("best_candidates")[0]["reward"] == 1.0
    assert counter["seed_candidates"] == []
    assert "best_candidates" not in counter.get_json()


@pytest.mark.parametrize("field", ["best_candidates", "seed_candidates"])
def test_a_field_cannot_have_the_name_of_a_view(field):
    """A user's field is never shadowed by what training keeps."""
    schema = {"type": "object", "properties": {field: {"type": "array"}}}

    with pytest.raises(SchemaError, match=f"{field}.*Rename the field"):
        Variable({field: []}, schema=schema)


def test_a_data_model_object_brings_its_own_schema():
    """Then neither `data_model` nor `schema` is needed, and the docstring is the description."""
    variable = Variable(Counter(count=3))

    assert variable["count"] == 3
    assert variable.get_schema() == Counter.get_schema()
    assert variable.description == "Counts things."


@pytest.mark.parametrize("value", [{"count": "x"}, {}, {"count": 1, "more": 2}, [1], None])
def test_a_value_that_does_not_fit_is_rejected(counter, value):
    """At construction, by `assign` and by `mismatch`; the value stays as it was."""
    assert counter.mismatch(value) != ""
    with pytest.raises(SchemaError, match="does not fit variable 'counter'"):
        counter.assign(value)
    with pytest.raises(SchemaError, match="does not fit variable 'state'"):
        Variable(value, data_model=Counter)
    assert counter.get_json() == {"count": 1, "note": "first"}


def test_update_changes_some_fields(counter):
    """The others keep their content, and a value that was read before stays as it was."""
    before = counter.get_json()

    counter.update({"count": 2})

    assert counter.get_json() == {"count": 2, "note": "first"}
    assert before == {"count": 1, "note": "first"}


def test_an_overlay_is_seen_inside_and_gone_outside(counter):
    """Whatever ends the block."""
    with overlay({counter: {"count": 9}}):
        assert (counter["count"], counter.get_json()) == (9, {"count": 9})
    assert counter["count"] == 1

    with pytest.raises(KeyError), overlay({counter: {"count": 9}}):
        counter["absent"]
    assert counter["count"] == 1


def test_an_inner_overlay_hides_only_what_it_names(counter):
    """An evaluation inside another still sees the outer one's values of other variables."""
    other = Variable({"count": 10}, data_model=Counter)

    with overlay({counter: {"count": 2}, other: {"count": 20}}):
        with overlay({other: {"count": 30}}):
            assert (counter["count"], other["count"]) == (2, 30)
        assert (counter["count"], other["count"]) == (2, 20)


@pytest.mark.parametrize("change", [Variable.assign, Variable.update])
def test_a_variable_is_not_written_while_a_candidate_is_evaluated(counter, change):
    """The error says what a module may do, and nothing is changed."""
    with overlay({counter: {"count": 9}}), pytest.raises(RuntimeError, match="only reads its variables"):
        change(counter, {"count": 5})

    assert counter["count"] == 1


@given(st.lists(st.integers(), min_size=1, max_size=8))
async def test_tasks_that_run_at_once_see_their_own_overlays(counts):
    """Each task, and the tasks it starts, sees its own value at every step; outside nothing changes."""
    counter = Variable({"count": -1}, data_model=Counter)
    everyone_reads = asyncio.Barrier(2 * len(counts))

    async def read():
        await everyone_reads.wait()
        return counter["count"]

    async def evaluate(count):
        with overlay({counter: {"count": count}}):
            return await asyncio.gather(read(), read())

    seen = await asyncio.gather(*(evaluate(count) for count in counts))

    assert seen == [[count, count] for count in counts]
    assert counter["count"] == -1


def test_two_variables_of_equal_content_are_two(counter):
    """Variables are told apart by identity."""
    twin = Variable({"count": 1, "note": "first"}, data_model=Counter, name="counter")

    with overlay({counter: {"count": 9}}):
        assert twin["count"] == 1
    assert counter != twin


def test_a_json_data_model_may_initialise_a_variable():
    """It brings its schema along."""
    variable = Variable(JsonDataModel(json={"n": 1}, schema={"type": "object", "properties": {"n": {}}}))

    assert variable["n"] == 1
    assert "n" in repr(variable)

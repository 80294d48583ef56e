"""What stands in several values is written once."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.repeats import Repeats, without_repeats

PAIR = {"input": [[1] * 9] * 3, "output": [[2] * 9] * 3}
OTHER = {"input": [[3] * 9] * 3, "output": [[4] * 9] * 3}


def test_an_object_of_several_values_gets_one_name():
    """Wherever it stands, and in whatever order its keys are."""
    turned = dict(reversed(PAIR.items()))

    found = without_repeats([{"a": [PAIR, OTHER]}, {"a": [turned]}, {"b": {"c": PAIR}}])

    assert found.values == [{"a": ["<value 1>", OTHER]}, {"a": ["<value 1>"]}, {"b": {"c": "<value 1>"}}]
    assert found.objects == {"<value 1>": PAIR}


def test_what_stands_in_one_value_only_is_not_named():
    """Nor what is short, nor a whole value, nor a list."""
    for values in ([{"a": [PAIR, PAIR]}], [{"a": {"n": 1}}] * 2, [PAIR, PAIR], [{"a": PAIR["input"]}] * 2):
        assert without_repeats(values) == Repeats(values)


def test_the_largest_object_is_named_and_not_its_parts():
    """A name inside a named value would have to be looked up twice."""
    outer = {"first": PAIR, "second": OTHER}

    found = without_repeats([{"a": outer}, {"a": outer}])

    assert found.values == [{"a": "<value 1>"}] * 2
    assert found.objects == {"<value 1>": outer}


def test_the_values_given_are_left_as_they_were():
    """New ones are made."""
    value = {"a": [PAIR]}
    without_repeats([value, value])

    assert value == {"a": [PAIR]}


def test_a_part_of_a_row_goes_by_the_rows_name():
    """Even where it stands once: the row is shown anyway."""
    rows = {"<row 1>": {**PAIR, "examples": [OTHER]}, "<row 2>": {**OTHER, "examples": [PAIR]}}

    found = without_repeats([row | {} for row in rows.values()], rows)

    assert [value["examples"] for value in found.values] == [["<row 2>"], ["<row 1>"]]
    assert (found.objects, found.fields) == ({}, ("input", "output"))


def test_an_object_with_another_field_or_value_is_no_part_of_a_row():
    """True is not 1, though Python says so."""
    row = {"flag": [True] * 9, "text": "x" * 40}
    for value in ({**row, "more": 1}, {**row, "flag": [1] * 9}):
        assert without_repeats([{"a": value}], {"<row 1>": row}) == Repeats([{"a": value}])


def test_all_names_of_rows_stand_for_the_same_fields():
    """Else no one sentence could say what they mean; another part is repeated as any other object is."""
    row = {**PAIR, "examples": []}
    half = {"input": PAIR["input"]}

    found = without_repeats([{"a": PAIR, "b": half}, {"b": half}], {"<row 1>": row})

    assert found.values == [{"a": "<row 1>", "b": "<value 1>"}, {"b": "<value 1>"}]


OBJECTS = st.recursive(
    st.integers(0, 1) | st.just("x" * 40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), OBJECTS, max_size=3), max_size=4))
def test_the_names_can_be_undone(values):
    """Whoever puts in what they stand for has the values again."""
    rows = {f"<row {number}>": value for number, value in enumerate(values)}
    found = without_repeats(values, rows)
    meant = {name: {field: row[field] for field in found.fields if field in row} for name, row in rows.items()}

    def undone(value):
        if isinstance(value, str) and value in {**meant, **found.objects}:
            return {**meant, **found.objects}[value]
        if isinstance(value, dict):
            return {key: undone(part) for key, part in value.items()}
        return [undone(part) for part in value] if isinstance(value, list) else value

    assert list(map(undone, found.values)) == values

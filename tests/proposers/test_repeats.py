"""What stands in several values is written once."""

from synthflow.proposers.repeats import without_repeats

PAIR = {"input": [[1] * 9] * 3, "output": [[2] * 9] * 3}
OTHER = {"input": [[3] * 9] * 3, "output": [[4] * 9] * 3}


def test_an_object_of_several_values_gets_one_name():
    """Wherever it stands, and in whatever order its keys are."""
    turned = dict(reversed(PAIR.items()))

    values, objects = without_repeats([{"a": [PAIR, OTHER]}, {"a": [turned]}, {"b": {"c": PAIR}}])

    assert values == [{"a": ["<value 1>", OTHER]}, {"a": ["<value 1>"]}, {"b": {"c": "<value 1>"}}]
    assert objects == {"<value 1>": PAIR}


def test_what_stands_in_one_value_only_is_not_named():
    """Nor what is short, nor a whole value, nor a list."""
    for values in ([{"a": [PAIR, PAIR]}], [{"a": {"n": 1}}] * 2, [PAIR, PAIR], [{"a": PAIR["input"]}] * 2):
        assert without_repeats(values) == (values, {})


def test_the_largest_object_is_named_and_not_its_parts():
    """A name inside a named value would have to be looked up twice."""
    outer = {"first": PAIR, "second": OTHER}

    values, objects = without_repeats([{"a": outer}, {"a": outer}])

    assert values == [{"a": "<value 1>"}] * 2
    assert objects == {"<value 1>": outer}


def test_the_values_given_are_left_as_they_were():
    """New ones are made."""
    value = {"a": [PAIR]}
    without_repeats([value, value])

    assert value == {"a": [PAIR]}

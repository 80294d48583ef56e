"""A Tool says what it takes, takes nothing else, and gives JSON."""

import asyncio
import datetime
import enum
import threading
from typing import Annotated, Any, Literal

import jsonschema
import pytest

from synthflow.data_models.data_model import DataModel, Field
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import SchemaError
from synthflow.modules.input import Input
from synthflow.modules.tool import Tool, as_tools
from synthflow.programs.program import Program
from tests.modules.saved import in_a_fresh_process


class Place(DataModel):
    """A place."""

    city: str
    since: datetime.date | None = None


class Unit(enum.Enum):
    """A unit."""

    metric = "m"
    imperial = "i"


def weather(  # noqa: D417 - one argument is left to its name
    place: Place,
    days: Annotated[int, Field(ge=1)] = 1,
    *,
    unit: Unit = Unit.metric,
    kind: Literal["sun", "rain"] | None = None,
) -> list[str]:
    """Forecast the weather.

    It is always right.

    Args:
        place: Where.
        days (int): How many
            days.
        unit: In which unit: m or i.

    Returns:
        A line for each day.

    >>> weather(Place(city="Bern"))
    ['Bern m None']
    """
    assert isinstance(place, Place)
    assert isinstance(unit, Unit)
    return [f"{place.city} {unit.value} {kind}"] * days


async def later(n: int) -> int:
    """Add one, later."""
    await asyncio.sleep(0)
    return n + 1


def test_it_is_described_by_its_signature_and_docstring():
    """Types, defaults and what each argument means, in the OpenAI wire format."""
    about = Tool(weather).to_wire()["function"]

    assert about["name"] == "weather"
    assert about["description"] == "Forecast the weather.\n\nIt is always right."
    fields = about["parameters"]["properties"]
    assert list(fields) == ["place", "days", "unit", "kind"]
    assert fields["days"] == {"type": "integer", "minimum": 1, "default": 1, "description": "How many days."}
    assert fields["unit"]["description"] == "In which unit: m or i."
    assert fields["unit"]["default"] == "m"
    assert "description" not in fields["kind"]
    assert about["parameters"]["required"] == ["place"]
    assert about["parameters"]["additionalProperties"] is False
    jsonschema.Draft202012Validator.check_schema(about["parameters"])


async def test_arguments_become_what_the_function_takes():
    """Data models, enumerations and dates from plain JSON; defaults are the function's own."""
    found = await Tool(weather).run({"place": {"city": "Bern", "since": "2020-01-01"}, "days": 2, "unit": "i"})

    assert found == ["Bern i None", "Bern i None"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({}, "'place' is a required property"),
        ({"place": {"city": "Bern"}, "day": 1}, "'day' was unexpected"),
        ({"place": {"city": 7}}, "7 is not of type 'string'"),
        ({"place": {"city": "Bern"}, "days": 0}, "minimum"),
        ({"place": {"city": "Bern"}, "kind": "snow"}, "kind"),
        ({"place": {"city": "Bern", "since": "yesterday"}}, "date"),
        ([], "not of type 'object'"),
    ],
)
async def test_arguments_that_do_not_fit_are_refused(arguments, why):
    """Before the function is called; the message says what it takes."""
    with pytest.raises(SchemaError, match=why) as caught:
        await Tool(weather).run(arguments)

    assert "It takes: place: Place, days: integer" in str(caught.value)


async def test_as_a_module_it_answers_with_a_result():
    """One promise for both phases."""
    tool = Tool(later)
    number = JsonDataModel(json={"n": 1}, schema={"type": "object", "properties": {"n": {"type": "integer"}}})

    found = await tool(number)
    promised = await tool(Input(data_model=number))

    assert found.get_json() == {"result": 2}
    assert found.get_schema() == promised.get_schema()
    assert promised.get_schema()["properties"] == {"result": {"type": "integer"}}
    assert (tool.default_name, tool.deterministic) == ("later", False)


async def test_a_sync_function_does_not_hold_up_the_loop():
    """Two of them meet, each in its thread."""
    both = threading.Barrier(2, timeout=10)

    def meet(n: int) -> int:
        """Wait for the other."""
        both.wait()
        return n

    assert await asyncio.gather(Tool(meet).run({"n": 1}), Tool(meet).run({"n": 2})) == [1, 2]


async def test_it_can_change_nothing_of_its_callers():
    """Arguments and results are copies."""
    kept = {"list": [1]}

    def change(value: Any) -> Any:
        """Change it."""
        value["list"].append(2)
        return kept

    given = {"value": {"list": [1]}}
    found = await Tool(change).run(given)
    found["list"].append(3)

    assert given == {"value": {"list": [1]}}
    assert kept == {"list": [1]}


async def test_results_are_json():
    """Data models, tuples and dates become plain JSON."""

    def found() -> tuple[Place, datetime.date]:
        """Find."""
        return Place(city="Bern"), datetime.date(2020, 1, 1)

    def value():
        """Find."""
        return JsonDataModel(json={"a": 1}, schema={"type": "object"})

    assert await Tool(found).run({}) == [{"city": "Bern", "since": None}, "2020-01-01"]
    assert await Tool(value).run({}) == {"a": 1}


async def test_a_result_that_does_not_fit_is_refused():
    """A person wrote the function, so the error names it."""

    def wrong() -> int:
        """Be wrong."""
        return "x"

    def odd():
        """Be odd."""
        return object()

    with pytest.raises(SchemaError, match=r"Tool 'wrong' returned what does not fit its type: \$.result: 'x'"):
        await Tool(wrong).run({})
    with pytest.raises(SchemaError, match=r"Tool 'odd' returned <object .*> ?, which is not JSON"):
        await Tool(odd).run({})


async def test_what_the_function_raises_is_raised():
    """As it is."""

    def fail(n: int) -> int:
        """Fail."""
        raise KeyError(n)

    with pytest.raises(KeyError, match="1"):
        await Tool(fail).run({"n": 1})


def test_a_script_gives_arguments_in_order_or_by_name():
    """As in Python; a wrong call is an error in Python's words."""
    tool = Tool(weather)

    assert tool.run_now({"city": "Bern"}, 1, unit="i") == ["Bern i None"]
    with pytest.raises(TypeError, match="missing a required argument: 'place'"):
        tool.run_now(days=1)
    with pytest.raises(TypeError, match="too many positional arguments"):
        tool.run_now({}, 1, "m")


def test_it_is_described_in_words():
    """For whoever writes scripts."""
    lines = Tool(weather).describe().splitlines()

    assert lines[0].startswith("weather(place: Place, days: integer, unit: Unit, kind: string or null) gives array of")
    assert "  days: How many days. By default 1." in lines


def test_a_name_and_a_description_of_ones_own():
    """For a function that has none that would do."""
    tool = Tool(lambda: 1, name="one", description="Give one.")

    assert tool.to_wire()["function"]["name"] == "one"
    assert tool.to_wire()["function"]["description"] == "Give one."


def no_types(query):
    """Search."""


def stars(*queries: str):
    """Search."""


def keywords(**queries: str):
    """Search."""


def by_place(query: str, /):
    """Search."""


def no_docstring(query: str):  # noqa: D103
    return query


def only_sections(query: str):
    """
    Args:
        query: What to search for.
    """  # noqa: D205, D212


def odd_type(query: threading.Thread):
    """Search."""


def unknown_type(query: "Nowhere"):  # noqa: F821
    """Search."""


def odd_result() -> threading.Thread:
    """Search."""


@pytest.mark.parametrize(
    ("function", "error", "why"),
    [
        (no_types, TypeError, "'query' of tool 'no_types' has no type"),
        (stars, TypeError, r"takes '\*queries: str', which cannot be given by name"),
        (keywords, TypeError, r"takes '\*\*queries: str'"),
        (by_place, TypeError, "cannot be given by name"),
        (no_docstring, ValueError, "'no_docstring' has no docstring"),
        (only_sections, ValueError, "has no docstring"),
        (odd_type, TypeError, "type of 'query' in tool 'odd_type'.*cannot be told in JSON"),
        (odd_result, TypeError, "type of 'return' in tool 'odd_result'"),
        (unknown_type, TypeError, "'Nowhere' is not defined"),
        (lambda query: 1, ValueError, "'<lambda>' cannot be the name of a tool"),
        (7, TypeError, "a function with a name, not 7"),
    ],
)
def test_a_function_that_cannot_be_a_tool_is_refused(function, error, why):
    """When it is made, with what to write instead."""
    with pytest.raises(error, match=why):
        Tool(function)


def test_tools_are_told_apart_by_name():
    """A function and a Tool of the same name clash."""
    assert [tool.called for tool in as_tools([later, Tool(weather)])] == ["later", "weather"]

    with pytest.raises(ValueError, match="Two tools are called 'later'"):
        as_tools([later, Tool(later)])


async def test_it_survives_saving(tmp_path):
    """The file names the function; whoever loads it gives the code."""
    inputs = Input(schema={"type": "object", "properties": {"n": {"type": "integer"}}})
    program = Program(inputs=inputs, outputs=await Tool(later, name="next_one")(inputs))
    source = 'async def later(n: int) -> int:\n    """Add one."""\n    return n + 1'

    outputs, _ = in_a_fresh_process(program, tmp_path / "p.json", {"n": 1}, source, ["later"])

    assert outputs == {"result": 2}

"""A program closes its graph, checks what it is given, runs and can be drawn."""

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import GraphError, SchemaError
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.programs.program import Program, plot_program
from tests.programs.toy import SEED, Answer, Increment, Question, make_program, synthesis


class Text(DataModel):
    """Another type."""

    text: str


class Called(Program):
    """Subclassed: a `call` of its own."""

    def __init__(self, by=1, *, name=None):
        super().__init__(name=name)
        self.first = Increment(by)
        self.second = synthesis()

    async def call(self, inputs):
        """Add, then run the script."""
        return await self.second(await self.first(inputs))


class Closed(Program):
    """Mixed: a `build` that closes the graph."""

    def __init__(self, by=1, *, name=None):
        super().__init__(name=name)
        self.first = Increment(by)
        self.second = synthesis()

    async def build(self, inputs):
        """Wire."""
        self.close_graph(inputs, await self.second(await self.first(inputs)))


class Initialised(Program):
    """Mixed: a `build` that calls the constructor, as in Keras."""

    def __init__(self, by=1):
        super().__init__()
        self.first = Increment(by)
        self.second = synthesis()

    async def build(self, inputs):
        """Wire."""
        super().__init__(inputs=inputs, outputs=await self.second(await self.first(inputs)), name="mixed")


async def functional(by=1):
    """Wire the same thing by hand."""
    inputs = Input(data_model=Question)
    return Program(inputs=inputs, outputs=await synthesis()(await Increment(by)(inputs)))


@pytest.mark.parametrize("kind", [Called, Closed, Initialised])
async def test_subclassed_and_mixed_programs_answer_as_the_functional_one(kind):
    """The three ways to write a program are one thing."""
    program = kind(by=3)
    expected = await (await functional(3))(Question(n=4))

    assert await program(Question(n=4)) == expected
    assert await program(Question(n=4)) == expected
    assert expected["m"] == 7


async def test_a_mixed_program_is_built_once_and_has_the_graph_names():
    """Its variables are found by the names in the graph."""
    program = Initialised()
    await program(Question(n=1))
    graph = program.graph
    await program(Question(n=2))

    assert program.graph is graph
    assert program.name == "mixed"
    assert [path for path, _ in program.named_variables()] == ["increment/state", "python_synthesis/state"]


async def test_a_build_that_closes_nothing_says_what_its_last_line_is():
    """The message shows `close_graph`."""

    class Empty(Program):
        async def build(self, inputs):
            """Forget to close."""

    with pytest.raises(GraphError, match="close_graph"):
        await Empty()(Question(n=1))


@pytest.mark.parametrize("value", [None, {"n": 1}, 3])
async def test_a_program_that_is_not_built_yet_refuses_what_has_no_schema(value):
    """The message shows what to call it with."""
    with pytest.raises(SchemaError, match="await"):
        await Closed()(value)


def test_a_program_without_graph_or_call_is_refused():
    """The message shows both ways out."""
    with pytest.raises(GraphError, match="subclass Program"):
        Program()
    with pytest.raises(GraphError, match="needs both"):
        Program(inputs=Input(data_model=Question))


async def test_inputs_may_be_a_list_a_tuple_or_a_dict():
    """The program is called with the structure it was made with."""
    first, second = Input(data_model=Question), Input(data_model=Answer)
    as_list = Program(inputs=[first, second], outputs=first + second)
    as_tuple = Program(inputs=(first, second), outputs=(second, first))
    as_dict = Program(inputs={"q": first, "a": second}, outputs={"both": first + second})
    values = Question(n=1), Answer(m=2)

    assert (await as_list(list(values))).get_json() == {"n": 1, "m": 2}
    assert (await as_list(*values)).get_json() == {"n": 1, "m": 2}
    assert await as_tuple(values) == (Answer(m=2), Question(n=1))
    answer = await as_dict({"a": values[1], "q": values[0]})
    assert answer["both"].get_json() == {"n": 1, "m": 2}


@pytest.mark.parametrize("wrong", [[Question(n=1)], Question(n=1), {"q": Question(n=1)}, [Question(n=1)] * 3])
async def test_a_wrong_structure_shows_the_right_one(wrong):
    """The message names the inputs."""
    first, second = Input(data_model=Question, name="question"), Input(data_model=Answer, name="answer")
    program = Program(inputs=[first, second], outputs=first + second, name="pair")

    with pytest.raises(SchemaError, match=r"'pair' takes its inputs.*\n.*question.*answer"):
        await program(wrong)


async def test_a_wrong_type_names_the_field_and_shows_the_fix():
    """So that the caller knows what to write instead."""
    program = await make_program()

    with pytest.raises(SchemaError) as raised:
        await program(Text(text="one"))
    assert "'toy' was given a value that does not fit its input 'input'" in str(raised.value)
    assert "'text' was unexpected" in str(raised.value)
    assert "It takes: n: integer" in str(raised.value)
    assert "await program(Question(n=...))" in str(raised.value)


async def test_json_of_a_like_type_is_taken_and_a_wrong_field_in_it_is_named():
    """What counts is whether the value fits the schema."""
    program = await make_program()
    schema = {"type": "object", "properties": {"n": {}}}

    assert (await program(JsonDataModel(json={"n": 2}, schema=schema)))["m"] == 2
    with pytest.raises(SchemaError, match=r"\$\.n"):
        await program(JsonDataModel(json={"n": "two"}, schema=schema))


async def test_plain_json_is_refused_with_what_to_write():
    """A dict has no type."""
    with pytest.raises(SchemaError, match="JsonDataModel"):
        await (await make_program())({"n": 1})


async def test_none_for_a_required_input_makes_the_program_answer_none():
    """As a module does; an optional input lets None flow."""
    required, optional = Input(data_model=Question), Input(data_model=Answer, optional=True)
    program = Program(inputs=[required, optional], outputs=(required | optional, optional))

    assert await program([None, Answer(m=1)]) == (None, None)
    assert await program([Question(n=1), None]) == (Question(n=1), None)


async def test_a_program_is_a_module_of_a_larger_one():
    """Its variables are found below its name."""
    inner = await make_program(name="inner")
    inputs = Input(data_model=Question)
    outer = Program(inputs=inputs, outputs=await Identity()(await inner(inputs)))

    assert (await outer(Question(n=5)))["m"] == 5
    assert [path for path, _ in outer.named_variables()] == ["inner/python_synthesis/state"]
    assert outer.get_module("inner") is inner
    assert outer.trainable_variables == inner.trainable_variables


async def test_none_flows_through_a_nested_program():
    """The inner one answers None for it."""
    inner = await make_program()
    inputs = Input(data_model=Question, optional=True)
    outer = Program(inputs=inputs, outputs=await inner(inputs))

    assert await outer(None) is None


async def test_names_depend_on_the_wiring_alone():
    """Whatever the process made before."""
    first, second = await functional(), await functional()

    assert list(first.modules) == list(second.modules) == ["increment", "python_synthesis"]


async def test_get_module_names_those_there_are():
    """A misspelt name is answered with the list."""
    with pytest.raises(KeyError, match="python_synthesis"):
        (await make_program()).get_module("synthesis")


async def test_a_module_called_twice_has_its_variable_once():
    """Both calls share it."""
    module = Increment(2)
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await module(await module(inputs)))

    assert (await program(Question(n=1)))["n"] == 5
    assert len(program.variables) == len(dict(program.named_variables())) == 1


async def test_summary_prints_the_modules_and_gives_the_text(capsys):
    """It names modules, fields and what is trainable."""
    program = await make_program()
    text = program.summary()

    assert capsys.readouterr().out == text + "\n"
    assert "toy" in text
    assert "python_synthesis" in text
    assert "state" in text


async def test_a_program_is_drawn_without_graphviz(tmp_path):
    """As mermaid text and as an SVG file."""
    program = await make_program()
    path = plot_program(program, str(tmp_path / "toy.svg"))

    assert "python_synthesis" in program.to_mermaid()
    assert (tmp_path / "toy.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert path == str(tmp_path / "toy.svg")


async def test_a_class_with_a_call_of_its_own_says_that_it_has_no_graph():
    """There is nothing to draw, and its parts can be listed."""
    with pytest.raises(GraphError, match=r"has no graph: it is a class with a call of its own"):
        Called().to_mermaid()
    assert "Increment" in Called().summary()


async def test_a_concrete_value_may_be_wired_beside_promises():
    """It becomes a constant of the graph."""
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=inputs + Answer(m=9))

    assert (await program(Question(n=1))).get_json() == {"n": 1, "m": 9}


async def test_building_a_graph_runs_no_script():
    """A promise is enough."""
    program = await make_program("this is not Python")

    assert program.get_variable("python_synthesis/state")["python_script"] == "this is not Python"
    assert (await program(Question(n=1)))["stderr"]
    assert SEED not in program.to_mermaid()

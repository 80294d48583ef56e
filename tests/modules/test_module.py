"""Module: wired with promises, run with values, known by its variables."""

import asyncio

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.variable import overlay
from synthflow.errors import GraphError, SavingError, SchemaError
from synthflow.graph import trace
from synthflow.graph.execute import Runner
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import SymbolicDataModel
from synthflow.graph.trace import Trace
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.modules.module import Module


class Question(DataModel):
    """A question."""

    text: str


class Answer(DataModel):
    """An answer."""

    answer: str


class Prefix(Module):
    """Puts a learned prefix before a text."""

    def __init__(self, prefix="> ", *, name=None, trainable=True):
        super().__init__(name=name, trainable=trainable)
        self.calls = 0
        self.state = self.add_variable({"answer": prefix}, data_model=Answer)

    def output_schema(self, inputs):
        """Promise an answer."""
        return Answer.get_schema()

    async def call(self, inputs):
        """Join the prefix and the text."""
        self.calls += 1
        return Answer(answer=self.state["answer"] + inputs["text"])


class Twice(Module):
    """Wires its parts in `call` and says nothing of its output."""

    def __init__(self, name=None):
        super().__init__(name=name)
        self.first = Prefix("a")
        self.others = [Prefix("b"), {"last": Prefix("c", name="third")}]
        self._hidden = Prefix("d")

    async def call(self, inputs):
        """Ask two parts."""
        return await self.first(inputs) & await self.others[0](inputs)


async def test_a_promise_wires_the_call_and_runs_nothing():
    """The output is a promise with the schema that `output_schema` gives."""
    module = Prefix()

    promised = await module(Input(data_model=Question))

    assert isinstance(promised, SymbolicDataModel)
    assert promised.get_schema() == Answer.get_schema()
    assert promised.node.operation is module
    assert module.calls == 0


@pytest.mark.parametrize("value", [Question(text="x"), JsonDataModel(json={"text": "x"}, data_model=Question)])
async def test_a_value_runs_the_call(value):
    """A DataModel object or a JsonDataModel; what comes out flows on as a JsonDataModel."""
    found = await Prefix()(value)

    assert type(found) is JsonDataModel
    assert found.get_json() == {"answer": "> x"}


async def test_what_is_promised_is_delivered():
    """In a graph, too."""
    inputs = Input(data_model=Question)
    outputs = await Prefix()(inputs)

    found = await Runner(Graph(inputs, outputs)).run([Question(text="x").to_json_data_model()])

    assert found.get_schema() == outputs.get_schema()


async def test_none_gives_none_unless_it_is_wanted():
    """`call` is not made, unless the class accepts None."""

    class Asked(Prefix):
        accepts_none = True

        async def call(self, inputs):
            return Answer(answer="nobody" if inputs is None else "somebody")

    module = Prefix()

    assert await module(None) is None
    assert module.calls == 0
    assert (await Asked()(None))["answer"] == "nobody"


@pytest.mark.parametrize("value", [{"text": "x"}, "x", 3, [{"text": "x"}], Question])
async def test_what_is_no_data_model_is_rejected(value):
    """The message shows both ways to write it."""
    with pytest.raises(SchemaError) as caught:
        await Prefix()(value)

    assert "Prefix takes data models, and was given" in str(caught.value)
    assert "await module(Question(text=...))" in str(caught.value)
    assert "await module(JsonDataModel(json={...}, data_model=Question))" in str(caught.value)


async def test_plain_json_is_no_output():
    """Outside a graph as inside one, the message shows what to return."""

    class Careless(Prefix):
        async def call(self, inputs):
            return {"answer": "x"}

    with pytest.raises(TypeError, match=r"Module 'careless' returned .*\n.*return JsonDataModel\("):
        await Careless()(Question(text="x"))


async def test_the_schema_of_a_call_that_only_wires_is_found_by_wiring():
    """Nothing runs, and the promise admits what the call yields."""
    module = Twice()

    promised = await module(Input(data_model=Question))

    assert promised.keys() == ["answer", "answer_1"]
    assert module.first.calls == 0
    assert (await module(Question(text="x"))).get_json() == {"answer": "ax", "answer_1": "bx"}


async def test_a_call_that_wires_may_give_a_structure():
    """Its promises come in the same one."""

    class Both(Module):
        async def call(self, inputs):
            return inputs, {"again": await Identity()(inputs)}

    one, other = await Both()(Input(data_model=Question))

    assert [one.path, other["again"].path] == [(0,), (1, "again")]


@pytest.mark.parametrize(
    "call",
    [
        lambda inputs: Answer(answer=inputs["text"]),
        lambda inputs: Answer(answer=inputs.get("text")),
        lambda inputs: [value for _, value in inputs.items()],
        lambda inputs: inputs.text,
        lambda inputs: inputs if inputs else None,
        lambda inputs: len(inputs),
        lambda inputs: {"answer": "x"},
        lambda inputs: None,
    ],
)
async def test_a_call_that_reads_its_input_needs_an_output_schema(call):
    """The message shows the method to add."""

    class Reading(Module):
        async def call(self, inputs):
            return call(inputs)

    with pytest.raises(GraphError, match=r"Reading does not say what it outputs.\n.*def output_schema\(self, inputs\)"):
        await Reading()(Input(data_model=Question))


async def test_a_module_without_a_call_is_an_error():
    """Wired or run, the message shows the method to write."""
    for inputs in (Input(data_model=Question), Question(text="x")):
        with pytest.raises(GraphError, match=r"async def call\(self, inputs\)"):
            await Module()(inputs)


async def test_a_class_in_the_place_of_a_schema_is_an_error():
    """The message shows what to return."""

    class Careless(Prefix):
        def output_schema(self, inputs):
            return Answer

    with pytest.raises(GraphError, match=r"return Answer.get_schema\(\)"):
        await Careless()(Input(data_model=Question))


async def test_a_forgotten_super_init_does_no_harm():
    """The module has no name, is trainable and holds its variables."""

    class Forgetful(Module):
        def __init__(self):
            self.state = self.add_variable({"answer": ""}, data_model=Answer)

    module = Forgetful()

    assert (module.name, module.trainable, module.description) == (None, True, "")
    assert module.trainable_variables == [module.state]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_name_that_breaks_paths_is_rejected(name):
    """Names are parts of paths."""
    with pytest.raises(ValueError, match="no '/'"):
        Identity(name=name)


def test_variables_have_paths_of_names():
    """Own ones first, then those of attributes, also in lists and dicts; private attributes are left out."""
    module = Twice()
    module.own = module.add_variable({"answer": "own"}, data_model=Answer, name="own")

    assert [path for path, _ in module.named_variables()] == ["own", "first/state", "others/state", "third/state"]
    assert module.get_variable("third/state")["answer"] == "c"
    assert module.get_variable("own") is module.own
    with pytest.raises(KeyError, match="No variable 'state'; there are 'own', 'first/state'"):
        module.get_variable("state")


def test_parts_of_one_list_are_told_apart():
    """The second is called `parts_1`, the third `parts_2`."""
    module = Identity()
    module.parts = [Prefix(), Prefix(), Prefix()]

    assert [path for path, _ in module.named_variables()] == ["parts/state", "parts_1/state", "parts_2/state"]


def test_two_variables_of_one_name_are_an_error():
    """The message asks for another name."""
    module = Prefix()

    with pytest.raises(ValueError, match="already has a variable 'state'"):
        module.add_variable({"answer": ""}, data_model=Answer)


def test_what_is_not_trainable_is_left_alone():
    """A variable, a module, or all below a module; switched on again, all are back."""
    module = Twice()
    frozen = module.add_variable({"answer": ""}, data_model=Answer, name="frozen", trainable=False)
    all_of_them = module.variables

    module.first.trainable = False
    assert module.trainable_variables == [
        module.get_variable("others/state"),
        module.get_variable("third/state"),
    ]
    assert module.non_trainable_variables == [frozen, module.get_variable("first/state")]

    module.trainable = False
    assert module.trainable_variables == []
    assert module.non_trainable_variables == all_of_them

    module.trainable = module.first.trainable = True
    assert module.non_trainable_variables == [frozen]


async def test_a_candidate_is_tried_without_touching_the_module():
    """Two overlays run through one module at once."""
    module = Prefix()
    everyone = asyncio.Barrier(2)

    async def attempt(prefix):
        with overlay({module.state: {"answer": prefix}}):
            await everyone.wait()
            return (await module(Question(text="x")))["answer"]

    assert await asyncio.gather(attempt("a"), attempt("b")) == ["ax", "bx"]
    assert (await module(Question(text="x")))["answer"] == "> x"


def test_the_config_makes_an_equal_module():
    """It holds the arguments as they were given, by name."""
    config = Prefix("# ", name="heading").get_config()
    again = Prefix.from_config(config)

    assert config == {"prefix": "# ", "name": "heading"}
    assert (again.name, again.state["answer"]) == ("heading", "# ")
    assert again.get_config() == config
    assert Identity().get_config() == {}


def test_keyword_arguments_without_names_are_kept():
    """A class that passes `**options` on can be saved."""

    class Passing(Prefix):
        def __init__(self, **options):
            super().__init__(**options)

    assert Passing(prefix="x", trainable=False).get_config() == {"prefix": "x", "trainable": False}


def test_arguments_without_names_cannot_be_told():
    """The message asks for a `get_config`."""

    class Listing(Module):
        def __init__(self, *parts):
            super().__init__()

    with pytest.raises(SavingError, match=r"Listing takes \*parts; write get_config\(\)"):
        Listing(1, 2).get_config()


def test_the_default_name_is_the_class_in_words():
    """And the repr shows the name in force."""
    assert Twice().default_name == "twice"
    assert repr(Twice()) == "<Twice 'twice'>"
    assert repr(Twice(name="pair")) == "<Twice 'pair'>"


async def test_the_default_batch_is_all_calls_at_once():
    """In the order of the rows, each writing into its own trace; such a module does not ask for batches."""
    everyone = asyncio.Barrier(3)

    class Noting(Prefix):
        async def call(self, inputs):
            await everyone.wait()
            trace.note("ok", inputs["text"])
            return await super().call(inputs)

    traces = [Trace() for _ in range(3)]

    with trace.tracing_rows(traces):
        found = await Noting().call_batch([Question(text=text).to_json_data_model() for text in "abc"])

    assert [one["answer"] for one in found] == ["> a", "> b", "> c"]
    assert [one.feedback for one in traces] == ["a", "b", "c"]
    assert not Noting().takes_batches


async def test_a_module_with_a_batch_of_its_own_asks_for_it():
    """`takes_batches` is told from the class."""

    class Batched(Prefix):
        async def call_batch(self, rows):
            return [Answer(answer=str(len(rows))) for _ in rows]

    inputs = Input(data_model=Question)
    execution = Runner(Graph(inputs, await Batched()(inputs)))
    rows = [[Question(text=text).to_json_data_model()] for text in "ab"]

    assert Batched().takes_batches
    assert [one["answer"] for one in await execution.run_batch(rows, [None, None])] == ["2", "2"]

"""A program is saved and loaded as it is: wiring, values, population, and how it was compiled."""

import copy
import json
import sys

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.errors import SavingError
from synthflow.modules.identity import Identity
from synthflow.modules.input import Input
from synthflow.modules.lambda_module import Lambda
from synthflow.modules.masking import InMask, OutMask
from synthflow.modules.merging import And, Concat, Not, Or, Xor
from synthflow.modules.module import Module
from synthflow.optimizers.omega import OMEGA
from synthflow.programs.program import Program
from synthflow.programs.sequential import Sequential
from synthflow.rewards.exact_match import ExactMatch
from synthflow.sandboxes.monty import MontySandbox
from synthflow.sandboxes.sandbox import Limits
from tests.programs.toy import (
    GOOD,
    HALF,
    Answer,
    Increment,
    Listed,
    Question,
    X,
    Y,
    accuracy,
    compiled,
    fresh_python,
    make_program,
    synthesis,
)

OWN = {"Increment": Increment, "Listed": Listed}


def doubled(inputs):
    """Double a number."""
    return {"m": 2 * inputs["n"]}


class Split(Module):
    """Answers two things."""

    def output_schema(self, inputs):
        """Promise both, by name."""
        return {"q": Question.get_schema(), "a": (Answer.get_schema(), Answer.get_schema())}

    async def call(self, inputs):
        """Give both."""
        return {"q": inputs, "a": (Answer(m=inputs["n"]), Answer(m=-1))}


class Subclassed(Program):
    """A `call` of its own."""

    def __init__(self, by, *, name=None):
        super().__init__(name=name)
        self.first, self.second = Increment(by), synthesis()

    async def call(self, inputs):
        """Run both."""
        return await self.second(await self.first(inputs))


class Mixed(Program):
    """A `build` of its own."""

    def __init__(self, by, **options):
        super().__init__(**options)
        self.first, self.second = Increment(by), synthesis()

    async def build(self, inputs):
        """Wire both."""
        super().__init__(inputs=inputs, outputs=await self.second(await self.first(inputs)), name="mixed")


class Named(Program):
    """A class that only adds a name to what the functional form does."""


async def chain():
    """One input, two modules."""
    inputs = Input(data_model=Question, name="question")
    return Program(inputs=inputs, outputs=await synthesis(GOOD)(await Increment(3)(inputs)), description="Two\nlines.")


async def shared():
    """One module called twice, and an automatic name that looks like a second call."""
    module, inputs = Increment(), Input(data_model=Question)
    return Program(inputs=inputs, outputs=await Increment(10)(await module(await module(inputs))))


async def operators():
    """Every operator, a constant, and several outputs."""
    one, two = Input(data_model=Question), Input(data_model=Answer, optional=True)
    outputs = {"plus": one + Answer(m=3), "rest": [one & two, (one | two, one ^ two), ~one], "nested": one + one + one}
    return Program(inputs={"one": one, "two": two}, outputs=outputs)


async def merging():
    """The merging and masking modules."""
    one, two = Input(data_model=Question), Input(data_model=Answer)
    both = await Concat()([one, two])
    parts = [await InMask(["n"])(both), await OutMask(["n"])(both)]
    merged = [await kind()([one, two]) for kind in (And, Or, Xor)]
    return Program(inputs=[one, two], outputs=[*parts, *merged, await Not()(one), await Identity()(two)])


async def multiple():
    """A module with several outputs, one of them read twice."""
    inputs = Input(data_model=Question)
    split = await Split()(inputs)
    return Program(inputs=(inputs,), outputs=(split["a"][1], split["q"] + split["a"][0]))


async def nested():
    """Programs inside a program, one of them called twice."""
    inner, inputs = await chain(), Input(data_model=Question)
    return Program(inputs=inputs, outputs=(await inner(inputs), await inner(await Named.of()(inputs))))


async def sequential():
    """A row of modules, one of which is a program."""
    program = Sequential([Increment(2), await make_program(GOOD), Identity()], name="row", description="In a row.")
    await program(X[0])
    return program


async def mixed():
    """A built one."""
    program = Mixed(4)
    await program(X[0])
    program.description, program.trainable = "Mixed.", False
    return program


async def named():
    """A subclass that adds nothing to the functional form."""
    return await Named.made()


async def _made(cls):
    inputs = Input(data_model=Question)
    return cls(inputs=inputs, outputs=await Increment(5)(inputs), name="named")


Named.made = classmethod(_made)
Named.of = staticmethod(lambda: Increment(5))

ONE = [Question(n=4)]
PROGRAMS = [
    (chain, ONE),
    (shared, ONE),
    (operators, [{"one": Question(n=1), "two": Answer(m=2)}, {"one": Question(n=1), "two": None}]),
    (merging, [[Question(n=1), Answer(m=2)]]),
    (multiple, [(Question(n=4),)]),
    (nested, ONE),
    (sequential, ONE),
    (mixed, ONE),
    (named, ONE),
]
CUSTOM = {**OWN, "Mixed": Mixed, "Subclassed": Subclassed, "Named": Named, "Split": Split, "doubled": doubled}


@pytest.mark.parametrize(("make", "rows"), PROGRAMS)
async def test_a_loaded_program_answers_alike_and_is_saved_alike(make, rows, tmp_path):
    """Whatever its wiring."""
    program = await make()
    program.save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json", CUSTOM)
    again.save(tmp_path / "b.json")

    assert type(again) is type(program)
    assert (again.name, again.description, again.trainable) == (program.name, program.description, program.trainable)
    for row in rows:
        assert await again(row) == await program(row)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


async def test_a_subclassed_program_is_made_again_from_its_arguments(tmp_path):
    """The class that loads is trusted without being named."""
    program = Subclassed(by=6, name="six")
    program.second.state.assign({"python_script": GOOD})
    program.save(tmp_path / "a.json")
    again = Subclassed.load(tmp_path / "a.json", OWN)

    assert (await again(Question(n=1)))["m"] == 8
    assert again.name == "six"
    with pytest.raises(SavingError, match=r"custom_objects=.*Subclassed"):
        Program.load(tmp_path / "a.json", OWN)


async def test_a_file_of_another_class_is_refused(tmp_path):
    """A Sequential is not made of a Program's file."""
    (await make_program()).save(tmp_path / "a.json")

    with pytest.raises(SavingError, match="holds a Program, not a Sequential"):
        Sequential.load(tmp_path / "a.json")


async def test_a_program_that_is_not_built_yet_is_saved_unbuilt(tmp_path):
    """Its first call builds it, as before."""
    Sequential([Increment(2), synthesis(GOOD)]).save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json", OWN)

    assert not again.built
    assert (await again(Question(n=1)))["m"] == 4


async def trained(tmp_path, **options):
    """Train, and save as `trained.json`."""
    program = await make_program(seed_scripts=["result = 1"])
    compiled(program, HALF, GOOD, population_size=2, metrics=[accuracy()], seed=3, **options)
    await program.fit(X, Y, verbose=0)
    program.save(tmp_path / "trained.json")
    return program


async def test_a_trained_program_comes_back_compiled_with_its_population(tmp_path):
    """And goes on from there as it would have gone on itself."""
    program = await trained(tmp_path)
    again = Program.load(tmp_path / "trained.json", OWN)
    state = again.get_module("python_synthesis").state

    assert again.population == program.population
    assert state.get("best_candidates") == program.get_module("python_synthesis").state.get("best_candidates")
    assert [seed["python_script"] for seed in state.seed_candidates] == [
        "result = {'m': inputs['n']}",
        "result = 1",
    ]
    assert isinstance(again.compiled.optimizer, OMEGA)
    assert again.compiled.seed == 3
    assert await again.evaluate(X, Y) == await program.evaluate(X, Y) == {"reward": 0.5, "accuracy": 0.5}
    one = (await program.fit(X, Y, epochs=3, verbose=0)).history
    other = (await again.fit(X, Y, epochs=3, verbose=0)).history
    assert one == other == {"reward": [1.0], "accuracy": [1.0]}
    assert again.population == program.population


async def test_a_fresh_process_gives_equal_answers(tmp_path):
    """It needs the file and the name of the class, and no pickle."""
    program = await make_program(HALF, sandbox=MontySandbox(Limits(timeout=2.0, memory=32)))
    program.compile(reward=ExactMatch(in_mask=["m"]), metrics=[accuracy()])
    program.save(tmp_path / "a.json")
    code = (
        "import asyncio, sys\n"
        "from synthflow import JsonDataModel, Program\n"
        "program = Program.load(sys.argv[1])\n"
        "x = [JsonDataModel(json={'n': n}, schema=program.graph.inputs.get_schema()) for n in range(4)]\n"
        "print([answer.get_json() for answer in asyncio.run(program.predict(x))])\n"
    )

    assert fresh_python(code, tmp_path / "a.json").strip() == str(
        [answer.get_json() for answer in await program.predict(X)]
    )
    assert b"pickle" not in (tmp_path / "a.json").read_bytes()


async def test_the_limits_of_a_sandbox_survive(tmp_path):
    """A loaded program runs in walls as high as before."""
    limits = Limits(timeout=0.25, memory=16, recursion=99, source=500, result=600, printed=700)
    (await make_program(sandbox=MontySandbox(limits))).save(tmp_path / "a.json")

    assert Program.load(tmp_path / "a.json").get_module("python_synthesis").sandbox.limits == limits


async def test_changing_one_line_of_a_script_changes_one_line_of_the_file(tmp_path):
    """Scripts are lists of lines."""
    program = await make_program()
    lines = ["a = inputs['n']", "", "    # ü", "result = {'m': a}"]
    texts = []
    for last in ("result = {'m': a}", "result = {'m': a + 1}"):
        program.get_module("python_synthesis").state.assign({"python_script": "\n".join([*lines[:-1], last])})
        program.save(tmp_path / "a.json")
        texts.append((tmp_path / "a.json").read_text(encoding="utf-8").splitlines())

    assert len(texts[0]) == len(texts[1])
    assert sum(one != other for one, other in zip(*texts, strict=True)) == 1


async def test_values_with_the_marks_of_the_format_survive(tmp_path):
    """A person's keys are a person's."""

    class Free(Module):
        def __init__(self, value):
            super().__init__()
            self.state = self.add_variable(value, schema={"type": "object"})

        def output_schema(self, inputs):
            """Give the input."""
            return inputs.get_schema()

        async def call(self, inputs):
            """Give the input."""
            return inputs

    value = {"$lines": ["a"], "$class": "OMEGA", "config": {"$$function": {"$program": "a\nb"}}}
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await Free(value)(inputs))
    program.save(tmp_path / "a.json")

    assert Program.load(tmp_path / "a.json", {"Free": Free}).get_variable("free/state").value == value


async def test_a_crash_while_saving_leaves_the_old_file(tmp_path):
    """What cannot be saved is found before anything is written."""
    program = await make_program()
    program.save(tmp_path / "a.json")
    before = (tmp_path / "a.json").read_bytes()
    program.compile(reward=lambda y_true, y_pred: 1.0)

    with pytest.raises(SavingError, match="Define it with `def`"):
        program.save(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == before


async def test_functions_are_saved_by_name_and_lambdas_are_not(tmp_path):
    """In a Lambda module, a reward or a constraint."""
    inputs = Input(data_model=Question)
    program = Program(inputs=inputs, outputs=await Lambda(doubled, data_model=Answer)(inputs))
    program.save(tmp_path / "a.json")

    assert await Program.load(tmp_path / "a.json", {"doubled": doubled})(Question(n=4)) == Answer(m=8)
    with pytest.raises(SavingError, match="names 'doubled'"):
        Program.load(tmp_path / "a.json")
    nameless = Program(inputs=inputs, outputs=await Lambda(lambda x: {"m": 1}, data_model=Answer)(inputs))
    with pytest.raises(SavingError, match="custom_objects"):
        nameless.save(tmp_path / "a.json")


async def test_variables_are_saved_and_loaded_alone(tmp_path):
    """Every field, the population and the views."""
    program = await trained(tmp_path)
    program.save_variables(tmp_path / "v.json")
    other = await make_program()
    other.load_variables(tmp_path / "v.json")

    assert other.get_state_tree() == program.get_state_tree()
    assert other.get_variable("python_synthesis/state").best_candidates
    other.load_variables(tmp_path / "trained.json")
    with pytest.raises(SavingError, match=r"load_variables\(path\)"):
        Program.load(tmp_path / "v.json")


async def test_a_file_of_another_program_names_both_sides_and_changes_nothing(tmp_path):
    """So that the reader sees what was renamed."""
    program = await trained(tmp_path)
    other = await shared()
    before = copy.deepcopy(other.get_state_tree())

    with pytest.raises(SavingError) as raised:
        other.load_variables(tmp_path / "trained.json")
    assert "'python_synthesis/state'" in str(raised.value)
    assert "'increment/state', 'increment_1/state'" in str(raised.value)
    assert other.get_state_tree() == before
    assert program.population


async def test_a_program_frozen_since_its_training_is_saved_and_loaded(tmp_path):
    """Its population tells of values that may not change any more."""
    program = await trained(tmp_path)
    program.get_module("python_synthesis").trainable = False
    program.compile(reward=ExactMatch(in_mask=["m"]))
    program.save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json")

    assert again.trainable_variables == []
    assert (await again(Question(n=1)))["m"] == 2


async def test_what_was_frozen_by_hand_stays_frozen(tmp_path):
    """A module's switch and a single variable's, set after they were made."""
    program = await chain()
    first, second = program.modules.values()
    first.trainable, second.state.trainable = False, False
    program.save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json", CUSTOM)

    assert [module.trainable for module in again.modules.values()] == [False, True]
    assert again.trainable_variables == []
    again.get_module(next(iter(again.modules))).trainable = True
    assert len(again.trainable_variables) == 1


def altered(text, path, value):
    """Put a value at a path of nested JSON."""
    text = copy.deepcopy(text)
    part = text
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return text


DEEP = [[]]
for _ in range(900):
    DEEP = [DEEP]
HOSTILE = [
    (("program",), []),
    (("program",), {"class": "Program"}),
    (("program", "class"), "Popen"),
    (("program", "class"), ["Program"]),
    (("program", "name"), "a/b"),
    (("program", "graph"), {"inputs": "x", "nodes": [], "outputs": "x"}),
    (("program", "graph", "nodes"), 3),
    (("program", "graph", "nodes", 1, "reads"), ["nowhere"]),
    (("program", "graph", "nodes", 1, "reads"), [{"node": "input", "path": ["__class__"]}]),
    (("program", "graph", "nodes", 1, "module"), {"$class": "subprocess.Popen", "config": {"args": "true"}}),
    (("program", "graph", "nodes", 1, "module"), {"$class": ["x"], "config": {}}),
    (("program", "graph", "nodes", 1, "module"), {"$function": "exec"}),
    (("program", "graph", "nodes", 1, "module"), "gASVAAAA"),
    (("program", "graph", "nodes", 1, "module", "config", "default_return_value"), {"m": "x"}),
    (("program", "graph", "nodes", 1, "module", "config", "sandbox"), {"limits": {}}),
    (("program", "graph", "nodes", 1, "module", "config", "python_script"), 5),
    (("program", "graph", "outputs"), {"$tuple": 3}),
    (("program", "graph", "outputs"), DEEP),
    (("compile",), []),
    (("compile", "reward"), {"$class": "OMEGA", "config": {}}),
    (("compile", "optimizer"), {"$class": "OMEGA", "config": {"population_size": -1}}),
    (("compile", "executor"), 3),
    (("variables",), []),
    (("variables",), {}),
    (("variables", "python_synthesis/state"), {"python_script": 5}),
    (("variables", "python_synthesis/state"), {"python_script": {"$lines": [1, 2]}}),
    (("variables", "python_synthesis/state"), {"$class": "OMEGA", "config": {}}),
    (("variables", "python_synthesis/state"), DEEP),
    (("population",), {"reward": 1}),
    (("population",), [3]),
    (("population",), [{"reward": "high", "values": {}}]),
    (("population",), [{"reward": 1.0, "values": {"python_synthesis/state": {"python_script": None}}}]),
    (("population",), [{"reward": 1.0, "values": {"other": {}}}]),
    (("generations",), -1),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE)
async def test_a_hostile_file_is_refused_by_name(path, value, tmp_path):
    """Nothing is imported or run, and the message names the file or the thing."""
    await trained(tmp_path)
    text = json.loads((tmp_path / "trained.json").read_text())
    (tmp_path / "bad.json").write_text(json.dumps(altered(text, path, value)))
    before = set(sys.modules)

    with pytest.raises(SavingError) as raised:
        Program.load(tmp_path / "bad.json", OWN)
    assert str(raised.value)
    assert set(sys.modules) == before


async def test_a_bad_value_for_load_variables_changes_nothing(tmp_path):
    """Not even the good ones beside it."""
    program = await trained(tmp_path)
    text = json.loads((tmp_path / "trained.json").read_text())
    before = copy.deepcopy(program.get_state_tree())

    for path, value in [entry for entry in HOSTILE if entry[0][0] in ("variables", "population", "generations")]:
        (tmp_path / "bad.json").write_text(json.dumps(altered(text, path, value)))
        with pytest.raises(SavingError):
            program.load_variables(tmp_path / "bad.json")
    assert program.get_state_tree() == before


async def test_a_build_that_waits_cannot_be_loaded(tmp_path):
    """Loading wires modules and needs no event loop."""
    import asyncio

    class Waiting(Mixed):
        async def build(self, inputs):
            """Wait, then wire."""
            await asyncio.sleep(0)
            await super().build(inputs)

    program = Waiting(1)
    await program(X[0])
    program.save(tmp_path / "a.json")

    with pytest.raises(SavingError, match="may only wire"):
        Waiting.load(tmp_path / "a.json", CUSTOM)


async def test_state_trees_put_back_what_they_took(tmp_path):
    """Training after them does not change them."""
    program = await make_program()
    compiled(program, HALF, GOOD)
    before = program.get_state_tree()
    told = copy.deepcopy(before)
    await program.fit(X, Y, epochs=2, verbose=0)

    assert before == told
    program.set_state_tree(before)
    assert program.get_state_tree() == told
    assert program.get_variable("python_synthesis/state").best_candidates == []


class Grid(DataModel):
    """A grid."""

    grid: list[list[int]]


async def test_a_program_for_the_symbolic_proposer_comes_back_ready(tmp_path):
    """Without custom objects: everything in it is synthflow's own."""
    inputs = Input(data_model=Grid)
    from synthflow.modules.python_synthesis import PythonSynthesis

    module = PythonSynthesis(data_model=Grid, python_script="result = inputs", default_return_value={"grid": [[0]]})
    program = Program(inputs=inputs, outputs=await module(inputs))
    program.compile(reward=ExactMatch(in_mask=["grid"]), optimizer=OMEGA(population_size=2))
    program.save(tmp_path / "a.json")
    again = Program.load(tmp_path / "a.json")
    history = await again.fit([Grid(grid=[[1, 2]])], [Grid(grid=[[2, 1]])], verbose=0)

    assert history.stop_reason == "solved"

"""What a user may count on, one story a test, each through the public names alone.

What needs a language model is told in `test_language_models.py`.
"""

import asyncio
import json
import random
import sys

import pytest

import synthflow
from synthflow import DataModel, Field, Input, JsonDataModel, LocalExecutor, Program, PythonSynthesis, Sequential
from synthflow.callbacks import CSVLogger, EarlyStopping
from synthflow.errors import EvaluationError, SavingError
from synthflow.metrics import Accuracy
from synthflow.optimizers import OMEGA
from synthflow.proposers import SymbolicProposer
from synthflow.rewards import ExactMatch
from synthflow.sandboxes import Limits, MontySandbox
from tests.programs.toy import fresh_python

SEED = "result = {'grid': inputs['grid']}"
FLIP = "result = {'grid': inputs['grid'][::-1]}"
MIRROR = "result = {'grid': [row[::-1] for row in inputs['grid']]}"
SECRET = "a-secret-of-the-host"


class Picture(DataModel):
    """A grid of colours."""

    grid: list[list[int]] = Field(description="Rows of colours.")


class Question(DataModel):
    """What is asked."""

    text: str


class Answer(DataModel):
    """What is answered."""

    text: str
    score: float = 0.0


class Shout(synthflow.Module):
    """Answers in capitals, after a while."""

    def __init__(self, log=None, *, name=None):
        super().__init__(name=name)
        self.log = log

    def output_schema(self, inputs):
        """Promise an answer."""
        return Answer.get_schema()

    async def call(self, inputs):
        """Note when it begins and ends."""
        for word in ("begins", "ends"):
            if self.log is not None:
                self.log.append(word)
            await asyncio.sleep(0)
        return Answer(text=inputs["text"].upper())


class Proposals:
    """Proposes scripts from a list, whatever the brief; an exception is raised."""

    operations = frozenset({"mutation", "crossover"})

    def __init__(self, scripts=()):
        self.scripts, self.calls, self.briefs = list(scripts), 0, []

    def unfit(self, variable):
        """Say that it can write them all."""
        return ""

    async def propose(self, brief, slot):
        """Give the next one."""
        self.briefs.append(brief)
        script = self.scripts[self.calls % len(self.scripts)]
        self.calls += 1
        if isinstance(script, Exception):
            raise script
        return {path: {"python_script": script} for path in brief.scope}

    def get_config(self):
        """Give the constructor's arguments."""
        return {"scripts": self.scripts}


GRIDS = [[[1, 2], [3, 4]], [[5, 6, 7]], [[8], [9]], [[1, 1], [2, 2], [3, 3]]]
X = [Picture(grid=grid) for grid in GRIDS]
Y = [Picture(grid=grid[::-1]) for grid in GRIDS]


async def pictures(script=SEED, *, name="pictures", **options):
    """Make a program of one script from picture to picture."""
    inputs = Input(data_model=Picture)
    module = PythonSynthesis(data_model=Picture, python_script=script, default_return_value={"grid": [[0]]}, **options)
    return Program(inputs=inputs, outputs=await module(inputs), name=name)


def train(program, *scripts, population_size=2, **options):
    """Compile, with a proposer of these scripts, which is given."""
    proposer = Proposals(scripts)
    optimizer = OMEGA(population_size=population_size, offspring=1, proposers=[proposer])
    program.compile(reward=ExactMatch(in_mask=["grid"]), optimizer=optimizer, **options)
    return proposer


def state(program):
    """Give the variable of the script."""
    return program.get_module("python_synthesis").state


def test_01_a_data_model_rejects_what_it_did_not_declare():
    """Unknown fields and wrong types; its JSON is plain and its schema tells what it is."""
    for wrong in ({"text": "a", "extra": 1}, {"text": 1}, {}):
        with pytest.raises(ValueError):
            Question(**wrong)

    assert json.loads(json.dumps(Answer(text="a").get_json())) == {"text": "a", "score": 0.0}
    assert Picture.get_schema()["title"] == "Picture"
    assert Picture.get_schema()["properties"]["grid"]["description"] == "Rows of colours."


def test_02_plus_merges_left_then_right_and_numbers_what_clashes():
    """None cannot be added."""
    both = Question(text="q") + Answer(text="a") + Question(text="r")

    assert both.get_json() == {"text": "q", "text_1": "a", "score": 0.0, "text_2": "r"}
    for left, right in ((Question(text="q"), None), (None, Question(text="q"))):
        with pytest.raises(ValueError, match="None"):
            left + right


async def test_03_the_logical_operators_keep_to_their_table():
    """And every value that they yield fits what they promised."""
    question, answer = Question(text="q"), Answer(text="a")
    merged = {"text": "q", "text_1": "a", "score": 0.0}
    table = {
        "&": (lambda a, b: a & b, [merged, None, None, None]),
        "|": (lambda a, b: a | b, [merged, question.get_json(), answer.get_json(), None]),
        "^": (lambda a, b: a ^ b, [None, question.get_json(), answer.get_json(), None]),
    }
    cases = [(question, answer), (question, None), (None, answer), (None, None)]

    for combine, expected in table.values():
        one, two = Input(data_model=Question, optional=True), Input(data_model=Answer, optional=True)
        promised = combine(one, two)
        program = Program(inputs=[one, two], outputs=promised)
        for (left, right), wanted in zip(cases, expected, strict=True):
            value = await program([left, right])
            assert value == wanted if wanted is None else value.get_json() == wanted
            if value is not None:
                JsonDataModel(json=value.get_json(), schema=promised.get_schema())
    assert ~question is None


def test_04_containment_asks_for_a_field_or_for_all_fields_of_a_model():
    """Of classes, promises and values alike."""
    promise = Input(data_model=Answer)

    for operand in (Answer, Answer(text="a"), promise):
        assert "score" in operand
        assert "grid" not in operand
        assert Question in operand
        assert Picture not in operand
    assert Answer not in Question


async def test_05_a_graph_is_built_without_running_and_runs_in_any_operand_order():
    """Several inputs, several outputs, a diamond, and an input first used deep below."""
    log = []
    one, two = Input(data_model=Question), Input(data_model=Picture)
    left, right = await Shout(log)(one), await Shout(log)(one)
    last = two + (right + left)
    program = Program(inputs=[two, one], outputs=(last, left), name="diamond", description="Two ways.")

    assert log == []
    joined, alone = await program([X[1], Question(text="hi")])
    assert joined.get_json() == {
        "grid": [[5, 6, 7]],
        "text": "HI",
        "score": 0.0,
        "text_1": "HI",
        "score_1": 0.0,
    }
    assert alone["text"] == "HI"


async def test_06_independent_branches_run_at_once_and_none_flows():
    """Both begin before either ends."""
    log, inputs = [], Input(data_model=Question, optional=True)
    program = Program(inputs=inputs, outputs=(await Shout(log)(inputs)) | (await Shout(log)(inputs)))
    await program(Question(text="hi"))

    assert log[:2] == ["begins", "begins"]
    assert await program(None) is None


async def test_07_the_ways_to_write_a_program_are_one_and_all_are_saved(tmp_path):
    """Functional, in a row, subclassed and mixed; names and descriptions come back."""

    class Own(Program):
        def __init__(self, **options):
            super().__init__(**options)
            self.first, self.second = Shout(), synthflow.OutMask(["score"])

        async def call(self, inputs):
            """Run both."""
            return await self.second(await self.first(inputs))

    class Mixed(Own):
        async def build(self, inputs):
            """Wire both."""
            self.close_graph(inputs, await self.second(await self.first(inputs)))

        call = Program.call

    about = {"name": "shouter", "description": "Shouts."}
    inputs = Input(data_model=Question)
    wired = Program(inputs=inputs, outputs=await synthflow.OutMask(["score"])(await Shout()(inputs)), **about)
    custom = {"Own": Own, "Mixed": Mixed, "Shout": Shout}

    for program in (wired, Sequential([Shout(), synthflow.OutMask(["score"])], **about), Own(**about), Mixed(**about)):
        assert (await program(Question(text="hi"))).get_json() == {"text": "HI"}
        program.save(tmp_path / "program.json")
        again = Program.load(tmp_path / "program.json", custom_objects=custom)
        assert (await again(Question(text="ho"))).get_json() == {"text": "HO"}
        assert (type(again), again.name, again.description) == (type(program), "shouter", "Shouts.")


async def test_08_a_script_reads_inputs_and_assigns_result():
    """Its answer has the fields of the result, then what it printed."""
    program = await pictures("print('seen')\n" + FLIP)

    assert (await program(X[2])).get_json() == {"grid": [[9], [8]], "stdout": "seen\n", "stderr": ""}
    assert list((await program(X[2])).get_schema()["properties"]) == ["grid", "stdout", "stderr"]


@pytest.mark.parametrize(
    "script",
    [
        "result = (",
        "raise ValueError('no')",
        "answer = 1",
        "result = {'grid': 'none'}",
        "while True: pass",
        "import socket",
        "import sys\nsys.exit(0)",
        "result = {}",
        "result = None",
        "result = {'grid': [[0]]} if len(inputs) > 9 else []",
        "exit()",
    ],
)
async def test_09_every_failure_answers_the_default_with_a_reason(script):
    """It never raises."""
    program = await pictures(script, sandbox=MontySandbox(Limits(timeout=0.2)))
    answer = await program(X[0])

    assert answer["grid"] == [[0]]
    assert answer["stderr"].strip()


@pytest.mark.parametrize(
    "options",
    [
        {"python_script": SEED},
        {"default_return_value": {"grid": [[0]]}},
        {"python_script": SEED, "default_return_value": {"grid": "none"}},
        {"python_script": SEED, "default_return_value": {}},
        {"python_script": SEED, "default_return_value": {"grid": [[0]], "more": 1}},
    ],
)
def test_10_a_module_that_could_not_answer_is_refused_when_it_is_made(options):
    """Without a script, or with a default that is missing or does not fit."""
    with pytest.raises(ValueError):
        PythonSynthesis(data_model=Picture, **options)


@pytest.mark.parametrize(
    "script",
    [
        "import os\nresult = {'grid': [[len(os.environ['SECRET'])]]}",
        "result = {'grid': [[len(open('/etc/passwd').read())]]}",
        "import urllib.request",
        "import subprocess",
        "while True: pass",
        "result = {'grid': [[0] * 10**9]}",
        "print('x' * 10**9)\nresult = {'grid': [[1]]}",
        "result = {'grid': [[0] * 1000] * 5000}",
    ],
)
async def test_11_a_script_stays_within_its_walls_also_after_a_load(script, monkeypatch, tmp_path):
    """No environment, files, network or processes, and bounds on time, memory and output."""
    monkeypatch.setenv("SECRET", SECRET)
    limits = Limits(timeout=0.3, memory=32)
    program = await pictures(script, sandbox=MontySandbox(limits))
    program.save(tmp_path / "program.json")
    again = Program.load(tmp_path / "program.json")

    assert again.get_module("python_synthesis").sandbox.limits == limits
    for one in (program, again):
        answer = await one(X[0])
        assert answer["grid"] == [[0]]
        assert answer["stderr"]
        assert len(answer["stdout"]) < 20_000
        assert SECRET not in str(answer)


async def test_12_many_scripts_at_once_are_all_right_and_share_nothing():
    """Whatever the cores; inputs of several MB come through."""
    program = await pictures("result = {'grid': [[inputs['grid'][0][0] + 1]]}\ninputs['grid'].append([7])\nseen = 1")
    answers = await program.predict([Picture(grid=[[n]]) for n in range(64)])
    large = await pictures("result = {'grid': [[len(inputs['grid'])]]}")

    assert [answer["grid"] for answer in answers] == [[[n + 1]] for n in range(64)]
    rows = [[10**9 + n for n in range(30)]] * 12_000  # 4 MB of JSON
    assert (await large(Picture(grid=rows)))["grid"] == [[12_000]]
    assert (await (await pictures("result = {'grid': [[seen]]}"))(X[0]))["grid"] == [[0]]


async def test_13_a_trained_program_asks_no_proposer():
    """Only training does."""
    program = await pictures()
    proposer = train(program, FLIP)
    await program.fit(X, Y, verbose=0)
    before = proposer.calls
    await program.predict(X)
    await program.evaluate(X, Y)

    assert proposer.calls == before == 1


async def test_14_every_seed_is_tried_and_the_program_is_never_worse_than_the_best():
    """The script is added to the answer when it is asked for."""
    program = await pictures(seed_scripts=["result = 1", "# flip\n" + FLIP, MIRROR], return_python_script=True)
    proposer = train(program, MIRROR + "#")
    history = await program.fit(X, Y, verbose=0)

    assert history.history == {"reward": [1.0]}
    assert proposer.calls == 0
    assert (await program(X[0]))["python_script"] == "# flip\n" + FLIP
    assert len(state(program).get("best_candidates")) == 2


async def test_15_history_tells_training_and_validation_apart_for_any_kind_of_data():
    """Lists, generators and data sets, any split, any number of epochs."""

    class Batches:
        def __iter__(self):
            return iter([(X[:2], Y[:2]), (X[2:], Y[2:])])

    for data, options, logs in (
        ((X, Y), {"validation_split": 0.5}, {"reward", "accuracy", "val_reward", "val_accuracy"}),
        ((X, Y), {"validation_split": 0.0, "shuffle": False}, {"reward", "accuracy"}),
        ((Batches(),), {"validation_data": Batches()}, {"reward", "accuracy", "val_reward", "val_accuracy"}),
        ((batch for batch in [(X, Y)]), {}, None),
    ):
        program = await pictures()
        train(program, MIRROR, metrics=[Accuracy(in_mask=["grid"])])
        arguments = data if isinstance(data, tuple) else (data,)
        history = await program.fit(*arguments, epochs=3, verbose=0, **options)
        assert logs is None or set(history.history) == logs
        assert all(len(values) == 3 for values in history.history.values())


async def test_16_each_candidate_is_run_once_on_each_row():
    """A duplicate costs a proposal and no run."""

    class Counted(MontySandbox):
        runs = 0

        async def run(self, script, *, inputs):
            """Count."""
            type(self).runs += 1
            return await super().run(script, inputs=inputs)

    program = await pictures(sandbox=Counted())
    proposer = train(program, MIRROR, MIRROR, SEED, MIRROR)
    await program.fit(X, Y, epochs=4, verbose=0)
    await program.fit(X, Y, epochs=2, verbose=0)

    assert proposer.calls == 6
    assert Counted.runs == 2 * len(X)


async def test_17_a_proposer_is_shown_what_belongs_together():
    """The parent's own predictions, rewards and errors, whatever finishes first."""
    program = await pictures("result = {'grid': [[len(inputs['grid'])]]} if len(inputs['grid']) < 3 else 1 / 0")
    proposer = train(program, FLIP, executor=LocalExecutor(3))
    await program.fit(X, Y, batch_size=2, verbose=0)
    brief = proposer.briefs[0]
    cells = brief.parents[0].cells

    for row in brief.rows:
        cell = cells[row.id]
        height = len(row.x["grid"])
        assert cell.prediction["grid"] == ([[height]] if height < 3 else [[0]])
        assert ("ZeroDivisionError" in cell.feedback) == (height == 3)
    assert len(brief.evidence) == 2


async def test_18_candidates_are_compared_on_the_same_rows():
    """All of them, whatever the batch."""
    program = await pictures()
    train(program, MIRROR, FLIP + "  # again", "result = 1", population_size=4)
    await program.fit(X[:3], [Y[0], Y[1], X[2]], batch_size=1, epochs=2, verbose=0)
    rewards = {
        member["values"]["python_synthesis/state"]["python_script"]: member["reward"] for member in program.population
    }

    assert rewards[SEED] == pytest.approx(2 / 3)
    assert rewards[FLIP + "  # again"] == pytest.approx(2 / 3)
    assert rewards[MIRROR] == pytest.approx(1 / 3)


async def test_19_mutation_and_crossover_occur_as_configured_and_near_duplicates_go():
    """Crossing needs two different parents; a dominated copy does not survive."""
    for rate in (0.0, 1.0):
        program = await pictures(seed_scripts=[MIRROR])
        proposer = Proposals(["result = 1", "result = 2", "result = 3"])
        optimizer = OMEGA(population_size=2, merging_rate=rate, proposers=[proposer])
        program.compile(reward=ExactMatch(in_mask=["grid"]), optimizer=optimizer)
        await program.fit(X, [Picture(grid=[[0, 0]])] * 4, epochs=3, verbose=0)
        sizes = {len(brief.parents) for brief in proposer.briefs}
        assert sizes == ({2} if rate else {1})
        assert all(len({parent.id for parent in brief.parents}) == len(brief.parents) for brief in proposer.briefs)
    program = await pictures("result = {'grid': inputs['grid'] * 2}")
    train(program, SEED, "# a near copy of the first\nresult = {'grid': inputs['grid'] * 2}", MIRROR, population_size=2)
    await program.fit(X, [X[0], *Y[1:]], epochs=3, verbose=0)
    kept = [member["values"]["python_synthesis/state"]["python_script"] for member in program.population]
    assert not [script for script in kept if "near copy" in script]


async def test_20_failures_are_recorded_and_a_fit_ends_with_the_best_and_a_reason():
    """A proposer's are skipped; a person's reward raises, after the best is kept."""
    program = await pictures()
    proposer = train(program, ConnectionError("away"), None, "result = (", MIRROR)
    history = await program.fit(X, [Y[0], X[1], Y[2], X[3]], epochs=4, verbose=0)
    tried = proposer.briefs[-1].tried

    assert history.stop_reason == "epochs"
    assert [name for name in ("ConnectionError", "does not fit its schema") if any(name in one.reason for one in tried)]
    assert len(history.history["reward"]) == 4

    def judge(y_true, y_pred):
        if y_pred["grid"] == [[13]]:
            raise ValueError("an unlucky number")
        return float(y_true == y_pred)

    optimizer = OMEGA(offspring=1, proposers=[Proposals([FLIP + "#", "result = {'grid': [[13]]}"])])
    program.compile(reward=judge, optimizer=optimizer)
    with pytest.raises(EvaluationError, match="an unlucky number"):
        await program.fit(X, [*Y[:3], X[0]], epochs=9, verbose=0)
    assert state(program)["python_script"]


async def test_21_early_stopping_ends_in_the_epoch_that_solves_with_that_script():
    """In the variable, and first among the best."""
    program = await pictures()
    train(program, MIRROR, FLIP, SEED + "#")
    stopping = EarlyStopping(monitor="reward", mode="max", patience=2, restore_best_variables=True)
    history = await program.fit(X, Y, epochs=9, verbose=0, callbacks=[stopping])

    assert history.history["reward"][-1] == 1.0
    assert len(history.history["reward"]) == 2
    assert state(program)["python_script"] == FLIP
    assert state(program).get("best_candidates")[0] == {"python_script": FLIP, "reward": 1.0}


async def test_22_a_second_fit_goes_on_and_never_gets_worse(tmp_path):
    """In this process, and in another from a file."""
    program = await pictures()
    train(program, MIRROR, "result = 1", FLIP + "  # almost", population_size=3)
    rewards = []
    target = [*Y[:3], Picture(grid=[[0]])]
    for epoch in range(3):
        history = await program.fit(X, target, initial_epoch=epoch, epochs=epoch + 1, verbose=0)
        rewards += history.history["reward"]
        assert history.epoch == [epoch]
    program.save(tmp_path / "program.json")
    again = Program.load(tmp_path / "program.json", custom_objects={"Proposals": Proposals})
    later = await again.fit(X, target, initial_epoch=3, epochs=5, verbose=0)

    assert rewards == sorted(rewards)
    assert later.history["reward"][0] >= rewards[-1] == 0.75
    assert list(again.generations.values()) == [5]


async def test_23_the_same_seed_gives_the_same_run_and_nothing_global_is_touched():
    """With one worker or many, alone or beside another."""

    async def run(workers):
        program = await pictures()
        program.compile(
            reward=synthflow.rewards.GridSimilarity("grid"),
            optimizer=OMEGA(population_size=3, proposers=[SymbolicProposer(evaluations=600, workers=workers)]),
            seed=7,
            executor=LocalExecutor(workers),
        )
        target = [Picture(grid=[[9 - v for v in row] for row in x.grid[::-1]]) for x in X]
        history = await program.fit(X, target, epochs=2, verbose=0)
        return history.history, program.population

    random.seed(3)
    before = random.getstate()
    one = await run(1)
    two, three = await asyncio.gather(run(2), run(4))

    assert one == two == three
    assert random.getstate() == before
    code = "import random; random.seed(3); s = random.getstate(); import synthflow; assert random.getstate() == s"
    fresh_python(code)


async def test_24_a_saved_program_is_readable_whole_and_safe(tmp_path):
    """It loads in a fresh process; a mismatch is told, and nothing is imported for a file."""
    program = await pictures()
    program.compile(reward=ExactMatch(in_mask=["grid"]), optimizer=OMEGA(population_size=3))
    await program.fit(X, Y, verbose=0)
    program.save(tmp_path / "program.json")
    text = (tmp_path / "program.json").read_text(encoding="utf-8")
    code = (
        "import asyncio, sys, synthflow\n"
        "program = synthflow.Program.load(sys.argv[1])\n"
        "schema = program.graph.inputs.get_schema()\n"
        "x = synthflow.JsonDataModel(json={'grid': [[1], [2]]}, schema=schema)\n"
        "print(asyncio.run(program(x))['grid'], program.compiled.optimizer.population_size, len(program.population))\n"
    )

    assert fresh_python(code, tmp_path / "program.json") == f"[[2], [1]] 3 {len(program.population)}\n"
    for line in state(program)["python_script"].splitlines():
        assert json.dumps(line) in text
    evil = json.loads(text)
    evil["program"]["graph"]["nodes"][1]["module"]["$class"] = "antigravity"
    (tmp_path / "evil.json").write_text(json.dumps(evil))
    with pytest.raises(SavingError, match="antigravity"):
        Program.load(tmp_path / "evil.json")
    assert "antigravity" not in sys.modules
    program.save_variables(tmp_path / "v.json")
    inputs = Input(data_model=Question)
    other = Program(inputs=inputs, outputs=await Shout()(inputs))
    with pytest.raises(SavingError, match=r"(?s)lacks.*python_synthesis/state"):
        other.load_variables(tmp_path / "v.json")


async def test_25_the_learned_script_the_best_and_the_logs_are_at_hand(tmp_path, capsys):
    """Without a graphviz binary or a window."""
    program = await pictures()
    train(program, MIRROR, FLIP, population_size=3)
    await program.fit(X, Y, epochs=5, verbose=2, callbacks=[CSVLogger(tmp_path / "log.csv")])
    best = state(program).get("best_candidates")

    assert capsys.readouterr().out.count("reward") == 2
    assert state(program).get("python_script") == best[0]["python_script"] == FLIP
    assert [one["reward"] for one in best] == sorted((one["reward"] for one in best), reverse=True)
    assert (tmp_path / "log.csv").read_text().splitlines()[0] == "epoch,reward"
    assert "python_synthesis" in program.summary()
    synthflow.plot_program(program, str(tmp_path / "program.svg"))
    assert (tmp_path / "program.svg").stat().st_size

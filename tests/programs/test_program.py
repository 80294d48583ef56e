"""The front of a program: what is public works as its users know it."""

import synthflow
from synthflow.language_models.defaults import get_default_language_model
from synthflow.programs.program import clear_session


def test_clearing_the_session_forgets_the_default_model():
    """There is nothing else to clear."""
    synthflow.set_default_language_model("openai/test")
    clear_session()

    assert get_default_language_model() is None


async def test_the_public_names_are_enough_for_a_whole_job(tmp_path):
    """Wire, compile, train, save, load, export."""

    class Number(synthflow.DataModel):
        n: int

    class Adds:
        operations = frozenset({"mutation"})

        def unfit(self, variable):
            """Say that it can write all."""
            return ""

        async def propose(self, brief, slot):
            """Write the answer."""
            return {path: {"python_script": "result = {'n': inputs['n'] + 1}"} for path in brief.scope}

    inputs = synthflow.Input(data_model=Number)
    module = synthflow.PythonSynthesis(
        data_model=Number, python_script="result = inputs", default_return_value={"n": 0}
    )
    program = synthflow.Program(inputs=inputs, outputs=await module(inputs), name="next", description="The next one.")
    program.compile(
        reward=synthflow.rewards.ExactMatch(in_mask=["n"]),
        optimizer=synthflow.optimizers.OMEGA(proposers=[Adds()]),
        executor=synthflow.LocalExecutor(workers=2),
    )
    history = await program.fit([Number(n=1)], [Number(n=2)], verbose=0)
    program.save_variables(tmp_path / "next.variables.json")
    program.export(tmp_path / "next.py")

    assert history.history == {"reward": [1.0]}
    assert (await program(Number(n=5)))["n"] == 6
    assert synthflow.plot_program(program, str(tmp_path / "next.svg")).endswith("next.svg")

"""A program as users of Synalinks write them, with `synthflow` for `synalinks` and no other change.

It makes the calls of their Python Synthesis guide, with the same arguments in the same
order. Its first argument says whether to train, its second where the models are; without one,
OMEGA is given none. Its last line is what came out, as JSON.
"""

import asyncio
import json
import sys

from dotenv import load_dotenv

import synthflow

TASK = "007bbfb7"

FIRST_SCRIPT = """
def transform(inputs):
    # A start that any rule can grow from.
    return {"output_grid": inputs.get("input_grid")}

result = transform(inputs)
"""


def as_text(grid):
    """Write a grid of numbers or of colours."""
    return "\n".join(" ".join(str(int(cell)) for cell in row) for row in grid)


def models(url):
    """Make the model that writes scripts and the one that embeds them, or neither."""
    if url is None:
        return None, None
    code_model = synthflow.LanguageModel(model="openai/test", api_base=url, api_key="x")
    embedding_model = synthflow.EmbeddingModel(model="openai/test-embedding", api_base=url, api_key="x")
    return code_model, embedding_model


async def main(training, url=None):
    """Load, build, run the seed; then, if asked to, train, read the script and run it on the held-out pair."""
    load_dotenv()
    synthflow.clear_session()

    (x_train, y_train), (x_test, y_test) = synthflow.datasets.arcagi.load_data(
        task_name=TASK,
        arc_version=1,
    )
    inputs = synthflow.Input(
        data_model=synthflow.datasets.arcagi.get_input_data_model(),
    )
    synthesis = synthflow.PythonSynthesis(
        data_model=synthflow.datasets.arcagi.get_output_data_model(),
        python_script=FIRST_SCRIPT,
        default_return_value={"output_grid": [[0]]},
    )
    outputs = await synthesis(inputs)
    program = synthflow.Program(
        inputs=inputs,
        outputs=outputs,
        name=f"ported_{TASK}",
        description="Solves one puzzle.",
    )

    x0, y0 = x_train[0], y_train[0]
    answer = await program(x0)
    found = {
        "rows": [len(x_train), len(x_test)],
        "seed_echoes": as_text(answer.get("output_grid")) == as_text(x0.get("input_grid")),
        "seed_solves": answer.get("output_grid") == y0.get("output_grid"),
        "seed_stderr": answer.get("stderr"),
        "truth": as_text(y0.get("output_grid")),
    }
    if not training:
        return found

    code_model, embedding_model = models(url)
    reward = synthflow.rewards.ExactMatch(in_mask=["output_grid"])
    program.compile(
        reward=reward,
        optimizer=synthflow.optimizers.OMEGA(
            language_model=code_model,
            embedding_model=embedding_model,
            population_size=8,
            instructions=synthflow.datasets.arcagi.default_instructions(),
        ),
        metrics=[
            synthflow.metrics.MeanMetricWrapper(fn=reward, name="mean_reward"),
        ],
    )
    history = await program.fit(
        x=x_train,
        y=y_train,
        epochs=20,
        validation_split=0.2,
        batch_size=1,
        verbose=1,
        callbacks=[
            synthflow.callbacks.EarlyStopping(
                monitor="reward",
                mode="max",
                patience=2,
                restore_best_variables=True,
            ),
        ],
    )
    candidates = sorted(
        synthesis.state.get("best_candidates") or [],
        key=lambda candidate: candidate.get("reward", 0),
        reverse=True,
    )
    held_out = await program(x_test[0])
    return found | {
        "keys": list(history.history.keys()),
        "epochs": len(history.history["reward"]),
        "already_sorted": candidates == synthesis.state.get("best_candidates"),
        "best_reward": candidates[0].get("reward"),
        "best_script": candidates[0].get("python_script"),
        "script_in_use": synthesis.state.get("python_script"),
        "held_out_solved": held_out.get("output_grid") == y_test[0].get("output_grid"),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1] == "train", *sys.argv[2:]))))

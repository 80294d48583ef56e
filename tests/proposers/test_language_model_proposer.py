"""The language model proposer asks once for each child, and gives what fits the variable."""

from dataclasses import replace
from random import Random

import pytest

from synthflow.errors import LanguageModelError
from synthflow.language_models.defaults import set_default_language_model
from synthflow.proposers.language_model_proposer import LanguageModelProposer
from synthflow.search.brief import Slot
from synthflow.search.candidate import Cell
from synthflow.testing import ScriptedLanguageModel
from tests.proposers.briefs import PATH, ROWS, WRONG, about, brief, holds, parent, script

CROSSED = brief(
    [
        parent(ROWS, Cell(0.5, "ok", {"n": 0}), script("result = 'first'")),
        parent(ROWS, Cell(0.5, "ok", {"n": 1}), script("result = 'second'")),
    ],
    ROWS,
)


def answering(answer):
    """Make a model that gives the same answer to each question."""
    return ScriptedLanguageModel(lambda request: answer)


async def propose(proposer, asked=WRONG, *, sample=0, number=0):
    """Ask for one child."""
    return await proposer.propose(asked, Slot(number, 8, Random(0), sample))


async def test_it_gives_the_script_without_the_reasoning():
    """The reasoning is asked for first, and read by nobody."""
    model = answering({"thinking": "It should double.", "python_script": "result = 2"})

    values = await propose(LanguageModelProposer(model))

    assert values == {PATH: {"python_script": "result = 2"}}
    assert list(model.requests[0].schema["properties"]) == ["thinking", "python_script"]


async def test_without_chain_of_thought_it_asks_for_the_variable_alone():
    """The schema is the variable's own."""
    model = answering({"python_script": "result = 2"})

    await propose(LanguageModelProposer(model, use_chain_of_thought=False))

    assert model.requests[0].schema == about().schema
    assert "thinking" not in model.requests[0].messages[0]["content"]


async def test_a_variable_may_have_a_field_called_thinking():
    """The reasoning then goes by another name, and the variable's field is kept."""
    info = about(schema=holds(thinking="string", depth="integer"))
    asked = brief([parent(ROWS, Cell(0, "ok", None), {"thinking": "", "depth": 1})], ROWS, info=info)
    model = answering({"thinking_1": "Deeper.", "thinking": "kept", "depth": 2})

    values = await propose(LanguageModelProposer(model), asked)

    assert values == {PATH: {"thinking": "kept", "depth": 2}}


async def test_a_script_is_taken_out_of_a_markdown_fence():
    """Whatever it was told, a model wraps code at times."""
    model = answering({"thinking": "", "python_script": "```python\nresult = 2\n```\n"})

    assert await propose(LanguageModelProposer(model)) == {PATH: script("result = 2")}


async def test_a_text_keeps_its_fences():
    """Only a script is source."""
    info = about(schema=holds(instructions="string"))
    asked = brief([parent(ROWS, Cell(0, "ok", None), {"instructions": "Count."})], ROWS, info=info)
    model = answering({"thinking": "", "instructions": "```\nCount twice.\n```"})

    assert await propose(LanguageModelProposer(model), asked) == {PATH: {"instructions": "```\nCount twice.\n```"}}


async def test_temperature_goes_by_the_operation():
    """One parent is mutated, two are crossed."""
    model = answering({"thinking": "", "python_script": ""})
    proposer = LanguageModelProposer(model, mutation_temperature=0.3, crossover_temperature=0.9)
    await propose(proposer)
    await propose(proposer, CROSSED)

    assert [request.temperature for request in model.requests] == [0.3, 0.9]


async def test_left_out_the_temperature_and_effort_are_the_models_own():
    """None changes nothing."""
    model = ScriptedLanguageModel([{"thinking": "", "python_script": ""}] * 2, temperature=0.7, reasoning_effort="low")
    await propose(LanguageModelProposer(model))
    await propose(LanguageModelProposer(model, reasoning_effort="high"))

    assert [(request.temperature, request.reasoning_effort) for request in model.requests] == [
        (0.7, "low"),
        (0.7, "high"),
    ]


async def test_each_slot_has_a_sample_of_its_own():
    """So a ledger tells the answers for two slots with the same question apart."""
    model = answering({"thinking": "", "python_script": ""})
    proposer = LanguageModelProposer(model)
    await propose(proposer, sample=11)
    await propose(proposer, sample=12)

    first, second = model.requests
    assert (first.sample, second.sample) == (11, 12)
    assert first.messages == second.messages


async def test_the_system_message_is_the_same_for_all_slots():
    """For a mutation, a repair and a crossover, so that providers can keep it."""
    failed = brief([parent(ROWS, Cell(0, "timeout", {"n": 0}, "Too slow."))], ROWS)
    model = answering({"thinking": "", "python_script": ""})
    proposer = LanguageModelProposer(model, instructions="Be quick.")
    for number, asked in enumerate((WRONG, failed, CROSSED, replace(WRONG, step=4, hint="Look at the signs."))):
        await propose(proposer, asked, number=number)

    systems = {request.messages[0]["content"] for request in model.requests}
    users = {request.messages[1]["content"] for request in model.requests}
    assert (len(systems), len(users)) == (1, 4)


async def test_instructions_of_the_optimizer_and_its_own_are_told():
    """Both."""
    model = answering({"thinking": "", "python_script": ""})

    await propose(LanguageModelProposer(model, instructions="Be quick."), replace(WRONG, instructions="Be exact."))

    system = model.requests[0].messages[0]
    assert system["role"] == "system"
    assert "Be exact." in system["content"]
    assert "Be quick." in system["content"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("", "empty"),
        ("Here it comes: result = 1", "json"),
        ({"thinking": "", "python_script": None}, "schema"),
        ({"thinking": ""}, "schema"),
        ({"thinking": "", "python_script": "", "more": 1}, "schema"),
        ("[1]", "schema"),
        (LanguageModelError("The server is down.", "server"), "server"),
    ],
)
async def test_an_answer_that_is_of_no_use_is_an_error_with_its_kind(answer, kind):
    """The kernel counts failures by it."""
    with pytest.raises(LanguageModelError) as caught:
        await propose(LanguageModelProposer(answering(answer)))

    assert caught.value.kind == kind


async def test_it_writes_the_first_variable_in_scope_that_it_can():
    """Few-shot examples are not for it."""
    examples = about("generator/examples", schema=holds(examples="array"))
    info = about()
    card = parent(ROWS, Cell(0, "ok", None))
    asked = brief(
        [card], ROWS, scope={examples.path: None, PATH: None}, variables={examples.path: examples, PATH: info}
    )
    model = answering({"thinking": "", "python_script": ""})

    assert list(await propose(LanguageModelProposer(model), asked)) == [PATH]


async def test_where_it_can_write_nothing_it_says_why():
    """And asks nobody."""
    examples = about("generator/examples", schema=holds(examples="array"))
    model = answering("")
    asked = brief([parent(ROWS, Cell(0, "ok", None))], ROWS, info=examples)

    with pytest.raises(LookupError, match=r"generator/examples: .*RandomFewShot"):
        await propose(LanguageModelProposer(model), asked)

    assert model.requests == []


def test_it_is_fit_for_all_but_examples():
    """Scripts, texts and any other JSON."""
    proposer = LanguageModelProposer(answering(""))

    kinds = ({"python_script": "string"}, {"instructions": "string"}, {"examples": "array", "n": "integer"})
    assert [proposer.unfit(about(schema=holds(**fields))) for fields in kinds] == ["", "", ""]
    assert "RandomFewShot" in proposer.unfit(about(schema=holds(examples="array")))


def test_a_proposal_takes_at_most_the_calls_of_one_question():
    """Further attempts and further questions are counted."""
    model = ScriptedLanguageModel([], retry=1, reask=2)

    assert LanguageModelProposer(model).most_calls() == model.most_calls() == 6


def test_it_is_made_again_from_its_config():
    """As it was."""
    model = answering("")
    made = LanguageModelProposer(model, mutation_temperature=0.2, max_prompt=9_000)

    again = LanguageModelProposer.from_config(made.get_config())

    assert (again.language_model, again.mutation_temperature, again.max_prompt) == (model, 0.2, 9_000)


def test_the_default_model_is_saved_with_it():
    """So that it loads where there is no default model."""
    model = answering("")
    set_default_language_model(model)
    try:
        config = LanguageModelProposer(max_prompt=9_000).get_config()
    finally:
        set_default_language_model(None)

    assert config == {"max_prompt": 9_000, "language_model": model}
    assert LanguageModelProposer.from_config(config).language_model is model


def test_a_prompt_needs_room():
    """Below that, nothing of use could be shown."""
    with pytest.raises(ValueError, match="4,000 at least, not 100"):
        LanguageModelProposer(answering(""), max_prompt=100)


def test_without_a_model_it_says_how_to_give_one():
    """There is no default here."""
    with pytest.raises(ValueError, match="A language model is needed"):
        LanguageModelProposer()


async def test_the_prompt_keeps_to_its_size():
    """However much there is to show."""
    rows = tuple(type(ROWS[0])({"n": n, "words": "x" * 5_000}, {"n": n}) for n in range(20))
    asked = brief([parent(rows, Cell(0, "ok", {"n": -1}))], rows)
    model = answering({"thinking": "", "python_script": ""})

    await propose(LanguageModelProposer(model, max_prompt=20_000), asked)

    user = model.requests[0].messages[1]["content"]
    assert len(user) <= 20_000
    assert "rows left out for want of room" in user

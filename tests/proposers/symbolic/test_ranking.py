"""Programs are ranked by fit, confidence, accuracy and cost, whatever lane they come from."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.symbolic.ranking import Finding, merge, ranked

FINDINGS = st.builds(
    Finding,
    script=st.sampled_from("abcdef"),
    fits=st.booleans(),
    confidence=st.sampled_from([0.0, 0.5, 1.0]),
    cost=st.integers(0, 3).map(float),
    accuracy=st.sampled_from([0.0, 0.5, 1.0]),
)


def answer(*programs):
    """Write programs as a worker's answer."""
    return {"programs": [vars(program) for program in programs]}


def test_fits_come_before_near_misses():
    """A doubtful fit stands after a confident one and before everything that does not fit."""
    confident = Finding("a", True, 1.0, 9.0, 1.0)
    doubtful = Finding("b", True, 0.5, 1.0, 1.0)
    near = Finding("c", False, 0.0, 1.0, 0.9)
    far = Finding("d", False, 0.0, 0.5, 0.2)

    merged = merge([answer(near, far), answer(doubtful, confident)])

    assert [program["script"] for program in merged] == ["a", "b", "c", "d"]


def test_an_error_has_no_programs():
    """A lane that failed leaves the others' answers as they are."""
    program = Finding("a", True, 1.0, 9.0, 1.0)

    assert merge([{"error": "no"}, answer(program)]) == [vars(program)]


@given(st.lists(st.lists(FINDINGS, max_size=4), min_size=1, max_size=3))
def test_merging_keeps_each_script_once(lanes):
    """No script is lost or doubled, and merging what is merged changes nothing."""
    merged = merge([answer(*programs) for programs in lanes])

    assert sorted(p["script"] for p in merged) == sorted({p.script for programs in lanes for p in programs})
    assert merge([{"programs": merged}]) == merged


@given(st.lists(FINDINGS, max_size=6))
def test_equals_keep_their_order(programs):
    """Ranking is stable: of programs that rank alike the first lane's comes first."""
    same = [Finding(p.script, True, 1.0, 1.0, 1.0) for p in programs]

    assert [p.script for p in ranked(same)] == list(dict.fromkeys(p.script for p in same))

"""A prompt that is too long gives up parts in a fixed order, and says what."""

from hypothesis import given
from hypothesis import strategies as st

from synthflow.proposers.prompts.trimming import NOTE, SHORTEST, Part, fit

PARTS = st.lists(
    st.builds(
        Part,
        st.text("ab", max_size=900),
        st.sampled_from(["", "row", "attempt"]),
        st.tuples(st.integers(0, 3)),
        st.booleans(),
        st.sampled_from(["", "a"]),
    ),
    max_size=12,
)


@given(PARTS, st.integers(0, 5_000))
def test_only_what_must_stay_makes_a_prompt_too_long(parts, most):
    """All else is left out or short."""
    text = fit(parts, most)

    stays = sum((len(part.text) if part.whole else SHORTEST) + 2 for part in parts if not part.kind)
    assert len(text) <= max(most, stays + NOTE)


@given(PARTS, st.integers(0, 5_000))
def test_what_must_stay_whole_stays_whole(parts, most):
    """In its order."""
    text, place = fit(parts, most), 0
    for part in parts:
        if part.whole and not part.kind:
            place = text.index(part.text, place) + len(part.text)


@given(PARTS)
def test_a_prompt_with_room_is_told_whole(parts):
    """Nothing is cut and nothing is said about it."""
    assert fit(parts, 99_999) == "\n\n".join(part.text for part in parts if part.text)


def test_the_kind_that_takes_the_most_room_gives_up_first():
    """Of a kind, the lowest in rank."""
    parts = [
        Part("r" * 100, "row", (0,)),
        Part("a" * 400, "attempt", (2,)),
        Part("b" * 400, "attempt", (1,)),
        Part("Why?"),
    ]

    text = fit(parts, 800)

    assert text == f"{'r' * 100}\n\n{'a' * 400}\n\n1 attempt left out for want of room.\n\nWhy?"


def test_all_kinds_that_were_left_out_are_told():
    """With their numbers."""
    parts = [*(Part("r" * 300, "row") for _ in range(3)), Part("a" * 300, "attempt"), Part("Why?")]

    assert fit(parts, 250).startswith("1 attempt and 3 rows left out for want of room.")


def test_then_the_longest_lose_their_middle():
    """Down to what makes it fit, and no more."""
    text = fit([Part("a" * 3_000), Part("b" * 300), Part("Why?", whole=True)], 1_000)

    assert 900 < len(text) <= 1_000
    assert "b" * 300 in text


def test_a_name_of_what_was_left_out_is_told():
    """Where it still stands in what is kept, and only there."""
    parts = [Part("r" * 900, "row", name="<row 1>"), Part('see "<row 1>"'), Part("Why?")]

    told = (
        '1 row left out for want of room. A name of which nothing is shown, such as "<row 1>", stands for what was left'
    )
    assert told in fit(parts, 400)
    assert "A name" not in fit([parts[0], parts[2]], 400)

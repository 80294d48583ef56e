"""What a script printed is cut in the middle, whatever the pieces it came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthflow.sandboxes.console import FLOOD, FLOOD_PIECES, Console, clip

STREAM = st.sampled_from(["stdout", "stderr"])


def console_of(limit, *pieces):
    """A console that was told `pieces`, and a list that tells whether it was flooded."""
    floods = []
    console = Console(limit, flooded=lambda: floods.append(True))
    for stream, text in pieces:
        console(stream, text)
    return console, floods


def kept(text):
    """How many characters of the original are left in a clipped text."""
    head, _, tail = text.partition("\n... ")
    return len(head) + len(tail.partition(" characters cut ...\n")[2])


@given(st.text(alphabet="ab", max_size=50), st.integers(1, 60))
def test_clipping_keeps_both_ends(text, limit):
    """A text that fits is unchanged; of another, `limit` characters are left, from both its ends."""
    clipped = clip(text, limit)

    if len(text) <= limit:
        assert clipped == text
    else:
        assert kept(clipped) == limit
        assert clipped.startswith(text[: limit // 2])
        assert clipped.endswith(text[-(limit - limit // 2) :])
        assert f" {len(text) - limit} characters cut " in clipped


@given(st.lists(st.tuples(STREAM, st.text(alphabet="ab", max_size=9)), max_size=30), st.integers(10, 40))
def test_the_pieces_do_not_matter(pieces, limit):
    """Output in many pieces is cut as if it had come in one, and both streams share one limit."""
    console, _ = console_of(limit, *pieces)
    whole = {name: "".join(text for stream, text in pieces if stream == name) for name in ("stdout", "stderr")}

    stdout, stderr = console.texts()

    assert kept(stdout) + kept(stderr) == min(limit, sum(map(len, whole.values())))
    assert stdout == clip(whole["stdout"], kept(stdout))
    assert stderr == clip(whole["stderr"], kept(stderr))


def test_neither_stream_crowds_out_the_other():
    """A few words on stderr are kept whole beside a long stdout."""
    console, _ = console_of(100, ("stdout", "x" * 900), ("stderr", "the reason"))

    assert console.texts()[1] == "the reason"


@pytest.mark.parametrize("pieces", [[("stdout", "x" * (FLOOD + 11))], [("stdout", "")] * (FLOOD_PIECES + 1)])
def test_a_flood_is_reported_once(pieces):
    """More characters, or more pieces, than are worth reading end the run."""
    console, floods = console_of(10, *pieces[:-1])
    assert not console.is_flooded

    with pytest.raises(BufferError):
        console(*pieces[-1])
    assert console.is_flooded
    assert floods == [True]

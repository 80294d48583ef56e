"""The frame of colours: a picture on red paper searched as if the paper were blank.

Primitives take 0 for empty. Where another colour covers most of every input, the search swaps
it with 0, and the program swaps it back.
"""

from collections import Counter
from collections.abc import Sequence

from synthflow.proposers.symbolic.emit import GRID
from synthflow.proposers.symbolic.pool import Frozen, Term
from synthflow.proposers.symbolic.target import finished

SWAP_COST = 0.25
"""What each of the swaps adds to a program's cost."""


def background(inputs: Sequence[Frozen]) -> int:
    """Tell the colour most frequent in every input, 0 if it differs between them."""
    modes = set()
    for grid in inputs:
        counts = Counter(v for row in grid for v in row)
        modes.add(min(counts, key=lambda v: (-counts[v], v)))
    return modes.pop() if len(modes) == 1 else 0


def swapped(grids: Sequence[Frozen], colour: int) -> list[Frozen]:
    """Exchange a colour with 0 in grids; nothing changes if it is 0.

    >>> swapped([((0, 8),)], 8)
    [((8, 0),)]
    """
    exchange = {0: colour, colour: 0}
    return [tuple([tuple([exchange.get(v, v) for v in row]) for row in grid]) for grid in grids]


def unframed(program: Term, colour: int) -> Term:
    """Rewrite a program found in a swapped frame for grids as they are."""
    if colour == 0:
        return program
    done: dict[int, Term] = {}

    def rewrite(value: object) -> object:
        if isinstance(value, list):
            return [tuple([rewrite(term) for term in row]) for row in value]
        if not isinstance(value, Term):
            return value
        if id(value) not in done:
            if value.arguments:
                done[id(value)] = finished(value.name, tuple([rewrite(a) for a in value.arguments]), value.cost)
            else:
                done[id(value)] = finished("swap_colours", (Term(value.name, (), GRID, (), 0.0, 0), 0, colour), 0.0)
        return done[id(value)]

    return finished("swap_colours", (rewrite(program), 0, colour), program.cost + 2 * SWAP_COST)

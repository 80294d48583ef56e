"""Finishing a program by a decision tree over features, when no simpler rule fits.

A greedy tree in the manner of ID3 (Quinlan, Induction of Decision Trees, 1986): each node asks
whether a feature has one value, and is chosen by information gain less a little for its cost.
Leaves are grids or colours that are right on all cells they get. A tree that fits is grown again
without each example in turn. Its confidence is the part of examples that such trees get right, less
a tenth: with so many choices a tree is never as sure as a rule.
"""

from collections.abc import Iterator
from math import log2

from synthflow.proposers.symbolic.pool import Pool, Term
from synthflow.proposers.symbolic.target import Match, Target, finished

_TRUST = 0.9  # the confidence of a tree that every example confirms
_FEATURES = 160  # features that may be asked for, the cheapest
_LEAVES = 25  # of these, the ones that may also be answers
_MAX_GROUPS = 25  # values that a feature may have
_PRICE = 0.004  # bits of gain for each cell that a feature must bring for its cost
_TREE_COST = 6.0

Branch = tuple[Term, float]


def trees(pool: Pool, target: Target, leaf: Term, max_depth: int) -> Iterator[list[Match]]:
    """Tell the tree that gives all outputs, if a greedy one does; inputs must have the outputs' shape."""
    same = sorted([term for term in pool.grids if term.shapes == target.shapes], key=lambda term: term.cost)
    if leaf.shapes != target.shapes:
        return
    features = same[:_FEATURES]
    for term in features:
        target.compare(term)
    tree = _Tree(pool, target, leaf, features)
    branch = tree.grow(list(range(len(target.flat))), max_depth)
    if branch is not None and branch[0].name == "where":
        yield [Match(finished("where", branch[0].arguments, branch[1] + _TREE_COST), tree.confidence(max_depth))]


class _Tree:
    """What a growing tree is made of."""

    def __init__(self, pool: Pool, target: Target, leaf: Term, features: list[Term]) -> None:
        self.pool = pool
        self.target = target
        self.leaf = leaf
        self.features = features
        self.leaves = [leaf, *[term for term in features[:_LEAVES] if term.kind == "grid" and term is not leaf]]

    def grow(self, cells: list[int], depth: int) -> Branch | None:
        """Grow a branch that is right on some cells; None if it would be too deep."""
        finished_branch = self._leaf(cells)
        if finished_branch is not None or depth == 0:
            return finished_branch
        split = self._best_split(cells)
        if split is None:
            return None
        feature, value = split
        inside = self.grow([i for i in cells if feature.flat[i] == value], depth - 1)
        outside = inside and self.grow([i for i in cells if feature.flat[i] != value], depth - 1)
        if inside is None or outside is None:
            return None
        cost = inside[1] + outside[1] + feature.cost + 1.0
        return finished("where", (feature, (value,), inside[0], outside[0]), cost), cost

    def confidence(self, depth: int) -> float:
        """Tell for how many of the examples a tree grown on the others is right, from 0 to `_TRUST`."""
        cells = list(range(len(self.target.flat)))
        right = 0
        for span in self.target.spans:
            others = cells[: span.start] + cells[span.stop :]
            branch = self.grow(others, depth) if others else None
            right += branch is not None and all(_answer(branch[0], i) == self.target.flat[i] for i in cells[span])
        return _TRUST * right / self.target.examples

    def _leaf(self, cells: list[int]) -> Branch | None:
        wanted = self.target.flat
        for term in self.leaves:
            if all(term.flat[i] == wanted[i] for i in cells):
                return term, term.cost
        colour = wanted[cells[0]]
        if all(wanted[i] == colour for i in cells):
            return finished("constant_like", (self.leaf, colour), 0.4), 0.4
        return None

    def _best_split(self, cells: list[int]) -> tuple[Term, int] | None:
        wanted = self.target.flat
        changes = {i: wanted[i] if wanted[i] != self.leaf.flat[i] else -1 for i in cells}
        best: tuple[float, Term, int] | None = None
        for feature in self.features:
            self.pool.evaluations += 1
            groups: dict[int, dict[int, int]] = {}
            for i in cells:
                group = groups.setdefault(feature.flat[i], {})
                group[changes[i]] = group.get(changes[i], 0) + 1
            if not 2 <= len(groups) <= _MAX_GROUPS:
                continue
            total: dict[int, int] = {}
            for group in groups.values():
                for change, count in group.items():
                    total[change] = total.get(change, 0) + count
            before = _entropy(total)
            for value, group in groups.items():
                rest = {change: count - group.get(change, 0) for change, count in total.items()}
                gain = (before - _entropy(group) - _entropy(rest)) / len(cells) - _PRICE * feature.cost
                if gain > 0 and (best is None or gain > best[0] + 1e-9):
                    best = (gain, feature, value)
        return None if best is None else best[1:]


def _answer(branch: Term, cell: int) -> int:
    """Tell what a branch answers for one cell."""
    while branch.name == "where":
        feature, values, inside, outside = branch.arguments
        branch = inside if feature.flat[cell] in values else outside
    answer: int = branch.arguments[1] if branch.name == "constant_like" else branch.flat[cell]
    return answer


def _entropy(counts: dict[int, int]) -> float:
    """Tell the bits needed to name the kinds of all counted cells."""
    total = sum(counts.values())
    return -sum([count * log2(count / total) for count in counts.values() if count])

"""Finishing a program by a decision tree over features, when no simpler rule fits.

A greedy tree in the manner of ID3 (Quinlan, Induction of Decision Trees, 1986): each node asks
whether a feature has one value, and is chosen by information gain less a little for its cost.
Leaves are grids or colours that are right on all cells they get. Such a program explains much
with many choices, so its confidence is low whatever it fits.
"""

from collections.abc import Iterator
from math import log2

from synthflow.proposers.symbolic.pool import Node, Pool
from synthflow.proposers.symbolic.target import Fit, Target, finished

_CONFIDENCE = 0.5
_FEATURES = 160
_LEAVES = 25
_MAX_GROUPS = 25
_PRICE = 0.004
_TREE_COST = 6.0

Branch = tuple[Node, float]


def trees(pool: Pool, target: Target, leaf: Node, max_depth: int) -> Iterator[list[Fit]]:
    """Tell the tree that gives all outputs, if a greedy one does; inputs must have the outputs' shape."""
    same = sorted([node for node in pool.grids if node.shapes == target.shapes], key=lambda node: node.cost)
    if leaf.shapes != target.shapes:
        return
    features = same[:_FEATURES]
    for node in features:
        target.compare(node)
    tree = _Tree(pool, target, leaf, features)
    branch = tree.grow(list(range(len(target.flat))), max_depth)
    if branch is not None and branch[0].name == "where":
        yield [Fit(finished("where", branch[0].arguments, branch[1] + _TREE_COST), _CONFIDENCE)]


class _Tree:
    """What a growing tree is made of."""

    def __init__(self, pool: Pool, target: Target, leaf: Node, features: list[Node]) -> None:
        self.pool = pool
        self.target = target
        self.leaf = leaf
        self.features = features
        self.leaves = [leaf, *[node for node in features[:_LEAVES] if node.kind == "grid" and node is not leaf]]

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

    def _leaf(self, cells: list[int]) -> Branch | None:
        wanted = self.target.flat
        for node in self.leaves:
            if all(node.flat[i] == wanted[i] for i in cells):
                return node, node.cost
        colour = wanted[cells[0]]
        if all(wanted[i] == colour for i in cells):
            return finished("constant_like", (self.leaf, colour), 0.4), 0.4
        return None

    def _best_split(self, cells: list[int]) -> tuple[Node, int] | None:
        wanted = self.target.flat
        changes = {i: wanted[i] if wanted[i] != self.leaf.flat[i] else -1 for i in cells}
        best: tuple[float, Node, int] | None = None
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


def _entropy(counts: dict[int, int]) -> float:
    """Tell the bits needed to name the kinds of all counted cells."""
    total = sum(counts.values())
    return -sum([count * log2(count / total) for count in counts.values() if count])

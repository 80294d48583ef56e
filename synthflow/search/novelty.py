"""Dominated novelty: who stays is good, or different from everyone better.

A candidate's novelty is its mean distance to the `k` nearest of its betters. One
that nobody beats stands at infinity, so the best always stays; one that is beaten
by a close neighbour scores near zero and goes first. "Better" is a strict order
(reward, then age), so of two candidates alike the elder stays and the other scores 0.

The distance joins what candidates do with how they are written. What they do is
the reward, and the answer or the kind of failure, on every row. How they are
written is counted from the syntax tree of their scripts, with the author's own names
left out, so renaming is no novelty; text that is not Python is counted in words.

Source: Bahlous-Boldi et al., Dominated Novelty Search, arXiv:2502.00593 (2025).
"""

import ast
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from synthflow.data_models.canonical import canonical, digest
from synthflow.data_models.schema import Json
from synthflow.language_models.embedding_model import Vector
from synthflow.rewards.cosine_similarity import similarity
from synthflow.search.candidate import Scorecard, by_merit
from synthflow.search.protocols import Values
from synthflow.search.source import parse

T = TypeVar("T")
Feature = tuple[str, ...]


def dominated_novelty(ranked: Sequence[T], distance: Callable[[T, T], float], k: int) -> list[float]:
    """Score each item by its mean distance to its `k` nearest betters.

    Args:
        ranked: The items, the best first: all before an item are its betters.
        distance: How far two items are from each other.
        k: How many of the nearest betters to average over, at least 1; where there are
            fewer, those there are.

    Returns:
        The novelty of each item, in the order of `ranked`; the first has `inf`.

    Raises:
        ValueError: `k` is below 1.

    >>> dominated_novelty([0.0, 5.0, 5.0], lambda a, b: abs(a - b), k=1)
    [inf, 5.0, 0.0]
    """
    if k < 1:
        raise ValueError(f"k counts neighbours, so it must be at least 1, got {k}.")
    scores = []
    for n, item in enumerate(ranked):
        near = sorted(distance(item, better) for better in ranked[:n])[:k]
        scores.append(math.fsum(near) / len(near) if near else math.inf)
    return scores


@dataclass(frozen=True)
class Descriptor:
    """What a candidate does and how it is written."""

    rewards: tuple[float, ...]
    """Its reward on each row."""
    answers: tuple[str, ...]
    """Its signature on each row: the hash of how the run ended and what it answered."""
    source: Counter[Feature]
    """How often each feature occurs in its values."""

    @cached_property
    def size(self) -> int:
        """How many features there are, counted as often as they occur."""
        return self.source.total()


def describe(card: Scorecard) -> Descriptor:
    """Describe a candidate by its card."""
    cells = [card.cells[row] for row in card.rows]
    return Descriptor(
        tuple(cell.reward for cell in cells),
        tuple(digest([cell.verdict, cell.prediction]) for cell in cells),
        source_features(card.candidate.values),
    )


def distance(a: Descriptor, b: Descriptor) -> float:
    """Measure how different two candidates are on the same rows.

    Half of it is behaviour: on each row, half the difference in reward and half whether
    the answers differ. Half is source: one minus the share of features in common.

    Returns:
        From 0 to 1; symmetric, and 0 from a candidate to itself.

    Raises:
        ValueError: They were described on different numbers of rows.
    """
    if len(a.rewards) != len(b.rewards):
        raise ValueError(f"Candidates compare on the same rows, got {len(a.rewards)} and {len(b.rewards)}.")
    gaps = [min(1.0, abs(p - q)) for p, q in zip(a.rewards, b.rewards, strict=True)]
    differ = [p != q for p, q in zip(a.answers, b.answers, strict=True)]
    behaviour = (math.fsum(gaps) + sum(differ)) / (2 * max(1, len(gaps)))
    few, many = sorted((a.source, b.source), key=len)
    common = sum(min(times, many[feature]) for feature, times in few.items() if feature in many)
    either = a.size + b.size - common
    source = 1.0 - common / either if either else 0.0
    return (behaviour + source) / 2


class Survival:
    """Chooses who stays, and describes each candidate once for as long as it stays."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], Descriptor] = {}

    def survivors(
        self,
        cards: Sequence[Scorecard],
        population_size: int,
        k: int,
        vectors: Mapping[str, Vector] | None = None,
    ) -> list[Scorecard]:
        """Give the `population_size` most novel cards, the most novel first.

        Args:
            cards: All who compete, on the same rows; the same candidate twice counts once.
            population_size: How many stay.
            k: How many of the nearest betters novelty is measured against.
            vectors: Embeddings of candidates by their ids; those without one are told from others by what they do
                and how they are written.
        """
        ranked = sorted({card.id: card for card in cards}.values(), key=by_merit, reverse=True)
        found = vectors or {}
        keys = {card.id: (card.id, card.rows) for card in ranked}
        lonely = len(found.keys() & keys.keys()) < len(keys)
        known = {key: self._known.get(key) or describe(card) for key, card in zip(keys.values(), ranked, strict=True)}
        self._known = known if lonely else {}

        def far(a: str, b: str) -> float:
            if a in found and b in found:
                return 1.0 - similarity(found[a], found[b])
            return distance(known[keys[a]], known[keys[b]])

        novelty = dominated_novelty(list(keys), far, k)
        order = sorted(range(len(ranked)), key=lambda n: (-novelty[n], n))
        return [ranked[n] for n in order[:population_size]]


def embedding_text(values: Values) -> str:
    """Give the text of a candidate that is embedded: its one text, or all of its values as JSON.

    >>> embedding_text({"python_synthesis/state": {"python_script": "result = 1"}})
    'result = 1'
    """
    leaves = [leaf for _, leaf in _leaves(dict(values))]
    return leaves[0] if len(leaves) == 1 and isinstance(leaves[0], str) else canonical(dict(values)).decode()


def source_features(values: Values) -> Counter[Feature]:
    """Count the features of all values, each under its variable and field.

    >>> source_features({"s": {"script": "a = 1"}}) == source_features({"s": {"script": "b = 1  # one"}})
    True
    """
    return Counter(
        (place, *feature)
        for place, leaf in _leaves(dict(values))
        for feature in (_text_features(leaf) if isinstance(leaf, str) else [(repr(leaf),)])
    )


def _leaves(value: Json) -> Iterator[tuple[str, Json]]:
    """Give what is neither object nor list, with the fields that lead to it."""
    todo = [("", value)]
    while todo:
        place, part = todo.pop()
        if isinstance(part, dict):
            todo += [(f"{place}/{key}", inner) for key, inner in part.items()]
        elif isinstance(part, list):
            todo += [(f"{place}/", inner) for inner in part]
        else:
            yield place, part


def _text_features(text: str) -> list[Feature]:
    """Give a script's tree features; of other text, its runs of one, two and three words and signs."""
    try:
        return list(_tree_features(parse(text)))
    except SyntaxError:
        words = re.findall(r"\w+|[^\w\s]", text)
        return [("text", *words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)]


def _tree_features(tree: ast.Module) -> Iterator[Feature]:
    """Give each node alone, under its parent, under its grandparent, and beside its next sibling."""
    own = _own_names(tree)
    todo: list[tuple[ast.AST, Feature]] = [(tree, ("Module",))]
    while todo:
        node, line = todo.pop()
        for depth in range(1, len(line) + 1):
            yield ("tree", *line[-depth:])
        children = [child for child in ast.iter_child_nodes(node) if not _silent(child)]
        labels = [_label(child, own) for child in children]
        for pair in pairwise(labels):
            yield ("beside", *pair)
        todo += [(child, (*line[-2:], label)) for child, label in zip(children, labels, strict=True)]


def _own_names(tree: ast.Module) -> frozenset[str]:
    """Give the names that the author chose: those the script binds."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return frozenset(names)


def _silent(node: ast.AST) -> bool:
    """Say whether a node changes nothing: a docstring, or the mark of how a name is used."""
    string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return string or isinstance(node, ast.expr_context)


def _label(node: ast.AST, own: frozenset[str]) -> str:
    kind = type(node).__name__
    if isinstance(node, ast.Name) and node.id not in own:
        return f"{kind} {node.id}"
    if isinstance(node, ast.Attribute):
        return f"{kind} {node.attr}"
    if isinstance(node, ast.Constant):
        # hex, since a script may hold an integer that is too long to be written in decimals
        return f"{kind} {hex(node.value) if type(node.value) is int else repr(node.value)}"
    if isinstance(node, ast.alias):
        return f"{kind} {node.name}"
    return kind

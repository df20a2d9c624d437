"""The classifier of text blocks: boosted trees as plain data (article_model.json), evaluated here.

Two stages. The first sees each block's own row; the second sees it again together with what the first
thinks of its neighbours and of the nodes around it. benchmarks/extraction/train.py writes the data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import exp
from typing import Any, NamedTuple

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_features import COLUMNS, Features, Hints, Vocabulary

Tree = tuple[Any, ...] | float
"""A leaf's value, or (column, threshold, subtree where value <= threshold, subtree where it is greater)."""

WEIGHT_CHARS = 400
"""A block counts in averages by its characters, up to this many: one long paragraph is not all of a page."""

LEVELS = 6
"""How many nodes above a block the second stage hears of."""

STAGE2_COLUMNS = (
    "p", "p_before2", "p_before", "p_after", "p_after2", "near", "wide", "before", "after",
    *(f"p_node{level}" for level in range(LEVELS)), "p_page", "p_top", "p_max", "p_strong", "from_first",
    "to_last",
)  # fmt: skip


class Model(NamedTuple):
    """The trees of both stages and the words that the features need."""

    first: tuple[Tree, ...]
    second: tuple[Tree, ...]
    vocabulary: Vocabulary


@cache
def load() -> Model:
    """The model that ships with the package."""
    data = json.loads((files("reader_stream.document") / "article_model.json").read_text("ascii"))
    if tuple(data["columns"]) != COLUMNS:
        raise ValueError(
            "article_model.json was trained on other columns; run benchmarks/extraction/train.py"
        )
    first, second = (tuple(_tree(tree) for tree in data[stage]) for stage in ("first", "second"))
    return Model(first, second, Vocabulary(data["names"], data["texts"]))


def _tree(data: Any) -> Tree:
    if isinstance(data, list):
        column, threshold, low, high = data
        return (column, threshold, _tree(low), _tree(high))
    return float(data)


def probabilities(page: Page, hints: Hints, model: Model) -> tuple[list[float], Features]:
    """For each block of `page`, how likely it is main content (0..1), and the features they came from."""
    features = Features(page, hints, model.vocabulary)
    first = [_evaluate(model.first, row) for row in features.rows]
    context = context_rows(page, features, first)
    second = [_evaluate(model.second, near + row) for near, row in zip(context, features.rows, strict=True)]
    return second, features


def _evaluate(trees: Sequence[Tree], row: Sequence[float]) -> float:
    total = 0.0
    for node in trees:
        while node.__class__ is tuple:
            node = node[2] if row[node[0]] <= node[1] else node[3]
        total += node  # type: ignore[operator]
    return 1.0 / (1.0 + exp(-total))


def context_rows(page: Page, features: Features, first: Sequence[float]) -> list[list[float]]:
    """What the second stage sees before the block's own row: `STAGE2_COLUMNS`."""
    count = len(first)
    weights = [min(chars, WEIGHT_CHARS) + 5.0 for chars in page.chars]
    cum_w = [0.0, *accumulate(weights)]
    cum_p = [0.0, *accumulate(p * w for p, w in zip(first, weights, strict=True))]

    def mean(low: int, high: int) -> float:
        low, high = max(0, low), min(count, high)
        return (cum_p[high] - cum_p[low]) / (cum_w[high] - cum_w[low]) if high > low else 0.0

    of_nodes: dict[Node, list[float]] = {}

    def chain(node: Node) -> list[float]:
        found = of_nodes.get(node)
        if found is None:
            above = chain(node.parent) if node.parent is not None else None
            own = mean(node.start, node.end)
            found = of_nodes[node] = [own, *(above[: LEVELS - 1] if above else [own] * (LEVELS - 1))]
        return found

    strong = [at for at, p in enumerate(first) if p > 0.5]
    start, end = (strong[0], strong[-1]) if strong else (0, count)
    top = features.top
    whole = [
        mean(0, count),
        mean(top.start, top.end),
        max(first, default=0.0),
        sum(weights[at] for at in strong) / (cum_w[-1] or 1.0),
    ]
    padded = [-0.1, -0.1, *first, -0.1, -0.1]
    rows = []
    for at in range(count):
        row = [first[at], padded[at], padded[at + 1], padded[at + 3], padded[at + 4]]
        row += (mean(at - 3, at + 4), mean(at - 8, at + 9), mean(at - 15, at + 1), mean(at + 1, at + 16))
        row += chain(page.blocks[at].node)
        row += whole
        row += ((at - start) / count, (end - at) / count)
        rows.append(row)
    return rows


def cut(probability: Sequence[float], weights: Sequence[float]) -> float:
    """The threshold that promises the best F1: the set of blocks that maximises its expected value.

    With calibrated probabilities that is any block above half of the F1 reached, so that a page on which
    the model is sure is cut near 0.5 and one on which it is not lower.
    """
    order = sorted(range(len(probability)), key=lambda at: -probability[at])
    expected = sum(p * w for p, w in zip(probability, weights, strict=True))
    best, threshold, hits, taken = -1.0, HIGHEST_CUT, 0.0, 0.0
    for at in order:
        hits += probability[at] * weights[at]
        taken += weights[at]
        score = 2 * hits / (taken + expected) if taken + expected else 0.0
        if score > best:
            best, threshold = score, probability[at]
    return min(max(threshold, LOWEST_CUT), HIGHEST_CUT)


LOWEST_CUT, HIGHEST_CUT = 0.2, 0.5
"""Bounds of the threshold; between them the expected F1 decides (out of fold, 0.1 to 0.3 and 0.45 to 0.6
make no difference above 0.002)."""

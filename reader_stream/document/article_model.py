"""The classifier of text blocks: boosted trees and a small network as plain data (article_model.json).

benchmarks/extraction/train.py writes the data. Tried and left out: a second stage that hears what the first
thinks of a block's neighbours (out of fold .001 of word F1 on mixed pages, .004 to .013 on articles, for a
fifth more time), one that chooses among candidate sets of blocks (at most .004, often less than nothing),
averages over nodes, lists, tables or like siblings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from math import inf
from typing import Any, NamedTuple

import numpy as np

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import COLUMNS, Inputs, inputs
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_net import Net, array
from reader_stream.document.article_tree import Numbers, Rows
from reader_stream.document.article_vocabulary import Vocabulary

NET_SHARE = 0.35
"""What the network says of the whole, the trees the rest (out of fold, 0.25 to 0.6 are alike)."""

ROWS_AT_ONCE = 64
"""So many rows go through all trees together: what they need stays in the processor's cache (a third of the
time that 1,000 rows at once take)."""


class Forest:
    """Trees as arrays: all are as deep as the deepest, a row goes through all of them one level at a time.

    On level n the node of tree t that a row has come to is entry `t * 2**n + (turns so far, as bits)`.
    """

    def __init__(self, trees: Sequence[Any]) -> None:
        depth = max(1, *map(_depth, trees))
        self._columns, self._thresholds = [], []
        level = list(trees)
        for _ in range(depth):
            nodes = [tree if isinstance(tree, list) else [0, inf, tree, tree] for tree in level]
            self._columns.append(np.array([column for column, *_ in nodes], np.intp))
            self._thresholds.append(np.array([threshold for _, threshold, *_ in nodes], np.float32))
            level = [below for _, _, *both in nodes for below in both]
        self._leaves = np.array(level, np.float32)

    def __call__(self, rows: Rows) -> Numbers:
        """The log odds of each row of `COLUMNS`."""
        parts = [self._sum(rows[at : at + ROWS_AT_ONCE]) for at in range(0, len(rows), ROWS_AT_ONCE)]
        return np.concatenate(parts)

    def _sum(self, rows: Rows) -> Numbers:
        values, width = rows.ravel(), rows.shape[1]
        starts = np.arange(0, len(values), width)[:, None]
        at = np.broadcast_to(np.arange(len(self._columns[0])), (len(rows), len(self._columns[0])))
        for columns, thresholds in zip(self._columns, self._thresholds, strict=True):
            asked = values.take(columns.take(at, mode="clip") + starts, mode="clip")
            at = 2 * at + (asked > thresholds.take(at, mode="clip"))
        return np.asarray(self._leaves.take(at, mode="clip").sum(axis=1, dtype=np.float64))


def _depth(tree: Any) -> int:
    """A tree is a leaf's value, or [column, threshold, subtree where value <= threshold, where greater]."""
    return 1 + max(map(_depth, tree[2:])) if isinstance(tree, list) else 0


class Model(NamedTuple):
    """The trees, the network, and the words that their inputs need."""

    forest: Forest
    net: Net
    vocabulary: Vocabulary

    def log_odds(self, given: Inputs) -> Numbers:
        """Of each block being content."""
        return (1 - NET_SHARE) * self.forest(given.rows) + NET_SHARE * self.net(given)


@cache
def load() -> Model:
    """The model that ships with the package."""
    return read((files("reader_stream.document") / "article_model.json").read_text("ascii"))


def read(text: str) -> Model:
    """A model as train.py writes it; ValueError when it was trained on other columns."""
    data = json.loads(text)
    if tuple(data["columns"]) != COLUMNS:
        raise ValueError("the model was trained on other columns; run benchmarks/extraction/train.py")
    vocabulary = Vocabulary(data["names"], data["texts"], data["words"], data["bias"], data["marks"])
    net = Net({name: array(each) for name, each in data["net"].items()})
    return Model(Forest(data["trees"]), net, vocabulary)


def probabilities(page: Page, hints: Hints, model: Model) -> Numbers:
    """For each block of `page`, how likely it is main content (0..1)."""
    return 1 / (1 + np.exp(-model.log_odds(inputs(page, hints, model.vocabulary))))


def cut(probability: Numbers, weights: Numbers) -> float:
    """The threshold that promises the best F1: the set of blocks that maximises its expected value.

    With calibrated probabilities that is any block above half of the F1 reached, so that a page on which
    the model is sure is cut near 0.5 and one on which it is not lower.
    """
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum((probability * weights)[order])
    taken = np.cumsum(weights[order])
    best = int((hits / (taken + EXPECTED_SHARE * hits[-1])).argmax())
    return min(max(float(probability[order[best]]), LOWEST_CUT), HIGHEST_CUT)


LOWEST_CUT, HIGHEST_CUT = 0.2, 0.6
"""Bounds of the threshold; between them the expected F1 decides (out of fold, 0.1 to 0.3 and 0.45 to 0.6
make no difference above 0.002)."""

EXPECTED_SHARE = 0.82
"""Of the expected amount of content: many doubtful blocks add up to more than pages have (out of fold, .001
to .004 of F1 on every set against 1)."""

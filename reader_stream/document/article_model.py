"""The classifier of text blocks: boosted trees as plain data (article_model.json), evaluated here.

benchmarks/extraction/train.py writes the data. Tried and left out: a second stage that hears what the first
thinks of a block's neighbours (out of fold .001 of word F1 on mixed pages, .004 to .013 on articles, for a
fifth more time), one that chooses among candidate sets of blocks (at most .004, often less than nothing),
averages over nodes, lists, tables or like siblings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any, NamedTuple

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import COLUMNS, Features, Hints
from reader_stream.document.article_names import Vocabulary

Forest = Callable[[Sequence[float]], float]
"""A block's row of numbers to the sum of what a group of trees says of it."""

FIRST_TREES, SURE = 40, 2.5
"""After so many trees a block whose log odds are beyond this is decided (0.92); the rest of the trees only
makes it surer."""

TREES_AT_ONCE = 10
"""Trees in one expression; a call costs less than a tree does."""


class Model(NamedTuple):
    """The trees in two parts, and the words that the features need."""

    first: tuple[Forest, ...]
    rest: tuple[Forest, ...]
    vocabulary: Vocabulary


@cache
def load() -> Model:
    """The model that ships with the package."""
    return read((files("reader_stream.document") / "article_model.json").read_text("ascii"))


def read(text: str) -> Model:
    """A model as train.py writes it; ValueError when it was trained on other columns."""
    data = json.loads(text)
    if tuple(data["columns"]) != COLUMNS:
        raise ValueError("the model was trained on other columns; run benchmarks/extraction/train.py")
    trees = data["trees"]
    return Model(
        _forests(trees[:FIRST_TREES]),
        _forests(trees[FIRST_TREES:]),
        Vocabulary(data["names"], data["texts"]),
    )


def _forests(trees: Sequence[Any]) -> tuple[Forest, ...]:
    """Trees as compiled expressions: a third of the time that walking them as data takes."""
    groups = (trees[at : at + TREES_AT_ONCE] for at in range(0, len(trees), TREES_AT_ONCE))
    return tuple(_compiled("+".join(map(_expression, group))) for group in groups)


def _compiled(expression: str) -> Forest:
    forest: Forest = eval(f"lambda row: {expression}", {})  # noqa: S307 -- made of numbers only, below
    return forest


def _expression(tree: Any) -> str:
    """A leaf's value, or [column, threshold, subtree where value <= threshold, subtree where greater]."""
    if isinstance(tree, list):
        column, threshold, low, high = tree
        branches = f"{_expression(low)} if row[{int(column)}]<={float(threshold)!r} else {_expression(high)}"
        return f"({branches})"
    return repr(float(tree))


def probabilities(page: Page, hints: Hints, model: Model) -> list[float]:
    """For each block of `page`, how likely it is main content (0..1)."""
    return [_evaluate(model, row) for row in Features(page, hints, model.vocabulary).rows]


def _evaluate(model: Model, row: Sequence[float]) -> float:
    total = 0.0
    for forest in model.first:
        total += forest(row)
    if -SURE < total < SURE:
        for forest in model.rest:
            total += forest(row)
    return 1.0 / (1.0 + exp(-total))


def cut(probability: Sequence[float], weights: Sequence[float]) -> float:
    """The threshold that promises the best F1: the set of blocks that maximises its expected value.

    With calibrated probabilities that is any block above half of the F1 reached, so that a page on which
    the model is sure is cut near 0.5 and one on which it is not lower.
    """
    order = sorted(range(len(probability)), key=lambda at: -probability[at])
    expected = EXPECTED_SHARE * sum(p * w for p, w in zip(probability, weights, strict=True))
    best, threshold, hits, taken = -1.0, HIGHEST_CUT, 0.0, 0.0
    for at in order:
        hits += probability[at] * weights[at]
        taken += weights[at]
        score = 2 * hits / (taken + expected) if taken + expected else 0.0
        if score > best:
            best, threshold = score, probability[at]
    return min(max(threshold, LOWEST_CUT), HIGHEST_CUT)


LOWEST_CUT, HIGHEST_CUT = 0.2, 0.6
"""Bounds of the threshold; between them the expected F1 decides (out of fold, 0.1 to 0.3 and 0.45 to 0.6
make no difference above 0.002)."""

EXPECTED_SHARE = 0.85
"""Of the expected amount of content: many doubtful blocks add up to more than pages have (out of fold, .001
to .004 of F1 on every set against 1)."""

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
from itertools import pairwise
from math import exp, inf
from typing import Any, NamedTuple

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_features import COLUMNS, Features
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_names import Vocabulary

Forest = Callable[..., float]
"""The numbers of a block's row, one by one, to its log odds."""

STAGES = (
    (40, 1.25, 3.3), (80, 1.5, 1.85), (120, 1.75, 1.75), (160, 2.0, 1.6), (240, 2.0, 1.3), (320, 2.0, 1.2),
    (400, 2.0, 1.12),
)  # fmt: skip
"""After so many trees a block whose log odds are beyond so much is decided: the rest of the trees would only
make it surer, by this factor at the median. Two in three trees are saved for .001 of word F1 on mixed pages
and nothing on articles (out of fold, of 600 trees at a learning rate of 0.03)."""

PART_TREES = 40
"""Trees that are compiled at once: 600 in one piece take 35 MiB of memory for good, in such parts 9."""

TREES_AT_ONCE = 10
"""Trees that are summed up before the sum joins the total: floats add up to other digits otherwise."""


class Model(NamedTuple):
    """The trees, and the words that the features need."""

    forest: Forest
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
    vocabulary = Vocabulary(data["names"], data["texts"], data["words"], data["bias"])
    return Model(_compiled(data["trees"]), vocabulary)


def _compiled(trees: Sequence[Any]) -> Forest:
    """All trees, stage by stage, until the answer is sure."""
    ends = {len(trees): (inf, 1.0)}
    ends |= dict.fromkeys(range(PART_TREES, len(trees), PART_TREES), (inf, 1.0))
    ends |= {at: (sure, factor) for at, sure, factor in STAGES if at < len(trees)}
    parts = [(_sum(trees[start:end]), *ends[end]) for start, end in pairwise([0, *sorted(ends)])]

    def forest(*row: float) -> float:
        total = 0.0
        for part, sure, factor in parts:
            total += part(*row)
            if not -sure < total < sure:
                return total * factor
        return total

    return forest


def _sum(trees: Sequence[Any]) -> Forest:
    """The sum of trees as a function, its parameters the columns: a quarter of the time that walking them as
    data takes, two thirds of what expressions over a row take."""
    lines = [f"def part({','.join(map(_parameter, range(len(COLUMNS))))}):", " total = 0.0"]
    for at in range(0, len(trees), TREES_AT_ONCE):
        lines.append(f" total += {'+'.join(map(_expression, trees[at : at + TREES_AT_ONCE]))}")
    made: dict[str, Forest] = {}
    exec("\n".join([*lines, " return total"]), made)  # noqa: S102 -- made of numbers only, below
    return made["part"]


def _expression(tree: Any) -> str:
    """A leaf's value, or [column, threshold, subtree where value <= threshold, subtree where greater]."""
    if isinstance(tree, list):
        column, threshold, low, high = tree
        question = f"{_parameter(int(column))}<={float(threshold)!r}"
        return f"({_expression(low)} if {question} else {_expression(high)})"
    return repr(float(tree))


def _parameter(column: int) -> str:
    return f"c{column}"


def probabilities(page: Page, hints: Hints, model: Model) -> list[float]:
    """For each block of `page`, how likely it is main content (0..1)."""
    features = Features(page, hints, model.vocabulary)

    @cache
    def said(at: int) -> float:
        return model.forest(*features.row(at))

    odds: list[float] = []
    for node in page.nodes:
        if node.start >= len(odds) and _is_minor(page, node):
            odds.extend(map(said, range(len(odds), node.start)))
            tried = [*map(said, _samples(page, node))]
            if max(tried) < OUT:
                odds += [sum(tried) / len(tried)] * (node.end - node.start)
    odds.extend(map(said, range(len(odds), len(page.blocks))))
    return [1.0 / (1.0 + exp(-each)) for each in odds]


def _is_minor(page: Page, node: Node) -> bool:
    """Several blocks, none of them prose, not much of the page: a menu, a foot, a list of links."""
    start, end = node.start, node.end
    if end - start < LEAST_BLOCKS or page.cum_long[end] > page.cum_long[start]:
        return False
    return page.cum_chars[end] - page.cum_chars[start] < MINOR_SHARE * page.cum_chars[-1]


def _samples(page: Page, node: Node) -> set[int]:
    """The first block, the middle one, the last, the longest and the one with most text beside links."""
    start, end = node.start, node.end
    span = range(start, end)
    chars, blocks = page.chars, page.blocks
    longest = max(span, key=chars.__getitem__)
    plainest = max(span, key=lambda at: chars[at] - blocks[at].link_chars)
    return {start, (start + end) // 2, end - 1, longest, plainest}


LEAST_BLOCKS, MINOR_SHARE, OUT = 6, 0.2, -2.0
"""A container of so many blocks, with less than this share of the page's text, is left out as a whole when
the log odds of its samples are below (0.12): a third of a page's blocks need not be judged (out of fold, no
measure changes by .0005)."""


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

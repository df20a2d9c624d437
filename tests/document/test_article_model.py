"""The trees of the classifier: what they answer, and the data they are read from."""

from __future__ import annotations

import json
from importlib.resources import files
from math import exp
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import article_model
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import COLUMNS, inputs
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_model import HIGHEST_CUT, LOWEST_CUT, NET_SHARE, ROWS_AT_ONCE, Forest, cut
from reader_stream.document.html import body_of, parse

NUMBERS = st.integers(-3, 3).map(lambda number: number / 2)
TREES = st.recursive(NUMBERS, lambda below: st.tuples(st.integers(0, 4), NUMBERS, below, below).map(list))


def walked(tree: Any, row: list[float]) -> float:
    """A tree's answer, found by going down from its root."""
    while isinstance(tree, list):
        column, threshold, low, high = tree
        tree = low if row[column] <= threshold else high
    return float(tree)


@given(
    st.lists(TREES, min_size=1, max_size=12), st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1)
)
@settings(max_examples=200)
def test_all_trees_are_summed(trees: list[Any], rows: list[list[float]]) -> None:
    """Trees of any shape together say of each row what walking down each of them says."""
    said = Forest(trees)(np.array(rows, np.float32))
    assert said.tolist() == pytest.approx([sum(walked(tree, row) for tree in trees) for row in rows])


def test_rows_do_not_mind_their_neighbours() -> None:
    """A row's answer is the same alone and among more rows than are worked on at once."""
    forest = article_model.load().forest
    rows = np.random.default_rng(1).normal(size=(2 * ROWS_AT_ONCE + 1, len(COLUMNS))).astype(np.float32)
    alone = [float(forest(row[None])[0]) for row in rows]
    assert forest(rows).tolist() == alone


def test_a_model_of_other_columns_is_refused() -> None:
    """Numbers that mean something else than the trees were trained on would be read in silence."""
    data = json.loads((files("reader_stream.document") / "article_model.json").read_text("ascii"))
    data |= {"columns": COLUMNS[1:], "trees": [0.5]}
    with pytest.raises(ValueError, match="other columns"):
        article_model.read(json.dumps(data))
    model = article_model.read(json.dumps({**data, "columns": COLUMNS}))
    assert model.forest(np.zeros((2, len(COLUMNS)), np.float32)).tolist() == [0.5, 0.5]


def test_trees_and_network_answer_together() -> None:
    """Log odds are the mean of both, weighed by `NET_SHARE`; probabilities are made of them."""
    model = article_model.load()
    page = Page(
        body_of(parse("<nav><a href=/>Home</a></nav><main><p>The harbour is closed today.</p></main>"))
    )
    given_page = inputs(page, Hints(), model.vocabulary)
    trees, net = model.forest(given_page.rows), model.net(given_page)
    expected = [tree + NET_SHARE * (other - tree) for tree, other in zip(trees, net, strict=True)]
    assert model.log_odds(given_page).tolist() == pytest.approx(expected)
    told = article_model.probabilities(page, Hints(), model)
    assert told.tolist() == pytest.approx([1 / (1 + exp(-odds)) for odds in expected])
    assert told[0] < told[1]


@pytest.mark.parametrize(
    ("probability", "words", "threshold"),
    [
        ([0.55, 0.1], [9, 1], 0.55),
        ([0.9, 0.5], [1, 1], 0.5),
        # less is expected than chances add up to, so that doubtful text stays out
        ([0.9, 0.4], [1, 1], HIGHEST_CUT),
        ([0.4, 0.9], [1, 1], HIGHEST_CUT),
        # the longer text decides
        ([0.5, 0.35], [1, 9], 0.35),
        ([0.35, 0.5], [9, 1], 0.35),
        ([0.9, 0.35], [9, 1], HIGHEST_CUT),
        ([0.35, 0.9], [1, 9], HIGHEST_CUT),
        ([0.55, 0.9], [1, 9], 0.55),
        ([0.1, 0.05], [5, 5], LOWEST_CUT),
    ],
)
def test_the_threshold(probability: list[float], words: list[int], threshold: float) -> None:
    """It promises the best F1 of what is kept, within bounds."""
    assert cut(np.array(probability), np.array(words)) == threshold

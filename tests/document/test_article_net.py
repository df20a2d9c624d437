"""The network over the blocks of a page: what it reads, and what it answers."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import article_model, article_net
from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_features import COLUMNS, inputs, mark_bags, marks_of
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_net import MOST_PRODUCTS, Net, _times, around, array, beside, scaled
from reader_stream.document.article_tree import Rows, Tree
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import pages, parent_of

RAMPS = {
    "base": np.array([-1.0, 0.0], np.float32),
    "low": np.array([[0.0, 5.0], [2.0, 0.0]], np.float32),
    "slope": np.array([[0.5, 1.0], [1.0, 0.0]], np.float32),
    "height": np.array([[1.0, 1.0], [2.0, 0.0]], np.float32),
}


@pytest.mark.parametrize(
    ("row", "level"),
    [
        ((-9.0, 4.0), (-1.0, 0.0)),
        ((1.0, 5.25), (-0.5, 0.25)),
        ((2.0, 6.0), (0.0, 1.0)),
        ((2.5, 99.0), (1.0, 1.0)),
        ((9.0, 5.0), (2.0, 0.0)),
    ],
)
def test_columns_rise_along_their_ramps(row: tuple[float, float], level: tuple[float, float]) -> None:
    """From the base by each ramp's height, as far as the value is on it; a column may have fewer ramps."""
    rows = np.array([row, row], np.float32)
    assert scaled(rows, RAMPS).tolist() == [list(level)] * 2
    assert rows.tolist() == [list(row)] * 2


def chain(node: Node) -> list[Node]:
    """The node and all above it."""
    return [node] if node.parent is None else [node, *chain(node.parent)]


def numbers(rows: int, columns: int) -> Rows:
    """Some that differ."""
    return np.random.default_rng(1).normal(size=(rows, columns)).astype(np.float32)


@given(pages())
@settings(max_examples=50, deadline=None)
def test_names_are_those_of_the_node_and_above(page: Page) -> None:
    """The vectors of the block's own kind, of its parent's, the mean over the node and all above it."""
    vectors = numbers(len(page.kinds), 2)
    for block, found in zip(page.blocks, around(vectors, Tree(page)), strict=True):
        own, parent = vectors[block.node.kind], vectors[parent_of(block.node).kind]
        mean = np.mean([vectors[node.kind] for node in chain(block.node)], axis=0)
        assert found.tolist() == pytest.approx([*own, *parent, *mean], abs=1e-5)


@given(pages())
@settings(max_examples=50, deadline=None)
def test_blocks_hear_of_those_beside_them(page: Page) -> None:
    """A block's own units, those before and behind, the means over parent, grandparent and page."""
    units = numbers(len(page.blocks), 2)
    nothing = np.zeros(2)
    for at, found in enumerate(np.concatenate(list(beside(units, Tree(page))))):
        parent = parent_of(page.blocks[at].node)
        around = [units[n.start : n.end].mean(axis=0) for n in (parent, parent_of(parent), page.nodes[0])]
        before = units[at - 1] if at else nothing
        behind = units[at + 1] if at + 1 < len(units) else nothing
        expected = np.concatenate([units[at], before, behind, *around])
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def test_long_pages_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks hear of those beside them on the other side of a part's end too."""
    page = Page(body_of(parse("<div><p>a</p><p>b</p></div><p>c</p><p>d</p><p>e</p>")))
    units = numbers(5, 3)
    (whole,) = beside(units, Tree(page))
    monkeypatch.setattr(article_net, "BLOCKS_AT_ONCE", 2)
    parts = list(beside(units, Tree(page)))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert np.array_equal(np.concatenate(parts), whole)


def test_marks_are_tags_and_names() -> None:
    """Kinds of nodes are told by their tag and the words of their names, where these are known."""
    page = Page(body_of(parse("<div class='post-body x1' id=Main>a</div><p>b</p>")))
    assert [marks_of(kind) for kind in page.kinds] == [["<body"], ["<div", "post", "body", "main"], ["<p"]]
    bags = mark_bags(page, Vocabulary({}, {}, {}, 0.0, ["<p", "main", "post"]))
    assert (bags.things.tolist(), bags.sizes.tolist()) == ([2, 1, 0], [0, 2, 1])


def small(**changed: Any) -> dict[str, Rows]:
    """Weights of a network with one unit a layer, that tells the first column as it is."""
    width = len(COLUMNS)
    zeros = np.zeros((1, width), np.float32)
    weights = {
        "base": zeros[0], "low": zeros, "slope": zeros + 0.125, "height": zeros + 8,
        "words": np.zeros((0, 1)), "marks": np.zeros((0, 1)),
        "first": np.eye(width + 4, 1), "first_bias": np.zeros(1),
        "second": np.eye(6, 1), "second_bias": np.zeros(1),
        "last": np.ones(1), "last_bias": np.zeros(1),
    } | changed  # fmt: skip
    return {name: np.asarray(each, np.float32) for name, each in weights.items()}


def test_layers_are_read_one_after_the_other() -> None:
    """The second layer reads the first, with what stands beside each block; only what is above 0 goes on."""
    page = Page(body_of(parse("<p>one more line</p><p>x</p><p>harbour</p>")))
    given = inputs(page, Hints(), Vocabulary({}, {}, {}, 0.0))
    chars = given.rows[:, 0].tolist()
    assert Net(small())(given).tolist() == pytest.approx(chars, rel=1e-5)
    behind = small(second=np.eye(6, 1, -2), last_bias=[-1.0])
    assert Net(behind)(given).tolist() == pytest.approx([chars[1] - 1, chars[2] - 1, -1.0], rel=1e-5)
    short = small(first_bias=[-2.0], second=-np.eye(6, 1), second_bias=[0.5])
    expected = [max(0.5 - max(each - 2, 0), 0) for each in chars]
    assert Net(short)(given).tolist() == pytest.approx(expected, abs=1e-5)


def test_words_and_names_are_told() -> None:
    """The vector of a known word and of a known name reach the answer."""
    page = Page(body_of(parse("<p>in the harbour</p><p class=menu>not in it</p>")))
    known = Vocabulary({}, {}, {"harbour": 0.0}, 0.0, ["menu"])
    width = len(COLUMNS)
    words = small(words=[[3.0]], marks=[[0.0]], first=np.eye(width + 4, 1, -width))
    assert Net(words)(inputs(page, Hints(), known)).tolist() == [3.0, 0.0]
    names = small(words=[[0.0]], marks=[[2.0]], first=np.eye(width + 4, 1, -width - 1))
    assert Net(names)(inputs(page, Hints(), known)).tolist() == [0.0, 2.0]


@given(st.text("<>/apdivulh1 \"='classmenu$", max_size=300))
@settings(max_examples=50, deadline=None)
def test_any_page_has_finite_answers(markup: str) -> None:
    """Whatever a page is made of, the network that ships has a number for each of its blocks."""
    page = Page(body_of(parse(f"<body>{markup}</body><p>end</p>")))
    model = article_model.load()
    said = model.net(inputs(page, Hints(), model.vocabulary)) if page.blocks else np.zeros(0)
    assert said.shape == (len(page.blocks),)
    assert np.isfinite(said).all()


def test_pieces_make_the_whole_product() -> None:
    """Matrices that are multiplied in pieces have the product that they have at once."""
    left, right = numbers(3 * MOST_PRODUCTS // 480 + 7, 16), numbers(16, 30)
    assert np.allclose(_times(left, right), left @ right, atol=1e-5)


def test_arrays_are_read_as_written() -> None:
    """Type, shape and numbers in base64."""
    found = array({"type": "<f2", "shape": [2, 1], "data": "ADwAwA=="})
    assert found.tolist() == [[1.0], [-2.0]]
    assert found.dtype == np.float32


ALONE = """
import threading, time
import numpy as np
from reader_stream.document.article_net import _times
left, right = np.ones((4000, 142), np.float32), np.ones((142, 48), np.float32)
_times(left, right)
wall, cpu = time.perf_counter(), time.process_time()
for _ in range(100):
    _times(left, right)
print((time.process_time() - cpu) / (time.perf_counter() - wall))
"""


def test_one_processor_is_enough() -> None:
    """Products of a page's size do not set further processors to work, which costs more than it saves."""
    alone = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", ALONE], env=alone, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 1.3

"""The nodes of a page as arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_tree import NONE, Tree
from reader_stream.document.html import body_of, parse

MARKUP = "<div>a<section><p>b<p>cc</section></div><ul><li><a href=/>ddd</a></ul>"


def page_of(markup: str) -> Page:
    """The blocks and nodes of a body."""
    return Page(body_of(parse(f"<body>{markup}</body>")))


def chain(node: Node) -> list[Node]:
    """The node and all above it, nearest first."""
    return [node, *chain(node.parent)] if node.parent else [node]


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Markup of nested and neighbouring containers with some text."""
    parts = draw(st.lists(st.sampled_from(["<div>", "</div>", "<p>", "text ", "<ul><li>"]), max_size=30))
    return "".join(parts)


@given(nested())
def test_what_nodes_inherit_is_that_of_their_chains(markup: str) -> None:
    """The highest value, the sum and the nearest mark are those of walking up from each node."""
    page = page_of(markup + "end")
    tree = Tree(page)
    values = np.array([[float(node.index * 7 % 5), -float(node.index)] for node in page.nodes])
    marks = tree.marked(values[:, 0] == 3)
    highest, nearest = tree.highest(values), tree.highest(marks)
    total = tree.total(values)
    for node in page.nodes:
        above = [each.index for each in chain(node)]
        assert tree.above(node.index) == above
        assert highest[node.index].tolist() == values[above].max(axis=0).tolist()
        assert total[node.index].tolist() == values[above].sum(axis=0).tolist()
        assert nearest[node.index] == next((at for at in above if values[at, 0] == 3), NONE)


def test_nodes_hold_what_their_blocks_do() -> None:
    """Characters and those in links by node; the node of each block; parents, the root its own."""
    page = page_of(MARKUP)
    tree = Tree(page)
    tags = [node.tag for node in page.nodes]
    assert tags == ["body", "div", "section", "p", "p", "ul", "li"]
    assert tree.chars.tolist() == [7, 4, 3, 1, 2, 3, 3]
    assert tree.links.tolist() == [3, 0, 0, 0, 0, 3, 3]
    assert [tags[at] for at in tree.at] == ["div", "p", "p", "li"]
    assert [tags[at] for at in tree.parent] == ["body", "body", "div", "section", "section", "body", "ul"]
    assert [tags[at] for at in tree.grand] == ["body", "body", "body", "div", "div", "body", "body"]

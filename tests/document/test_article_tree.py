"""The nodes of a page as arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_tree import NONE, Tree
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import above, held, pages, parent_of

MARKUP = "<div>a<section><p>b<p>cc</section></div><ul><li><a href=/>ddd</a></ul>"


def page_of(markup: str) -> Page:
    """The blocks and nodes of a body."""
    return Page(body_of(parse(f"<body>{markup}</body>")))


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
        chain = [each.index for each in above(node)]
        assert tree.above(node.index) == chain
        assert highest[node.index].tolist() == values[chain].max(axis=0).tolist()
        assert total[node.index].tolist() == values[chain].sum(axis=0).tolist()
        assert nearest[node.index] == next((at for at in chain if values[at, 0] == 3), NONE)


def test_nodes_hold_what_their_blocks_do() -> None:
    """Characters and those in links by node; the node of each block; parents, the root its own."""
    page = page_of(MARKUP)
    tree = Tree(page)
    tags = [node.tag for node in page.nodes]
    assert tags == ["body", "div", "section", "p", "p", "ul", "li"]
    assert tree.chars.tolist() == [7, 4, 3, 1, 2, 3, 3]
    assert tree.whole.tolist() == [7, 4, 3, 1, 2, 3, 3]
    assert tree.links.tolist() == [3, 0, 0, 0, 0, 3, 3]
    assert [tags[at] for at in tree.at] == ["div", "p", "p", "li"]
    assert [tags[at] for at in tree.parent] == ["body", "body", "div", "section", "section", "body", "ul"]
    assert [tags[at] for at in tree.grand] == ["body", "body", "body", "div", "div", "body", "body"]


def test_of_nothing_there_is_one_to_divide_by() -> None:
    """An element without text holds no characters, and its shares are none rather than undefined."""
    tree = Tree(page_of("<div></div><p>a"))
    assert tree.chars.tolist() == [1, 0, 1]
    assert tree.whole.tolist() == [1, 1, 1]


@given(pages())
@settings(max_examples=50, deadline=None)
def test_amounts_are_those_of_the_blocks_inside(page: Page) -> None:
    """Characters, those in links and in long blocks of each node, its parents and depth, of any page."""
    tree = Tree(page)
    for node in page.nodes:
        at, parent = node.index, parent_of(node)
        inside = [block for block in page.blocks if node in above(block.node)]
        assert tree.end[at] - tree.start[at] == len(inside)
        assert tree.chars[at] == sum(len(block.text) for block in inside)
        assert tree.whole[at] == max(1, tree.chars[at])
        assert (tree.chars[at], tree.links[at], tree.long[at]) == held(page, node)
        assert (tree.parent[at], tree.grand[at]) == (parent.index, parent_of(parent).index)
        assert tree.depth[at] == len(above(node)) - 1

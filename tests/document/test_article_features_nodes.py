"""The columns of nodes: what is in them and above them, which are alike, the way to the top."""

from __future__ import annotations

from math import log1p

import pytest
from hypothesis import given, settings

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_features import COLUMNS, GROUP_SIZE, inputs
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_places import paragraph_votes
from reader_stream.document.article_tree import Tree
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import PROSE, VOCABULARY, above, held, pages, parent_of

OWN = ("chars", "links", "long", "name", "repeated")
PARENT = ("links", "long", "blocks", "name")
GRAND = ("chars", "links", "long", "share", "blocks", "name", "repeated")


def shares(page: Page, node: Node) -> dict[str, float]:
    """What a node holds, what it is called, how many siblings it has that are alike."""
    inside = held(page, node)
    known = [VOCABULARY.names[word] for word in node.names if word in VOCABULARY.names]
    alike = [each for each in page.nodes if (each.parent, each.shape) == (node.parent, node.shape)]
    return {
        "chars": log1p(inside.chars),
        "links": inside.link_share,
        "long": inside.long_share,
        "share": inside.chars / sum(page.chars),
        "blocks": log1p(node.end - node.start),
        "name": sum(known) / len(known) if known else 0.0,
        "repeated": float(len(alike)),
    }


def chain_columns(page: Page, node: Node) -> dict[str, float]:
    """Sums and extremes over a node and all above it."""
    chain = [shares(page, each) for each in above(node)]
    names = [each["name"] for each in chain]
    return {
        "chain_name_sum": sum(names),
        "chain_name_min": min(names),
        "chain_name_max": max(names),
        "chain_long_max": max(each["long"] * each["chars"] for each in chain),
        "chain_link_min": min(each["links"] for each in chain),
    }


def group_columns(page: Page, node: Node) -> dict[str, float]:
    """Of the nearest node above with enough siblings alike its own, and what stands around them."""
    for each in above(node):
        item, around = shares(page, each), shares(page, parent_of(each))
        if item["repeated"] >= GROUP_SIZE:
            found = [item["repeated"], item["chars"], around["links"], around["long"], around["share"]]
            break
    else:
        found = [0.0] * 5
    names = ("repeated", "chars", "links", "long", "share")
    return {f"group_{name}": value for name, value in zip(names, found, strict=True)}


def top_columns(page: Page, node: Node) -> dict[str, float]:
    """The way from a node up to one that holds the node with most votes, and down to that."""
    votes = paragraph_votes(page, Tree(page)).tolist()
    top = page.nodes[votes.index(max(votes))]
    way = above(top)
    meets = next(each for each in above(node) if each in way)
    inside = shares(page, meets)
    return {
        "top_inside": float(meets is top),
        "top_down": float(way.index(meets)),
        "top_up": float(above(node).index(meets)),
        "top_share": inside["share"],
        "top_links": inside["links"],
        "top_rank": max(votes[node.index], votes[parent_of(node).index]) / (max(votes) or 1.0),
        "top_after": float(node.start >= top.end) - float(node.end <= top.start),
    }


def walked(page: Page, node: Node) -> dict[str, float]:
    """All columns of a node."""
    parent = parent_of(node)
    own, higher, highest = (shares(page, each) for each in (node, parent, parent_of(parent)))
    return {
        **{f"own_{name}": own[name] for name in OWN},
        **{f"parent_{name}": higher[name] for name in PARENT},
        **{f"grand_{name}": highest[name] for name in GRAND},
        **chain_columns(page, node),
        **group_columns(page, node),
        **top_columns(page, node),
    }


@given(pages())
@settings(max_examples=60, deadline=None)
def test_columns_of_nodes_are_what_walking_up_finds(page: Page) -> None:
    """Own, parent's and its parent's amounts, chains, groups and the way to the top, of any page."""
    for block, row in zip(page.blocks, inputs(page, Hints(), VOCABULARY).rows.tolist(), strict=True):
        said = dict(zip(COLUMNS, row, strict=True))
        expected = walked(page, block.node)
        assert {name: said[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-6)


def row_of(markup: str, word: str) -> dict[str, float]:
    """The columns of the block that begins with a word."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    at = next(at for at, block in enumerate(page.blocks) if block.text.split()[0] == word)
    return dict(zip(COLUMNS, inputs(page, Hints(), VOCABULARY).rows[at].tolist(), strict=True))


CARDS = (
    "<div><ul><li class=card><h3>First</h3><p>ten chars.</p></li>"
    f"<li class=card><a href=/b>Second abc</a></li><li class=card>Third</li></ul></div><p>{PROSE * 2}"
)


@pytest.mark.parametrize(
    ("word", "column", "value"),
    [
        # three cards of 15, 10 and 5 characters, 10 of all in a link
        ("First", "group_repeated", 3),
        ("First", "group_chars", log1p(15)),
        ("First", "group_links", 10 / 30),
        ("First", "group_share", 30 / (30 + 2 * len(PROSE))),
        ("Second", "group_chars", log1p(10)),
        ("Second", "own_links", 1),
        ("Second", "parent_links", 10 / 30),
        ("Second", "chain_link_min", 10 / (30 + 2 * len(PROSE))),
        ("First", "grand_share", 30 / (30 + 2 * len(PROSE))),
        ("The", "group_repeated", 0),
        ("The", "group_links", 0),
        # the page itself is the container of the only paragraph
        ("First", "top_inside", 1),
        ("First", "top_up", 4),
        ("First", "top_rank", 0),
        ("The", "top_rank", 1),
        ("The", "top_links", 10 / (30 + 2 * len(PROSE))),
    ],
)
def test_columns_of_a_page_with_cards(word: str, column: str, value: float) -> None:
    """Amounts of a list of three cards beside a paragraph, counted by hand."""
    assert row_of(CARDS, word)[column] == pytest.approx(value, rel=1e-5)


def test_the_way_to_the_top_goes_up_and_down() -> None:
    """From a list two levels below the page to the article two levels below it, which has all prose."""
    article = f"<main><article><p>{PROSE}</p><p>{PROSE}</p></article></main>"
    row = row_of(f"<nav><ul>Before</ul></nav>{article}", "Before")
    assert (row["top_inside"], row["top_up"], row["top_down"], row["top_after"]) == (0, 2, 2, -1)
    assert row["top_share"] == 1.0
    row = row_of(f"{article}<ul>Behind</ul>", "Behind")
    assert (row["top_inside"], row["top_up"], row["top_down"], row["top_after"]) == (0, 1, 2, 1)

"""The columns of blocks by themselves and of the page as a whole."""

from __future__ import annotations

import re
from math import log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_features import (
    COLUMNS,
    GROUP_SIZE,
    PRICE_CHARS,
    SHORT_WORDS,
    TITLE_CHARS,
    inputs,
)
from reader_stream.document.article_hints import HINTS, Hints
from reader_stream.document.article_places import PLACE, paragraph_votes, places
from reader_stream.document.article_rules import OF_BLOCK, OF_NODE, OF_PAGE, rules
from reader_stream.document.article_tree import Tree
from reader_stream.document.article_words import word_bags, word_columns
from reader_stream.document.clean_hidden import HIDDEN
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import NOTE, PROSE, VOCABULARY, above, held, pages

HINT = Hints(title="Harbour news | The committee", path="/blog/1")
TAG_CODES = {"p": 1, "li": 2, "h1": 4, "h2": 5, "pre": 8, "div": 14, "section": 15, "article": 15}


def rows_of(page: Page) -> list[dict[str, float]]:
    """Each block's columns by name."""
    rows = inputs(page, HINT, VOCABULARY).rows.tolist()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def text_columns(page: Page, at: int) -> dict[str, float]:
    """What a block's own text is like."""
    block = page.blocks[at]
    text, words = block.text, set(re.findall(r"\w+", block.text.lower()))
    title = set(re.findall(r"\w+", HINT.title.lower()))
    known = [VOCABULARY.texts[word] for word in re.findall(r"\w+", text.lower()) if word in VOCABULARY.texts]
    parts = text.split()
    short = len(parts) <= SHORT_WORDS
    return {
        "text_chars": log1p(len(text)),
        "text_words": log1p(len(parts)),
        "text_links": block.link_chars / len(text),
        "text_ends": float(text[-1] in ".!?:;"),
        "text_word_length": sum(map(len, parts)) / len(parts),
        "text_score": sum(known) / len(known) if known and short else 0.0,
        "text_title": len(words & title) / len(words | title) if len(text) < TITLE_CHARS else 0.0,
        "text_rank": float(page.copy_ranks()[at]),
        "text_tag": float(TAG_CODES.get(block.node.tag, 0)),
        "text_lines": float(len(block.places)),
        **{f"in_{tag}": float(tag in block.node.under) for tag in ("nav", "main", "section", "li", HIDDEN)},
    }


def beside(page: Page, at: int) -> dict[str, float]:
    """What stands before a block and behind it."""
    blocks, nothing = page.blocks, (0.0, 0.0, -1.0)

    def columns(other: int) -> tuple[float, float, float]:
        if not 0 <= other < len(blocks):
            return nothing
        node = blocks[other].node
        same = float(node.shape == blocks[at].node.shape)
        return float(TAG_CODES.get(node.tag, 0)), same, log1p(page.chars[other])

    names = ("before_tag", "before_same", "after_tag", "after_same", "after_chars")
    return dict(zip(names, (*columns(at - 1)[:2], *columns(at + 1)), strict=True))


def siblings(page: Page, node: Node) -> list[Node]:
    """The nodes beside it that are alike, itself among them."""
    return [each for each in page.nodes if (each.parent, each.shape) == (node.parent, node.shape)]


def page_columns(page: Page) -> dict[str, float]:
    """What is said of the page."""
    blocks, sizes = page.blocks, page.chars
    whole = held(page, page.nodes[0])
    votes = paragraph_votes(page, Tree(page)).tolist()
    top = held(page, page.nodes[votes.index(max(votes))])
    groups = [group for node in page.nodes if len(group := siblings(page, node)) >= GROUP_SIZE]
    amounts = [sum(held(page, each).chars for each in group) for group in groups]
    largest = groups[amounts.index(max(amounts))] if any(amounts) else []
    in_group = [
        any(len(siblings(page, each)) >= GROUP_SIZE for each in above(block.node)) for block in blocks
    ]
    hidden = [HIDDEN in block.node.under for block in blocks]
    return {
        "chars": log1p(whole.chars),
        "links": whole.link_share,
        "long": whole.long_share,
        "paragraphs": sum(block.node.tag == "p" for block in blocks) / len(blocks),
        "top_share": top.chars / whole.chars,
        "top_long": top.long_share,
        "articles": log1p([node.tag for node in page.nodes].count("article")),
        "group_share": sum(size for size, said in zip(sizes, in_group, strict=True) if said) / whole.chars,
        "hidden": sum(size for size, said in zip(sizes, hidden, strict=True) if said) / whole.chars,
        "prices": log1p(sum("$ 5" in block.text and len(block.text) < PRICE_CHARS for block in blocks)),
        "group_items": log1p(len(largest)),
        "group_chars": log1p(max(amounts) / len(largest)) if largest else 0.0,
    }


@given(pages())
@settings(max_examples=60, deadline=None)
def test_columns_of_texts_are_those_of_each_by_itself(page: Page) -> None:
    """Text, ends, known words, title and neighbours of each block, of any page."""
    for at, said in enumerate(rows_of(page)):
        expected = {**text_columns(page, at), **beside(page, at)}
        assert {name: said[name] for name in expected} == pytest.approx(expected, rel=1e-5)


@given(pages())
@settings(max_examples=60, deadline=None)
def test_columns_of_the_page_are_sums_over_its_blocks(page: Page) -> None:
    """Amounts, groups, hidden text, articles and prices of any page; the same in each row."""
    expected = {f"page_{name}": value for name, value in page_columns(page).items()}
    for said in rows_of(page):
        assert {name: said[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(pages())
@settings(max_examples=20, deadline=None)
def test_rows_hold_what_others_say(page: Page) -> None:
    """Places, rules, words and hints stand in the columns that are called so."""
    tree = Tree(page)
    said = rules(page, tree, paragraph_votes(page, tree))
    words = word_columns(page, tree, word_bags(page, VOCABULARY), VOCABULARY)
    rows = rows_of(page)
    score, title = (np.array([row[f"text_{name}"] for row in rows]) for name in ("score", "title"))
    stand = places(page, score, title)
    for at, row in enumerate(rows):
        node = page.blocks[at].node.index
        expected = {
            **{f"place_{name}": value for name, value in zip(PLACE, stand[at], strict=True)},
            **{f"rule_{name}": value for name, value in zip(OF_BLOCK, said.of_block[at], strict=True)},
            **{f"rule_{name}": value for name, value in zip(OF_NODE, said.of_node[node], strict=True)},
            **{f"rule_{name}": value for name, value in zip(OF_PAGE, said.of_page, strict=True)},
            **dict(zip(HINTS, HINT.row(), strict=True)),
            "word_own": words.of_block[at][0],
            "word_node": words.of_node[node][0],
            "word_page": words.of_page,
        }
        assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-6)


def first_row(markup: str) -> dict[str, float]:
    """The columns of the first block of a body."""
    return rows_of(Page(body_of(parse(f"<body>{markup}</body>"))))[0]


@pytest.mark.parametrize(
    ("markup", "column", "value"),
    [
        ("<p>four words of it</p>", "text_word_length", 13 / 4),
        ("<article>a<article>b</article></article><article>c</article>", "page_articles", log1p(3)),
        # a quarter of the text is hidden
        ("<p>123456</p><div data-rs-hidden>12</div>", "page_hidden", 0.25),
        ("<div><p>1</p></div>", "page_hidden", 0),
        # two groups of three: the one with more text counts, by its size and the mean of its items
        ("<ul><li>a<li>b<li>c</ul><ol><li>12<li>34<li>56789</ol>", "page_group_items", log1p(3)),
        ("<ul><li>a<li>b<li>c</ul><ol><li>12<li>34<li>56789</ol>", "page_group_chars", log1p(3)),
        ("<ul><li>a<li>b<li>c</ul><p>1234567", "page_group_share", 0.3),
        # two siblings are no group, nor are three of different classes
        ("<ul><li>a<li>b</ul>", "page_group_items", 0),
        ("<p class=a>a<p class=b>b<p class=c>c", "page_group_items", 0),
        ("<p class=a>a<p class=b>b<p class=c>c", "page_group_share", 0),
        ("<p>$5</p><p>from 12 kr</p><p>5 USD</p><p>&euro; 3</p><p>5 kroner</p>", "page_prices", log1p(4)),
        (f"<p>{'x' * PRICE_CHARS} $5</p>", "page_prices", 0),
        # the container of the paragraphs holds two thirds of the text; or prose and labels
        (f"<a>{'x' * 100}</a><div><p>{'x ' * 98}xyz.</p></div>", "page_top_share", 2 / 3),
        (f"<div><p>{'x ' * 49}x.</p>{'z ' * 38}z.</div><p>a", "page_top_long", 100 / 178),
        (f"<p>{PROSE * 2}</p>", "text_title", 0),
        (f"<p>{NOTE}</p>", "text_title", 1 / 21),
        ("<p>same</p><div>same</div>", "text_rank", 0),
        ("<div data-rs-hidden>same</div><p>same</p>", "text_rank", 1),
        ("<p>Read news of today and of the day before</p>", "text_score", 0),
        ("<p>Read news of today and of the day</p>", "text_score", 0.5),
    ],
)
def test_columns_counted_by_hand(markup: str, column: str, value: float) -> None:
    """Of the first block of a small page, and of the page."""
    assert first_row(markup)[column] == pytest.approx(value, rel=1e-5)


@given(st.integers(1, 30))
@settings(max_examples=5, deadline=None)
def test_a_price_counts_once_for_each_block(count: int) -> None:
    """So many prices, so many blocks that hold one, however often."""
    assert first_row("<p>$5, was $6</p>" * count)["page_prices"] == pytest.approx(log1p(count), rel=1e-5)

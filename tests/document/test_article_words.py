"""What the words of blocks say, and those of the text around them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import article_model
from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_tree import Tree
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.article_words import (
    OF_BLOCK,
    OF_NODE,
    READ_CHARS,
    signs,
    word_bags,
    word_columns,
)
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import VOCABULARY as WALKED
from tests.document.article_walk import pages, parent_of

COLUMNS = (*OF_BLOCK, *OF_NODE, "page")
VOCABULARY = Vocabulary({}, {}, {"harbour": 2.0, "subscribe": -3.0, "0": 1.0}, 0.5)


def log_odds(text: str, vocabulary: Vocabulary) -> float:
    """What the words of a text say of it by themselves."""
    places = vocabulary.word_places
    known = [vocabulary.weights[places[sign]] for sign in signs(text) if sign in places]
    return float(sum(known)) / sqrt(len(known) or 1) + vocabulary.bias


def rows(markup: str) -> list[dict[str, float]]:
    """Each block's columns by name."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    tree = Tree(page)
    said = word_columns(page, tree, word_bags(page, VOCABULARY), VOCABULARY)
    rows = np.column_stack([said.of_block, said.of_node[tree.at]]).tolist()
    return [dict(zip(COLUMNS, [*row, said.of_page], strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Read more", {"read", "more", "^read", "more$", "#0", "ende"}),
        ("12 Comments!", {"0", "comments", "^0", "comments$", "#0", "end!"}),
        ("\u2026", {"#0", "end\u2026"}),
        ("a b a b a b a b a", {"a", "b", "^a", "a$", "#6", "enda"}),
    ],
)
def test_signs_of_a_block(text: str, found: set[str]) -> None:
    """Words without case and figures, the first and last of them, the length and the end of the text."""
    assert len(signs(text)) == len(found)
    assert set(signs(text)) == found


def test_of_a_long_block_the_beginning_is_read() -> None:
    """What stands behind the part that is read changes nothing but the sign of the end."""
    start = "harbour " * (READ_CHARS // 8)
    assert signs(start + "subscribe now.") == signs(start + "and more.")
    assert "subscribe" not in signs(start + "subscribe now.")
    assert "\u2026" in signs(start + "subscribe now.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing known here", 0.5),
        ("Into the harbour", 2.5),
        ("Subscribe to the harbour", 0.5 + (2.0 - 3.0) / sqrt(2)),
    ],
)
def test_words_are_weighed(text: str, said: float) -> None:
    """The known words' weights over the root of their number, with the bias."""
    (found,) = rows(f"<p>{text}</p>")
    assert found["own"] == pytest.approx(said)


def test_what_is_around_is_told_by_words() -> None:
    """The block behind by itself; the node, the ones above it and the page by the mean over their words."""
    first, second, third = rows(
        "<div><p>in the harbour</p><p>nothing known of it</p></div><p>please do subscribe</p>"
    )
    assert (second["own"], second["after"]) == (0.5, -2.5)
    assert (first["own"], third["after"]) == (2.5, -2.5)
    assert second["node"] == 0.5
    assert second["parent"] == pytest.approx((3 * 2.5 + 4 * 0.5) / 7)
    assert second["grand"] == second["page"] == pytest.approx((3 * 2.5 + 4 * 0.5 - 3 * 2.5) / 10)


def test_labels_say_nothing() -> None:
    """Blocks of one or two words count for nothing, here and in the means."""
    label, text, page = rows("<div><p>the harbour</p><p>nothing known of it</p></div><ul><li>subscribe</ul>")
    assert (label["own"], text["after"], page["own"]) == (0.0, 0.0, 0.0)
    assert label["parent"] == label["page"] == 0.5


@given(pages())
@settings(max_examples=50, deadline=None)
def test_words_of_containers_are_means_over_their_blocks(page: Page) -> None:
    """Each block of several words counts by their number, for all it stands in, of any page."""
    said = word_columns(page, Tree(page), word_bags(page, WALKED), WALKED)
    own = [log_odds(block.text, WALKED) if block.text.count(" ") > 1 else 0.0 for block in page.blocks]

    def mean(node: Node) -> float:
        counts = [
            (words, own[at])
            for at, words in enumerate(page.words)
            if node.start <= at < node.end and words >= 3
        ]
        return sum(words * odds for words, odds in counts) / (sum(words for words, _ in counts) or 1)

    for at, block in enumerate(page.blocks):
        node, parent = block.node, parent_of(block.node)
        assert said.of_block[at].tolist() == pytest.approx([own[at], own[min(at + 1, len(own) - 1)]])
        expected = [mean(node), mean(parent), mean(parent_of(parent))]
        assert said.of_node[node.index].tolist() == pytest.approx(expected)
    assert said.of_page == pytest.approx(mean(page.nodes[0]))


@given(st.text(min_size=1))
@settings(max_examples=200)
def test_any_text_is_told(text: str) -> None:
    """Any text has a finite value in the model that ships."""
    assert abs(log_odds(text, article_model.load().vocabulary)) < 100


def test_texts_that_come_again_are_told_alike() -> None:
    """Each block has the known signs of its own text, in the order of the blocks; a label has none."""
    text, label = "the harbour is closed", "the harbour"
    page = Page(body_of(parse(f"<p>{text}</p><p>{label}</p><p>so do subscribe</p><p>{text}</p>")))
    bags = word_bags(page, VOCABULARY)
    assert (bags.things.tolist(), bags.sizes.tolist()) == ([0, 1, 0], [1, 0, 1, 1])

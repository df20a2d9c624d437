"""Where a text block stands: which container the paragraphs vote for, which heading it follows."""

from __future__ import annotations

import numpy as np

from reader_stream.document.article_blocks import HEADINGS, Page
from reader_stream.document.article_tree import Numbers, Tree

PLACE = (
    "at_chars", "at_blocks", "blocks_since_h1", "blocks_since_heading", "heading_level", "heading_score",
    "heading_title", "window_links",
)  # fmt: skip
"""The columns of `places`."""

WINDOW = 4
"""So many blocks before and behind one are its surroundings."""

MOST_SINCE_HEADING, MOST_BEFORE_H1, MOST_SINCE_H1 = 100, 50, 200
"""Farther is as far."""


def places(page: Page, score: Numbers, title: Numbers) -> Numbers:
    """After which heading each block stands, among what text: a row of `PLACE` a block.

    `score` is, for each block, what its words say, `title` how much of the page's title it has.
    """
    tags = [block.node.tag for block in page.blocks]
    count = len(tags)
    at = np.arange(count)
    is_heading = np.array([tag in HEADINGS for tag in tags])
    heading = np.maximum.accumulate(np.where(is_heading, at, -1))
    heading = np.concatenate([[-1], heading[:-1]])
    has = heading >= 0
    levels = np.array([float(tag[1]) if tag in HEADINGS else 0.0 for tag in tags])
    first_h1 = tags.index("h1") if "h1" in tags else 0
    low, high = np.maximum(0, at - WINDOW), np.minimum(count, at + WINDOW + 1)
    chars, links = np.array(page.cum_chars), np.array(page.cum_links)
    return np.column_stack(
        [
            chars[:-1] / (chars[-1] or 1),
            at / count,
            np.clip(at - first_h1, -MOST_BEFORE_H1, MOST_SINCE_H1),
            np.where(has, np.minimum(at - heading, MOST_SINCE_HEADING), -1),
            np.where(has, levels[heading], 0),
            np.where(has, score[heading], 0),
            np.where(has, title[heading], 0),
            (links[high] - links[low]) / np.maximum(chars[high] - chars[low], 1),
        ]
    )


_VOTE_SHARE = (1.0, 0.5, 0.25, 1 / 6)
"""A paragraph's vote for the containers above it, nearest first (Readability has 1, 1/2, 1/6, ...)."""

_OF_PARENT = frozenset({"p", "td", "li", "pre"})


def paragraph_votes(page: Page, tree: Tree) -> Numbers:
    """Readability's idea: paragraphs vote for their containers, links count against; a vote a node."""
    votes: Numbers = np.zeros(len(page.nodes))
    for at, long in enumerate(page.long):
        if not long:
            continue
        block = page.blocks[at]
        vote = 1.0 + min(3.0, page.chars[at] / 100) + min(3, block.text.count(","))
        node = block.node.parent if block.node.tag in _OF_PARENT else block.node
        for share in _VOTE_SHARE:
            if node is None:
                break
            votes[node.index] += vote * share
            node = node.parent
    return np.asarray(votes * (1 - tree.links / tree.whole))

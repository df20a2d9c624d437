"""The rules of older extractors, against a plain walk over the nodes of a page."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import article_rules
from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_places import paragraph_votes
from reader_stream.document.article_rules import (
    BODY_CHARS,
    BODY_LONG_CHARS,
    FADING,
    FAR,
    GOOD_NAME,
    LEAST_SCORE,
    NO_RANK,
    SIBLING_CHARS,
    SIBLING_LINKS,
    SIBLING_SHARE,
    UNLIKELY_LEVELS,
    UNLIKELY_SHARE,
)
from reader_stream.document.article_tree import Tree
from tests.document.article_walk import NAMES, Signs, above, held, pages, parent_of


def signs(node: Node) -> Signs:
    """What a node's tag and name say; the page as a whole is never dropped or unlikely."""
    said = NAMES[node.shape[1]]
    rank = min(said.rank, {"article": 2, "main": 5}.get(node.tag, NO_RANK))
    if node.tag not in {"article", "body", "div", "main", "section"}:
        rank = NO_RANK
    if node.parent is None:
        return said._replace(rank=rank, dropped=False, unlikely=False)
    return said._replace(rank=rank, dropped=said.dropped or node.tag in {"aside", "footer", "nav"})


def named_above(page: Page, node: Node) -> dict[str, float]:
    """What the names of a node and of those above it say, with how many levels up that is."""
    chain = above(node)
    said = [signs(each) for each in chain]
    ranks = [each.rank for each in said]
    dropped = [level for level, each in enumerate(said) if each.dropped]
    weighed = [level for level, each in enumerate(said) if each.weight]
    unlikely = [level for level, each in enumerate(said) if each.unlikely]
    return {
        "rank": min(ranks),
        "rank_levels": ranks.index(min(ranks)) if min(ranks) < NO_RANK else -1,
        "dropped": len(dropped),
        "dropped_levels": min(dropped, default=FAR),
        "dropped_share": held(page, chain[dropped[-1]]).chars / sum(page.chars) if dropped else 0,
        "unlikely_levels": min(unlikely, default=FAR),
        "weight_near": said[weighed[0]].weight * FADING ** weighed[0] if weighed else 0,
    }


def body_of(page: Page) -> Node | None:
    """The surest container with enough text; of those that are as sure the first counts."""
    enough = [
        node
        for node in page.nodes
        if signs(node).rank < NO_RANK
        and held(page, node).chars >= BODY_CHARS
        and not any(signs(each).dropped for each in above(node))
    ]
    first = {signs(node).rank: node for node in reversed(enough)}
    surest = (first[rank] for rank in sorted(first))
    return next((node for node in surest if held(page, node).long >= BODY_LONG_CHARS), None)


def score(page: Page, node: Node, vote: float) -> float:
    """Readability's: votes and names; what paragraphs do not vote for has none."""
    if not vote:
        return 0.0
    if any(signs(each).unlikely for each in above(node)[: UNLIKELY_LEVELS + 1]):
        return UNLIKELY_SHARE * vote
    return vote + GOOD_NAME * signs(node).weight * (1 - held(page, node).link_share)


def goes_along(page: Page, node: Node, top: Node, scores: list[float]) -> bool:
    """Is a sibling of the best container content as well?"""
    share = SIBLING_SHARE * scores[top.index]
    bonus = share if node.shape == top.shape and node.shape[1] else 0.0
    text = held(page, node)
    prose = node.tag == "p" and text.chars > SIBLING_CHARS and text.link_share < SIBLING_LINKS
    return prose or scores[node.index] + bonus >= max(LEAST_SCORE, share)


def walked(page: Page, votes: list[float]) -> list[dict[str, float]]:
    """All columns of each block."""
    scores = [score(page, node, vote) for node, vote in zip(page.nodes, votes, strict=True)]
    voted = [node for node, vote in zip(page.nodes, votes, strict=True) if vote]
    top = max(voted, key=lambda node: scores[node.index], default=page.nodes[0])
    along = [node for node in page.nodes if top.parent and node.parent is top.parent and node is not top]
    taken = [top, *(node for node in along if goes_along(page, node, top, scores))]
    chosen = {at for node in taken for at in range(node.start, node.end)}
    body = body_of(page)
    inside = set(range(body.start, body.end)) if body else set()

    def chars(blocks: set[int]) -> int:
        return sum(page.chars[at] for at in blocks)

    of_page = {
        "inside_share": chars(inside) / sum(page.chars),
        "inside_long": sum(page.long[at] for at in inside) / (chars(inside) or 1),
        "inside_rank": signs(body).rank if body else NO_RANK,
        "chosen_share": chars(chosen) / sum(page.chars),
        "chosen_long": sum(page.long[at] for at in chosen) / (chars(chosen) or 1),
        "agreement": chars(inside & chosen) / (chars(inside | chosen) or 1),
    }
    rows = []
    for at, block in enumerate(page.blocks):
        node, parent = block.node, parent_of(block.node)
        paragraphs = sum(
            size
            for other, size in zip(page.blocks, page.chars, strict=True)
            if other.node.tag in {"p", "pre", "blockquote"} and other.node.parent is parent
        )
        names = named_above(page, node)
        within = body is not None and body.start <= node.start and node.end <= body.end
        row = {
            **names,
            "dropped_inside": float(within and names["dropped"] > 0),
            "score": max(scores[node.index], scores[parent.index]) / (scores[top.index] or 1),
            "paragraph_share": paragraphs / held(page, parent).chars,
            "paragraph_chars": log1p(paragraphs),
            "inside": 0 if body is None else -1 if at < body.start else 1 if at in inside else -2,
            "chosen": float(at in chosen),
        }
        rows.append({**row, **of_page})
    return rows


def rules(page: Page, votes: list[float]) -> list[dict[str, float]]:
    """What the package says: each block's columns by name."""
    tree = Tree(page)
    said = article_rules.rules(page, tree, np.array(votes))
    names = (*article_rules.OF_BLOCK, *article_rules.OF_NODE, *article_rules.OF_PAGE)
    rows = np.column_stack([said.of_block, said.of_node[tree.at]]).tolist()
    return [dict(zip(names, [*row, *said.of_page], strict=True)) for row in rows]


@given(pages())
@settings(max_examples=100, deadline=None)
def test_rules_say_what_walking_over_the_nodes_finds(page: Page) -> None:
    """Names above, the container by name, the container by votes and what goes along, of any page."""
    votes = paragraph_votes(page, Tree(page)).tolist()
    for row, expected in zip(rules(page, votes), walked(page, votes), strict=True):
        assert row == pytest.approx(expected)


@given(pages(), st.data())
@settings(max_examples=100, deadline=None)
def test_rules_hold_for_any_votes(page: Page, data: st.DataObject) -> None:
    """The same, whatever the containers' votes are: none at all, for the page, for leaves."""
    count = len(page.nodes)
    votes = data.draw(st.lists(st.sampled_from([0.0, 1.0, 1.75, 5.25, 9.0]), min_size=count, max_size=count))
    for row, expected in zip(rules(page, votes), walked(page, votes), strict=True):
        assert row == pytest.approx(expected)

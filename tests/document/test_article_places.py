"""Where blocks stand on a page, and which containers paragraphs vote for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_places import (
    MOST_BEFORE_H1,
    MOST_SINCE_H1,
    MOST_SINCE_HEADING,
    PLACE,
    WINDOW,
    paragraph_votes,
    places,
)
from reader_stream.document.article_tree import Tree
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import above, held, pages

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def page_of(markup: str) -> Page:
    """The blocks of a body."""
    return Page(body_of(parse(f"<body>{markup}</body>")))


def rows(page: Page, score: Sequence[float] = (), title: Sequence[float] = ()) -> list[dict[str, float]]:
    """Each block's place by name."""
    nothing = [0.0] * len(page.blocks)
    found = places(page, np.array(score or nothing), np.array(title or nothing))
    return [dict(zip(PLACE, row, strict=True)) for row in found.tolist()]


def walked(page: Page, at: int, score: Sequence[float], title: Sequence[float]) -> dict[str, float]:
    """A block's place, found by looking back from it."""
    tags = [block.node.tag for block in page.blocks]
    heading = next((before for before in reversed(range(at)) if tags[before] in HEADINGS), None)
    first = tags.index("h1") if "h1" in tags else 0
    around = range(max(0, at - WINDOW), min(len(tags), at + WINDOW + 1))
    links = sum(page.blocks[each].link_chars for each in around)
    return {
        "at_chars": sum(page.chars[:at]) / sum(page.chars),
        "at_blocks": at / len(tags),
        "blocks_since_h1": max(-MOST_BEFORE_H1, min(MOST_SINCE_H1, at - first)),
        "blocks_since_heading": -1 if heading is None else min(MOST_SINCE_HEADING, at - heading),
        "heading_level": 0 if heading is None else int(tags[heading][1]),
        "heading_score": 0 if heading is None else score[heading],
        "heading_title": 0 if heading is None else title[heading],
        "window_links": links / sum(page.chars[each] for each in around),
    }


@given(pages(), st.data())
@settings(max_examples=60, deadline=None)
def test_places_are_what_looking_back_finds(page: Page, data: st.DataObject) -> None:
    """The way from the beginning, the heading before a block and the links around it, of any page."""
    count = len(page.blocks)
    score, title = (
        data.draw(st.lists(st.sampled_from([-1.0, 0.5, 2.0]), min_size=count, max_size=count)) for _ in "ab"
    )
    for at, row in enumerate(rows(page, score, title)):
        assert row == pytest.approx(walked(page, at, score, title))


@given(pages())
@settings(max_examples=60, deadline=None)
def test_paragraphs_vote_for_four_containers(page: Page) -> None:
    """Each long block gives its vote, 1/2, 1/4 and 1/6 of it to what it stands in; links take away."""
    votes = [0.0] * len(page.nodes)
    for block, size, long in zip(page.blocks, page.chars, page.long, strict=True):
        if long:
            vote = 1 + min(3, size / 100) + min(3, block.text.count(","))
            chain = above(block.node)[block.node.tag in {"p", "li", "td", "pre"} :]
            for node, share in zip(chain, (1, 1 / 2, 1 / 4, 1 / 6), strict=False):
                votes[node.index] += vote * share
    expected = [votes[node.index] * (1 - held(page, node).link_share) for node in page.nodes]
    assert paragraph_votes(page, Tree(page)).tolist() == pytest.approx(expected)


def test_votes_of_one_paragraph() -> None:
    """Of 100 characters with two commas: 4 to its parent, then less, nothing to the fifth; a container of
    which a fifth is links has four fifths of that."""
    text = f"a, b, {'c' * 93}."
    page = page_of(
        f"<article><main><section><div><p>{text}</p><a>{'d' * 25}</a></div></section></main></article>"
    )
    votes = paragraph_votes(page, Tree(page)).tolist()
    found = {node.tag: vote for node, vote in zip(page.nodes, votes, strict=True)}
    assert found == pytest.approx(
        {"p": 0, "div": 3.2, "section": 1.6, "main": 0.8, "article": 8 / 15, "body": 0}
    )


def test_text_right_in_a_container_votes_for_it() -> None:
    """A paragraph votes for what it stands in; text without one for the element that it is in."""
    page = page_of(f"<section><div>{'word ' * 19}word.</div></section>")
    votes = paragraph_votes(page, Tree(page)).tolist()
    assert [node.tag for node in page.nodes] == ["body", "section", "div"]
    assert votes == pytest.approx([0.5, 1, 2])


def test_farther_is_as_far() -> None:
    """Distances from headings end somewhere, before and behind."""
    before, behind = MOST_BEFORE_H1 + 10, MOST_SINCE_H1 + 10
    found = rows(page_of("<p>a" * before + "<h1>b</h1>" + "<p>c" * behind))
    assert [found[at]["blocks_since_h1"] for at in (0, 20, before, before + 1)] == [
        -MOST_BEFORE_H1, 20 - before, 0, 1,
    ]  # fmt: skip
    assert found[-1]["blocks_since_h1"] == MOST_SINCE_H1
    since = [row["blocks_since_heading"] for row in found]
    assert since[: before + 1] == [-1] * (before + 1)
    assert since[before + 1 : before + 4] == [1, 2, 3]
    assert since[before + MOST_SINCE_HEADING :] == [MOST_SINCE_HEADING] * (behind - MOST_SINCE_HEADING + 1)


def test_places_counted_by_hand() -> None:
    """Of a page of 20 characters in five blocks, the fourth a link."""
    page = page_of("<p>12345</p><h2>123</h2><p>12</p><p><a>123456</a></p><h3>1234</h3>")
    found = rows(page, [1, 2, 3, 4, 5], [0.5, 0.25, 0, 0, 0])
    assert [row["at_chars"] for row in found] == pytest.approx([0, 0.25, 0.4, 0.5, 0.8])
    assert [row["at_blocks"] for row in found] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert [row["blocks_since_h1"] for row in found] == [0, 1, 2, 3, 4]
    assert [row["heading_level"] for row in found] == [0, 0, 2, 2, 2]
    assert [row["heading_score"] for row in found] == [0, 0, 2, 2, 2]
    assert [row["heading_title"] for row in found] == [0, 0, 0.25, 0.25, 0.25]
    assert [row["window_links"] for row in found] == pytest.approx([0.3] * 5)


def test_surroundings_are_four_blocks_to_each_side() -> None:
    """A link speaks for the blocks before and behind it as far as the window reaches, not farther."""
    found = rows(page_of("<p>a" * 6 + "<p><a>b</a>" + "<p>c" * 6))
    shares = [row["window_links"] for row in found]
    assert [share > 0 for share in shares] == [False] * 2 + [True] * 9 + [False] * 2
    assert shares[2] == pytest.approx(1 / 7)
    assert shares[6] == pytest.approx(1 / 9)

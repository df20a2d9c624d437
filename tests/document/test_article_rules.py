"""The rules of older extractors as numbers: names of containers, and Readability's container."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import article_rules
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_places import paragraph_votes
from reader_stream.document.article_tree import Tree
from reader_stream.document.html import body_of, parse

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it. "
)
COLUMNS = (*article_rules.OF_BLOCK, *article_rules.OF_NODE, *article_rules.OF_PAGE)
NAMED = (("tool-widget", "bad"), ("content", "good"))


def rules(markup: str) -> dict[str, dict[str, float]]:
    """First word of each block → its columns by name."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    if not page.blocks:
        return {}
    tree = Tree(page)
    said = article_rules.rules(page, tree, paragraph_votes(page, tree))
    rows = np.column_stack([said.of_block, said.of_node[tree.at]])
    return {
        block.text.split()[0]: dict(zip(COLUMNS, [*row, *said.of_page], strict=True))
        for block, row in zip(page.blocks, rows.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("opening", "rank"),
    [
        ("<div class=entry-content>", 1),
        ("<div id=articleBody>", 1),
        ("<article>", 2),
        ("<div class=single-post>", 3),
        ("<div id=content>", 4),
        ("<main>", 5),
        ("<section class=main>", 5),
        ("<div class=wrapper>", 9),
        ("<p class=entry-content>", 9),
    ],
)
def test_names_of_containers_are_ranked(opening: str, rank: int) -> None:
    """The surer a container's name or tag, the lower its rank; other elements have none."""
    assert rules(f"{opening}a")["a"]["rank"] == rank


def test_the_surest_name_with_enough_text_is_the_container() -> None:
    """A short container is passed over; what lies before, inside and behind the chosen one is told apart."""
    found = rules(
        "<main><div class=entry-content>short</div><p>before</p>"
        f"<article><p>{PROSE * 2}</p><p>inside</p></article><p>behind</p></main>"
    )
    assert [found[word]["inside"] for word in ("before", "inside", "behind")] == [-1, 1, -2]
    assert {row["inside_rank"] for row in found.values()} == {2}


def test_without_a_named_container_nothing_is_inside() -> None:
    """A page of plain divisions says nothing."""
    assert {row["inside"] for row in rules(f"<div><p>{PROSE}</p></div><div>b</div>").values()} == {0}


def test_what_surrounds_articles_is_told_with_its_distance() -> None:
    """Names of boilerplate count for all below, and how far above they are."""
    found = rules("<div class=sidebar>a<div>b<ul><li>c</ul></div></div><p>d")
    assert [found[word]["dropped"] for word in "abcd"] == [1, 1, 1, 0]
    assert [found[word]["dropped_levels"] for word in "abc"] == [0, 1, 3]


def test_boilerplate_inside_the_container_is_marked() -> None:
    """Only what is dropped below the container counts as dropped inside."""
    found = rules(f"<article><p>{PROSE * 2}</p><div class=share-buttons>b</div></article><nav>c</nav>")
    assert found["b"]["dropped_inside"] == 1
    assert found["c"]["dropped_inside"] == 0
    assert found["The"]["dropped_inside"] == 0


def test_a_good_name_outweighs_a_bad_one_with_as_much_text() -> None:
    """Of two containers with the same paragraphs, the one called content is chosen, not the widget."""
    prose = f"<p>{PROSE}</p>" * 2
    bad, good = (f"<div><div class={name}><p>{word}</p>{prose}</div></div>" for name, word in NAMED)
    found = rules(bad + good)
    assert found["good"]["chosen"] == 1
    assert found["bad"]["chosen"] == 0


def test_long_paragraphs_beside_the_container_go_along() -> None:
    """Readability takes prose that stands beside its container, not links."""
    lead = "lead " + PROSE
    links = "links " + f"<a href=/x>{PROSE}</a>"
    found = rules(f"<p>{lead}</p><p>{links}</p><div class=content>" + f"<p>a {PROSE}</p>" * 6 + "</div>")
    assert found["lead"]["chosen"] == 1
    assert found["links"]["chosen"] == 0


@given(st.text("<>/apdiv \"='classentry-content", max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_page_has_finite_rows(markup: str) -> None:
    """Whatever a page is made of, no column of a block is infinite or no number."""
    for row in rules(markup).values():
        assert all(abs(value) < 1e6 for value in row.values()), row

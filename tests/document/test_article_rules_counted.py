"""The numbers of the rules on small pages, counted by hand."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest

from reader_stream.document import article_rules
from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_places import paragraph_votes
from reader_stream.document.article_rules import FADING, FAR, LEAST_SCORE, UNLIKELY_SHARE
from reader_stream.document.article_tree import Tree
from reader_stream.document.html import Element, body_of, parse

COLUMNS = (*article_rules.OF_BLOCK, *article_rules.OF_NODE, *article_rules.OF_PAGE)


def _element_of(node: Node) -> Element:
    assert node.element is not None
    return node.element


def said(markup: str, votes: dict[str, float] | None = None) -> dict[str, dict[str, float]]:
    """First word of each block → its columns by name; `votes` are those of nodes by id or tag."""
    page = Page(body_of(parse(markup if markup.startswith("<body") else f"<body>{markup}</body>")))
    tree = Tree(page)
    given = paragraph_votes(page, tree)
    if votes is not None:
        given = np.array([votes.get(_element_of(node).get("id", node.tag), 0.0) for node in page.nodes])
    found = article_rules.rules(page, tree, given)
    rows = np.column_stack([found.of_block, found.of_node[tree.at]]).tolist()
    return {
        block.text.split()[0]: dict(zip(COLUMNS, [*row, *found.of_page], strict=True))
        for block, row in zip(page.blocks, rows, strict=True)
    }


def prose(word: str, chars: int) -> str:
    """So many characters that begin with a word."""
    return f"{word} {'x' * (chars - len(word) - 1)}"


NESTED = "<article><div>a<article>b<ul><li>c</ul></article></div></article><div>d</div>"
CONTENT = "<div class=content>1<div><div class=tool>2<p>3</p></div><p>4</p></div></div><p>5"
DROPPED = "<div class=sidebar>1234<div class=social>56<p>78</p></div></div><p>90</p>"


@pytest.mark.parametrize(
    ("markup", "column", "values"),
    [
        # of containers as sure the nearest; a surer one farther up counts for more than a near one
        (NESTED, "rank", [2, 2, 2, 9]),
        (NESTED, "rank_levels", [1, 0, 2, -1]),
        ("<div id=story>a<main>b<div class=entry-content>c", "rank", [3, 3, 1]),
        ("<div id=story>a<main>b<div class=entry-content>c", "rank_levels", [0, 1, 0]),
        # the nearest name that is good or bad, less with each level
        (CONTENT, "weight_near", [1, -1, -FADING, FADING**2, 0]),
        # the share of the outermost container that is dropped
        (DROPPED, "dropped_share", [0.8, 0.8, 0.8, 0]),
        (DROPPED, "dropped", [1, 2, 2, 0]),
        (DROPPED, "dropped_levels", [0, 0, 1, FAR]),
        (DROPPED, "unlikely_levels", [0, 0, 1, FAR]),
        # a page called so is not dropped as a whole, and nothing in it
        ("<body class=sidebar>a<p>b</p></body>", "dropped", [0, 0]),
        ("<body class=sidebar>a<p>b</p></body>", "dropped_levels", [FAR, FAR]),
        ("<body class=sidebar>a<p>b</p></body>", "unlikely_levels", [FAR, FAR]),
        # text of paragraphs right in what a block stands in
        ("<div><p>123</p><pre>4</pre><h2>5</h2><div><p>67890</p></div></div>", "paragraph_chars",
         [log1p(4), log1p(4), log1p(4), log1p(5)]),
        ("<div><p>123</p><pre>4</pre><h2>5</h2><div><p>67890</p></div></div>", "paragraph_share",
         [0.4, 0.4, 0.4, 1]),
    ],
)  # fmt: skip
def test_columns_by_block(markup: str, column: str, values: list[float]) -> None:
    """What names and paragraphs say of each block, in order."""
    assert [row[column] for row in said(markup).values()] == pytest.approx(values)


@pytest.mark.parametrize(
    ("opening", "share"),
    [
        ("<section id=a class=yom>", UNLIKELY_SHARE),
        ("<div class=yom><div><div><section id=a>", UNLIKELY_SHARE),
        ("<div class=yom><div><div><div><section id=a>", 1),
    ],
)
def test_of_votes_below_an_unlikely_name_a_share_counts(opening: str, share: float) -> None:
    """As far as three levels below it; farther down all of them."""
    found = said(f"<main>b</main>{opening}a", {"main": 10, "a": 5})
    assert found["b"]["score"] == 1
    assert found["a"]["score"] == pytest.approx(share / 2)


def test_names_weigh_by_what_is_no_link() -> None:
    """A good name is worth less the more of the text is links, a bad one takes away; no votes, no score."""
    found = said(
        "<div id=a class=story>1<a>2</a></div><div id=b class=tool>3</div><div id=c>4</div><div class=post>5",
        {"a": 3.75, "b": 5, "c": 1},
    )
    assert [row["score"] for row in found.values()] == pytest.approx([1, 0.5, 0.2, 0])


def test_the_score_is_that_of_the_node_or_what_it_is_in() -> None:
    """Whichever is greater, as a share of the greatest of all."""
    found = said("<section><div>a</div><p>b</p></section><ul><li>c</ul>", {"section": 4, "div": 8, "li": 2})
    assert [row["score"] for row in found.values()] == [1, 0.5, 0.25]


@pytest.mark.parametrize(
    ("votes", "names", "chosen"),
    [
        # from a fifth of the score on
        (4, ("one", "two"), 1),
        (3.9, ("one", "two"), 0),
        # another fifth is for those of the same class, where they have one
        (0, ("one", "one"), 1),
        (0, ("", ""), 0),
    ],
)
def test_siblings_of_the_container_go_along(votes: float, names: tuple[str, str], chosen: float) -> None:
    """Those with enough votes, or of the same class."""
    first, second = (
        f"<section id={at} class='{name}'>{at}</section>" for at, name in zip("ab", names, strict=True)
    )
    found = said(f"<main>{first}{second}</main>", {"a": 20, "b": votes})
    assert (found["a"]["chosen"], found["b"]["chosen"]) == (1, chosen)


def test_siblings_need_some_score_of_their_own() -> None:
    """A fifth of little is not enough."""
    assert LEAST_SCORE == 2
    markup = "<main><section>first</section><div>second</div></main>"
    assert said(markup, {"section": 5, "div": 1.9})["second"]["chosen"] == 0
    assert said(markup, {"section": 5, "div": 2})["second"]["chosen"] == 1


@pytest.mark.parametrize(
    ("size", "links", "chosen"), [(81, 20, 1), (80, 0, 0), (100, 24, 1), (100, 25, 0), (84, 21, 0)]
)
def test_a_paragraph_beside_the_container_goes_along(size: int, links: int, chosen: float) -> None:
    """When it is longer than 80 characters and less than a quarter of it are links."""
    text = f"<p>{prose('b', size - links)}<a>{'y' * links}</a></p>"
    assert said(f"<main><section>a</section>{text}</main>", {"section": 30})["b"]["chosen"] == chosen


def test_the_only_container_with_votes_is_chosen() -> None:
    """Even one whose bad name counts for more than they do."""
    found = said("<main><section id=a class=tool>a</section><div>b</div></main>", {"a": 1})
    assert (found["a"]["chosen"], found["b"]["chosen"]) == (1, 0)


def test_the_page_as_a_whole_is_all_chosen() -> None:
    """Where nothing is voted for, the page is the container."""
    assert {row["chosen_share"] for row in said("<p>a</p><div>b</div>").values()} == {1}


@pytest.mark.parametrize(("size", "rank"), [(249, 3), (250, 1)])
def test_containers_hold_at_least_250_characters(size: int, rank: int) -> None:
    """One that has less is passed over for one that is called less surely."""
    sure = f"<div class=entry-content><p>{prose('a', size)}</p></div>"
    row = said(f"{sure}<div class=story><p>{prose('b', 300)}</p></div>")["a"]
    assert row["inside_rank"] == rank


def test_of_containers_as_sure_the_first_with_enough_text_counts() -> None:
    """Those that are too short do not stand in its way; 200 of its characters are prose."""
    short, enough = (
        f"<div class=entry-content><p>{prose(*each)}</p></div>" for each in (("a", 90), ("b", 250))
    )
    found = said(f"{short}{enough}{enough.replace('b ', 'c ', 1)}")
    assert [found[word]["inside"] for word in "abc"] == [-1, 1, -2]
    labels = "<p>" + "<p>".join(["label"] * 60)
    row = said(f"<div class=entry-content><p>{prose('a', 199)}</p>{labels}</div>")["a"]
    assert (row["inside_rank"], row["inside_share"], row["inside_long"]) == (9, 0, 0)


def test_what_both_rules_take_of_the_page() -> None:
    """The container by name has 300 of 400 characters, the one by votes 200, 100 of them in both."""
    page = (
        f"<div class=entry-content><section>{prose('a', 200)}</section><ul><li>{prose('b', 100)}</ul></div>"
        f"<div id=d><ol>{prose('c', 70)}</ol>{prose('d', 30)}</div>"
    )
    row = said(page, {"ul": 9})["a"]
    assert (row["inside_share"], row["inside_long"]) == (0.75, 1)
    assert (row["chosen_share"], row["chosen_long"]) == (0.25, 1)
    assert row["agreement"] == pytest.approx(1 / 3)
    row = said(page, {"d": 9})["a"]
    assert (row["chosen_share"], row["chosen_long"], row["agreement"]) == (0.25, 0, 0)

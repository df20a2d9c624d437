"""The choice of the main content: what it does on plain cases, and floors on annotated pages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.extraction import quality
from reader_stream.document import article_model, render
from reader_stream.document.article import keep_blocks
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_prune import prune
from reader_stream.document.html import body_of, parse
from reader_stream.model import Capture, RenderOptions, RespondWith
from reader_stream.pipeline.answer import completeness

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it. "
)


def content(markup: str) -> str:
    """The main content of a body."""
    return render(Capture("http://a.test/", f"<body>{markup}</body>"), RenderOptions()).content


def blocks(markup: str) -> list[str]:
    """The texts of a body's blocks."""
    return [block.text for block in Page(body_of(parse(f"<body>{markup}</body>"))).blocks]


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("a<p>b <b>c</b> d</p>e", ["a", "b c d", "e"]),
        ("<div>a<br>b<br><br>c</div>", ["a b", "c"]),
        ("<ul><li>a<ul><li>b</ul>c</ul>", ["a", "b", "c"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("<a href=x><div>a</div><div>b</div></a>", ["a", "b"]),
        ("a<script>b</script>c<svg><text>d</text></svg>", ["ac"]),
        (" \n <p> </p>", []),
    ],
)
def test_blocks(markup: str, texts: list[str]) -> None:
    """A block is text that nothing breaks."""
    assert blocks(markup) == texts


def test_nodes_are_ranges_of_blocks() -> None:
    """A node's range holds the blocks inside it, and no others."""
    page = Page(body_of(parse("<body>a<div>b<p>c</p></div><p>d</p></body>")))
    ranges = {node.tag: page.blocks[node.start : node.end] for node in page.nodes}
    assert [b.text for b in ranges["body"]] == ["a", "b", "c", "d"]
    assert [b.text for b in ranges["div"]] == ["b", "c"]


def test_copies_are_counted_and_hidden_ones_come_last() -> None:
    """Of equal texts the first visible one has rank 0."""
    page = Page(body_of(parse("<body><p data-rs-hidden>a</p><p>a</p><p>b</p><p>a</p></body>")))
    assert page.copy_ranks()[0] > 0
    assert page.copy_ranks()[2] == 0


def test_prune_keeps_the_structure_around_what_stays() -> None:
    """Elements go when nothing of them stays; texts go alone where something does."""
    root = parse("<body>x<div>y<ul><li>a</li><li>b <i>c</i></li></ul></div><nav><img><p>z</p></nav></body>")
    body = body_of(root)
    page = Page(body)
    prune(page, body, [block.text in {"a", "b c"} for block in page.blocks])
    assert [e.tag for e in body.iter()] == ["body", "div", "ul", "li", "li", "i"]
    assert " ".join(body.itertext()).split() == ["a", "b", "c"]


def test_a_text_that_a_comment_says_too_stays() -> None:
    """Where both are chosen the comments go, and with them what would be said twice."""
    comments = f"<div class=comments><p>{PROSE}</p><p>It was. {PROSE}</p></div>"
    body = f"{comments}<section><p>{PROSE}</p><p>It was. {PROSE}</p></section>"
    page = Page(body_of(parse(f"<body>{body}</body>")))
    assert keep_blocks(page, Hints(), np.full(4, 0.9)) == [False, False, True, True]


def test_comments_are_left_out_whatever_the_trees_say() -> None:
    """The choice of blocks obeys the names of comments, but in a forum."""
    body = f"<p>{PROSE * 2}</p><div class=comments><p>{PROSE}</p></div>"
    page = Page(body_of(parse(f"<body>{body}</body>")))
    assert keep_blocks(page, Hints(path="/news/1"), np.array([0.9, 0.9])) == [True, False]
    assert keep_blocks(page, Hints(path="/forum/1"), np.array([0.9, 0.9])) == [True, True]


def test_cut_takes_more_where_the_model_is_less_sure() -> None:
    """The threshold is near one half on clear pages, lower on unclear ones."""
    words = np.full(4, 10)
    clear = article_model.cut(np.array([0.99, 0.98, 0.4, 0.02]), words)
    unclear = article_model.cut(np.array([0.5, 0.4, 0.3, 0.05]), words)
    assert clear > 0.45
    assert unclear < 0.35


def test_a_page_that_grows_keeps_its_content() -> None:
    """What was chosen stays chosen while paragraphs are appended."""
    around = "<nav class=menu><a href=/>Home</a> <a href=/b>Blog</a></nav><main><article><h1>Harbour</h1>"
    before: list[str] = []
    for count in range(2, 14):
        paragraphs = "".join(f"<p>{n}: {PROSE}</p>" for n in range(count))
        now = content(f"{around}{paragraphs}</article></main>").split("\n\n")
        assert now[: len(before)] == before
        before = now


@given(st.integers(0, 12), st.integers(0, 12), st.booleans())
@settings(max_examples=25, deadline=None)
def test_never_fails_and_never_invents(paragraphs: int, links: int, listed: bool) -> None:
    """Whatever a page is made of, its content is part of the whole page."""
    body = f"<p>{PROSE}</p>" * paragraphs + "<a href=/x>More of it</a> " * links
    body = f"<ul><li>{body}</li></ul>" if listed else body
    whole = render(Capture("http://a.test/", body), RenderOptions(respond_with=(RespondWith.MARKDOWN,)))
    assert set(content(body).split()) <= set(whole.content.split())


DESCRIBED = "We moved the harbour last year, and this is how it went, from the first crane to the last ship."


@pytest.mark.parametrize(
    ("markup", "settled", "composed", "described"),
    [
        ("<div id=app></div>", True, False, True),
        ("<div id=app></div>", False, False, False),
        ("<div id=app></div>", True, True, False),
        (f"<p>{PROSE}</p>", True, False, False),
        ("<img src=/crane.png>", True, False, False),
    ],
)
def test_a_page_without_content_gives_its_description(
    markup: str, settled: bool, composed: bool, described: bool
) -> None:
    """Only of a page that no browser will see, and never in silence."""
    page = f"<head><meta name=description content='{DESCRIBED}'></head><body>{markup}</body>"
    document = render(Capture("http://a.test/", page, composed=composed, settled=settled), RenderOptions())
    assert (document.content == DESCRIBED) is described
    assert document.described is described
    assert [warning.code for warning in document.warnings] == ["described"] * described
    assert not described or completeness(document, ())["state"] == "partial"


def test_a_short_description_is_no_content() -> None:
    """A slogan stands for nothing."""
    page = "<head><meta name=description content='The best harbour'></head><body></body>"
    assert render(Capture("http://a.test/", page, settled=True), RenderOptions()).content == ""


def test_quality_floors(shared: Path) -> None:
    """On annotated pages the main content is no worse than the floors, which only rise."""
    pinned = json.loads(quality.FLOORS.read_text("ascii"))
    if quality.digest(shared) != pinned["digest"]:
        pytest.skip("other evaluation data than the floors were pinned on")
    found = quality.measure(shared, quality.ours, pinned["test_sample"])
    assert quality.shortfalls(found, pinned["test_floors"]) == []

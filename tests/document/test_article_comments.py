"""Comments and lists of related pages: left out under an article, content in a forum."""

from __future__ import annotations

import pytest

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_comments import LEFT_CHARS, drop_comments
from reader_stream.document.article_hints import Hints
from reader_stream.document.html import body_of, parse

ARTICLE = f"<p>{'a' * LEFT_CHARS}"


def kept(markup: str, hints: Hints, *, body: str = "") -> str:
    """The first letters of the blocks that are left when all were chosen but those that begin with a dash."""
    page = Page(body_of(parse(f"<body {body}>{markup}</body>")))
    chosen = [not block.text.startswith("-") for block in page.blocks]
    left = drop_comments(page, hints, chosen)
    return " ".join(block.text[0] for block, stays in zip(page.blocks, left, strict=True) if stays)


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        (f"{ARTICLE}<div class=comments><p>b</p></div><p>c", "a c"),
        (f"{ARTICLE}<ol id=commentlist><li>b</ol><div class='recommended box'><p>c</div>", "a"),
        (f"{ARTICLE}<div class=commentary><p>b</p></div>", "a b"),
        (f"{ARTICLE}<div class=reviews><p>b</p></div>", "a b"),
        # nothing comes back that was left out before
        (f"{ARTICLE}<div class=comments><p>b</p></div><p>-c", "a"),
        # what remains would be too little: the page consists of them
        (f"<p>c<div class=related>{ARTICLE}</div>", "c a"),
        (f"<p>-{'c' * LEFT_CHARS}<div class=comments>{ARTICLE}</div>", "a"),
    ],
)
def test_comments_under_an_article(markup: str, left: str) -> None:
    """What is called comments or related goes, as long as the page has other content."""
    assert kept(markup, Hints(path="/news/one")) == left


@pytest.mark.parametrize(
    "hints",
    [
        Hints(types=frozenset({"qapage"})),
        Hints(types=frozenset({"product"})),
        Hints(path="/forum/12/hello"),
        Hints(path="/showthread.php"),
    ],
)
def test_comments_that_are_content(hints: Hints) -> None:
    """Forums and products keep what people say there."""
    assert kept(f"{ARTICLE}<div class=comments><p>b</p></div>", hints) == "a b"


def test_a_body_called_so_is_the_page() -> None:
    """The names of the body speak of the whole page."""
    assert kept(f"{ARTICLE}<p>b", Hints(), body="class='has-comments comments'") == "a b"

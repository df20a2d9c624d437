"""The room's door: captures to documents."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import render
from reader_stream.errors import AssertionFailureError, ParamValidationError
from reader_stream.model import Capture, Document, RenderOptions, RespondWith

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it. "
)
PAGE = f"""<!doctype html><html lang="en"><head><title>Harbour | The Daily</title>
<meta property="og:site_name" content="The Daily"><meta name="description" content="About a harbour">
<script>var x = 1</script></head><body>
<nav class="main-nav"><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<main><article><h1>Harbour</h1><p>{PROSE}</p><p>{PROSE}<a href="ship.html">A ship</a>, {PROSE}</p>
<h2>Cranes</h2><p>{PROSE}</p><ul><li>One crane of steel</li><li>Another crane of wood</li></ul>
<pre><code>load(ship)\nunload(ship)</code></pre><p>{PROSE}</p></article></main>
<aside class="sidebar"><h3>Related</h3><a href="/1">Other story</a> <a href="/2">More</a></aside>
<footer class="footer">Copyright The Daily <a href="/imprint">Imprint</a></footer></body></html>"""


def read(body: str | bytes, *wanted: str, kind: str = "text/html", **options: Any) -> Document:
    """The document of a body."""
    asked = tuple(RespondWith(w) for w in wanted) or (RespondWith.CONTENT,)
    composed = bool(options.pop("composed", False))
    capture = Capture("http://a.test/dir/page", body, content_type=kind, composed=composed)
    return render(capture, RenderOptions(respond_with=asked, **options))


def test_content_is_the_article() -> None:
    """Content has the article with its structure, and not what is around it."""
    document = read(PAGE)
    for text in ("## Cranes", "* One crane of steel", "load(ship)", "[A ship](http://a.test/dir/ship.html)"):
        assert text in document.content
    for text in ("Sport", "Imprint", "Other story", "var x"):
        assert text not in document.content
    assert document.title == "Harbour"
    assert document.description == "About a harbour"
    assert document.metadata["siteName"] == "The Daily"
    assert ("A ship", "http://a.test/dir/ship.html") in document.links


def test_markdown_is_the_whole_page() -> None:
    """Markdown has the page around the article too; asked for together, both are given."""
    assert "Imprint" in read(PAGE, "markdown").content
    both = read(PAGE, "content", "markdown")
    assert "Imprint" not in both.content
    assert "Imprint" in (both.markdown or "")
    assert both.content == read(PAGE).content
    assert both.markdown == read(PAGE, "markdown").content


def test_html_is_the_page_as_it_is() -> None:
    """HTML comes back untouched; from a tab, without the serializer's marks."""
    assert read(PAGE, "html").html == PAGE
    html = read("<p data-rs-hidden>a</p><div data-rs-frame='http://b/'>b</div>", "html", composed=True).html
    assert html is not None
    assert "data-rs" not in html
    assert "<p>a</p>" in html


def test_text_is_what_is_seen() -> None:
    """Text has a line per block and no markup; several kinds may be asked for at once."""
    document = read("<p>a <b>b</b><br>c</p><p hidden>d</p><table><tr><td>1<td>2</table>", "text", "html")
    assert document.text == "a b\nc\n\n1\t2"
    assert document.html
    assert document.blocks == ()


def test_target_selector() -> None:
    """Only the targets, in document order, in every representation."""
    document = read(PAGE, "content", "text", "html", target_selector=("h2", "h1"))
    assert document.blocks == ("# Harbour", "## Cranes")
    assert document.text == "Harbour\n\nCranes"
    assert document.html == "<h1>Harbour</h1>\n<h2>Cranes</h2>"


def test_target_not_there() -> None:
    """A target that is not on the page (yet) is said, not raised."""
    document = read(PAGE, target_selector=(".none",))
    assert not document.found
    assert document.blocks == ()


def test_remove_before_target() -> None:
    """What is removed cannot be targeted."""
    assert not read(PAGE, target_selector=("h2",), remove_selector=("article",)).found
    with pytest.raises(ParamValidationError):
        read(PAGE, remove_selector=("a[",))


def test_base() -> None:
    """Links are relative to `<base>`, the final URL, or the one that was asked for."""
    capture = Capture("http://b.test/y/", "<p><a href=x>l</a>", requested_url="http://a.test/")
    asked = (RespondWith.MARKDOWN,)
    assert render(capture, RenderOptions(respond_with=asked)).links == (("l", "http://b.test/y/x"),)
    initial = RenderOptions(respond_with=asked, base="initial")
    assert render(capture, initial).links == (("l", "http://a.test/x"),)


@pytest.mark.parametrize(
    "page", ["", " ", "<html></html>", "<body><script>x</script></body>", "<title>t</title>"]
)
def test_empty_page_has_no_blocks(page: str) -> None:
    """Nothing readable gives no blocks, whatever is asked for."""
    for wanted in ("content", "markdown"):
        assert read(page, wanted).blocks == ()


def test_deep_page() -> None:
    """Two thousand levels lose nothing."""
    document = read("<div>" * 2000 + "<p>deep text</p>" + "</div>" * 2000 + "<p>after</p>", "markdown")
    assert document.blocks == ("deep text", "after")
    read("<div>" * 2000 + f"<p>{PROSE}</p>" + "</div>" * 2000)


def test_large_page_is_not_quadratic() -> None:
    """Four times the paragraphs take nowhere near sixteen times as long, and none is lost."""

    def timed(count: int) -> float:
        start = time.process_time()
        assert len(read("".join(f"<p>Paragraph {n}</p>" for n in range(count)), "markdown").blocks) == count
        return time.process_time() - start

    timed(100)
    # Once is enough: on a crowded machine another process's work is in what a clock of the CPU says, too.
    assert any(timed(8000) < 12 * timed(2000) for _ in range(5))


MEDIA = [
    ("text/plain", b"a\n b\n\n\nc", ("a\n b", "c")),
    ("text/plain; charset=latin-1", "é".encode("latin-1"), ("é",)),
    ("text/markdown", b"# T\n\n```\na\n\nb\n```\nx", ("# T", "```\na\n\nb\n```\nx")),
    ("application/json", b'{"a":[1,"\xc3\xa9"]}', ('```json\n{\n  "a": [\n    1,\n    "é"\n  ]\n}\n```',)),
    ("application/ld+json", b"{broken", ("```json\n{broken\n```",)),
    ("text/csv", b"a,b\n1,x|y\n2", ("| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2 |  |",)),
    ("application/javascript", b"let a = '```'\n```", ("````javascript\nlet a = '```'\n```\n````",)),
    ("application/xml", b"<a><b/></a>", ("```xml\n<a><b/></a>\n```",)),
    ("image/png", b"\x89PNG", ("![Image 1](http://a.test/dir/page)",)),
    ("text/plain", b"", ()),
]


@pytest.mark.parametrize(("kind", "body", "blocks"), MEDIA)
def test_media(kind: str, body: bytes, blocks: tuple[str, ...]) -> None:
    """Other media become markdown of their own kind."""
    assert read(body, kind=kind).blocks == blocks


@pytest.mark.parametrize("kind", ["application/rss+xml", "application/atom+xml", "text/xml"])
def test_feeds(kind: str) -> None:
    """A feed is a list of linked entries."""
    feed = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
    <item><title>One &amp; two</title><link>http://a.test/1</link>
    <pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate>
    <description>&lt;p&gt;Some &lt;b&gt;text&lt;/b&gt;</description></item></channel></rss>"""
    document = read(feed, kind=kind)
    assert document.title == "News"
    assert document.links == (("One & two", "http://a.test/1"),)
    assert "## [One & two](http://a.test/1)" in document.blocks
    assert "Some **text**" in document.blocks
    assert "2003-06-10" in document.content


@pytest.mark.parametrize("kind", ["video/mp4", "application/zip", "font/woff2"])
def test_unsupported_media(kind: str) -> None:
    """Media without text are refused by their name."""
    with pytest.raises(AssertionFailureError, match=kind):
        read(b"\0\1", kind=kind)


def test_html_without_a_type() -> None:
    """A page sent as XML or bytes is still a page."""
    assert "Cranes" in read(PAGE.encode(), kind="application/octet-stream").content
    assert "Cranes" in read(PAGE.encode(), kind="").content


@given(st.text(alphabet="<>/abdivplt =\"'&;!-[] \n", max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_markup_renders_and_is_deterministic(markup: str) -> None:
    """No markup makes a render fail, and the same capture gives the same document."""
    assert read(markup) == read(markup)
    json.dumps(dict(read(markup, "content", "markdown", "text", "html").metadata))

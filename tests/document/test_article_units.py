"""Blocks that are kept or dropped together: listings, tables, rows, headings."""

from __future__ import annotations

import pytest

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_units import sections, unite
from reader_stream.document.html import body_of, parse


def kept(markup: str) -> str:
    """The texts that are kept of a body in which each text is its chance: `<p>0.7 a`."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    keep = unite(page, [float(block.text.split()[0]) for block in page.blocks], 0.5)
    return " ".join(block.text.split()[1] for block, stays in zip(page.blocks, keep, strict=True) if stays)


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("<p>0.4 a<p>0.6 b", "b"),
        ("<pre><div>0.2 a</div><div>0.9 b</div></pre>", "a b"),
        ("<pre><div>0.05 a</div><div>0.2 b</div></pre>", ""),
        ("<pre>0.3 a</pre>", ""),
        # a table that is likely content as a whole has no holes
        ("<table><tr><td>0.9 a<td>0.1 b<tr><td>0.9 c<td>0.3 d</table>", "a b c d"),
        # one that is not keeps the rows that are
        ("<table><tr><td>0.9 a<td>0.1 b<tr><td>0 c c c<td>0 d d d</table>", "a b"),
        # a table that lays out the page is no unit
        ("<table><tr><td>0.9 a<td>0.1 b<tr><td>0.9 c<td><h2>0.3 d</h2><p>0.3 e</table>", "a c"),
        ("<table><tr><td><h4>0.9 a</h4><td><h4>0.1 b</h4><tr><td>0.9 c<td>0.3 d</table>", "a b c d"),
        ("<table><tr><td>0.9 a<td><table><tr><td>0.1 b<td>0.9 c</table></table>", "a b c"),
        ("<table><tr><td>0.9 a<tr><td>0.3 b</table>", "a"),
        # a list that is content on the whole has no holes, one that is not keeps what is
        ("<ul><li>0.9 a<li>0.1 b<li>0.7 c</ul>", "a b c"),
        ("<ol><li>0.9 a<li>0.1 b<li>0.3 c</ol>", "a"),
        ("<ul><li>0.9 a<li>0.3 b</ul>", "a"),
        ("<ul><li>0.9 a<ul><li>0.1 b<li>0.1 c<li>0.1 d</ul><li>0.9 e</ul>", "a e"),
    ],
)
def test_units(markup: str, texts: str) -> None:
    """Lines of a listing, cells of a table of data and items of a list share one verdict."""
    assert kept(markup) == texts


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("<h2>0.2 h</h2><p>0.9 a", "h a"),
        ("<h2>0.05 h</h2><p>0.9 a", "a"),
        ("<h1>0.2 h</h1><p>0.9 a", "a"),
        ("<h2>0.2 h</h2><p>0.3 a", ""),
        ("<h2>0.6 h</h2><p>0.3 a", "h"),
        # most of what it heads is left out
        ("<h2>0.2 h</h2><p>0.9 a<p>0.1 b b b b b b b", "a"),
        ("<h2><a href=x>0.2 h</a></h2><p>0.9 a", "h a"),
        # a heading of headings
        ("<h2>0.2 h</h2><h3>0.2 i</h3><p>0.9 a", "h i a"),
        ("<h3>0.2 h</h3><h3>0.2 i</h3><p>0.9 a", "i a"),
        # it heads nothing outside of its section
        ("<section><h4>0.2 h</h4></section><p>0.9 a", "a"),
        ("<div><h4>0.2 h</h4></div><p>0.9 a", "h a"),
        ("<ul><li><h4>0.2 h</h4><li>0.9 a</ul>", "a"),
    ],
)
def test_headings(markup: str, texts: str) -> None:
    """A heading stays with what it heads."""
    assert kept(markup) == texts


@pytest.mark.parametrize(
    ("markup", "ends"),
    [
        ("<h2>a</h2><p>b<h3>c</h3><p>d<h2>e</h2><p>f", {"a": 4, "c": 4, "e": 6}),
        ("<h3>a</h3><p>b<h2>c</h2><p>d", {"a": 2, "c": 4}),
        ("<section><h2>a</h2><p>b</section><p>c", {"a": 2}),
        ("<div><h2>a</h2></div><p>b", {"a": 2}),
        ("<h2>a</h2><h2></h2><p>b", {"a": 2}),
        ("<h3>a<div><h2>b</h2></div></h3><p>c", {"a": 2, "b": 3}),
    ],
)
def test_sections(markup: str, ends: dict[str, int]) -> None:
    """A section ends before the next heading that is no lower, and with what it stands in."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    assert {page.blocks[heading.start].text: end for heading, end in sections(page)} == ends

"""Addresses in markdown: absolute, harmless, and spelt so that parsers read them."""

from __future__ import annotations

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reader_stream.document.markdown_links import Addresses, destination, host

_BASE = "https://ex.com/dir/page?q=1"


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("x", "https://ex.com/dir/x"),
        ("../x", "https://ex.com/x"),
        ("/x/../y", "https://ex.com/y"),
        ("/x?a=1#b", "https://ex.com/x?a=1#b"),
        ("//cdn.org/x", "https://cdn.org/x"),
        ("?p=2", "https://ex.com/dir/page?p=2"),
        ("#part", "https://ex.com/dir/page?q=1#part"),
        ("HTTP://Other.org/x", "HTTP://Other.org/x"),
        (" https://o.org/a\n/b ", "https://o.org/a/b"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("javascript:alert(1)", ""),
        (" java\nscript:alert(1)", ""),
        ("\x01JavaScript:alert(1)", ""),
        ("vbscript:x", ""),
        ("data:text/html,x", ""),
        ("data:image/png;base64,AA", ""),
        ("blob:https://ex.com/1", ""),
        ("http://[bad", "http://[bad"),
        ("", ""),
        (None, ""),
    ],
)
def test_addresses_become_absolute_and_harmless(href: str | None, absolute: str) -> None:
    """Relative addresses are resolved, those that run code or hold data are refused."""
    assert Addresses(_BASE).absolute(href) == absolute


def test_images_may_be_data() -> None:
    """An image's own data is an address when asked for; other data is not."""
    addresses = Addresses(_BASE)
    assert addresses.absolute("data:image/png;base64,AA", images=True) == "data:image/png;base64,AA"
    assert addresses.absolute("data:text/html,x", images=True) == ""


@pytest.mark.parametrize(
    ("url", "spelt"),
    [
        ("https://a.b/c?d=1&e=2#f", "https://a.b/c?d=1&e=2#f"),
        ("https://a.b/c_(d)", "https://a.b/c_(d)"),
        ("https://a.b/c(d", "https://a.b/c%28d"),
        ("https://a.b/c d<e>", "https://a.b/c%20d%3Ce%3E"),
        ("https://a.b/?x&copy;y", "https://a.b/?x&amp;copy;y"),
        ("https://a.b/\\*", "https://a.b/%5C*"),
        ("https://a.b/日本", "https://a.b/日本"),
        ("https://a.b/\u3000x", "https://a.b/%E3%80%80x"),
    ],
)
def test_destinations(url: str, spelt: str) -> None:
    """Only what would end or change a destination is escaped."""
    assert destination(url) == spelt


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=12))
def test_any_address_is_one_destination(path: str) -> None:
    """A parser reads a single link of it, and nothing beside."""
    markdown = f"[x](https://a.b/{destination(path)})"
    paragraph = lxml.html.fromstring(MarkdownIt("commonmark").render(markdown))
    assert [child.tag for child in paragraph] == ["a"]
    assert paragraph.text_content() == "x"


@pytest.mark.parametrize(("url", "name"), [("https://Ex.com:80/x", "ex.com"), ("http://[x", "")])
def test_host(url: str, name: str) -> None:
    """The host, where there is one."""
    assert host(url) == name

"""Decoding, parsing and base URLs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from reader_stream.document.html import MAX_DEPTH, base_url, decode, media_type, parse

RUSSIAN = "Привет, мир! Это текст достаточно длинный, чтобы угадать его кодировку."  # noqa: RUF001


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "text/html", "é"),
        ("é".encode("latin-1"), "text/html; charset=iso-8859-1", "é"),
        ("é".encode("utf-16"), "text/html", "é"),
        (b"\xef\xbb\xbf\xc3\xa9", "text/html; charset=latin-1", "é"),
        (b"<meta charset=windows-1251>" + "я".encode("cp1251"), "text/html", "<meta charset=windows-1251>я"),
        (b"\x93quoted\x94", "text/html; charset=iso-8859-1", "\u201cquoted\u201d"),
        (b"a", "text/html; charset=no-such-thing", "a"),
        (b"<meta charset=utf-16>\xc3\xa9", "text/html", "<meta charset=utf-16>é"),
        ("漢字".encode("shift_jis"), "text/html; charset=Shift_JIS", "漢字"),
        (b"", "", ""),
    ],
)
def test_decode(body: bytes, content_type: str, text: str) -> None:
    """BOM, header and meta decide in this order, by the names that browsers give them."""
    assert decode(body, content_type) == text


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "utf-8"])
def test_decode_sniffs(codec: str) -> None:
    """Without any word on it, the encoding is found from the bytes."""
    assert decode((RUSSIAN * 5).encode(codec), "text/html") == RUSSIAN * 5


@given(st.binary(max_size=300), st.sampled_from(["", "text/html; charset=utf-8", "text/html; charset=gbk"]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_parse(body: bytes, content_type: str) -> None:
    """No bytes make decoding or parsing fail."""
    assert parse(decode(body, content_type)).tag == "html"


@pytest.mark.parametrize("depth", [10, MAX_DEPTH, 255, 300, 2000, 5000])
def test_depth(depth: int) -> None:
    """Text at any depth is kept, in order, in a tree of bounded depth."""
    page = "<b>one</b> two" + "<div>" * depth + "<p>three</p> four" + "</div>" * depth + "five"
    root = parse(page)
    assert "".join(root.itertext()) == "one twothree fourfive"
    assert max(sum(1 for _ in e.iterancestors()) for e in root.iter()) <= 256


def test_deep_siblings_keep_their_order() -> None:
    """Below the depth limit nested texts stand in document order."""
    page = "<div>" * 400 + "a<i>b<b>c</b>d</i>e" + "</div>" * 400
    assert "".join(parse(page).itertext()) == "abcde"


@pytest.mark.parametrize(
    "text", ["", "   ", "\0", "<!-- only -->", "plain", "<?xml version='1.0' encoding='x'?><p>a"]
)
def test_fragments(text: str) -> None:
    """Anything has an html element."""
    assert parse(text).tag == "html"


@pytest.mark.parametrize(
    ("markup", "base"),
    [
        ("<p>", "http://a.test/x/y"),
        ("<base href='/b/'>", "http://a.test/b/"),
        ("<base href='//c.test/'>", "http://c.test/"),
        ("<base target=_top><base href=z>", "http://a.test/x/z"),
        ("<base href='javascript:1'>", "http://a.test/x/y"),
        ("<base href='http://[bad'>", "http://a.test/x/y"),
    ],
)
def test_base_url(markup: str, base: str) -> None:
    """The first `<base href>` with a usable URL is the base, else the page's own URL."""
    assert base_url(parse(markup), "http://a.test/x/y") == base


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>a</p></body></html><div><p>b</p></div>",
        "<html><body><header><p>a</p></header>\n</BODY>\n</HTML >\n<p>b</p></body></html>",
        "<body><p>a</p></body><p>b</p></html>",
        "<!DOCTYPE html><head></head><body><p>a</body></html> <p>b</body></html>",
    ],
)
def test_content_behind_the_end_of_the_page_is_in_the_body(markup: str) -> None:
    """What follows `</body>` or `</html>` is content, as it is to browsers."""
    body = parse(markup).find("body")
    assert body is not None
    assert ["".join(p.itertext()).strip() for p in body.iter("p")] == ["a", "b"]


def test_media_type() -> None:
    """A media type is compared without its parameters and in lower case."""
    assert media_type("Text/HTML; charset=x") == "text/html"


def test_parse_keeps_no_comments_unless_asked() -> None:
    """Comments are only in the tree when asked for."""
    assert not list(parse("<p>a<!-- b -->").iter(etree.Comment))
    assert list(parse("<p>a<!-- b -->", comments=True).iter(etree.Comment))


@pytest.mark.parametrize(
    "char", ["\x00", "\x01", "\x0b", "\x0c", "\x1b", "\x1f", "\ud800", "\ufffe", "\uffff"]
)
@pytest.mark.parametrize("form", ["{}", "&#{};", "&#x{:x};", "&#x0{:X}", "&#{}z"])
def test_what_xml_cannot_say_is_not_in_the_tree(char: str, form: str) -> None:
    """Each text of the tree can be written back; ordinary references are left alone."""
    said = form.format(char if form == "{}" else ord(char))
    root = parse(
        f"<p title='a{said}-b'>a{said}-b &#10;&#13;&#9;&#32;&#100;&#x20;&#x1F600;<i>i</i>{said}tail</p>"
    )
    for element in root.iter():
        element.text, element.tail = element.text, element.tail
        for name, value in element.items():
            element.set(name, value)
    left = re.sub(r"[\ufffd?z\s]", "", "".join(root.itertext()))
    assert left == "a-bd\U0001f600itail"


@pytest.mark.parametrize(
    "label",
    ["punycode", "idna", "undefined", "unicode_escape", "rot13", "quopri", "hex", "zip", "\x00", "x" * 999],
)
def test_what_is_no_charset_is_not_used(label: str) -> None:
    """Python knows codecs that no page is written in."""
    body = b"caf\xc3\xa9 \\u0041"
    for kind, text in (
        (f"text/html; charset={label}", body),
        ("text/html", f"<meta charset={label}>".encode() + body),
    ):
        assert decode(text, kind).endswith("café \\u0041")


@pytest.mark.parametrize(
    "markup", ["<o:p @click='a' v-on:x=b xlink:href=c :d id=e>", '<div[<div "x>', "<a<b c=d>"]
)
def test_names_that_are_none_in_a_deep_page(markup: str) -> None:
    """What scripts and office programs invent is read at any depth."""
    page = "<div>" * 300 + markup + "<p>deep</p>" + "</div>" * 300
    assert "deep" in "".join(parse(page).itertext())

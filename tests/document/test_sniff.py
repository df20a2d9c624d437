"""What an uploaded file is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document.sniff import sniff

CASES = [
    (b"%PDF-1.7 x", "application/pdf"),
    (b"\n\n%PDF-1.4", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n...", "image/png"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"RIFF....WEBPVP8 ", "image/webp"),
    (b"PK\x03\x04word/", "application/zip"),
    (b"<!DOCTYPE html><p>x", "text/html"),
    (b"\xef\xbb\xbf <!-- c --> <html>", "text/html"),
    (b"<h1>Fragment</h1>", "text/html"),
    (b"<?xml version='1.0'?><rss></rss>", "application/xml"),
    (b"<?xml version='1.0'?><!DOCTYPE html><html>", "text/html"),
    (b'{"a": 1}', "application/json"),
    (b"{not json", "text/plain"),
    (b"[x] a task\n", "text/plain"),
    (b"# Title\n\ntext", "text/plain"),
    (b"a < b and c > d", "text/plain"),
    (b"\x00\x01\x02", "application/octet-stream"),
    ("text".encode("utf-16"), "text/plain"),
    (b"", "text/plain"),
]


@pytest.mark.parametrize(("body", "kind"), CASES)
def test_a_file_is_what_its_bytes_say(body: bytes, kind: str) -> None:
    """Signatures, markup, JSON, text."""
    assert sniff(body) == kind


@given(st.binary(max_size=200))
def test_any_bytes_are_something(body: bytes) -> None:
    """Every file has a type."""
    assert "/" in sniff(body)

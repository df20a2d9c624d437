"""Pure: what an uploaded file is, from its first bytes and never from its name or its sender's word."""

from __future__ import annotations

import codecs
import re

import orjson

SNIFF_BYTES = 4096

# Signatures of files without text: https://mimesniff.spec.whatwg.org/ and the formats' own documents.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"\x7fELF", "application/x-executable"),
)
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKUP = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(!doctype\s+html|[a-z][a-z0-9]*[\s>/])", re.I | re.S)
_XML = re.compile(rb"^\s*(?:<\?xml|<rss\b|<feed\b|<rdf:RDF\b)", re.I)
_XHTML = re.compile(rb"<html[\s>]", re.I)


def sniff(body: bytes) -> str:
    """The media type of a file; `text/plain` for text that is nothing else, `application/octet-stream`."""
    head = body[:SNIFF_BYTES]
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if not head.startswith(_BOMS) and b"\0" in head:
        return "application/octet-stream"
    return _text(body, head)


def _text(body: bytes, head: bytes) -> str:
    start = head.removeprefix(codecs.BOM_UTF8)
    if _XML.match(start) and not _XHTML.search(start):
        return "application/xml"
    if _XML.match(start) or _MARKUP.match(start):
        return "text/html"
    if start.lstrip()[:1] in (b"{", b"["):
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return "text/plain"
        return "application/json"
    return "text/plain"

"""Pure: what a file is, from its first bytes and never from its name or its sender's word."""

from __future__ import annotations

import codecs
import re

import orjson

from reader_stream.document.tabular import delimiter_of

SNIFF_BYTES = 4096

ZIP_TAIL_BYTES = 64 * 1024
"""Where a ZIP archive lists its parts: at its end."""

TABLE_BYTES = 64 * 1024
"""What is looked at to tell a table of comma-separated values."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"

# Signatures of files without text: https://mimesniff.spec.whatwg.org/ and the formats' own documents.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"\x7fELF", "application/x-executable"),
    (b"{\\rtf", "application/rtf"),
)
_PARTS = ((b"word/document", DOCX), (b"xl/workbook", XLSX), (b"ppt/presentation", PPTX))
_MIMETYPE = re.compile(rb"^PK\x03\x04.{26}mimetype([a-z0-9.+/-]+?)(?=PK|\x00|$)", re.S)
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKUP = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(!doctype\s+html|[a-z][a-z0-9]*[\s>/])", re.I | re.S)
_XML = re.compile(rb"^\s*(?:<\?xml|<rss\b|<feed\b|<rdf:RDF\b|<urlset\b)", re.I)
_SVG = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!doctype\s+svg[^>]*>\s*)*<svg[\s>]", re.I | re.S)
_XHTML = re.compile(rb"<html[\s>]", re.I)


def sniff(body: bytes) -> str:
    """The media type of a file; `text/plain` for text that is nothing else, `application/octet-stream`."""
    head = body[:SNIFF_BYTES]
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _archive(body, head)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1"):
        return "image/avif" if head[8:12] == b"avif" else "image/heic"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if not head.startswith(_BOMS) and b"\0" in head:
        return "application/octet-stream"
    return _text(body, head)


def _archive(body: bytes, head: bytes) -> str:
    if found := _MIMETYPE.match(head):
        return found[1].decode("ascii")
    listed = head + body[-ZIP_TAIL_BYTES:]
    return next((kind for part, kind in _PARTS if part in listed), "application/zip")


def _text(body: bytes, head: bytes) -> str:
    start = head.removeprefix(codecs.BOM_UTF8)
    if _SVG.match(start):
        return "image/svg+xml"
    if _XML.match(start) and not _XHTML.search(start):
        return "application/xml"
    if _XML.match(start) or _MARKUP.match(start):
        return "text/html"
    if start.lstrip()[:1] in (b"{", b"["):
        return _json(body.removeprefix(codecs.BOM_UTF8))
    sample = body[:TABLE_BYTES]
    text = sample.decode("utf-16" if sample.startswith(_BOMS[1:]) else "latin-1", "replace")
    return "text/csv" if delimiter_of(text.removeprefix("\xef\xbb\xbf"), sure=True) else "text/plain"


def _json(body: bytes) -> str:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        lines = [line for line in body[:TABLE_BYTES].splitlines() if line.strip()][:2]
        return "application/x-ndjson" if len(lines) == 2 and all(map(_is_json, lines)) else "text/plain"
    return "application/json"


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict | list)
    except orjson.JSONDecodeError:
        return False

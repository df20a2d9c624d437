"""Bodies that are not HTML: plain text, markdown, JSON, tables, feeds and XML, images, office documents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from markdown_it import MarkdownIt

from reader_stream.document import sniff as sniffing
from reader_stream.document.feed import is_feed, render_feed
from reader_stream.document.file import file_document, file_name
from reader_stream.document.html import body_of, decode, media_type, parse
from reader_stream.document.markdown import write
from reader_stream.document.office import OFFICE, render_office
from reader_stream.document.pdf import render_pdf
from reader_stream.document.picture import render_picture
from reader_stream.document.tabular import delimiter_of, tables
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Capture, Document, RenderOptions

BLOCK_CHARS = 64 * 1024
"""A fenced block is cut at a line border after this many characters, so that one block stays sendable."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_MARKDOWN = frozenset({"text/markdown", "text/x-markdown"})
_CSV = frozenset(
    {"text/csv", "text/tab-separated-values", "application/csv", "text/x-csv", "text/comma-separated-values"}
)
_VAGUE = frozenset(
    {
        "", "application/octet-stream", "binary/octet-stream", "application/download", "unknown/unknown",
        "application/x-download", "application/force-download", "application/unknown", "application/zip",
        "application/x-zip-compressed", "application/vnd.ms-excel", "application/msword",
    }
)  # fmt: skip
"""What servers send when they do not know better; the bytes say more."""

_SUFFIXES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "tab": "text/tab-separated-values",
    "md": "text/markdown",
    "markdown": "text/markdown",
}
_CODE = {
    "javascript": "javascript",
    "ecmascript": "javascript",
    "css": "css",
    "x-python": "python",
    "yaml": "yaml",
    "x-yaml": "yaml",
    "toml": "toml",
    "x-sh": "sh",
    "sql": "sql",
    "typescript": "typescript",
}
_LEGACY = {
    "application/x-ole-storage": "an encrypted Office file, or one of before 2007; save it as docx",
    "application/rtf": "rich text; save it as docx, HTML or PDF",
}
_LOOKS_HTML = re.compile(
    r"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|div|p|table)\b",
    re.I | re.S,
)

Maker = Callable[[Capture, str, RenderOptions], Document]


def is_html(capture: Capture) -> bool:
    """Whether the capture is a page: by its media type, or by its first characters when that says nothing."""
    kind = media_type(capture.content_type)
    if kind in HTML_TYPES:
        return True
    head = capture.body[:1024]
    text = head if isinstance(head, str) else head.decode("latin-1").removeprefix("\xef\xbb\xbf")
    if kind == "" and isinstance(head, bytes):
        return not text.lstrip().startswith(("{", "[")) and sniffing.sniff(head) in (
            "text/html",
            "text/plain",
        )
    return kind == "" or (kind in _VAGUE | {"application/xml", "text/xml"} and bool(_LOOKS_HTML.match(text)))


def kind_of(capture: Capture) -> str:
    """The media type that a body is read as: what is declared, unless the bytes know better."""
    kind = media_type(capture.content_type)
    if not isinstance(capture.body, bytes):
        return kind
    if kind in _VAGUE or kind in OFFICE or capture.body.startswith(b"PK\x03\x04"):
        found = sniffing.sniff(capture.body)
        kind = kind if kind and found == "application/octet-stream" else found
    elif kind == "text/plain" and b"\0" in capture.body[:1024]:
        kind = sniffing.sniff(capture.body)  # browsers look, too: https://mimesniff.spec.whatwg.org/
    if kind == "text/plain":
        return _SUFFIXES.get(file_name(capture).rpartition(".")[2].lower(), kind)
    return kind


def render_media(capture: Capture, options: RenderOptions) -> Document:
    """The document of a capture that is not a page.

    Raises AssertionFailureError for media that have no text, and BackendNotConfiguredError for office
    documents where the extra that reads them is not installed.
    """
    kind = kind_of(capture)
    if kind.startswith("image/"):
        return render_picture(_as(capture, kind), options)
    if kind == "application/pdf":
        return render_pdf(capture, options)
    if kind in OFFICE:
        return render_office(kind, capture, options)
    make = _maker(kind)
    if make is None:
        what = _LEGACY.get(kind)
        raise AssertionFailureError(f"cannot read the media type {kind!r}" + (f": {what}" if what else ""))
    return make(_as(capture, kind), decode(capture.body, capture.content_type), options)


def _as(capture: Capture, kind: str) -> Capture:
    if media_type(capture.content_type) == kind:
        return capture
    return replace(capture, content_type=kind)


def _maker(kind: str) -> Maker | None:
    if kind in _MARKDOWN:
        return _markdown
    if kind in _CSV:
        return _table
    if kind.endswith(("+json", "/json", "/x-ndjson", "/jsonl", "/json-seq")):
        return _json
    if kind.endswith(("+xml", "/xml")):
        return _xml
    if kind.startswith("text/") or kind.partition("/")[2] in _CODE:
        return _text
    return None


def _markdown(capture: Capture, text: str, options: RenderOptions) -> Document:
    """As it was written, unless the options ask for another way to write it."""
    blocks = split_blocks(text)
    title = next((m[1].strip() for b in blocks if (m := re.match(r"#\s+(.+)", b))), "")
    restyled = _writing(options) != _writing(RenderOptions())
    if not (restyled or options.summaries):
        return file_document(capture, blocks, title)
    page = body_of(parse(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)))
    written = write(page, base_url=capture.url, options=options)
    own = list(written.blocks) if restyled else blocks
    return file_document(capture, own, title, links=written.links, images=written.images)


def _writing(options: RenderOptions) -> tuple[object, ...]:
    return options.retain_images, options.retain_links, options.no_gfm, options.style


def split_blocks(markdown: str) -> list[str]:
    """Top-level pieces of a markdown text, cut at blank lines outside of fences."""
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        opened = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if fence:
            if opened and opened[1].startswith(fence) and line.strip() == opened[1]:
                fence = ""
        elif opened:
            fence = opened[1]
        elif not line.strip():
            blocks.append([])
            continue
        blocks[-1].append(line.rstrip() if not fence else line)
    return ["\n".join(block) for block in blocks if block]


def _text(capture: Capture, text: str, options: RenderOptions) -> Document:
    kind = media_type(capture.content_type).partition("/")[2]
    if kind in _CODE:
        return file_document(capture, fenced(text, _CODE[kind]))
    if kind == "plain" and delimiter_of(text, sure=True):
        return _table(capture, text, options)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", lines)]
    return file_document(capture, [block.rstrip() for block in blocks if block.strip()])


def fenced(text: str, language: str = "") -> list[str]:
    """Fenced code blocks, as few as `BLOCK_CHARS` allows, with a fence longer than any run inside."""
    runs = re.findall(r"^\s*(`{3,})", text, re.M)
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    pieces: list[list[str]] = [[]]
    size = 0
    for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
        if size > BLOCK_CHARS:
            pieces.append([])
            size = 0
        pieces[-1].append(line)
        size += len(line) + 1
    return ["\n".join([fence + language, *piece, fence]) for piece in pieces if any(map(str.strip, piece))]


def _json(capture: Capture, text: str, _: RenderOptions) -> Document:
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pretty = text
    return file_document(capture, fenced(pretty, "json"))


def _table(capture: Capture, text: str, options: RenderOptions) -> Document:
    tabs = media_type(capture.content_type) == "text/tab-separated-values"
    blocks = tables(text, "\t" if tabs else delimiter_of(text) or ",", options)
    return file_document(capture, fenced(text) if blocks is None else blocks)


def _xml(capture: Capture, text: str, options: RenderOptions) -> Document:
    document = render_feed(capture, text, options) if is_feed(text) else None
    return document or file_document(capture, fenced(text, "xml"))

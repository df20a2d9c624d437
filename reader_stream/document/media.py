"""Bodies that are not HTML: plain text, markdown, JSON, CSV, feeds and XML, images."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from lxml import etree

from reader_stream.document.html import Element, body_of, decode, media_type, parse
from reader_stream.document.markdown import write
from reader_stream.document.metadata import normal_date
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Capture, Document, RenderOptions

TABLE_ROWS = 10_000
"""Rows of a CSV in one table; longer files go on in further tables, so that a block stays sendable."""

BLOCK_CHARS = 64 * 1024
"""A fenced block is cut at a line border after this many characters, so that one block stays sendable."""

HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_MARKDOWN = frozenset({"text/markdown", "text/x-markdown"})
_CSV = frozenset({"text/csv", "text/tab-separated-values", "application/csv"})
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
_LOOKS_HTML = re.compile(
    r"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|div|p|table)\b", re.I | re.S
)
_ENTRIES = frozenset({"item", "entry", "url", "sitemap"})
_LOOKS_FEED = re.compile(r"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.I)


def is_html(capture: Capture) -> bool:
    """Whether the capture is a page: by its media type, or by its first characters when that says nothing."""
    kind = media_type(capture.content_type)
    if kind in HTML_TYPES:
        return True
    if kind in {"text/plain", "application/octet-stream", "application/xml", "text/xml"}:
        head = capture.body[:1024]
        text = head if isinstance(head, str) else head.decode("latin-1")
        return kind != "text/plain" and bool(_LOOKS_HTML.match(text.removeprefix("\xef\xbb\xbf")))
    return False


def render_media(capture: Capture, options: RenderOptions) -> Document:
    """The document of a capture that is not a page.

    Raises AssertionFailureError for media that have no text.
    """
    kind = media_type(capture.content_type)
    if kind.startswith("image/"):
        return _image(capture)
    text = decode(capture.body, capture.content_type)
    if kind.endswith(("+xml", "/xml")) and _LOOKS_FEED.search(text[:4096]):
        return _feed(capture, text, options)
    make = _maker(kind)
    if make is None:
        raise AssertionFailureError(f"cannot read the media type {kind!r}")
    return make(capture, text)


def _maker(kind: str) -> Callable[[Capture, str], Document] | None:
    if kind in _MARKDOWN:
        return _markdown
    if kind in _CSV:
        return _csv
    if kind.endswith(("+json", "/json", "/x-ndjson", "/jsonl")):
        return _json
    if kind.endswith(("+xml", "/xml")):
        return _xml
    if kind.startswith("text/") or kind.partition("/")[2] in _CODE:
        return _text
    return None


def _name(capture: Capture) -> str:
    if capture.url.startswith("about:"):
        return ""
    path = urlsplit(capture.url).path.rstrip("/")
    return path.rpartition("/")[2] or urlsplit(capture.url).netloc


def _document(capture: Capture, blocks: list[str], title: str = "", **fields: object) -> Document:
    return Document(url=capture.url, title=title or _name(capture), blocks=tuple(blocks), **fields)  # type: ignore[arg-type]


def _image(capture: Capture) -> Document:
    name = _name(capture)
    alt = re.sub(r"([\[\]\\])", r"\\\1", name)
    url = capture.url.replace(" ", "%20").replace(")", "%29").replace("(", "%28")
    return _document(capture, [f"![Image 1: {alt}]({url})"], images=((f"Image 1: {name}", capture.url),))


def _markdown(capture: Capture, text: str) -> Document:
    blocks = split_blocks(text)
    title = next((m[1].strip() for b in blocks if (m := re.match(r"#\s+(.+)", b))), "")
    return _document(capture, blocks, title)


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


def _text(capture: Capture, text: str) -> Document:
    kind = media_type(capture.content_type).partition("/")[2]
    if kind in _CODE:
        return _document(capture, fenced(text, _CODE[kind]))
    suffix = _name(capture).rpartition(".")[2].lower()
    if suffix in {"md", "markdown"}:
        return _markdown(capture, text)
    blocks = [
        block.strip("\n") for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    ]
    return _document(capture, [block.rstrip() for block in blocks if block.strip()])


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


def _json(capture: Capture, text: str) -> Document:
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pretty = text
    return _document(capture, fenced(pretty, "json"))


def _csv(capture: Capture, text: str) -> Document:
    tabs = media_type(capture.content_type) == "text/tab-separated-values"
    try:
        dialect = csv.excel_tab if tabs else csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if any(map(str.strip, row))]
    except csv.Error:
        return _document(capture, fenced(text))
    if not rows:
        return _document(capture, [])
    width = max(map(len, rows))
    head, *body = [_row(row, width) for row in rows]
    rule = "| " + " | ".join(["---"] * width) + " |"
    tables = [
        "\n".join([head, rule, *body[at : at + TABLE_ROWS]]) for at in range(0, max(1, len(body)), TABLE_ROWS)
    ]
    return _document(capture, tables)


def _row(cells: list[str], width: int) -> str:
    cells = [re.sub(r"\s+", " ", cell).strip().replace("\\", "\\\\").replace("|", "\\|") for cell in cells]
    return "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"


def _xml(capture: Capture, text: str) -> Document:
    return _document(capture, fenced(text, "xml"))


def _feed(capture: Capture, text: str, options: RenderOptions) -> Document:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, strip_cdata=False)
    body = capture.body if isinstance(capture.body, bytes) else text.encode("utf-8", "replace")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return _xml(capture, text)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    channel = next((element for element in elements if _local(element) == "channel"), root)
    title, about = _child(channel, "title"), _child(channel, "description", "subtitle")
    blocks = [f"# {_inline(title)}"] if title else []
    blocks += [_inline(about)] if about else []
    links: list[tuple[str, str]] = []
    images: list[tuple[str, str]] = []
    for entry in elements:
        if _local(entry) not in _ENTRIES or not (name := _child(entry, "title") or _href(entry)):
            continue
        href = _href(entry)
        blocks.append(f"## [{_inline(name)}]({href})" if href else f"## {_inline(name)}")
        blocks += [line] if (line := _about(entry)) else []
        said = _child(entry, "encoded", "content", "description", "summary")
        written = write(body_of(parse(said)), base_url=href or capture.url, options=options)
        blocks += written.blocks
        links += [(_plain(name), href), *written.links] if href else written.links
        images += written.images
    return _document(
        capture, blocks, _plain(title), links=tuple(dict.fromkeys(links)), images=tuple(dict.fromkeys(images))
    )


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _child(element: Element, *names: str) -> str:
    for name in names:
        for child in element:
            named = isinstance(child.tag, str) and _local(child) == name
            if named and (text := "".join(child.itertext()).strip()):
                return text
    return ""


def _href(entry: Element) -> str:
    for child in entry:
        if not isinstance(child.tag, str) or _local(child) not in {"link", "loc"}:
            continue
        href = child.get("href") or (child.text or "").strip()
        if href and child.get("rel") in {None, "alternate"}:
            return str(href).replace(" ", "%20").replace(")", "%29")
    guid = _child(entry, "guid")
    return guid if guid.startswith(("http://", "https://")) else ""


def _about(entry: Element) -> str:
    said = _child(entry, "pubdate", "published", "updated", "date", "lastmod")
    author = _child(entry, "creator", "author")
    return " · ".join(_inline(part) for part in (author, (normal_date(said) or said) if said else "") if part)


def _plain(text: str) -> str:
    """A feed's text, which may be HTML, as one line."""
    if "<" in text or "&" in text:
        text = "".join(parse(text).itertext())
    return re.sub(r"\s+", " ", text).strip()


def _inline(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", _plain(text))

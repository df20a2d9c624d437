"""OpenDocument texts and EPUB books: plain enough to be read without a library."""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import unquote

from lxml import etree

from reader_stream.document.html import Element, body_of, decode, parse
from reader_stream.document.office import Content, about_of, local, read_part
from reader_stream.errors import AssertionFailureError
from reader_stream.model import RenderOptions

MAX_CHAPTERS = 2_000
"""Parts of a book; the Bible has 1,189 chapters."""

MAX_DEPTH = 100
"""Lists and tables within one another."""

_XLINK = "{http://www.w3.org/1999/xlink}href"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_PLAIN = {
    "p": "p",
    "list": "ul",
    "list-item": "li",
    "list-header": "li",
    "table": "table",
    "table-row": "tr",
    "table-cell": "td",
    "line-break": "br",
    "span": "span",
}
_SKIPPED = frozenset(
    {"tracked-changes", "sequence-decls", "annotation", "forms", "table-of-content", "ruby-text"}
)


def read_odt(_: bytes, archive: zipfile.ZipFile, options: RenderOptions) -> Content:
    """Headings, paragraphs, lists, tables and links of a text document."""
    tree = read_part(archive, "content.xml")
    texts = [] if tree is None else [element for element in tree.iter() if local(element) == "text"]
    if not texts:
        raise AssertionFailureError("the document is broken: it has no text part")
    root = etree.Element("div")
    for child in texts[0]:
        _copy(child, root, 0)
    for table in root.iter("table"):
        for cell in table[0] if len(table) else []:
            cell.tag = "th"
    heading = root.find("h1")
    title = "" if heading is None else "".join(map(str, heading.itertext()))
    return Content(root, title=title, about=about_of(read_part(archive, "meta.xml")))


def _copy(source: Element, parent: Element, depth: int) -> None:
    """`source` and what is in it, as HTML, at the end of `parent`."""
    name = local(source)
    if name in _SKIPPED or not name or depth > MAX_DEPTH:
        return
    into = parent
    if name in _PLAIN:
        into = etree.SubElement(parent, _PLAIN[name])
    elif name == "h":
        level = source.get(f"{_TEXT}outline-level") or "1"
        into = etree.SubElement(parent, f"h{min(int(level), 6) if level.isdigit() and level != '0' else 1}")
    elif name == "a" and (href := source.get(_XLINK)):
        into = etree.SubElement(parent, "a", href=href)
    elif name in ("s", "tab"):
        _say(parent, " ")
    _say(into, source.text)
    for child in source:
        _copy(child, into, depth + 1)
        _say(into, child.tail)


def _say(element: Element, text: str | None) -> None:
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def read_epub(_: bytes, archive: zipfile.ZipFile, options: RenderOptions) -> Content:
    """The chapters of a book in the order of its spine."""
    package, folder = _package(archive)
    items = {
        element.get("id") or "": element.get("href") or ""
        for element in package.iter()
        if local(element) == "item"
    }
    spine = [element.get("idref") or "" for element in package.iter() if local(element) == "itemref"]
    root = etree.Element("div")
    names = set(archive.namelist())
    for place in spine[:MAX_CHAPTERS]:
        name = posixpath.normpath(posixpath.join(folder, unquote(items.get(place, ""))))
        if name in names:
            body = body_of(parse(decode(archive.read(name), "application/xhtml+xml")))
            body.tag = "div"
            root.append(body)
    if not len(root):
        raise AssertionFailureError("the book is broken: it has no chapters")
    for element in list(root.iter("a")):
        if not (element.get("href") or "").startswith(("http://", "https://", "mailto:")):
            element.attrib.pop("href", None)  # from one chapter to another, which are one text here
    for element in list(root.iter("img", "script", "style")):
        element.clear(keep_tail=True)
    return Content(root, page_count=len(root), about=about_of(package))


def _package(archive: zipfile.ZipFile) -> tuple[Element, str]:
    container = read_part(archive, "META-INF/container.xml")
    paths = [] if container is None else [element.get("full-path") for element in container.iter()]
    path = next((path for path in paths if path), "")
    package = read_part(archive, path) if path else None
    if package is None:
        raise AssertionFailureError("the book is broken: it has no table of its parts")
    return package, posixpath.dirname(path)

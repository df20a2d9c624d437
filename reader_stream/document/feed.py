"""RSS, Atom, RDF and sitemaps as entries with links and dates; read without entities or network."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree

from reader_stream.document.file import file_document
from reader_stream.document.html import Element, body_of, parse
from reader_stream.document.markdown import write
from reader_stream.document.markdown_links import Addresses
from reader_stream.document.metadata_dates import normal_date
from reader_stream.model import Capture, Document, RenderOptions

_ENTRIES = frozenset({"item", "entry", "url", "sitemap"})
_LOOKS_FEED = re.compile(r"<(?:rss|(?:\w+:)?feed|rdf:RDF|urlset|sitemapindex)\b", re.I)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ADDRESSES = {"href", "src", "data-src"}
_ABOUT = {"language": ("language",), "generator": ("generator",), "copyright": ("copyright", "rights")}


def is_feed(text: str) -> bool:
    """Whether XML is a feed or a sitemap, by its first element."""
    return bool(_LOOKS_FEED.search(text[:4096]))


def render_feed(capture: Capture, text: str, options: RenderOptions) -> Document | None:
    """The feed as a list of linked entries; None for XML that cannot be read at all."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, strip_cdata=False)
    declared = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = etree.fromstring(declared.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    return None if root is None else _Feed(capture, options).document(root)


class _Feed:
    """Puts the entries into one page, which is written like any other, with all options."""

    def __init__(self, capture: Capture, options: RenderOptions) -> None:
        self._capture = capture
        self._options = options
        self._page = etree.Element("div")

    def document(self, root: Element) -> Document:
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        channel = next((element for element in elements if _local(element) == "channel"), root)
        title, about = _child(channel, "title"), _child(channel, "description", "subtitle")
        self._add(self._page, "h1", _plain(title))
        self._add(self._page, "p", _plain(about))
        for entry in elements:
            if _local(entry) in _ENTRIES:
                self._entry(entry)
        written = write(self._page, base_url=self._capture.url, options=self._options)
        changed = _child(channel, "pubdate", "lastbuilddate", "updated", "date")
        return file_document(
            self._capture,
            list(written.blocks),
            _plain(title),
            description=_plain(about),
            published_time=normal_date(changed) if changed else None,
            links=written.links,
            images=written.images,
            metadata={
                ours: said for ours, names in _ABOUT.items() if (said := _plain(_child(channel, *names)))
            },
        )

    def _entry(self, entry: Element) -> None:
        base = self._capture.url
        href = _href(entry)
        href = urljoin(base, href) if href and base.startswith("http") else href
        name = _plain(_child(entry, "title") or href)
        if not name:
            return
        if href:
            self._add(etree.SubElement(self._page, "h2"), "a", name, href=_CONTROL.sub("", href))
        else:
            self._add(self._page, "h2", name)
        self._add(self._page, "p", _about(entry))
        said = body_of(parse(_said(entry)))
        addresses = Addresses(href or base)
        for element in said.iter(etree.Element):
            for name in _ADDRESSES.intersection(element.keys()):
                element.set(name, addresses.absolute(element.get(name), images=True))
        said.tag = "div"
        self._page.append(said)

    def _add(self, parent: Element, tag: str, text: str, **attributes: str) -> None:
        if text:
            etree.SubElement(parent, tag, **attributes).text = _CONTROL.sub("", text)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _child(element: Element, *names: str) -> str:
    found = _child_element(element, *names)
    return "" if found is None else "".join(map(str, found.itertext())).strip()


def _child_element(element: Element, *names: str) -> Element | None:
    for name in names:
        for child in element:
            named = isinstance(child.tag, str) and _local(child) == name
            if named and "".join(map(str, child.itertext())).strip():
                return child
    return None


def _said(entry: Element) -> str:
    """What an entry says, as HTML: the longest form that it has."""
    found = _child_element(entry, "encoded", "content", "description", "summary")
    if found is None:
        return ""
    kind = (found.get("type") or "").lower()
    if kind == "xhtml" or (kind.endswith("xml") and len(found)):
        return "".join(
            str(etree.tostring(child, encoding="unicode", method="html", with_tail=True)) for child in found
        )
    return "".join(map(str, found.itertext()))


def _href(entry: Element) -> str:
    for child in entry:
        if not isinstance(child.tag, str) or _local(child) not in {"link", "loc"}:
            continue
        href = child.get("href") or (child.text or "").strip()
        if href and child.get("rel") in {None, "alternate"}:
            return str(href)
    guid = _child(entry, "guid", "id")
    return guid if guid.startswith(("http://", "https://")) else ""


def _about(entry: Element) -> str:
    said = _child(entry, "pubdate", "published", "updated", "date", "lastmod")
    author = _child_element(entry, "creator", "author")
    name = "" if author is None else (_child(author, "name") or "".join(map(str, author.itertext())))
    return " · ".join(_plain(part) for part in (name, (normal_date(said) or said) if said else "") if part)


def _plain(text: str) -> str:
    """A feed's text, which may be HTML, as one line."""
    if "<" in text or "&" in text:
        text = "".join(map(str, parse(text).itertext()))
    return re.sub(r"\s+", " ", text).strip()

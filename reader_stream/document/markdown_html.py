"""Tables that stay HTML (`X-No-Gfm: table`): the bare structure, addresses made absolute."""

from __future__ import annotations

import re
from copy import deepcopy

from lxml import etree

from reader_stream.document.markdown_media import source
from reader_stream.document.markdown_numbers import image_place
from reader_stream.document.markdown_tokens import scrub
from reader_stream.document.markdown_walk import Element, Walk

_KEPT = frozenset({"href", "src", "alt", "colspan", "rowspan", "start"})
_UNWANTED = ("script", "style", "template", "noscript", "svg", "iframe")
_SPACES = re.compile(r"[ \t\r\n\f]+")


def table_html(walk: Walk, element: Element) -> str:
    """The table as HTML without a blank line, which would end an HTML block."""
    copy = deepcopy(element)
    copy.tail = None
    etree.strip_elements(copy, *_UNWANTED, etree.Comment, with_tail=False)
    for item in copy.iter(etree.Element):
        _plain(walk, item)
    etree.strip_tags(copy, "span", "font")
    if walk.options.retain_links == "none":
        etree.strip_elements(copy, "a", with_tail=False)
    elif walk.options.retain_links == "text" or walk.options.style.link_style == "discarded":
        etree.strip_tags(copy, "a")
    text = str(etree.tostring(copy, encoding="unicode", method="html"))
    return text.strip().replace("\n", "&#10;")


def _plain(walk: Walk, item: Element) -> None:
    """The element without style; its texts without what would be noise or break the block."""
    around = any(parent.tag == "pre" for parent in item.iterancestors())
    if item.tag == "img":
        _image(walk, item)
    href = walk.addresses.absolute(item.get("href"))
    if item.tag == "a" and href:
        walk.inline.labels.append("")
        walk.inline.links.append((" ".join("".join(item.itertext()).split()), href))
    for name in list(item.attrib):
        if name not in _KEPT:
            del item.attrib[name]
    if "href" in item.attrib:
        item.set("href", href)
    if item.text:
        item.text = scrub(item.text) if around or item.tag == "pre" else _SPACES.sub(" ", scrub(item.text))
    if item.tail:
        item.tail = scrub(item.tail) if around else _SPACES.sub(" ", scrub(item.tail))


def _image(walk: Walk, item: Element) -> None:
    url, alt = source(walk, item), " ".join((item.get("alt") or "").split())
    if not url.startswith(("http:", "https:")) or walk.options.retain_images == "none":
        item.attrib.pop("src", None)
        return
    name = f"Image {image_place(len(walk.images))}" + (f": {alt}" if alt else "")
    walk.images.append((name, url))
    item.set("src", url)
    item.set("alt", name)

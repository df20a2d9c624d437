"""The writer until markdown.py is there: markdownify, cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree
from markdownify import markdownify

from reader_stream.document.html import Element
from reader_stream.document.media import split_blocks
from reader_stream.model import RenderOptions


@dataclass(frozen=True, slots=True)
class Written:
    """Markdown blocks, links and images of a tree."""

    blocks: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    images: tuple[tuple[str, str], ...]


def write(root: Element, *, base_url: str, options: RenderOptions) -> Written:
    """Markdown of a tree."""
    for link in root.iter("a"):
        if href := link.get("href"):
            link.set("href", urljoin(base_url, href))
    text = markdownify(etree.tostring(root, encoding="unicode", method="html"), heading_style="atx")
    links = tuple(
        (" ".join("".join(a.itertext()).split()), a.get("href")) for a in root.iter("a") if a.get("href")
    )
    return Written(tuple(split_blocks(text)), tuple(dict.fromkeys(links)), ())

"""Cut a tree down to chosen blocks, in place: what stays keeps its structure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.clean_hidden import HIDDEN
from reader_stream.document.html import Element
from reader_stream.document.tree import drop

CONTROLS = ("select", "input", "textarea", "datalist")
"""Form controls are not content, whatever is around them."""

MEDIA_SHARE = 0.5
"""An element without text (image, rule, video) stays where at least this share of the text around it does."""


def prune(page: Page, body: Element, keep: Sequence[bool]) -> None:
    """Drop every node of which no block is kept, and the text of the other blocks that are not."""
    kept = [0, *accumulate(map(int, keep))]
    kept_chars = [0, *accumulate(n if k else 0 for n, k in zip(page.chars, keep, strict=True))]
    dropped: set[Node] = set()
    for node in page.nodes:
        parent = node.parent
        if parent is None:
            continue
        if parent in dropped:
            dropped.add(node)
        elif kept[node.end] == kept[node.start]:
            around = page.cum_chars[parent.end] - page.cum_chars[parent.start]
            staying = kept_chars[parent.end] - kept_chars[parent.start]
            if node.start == node.end and staying >= MEDIA_SHARE * around:
                continue
            dropped.add(node)
            drop(node.element)
    for block, stays in zip(page.blocks, keep, strict=True):
        if not stays and block.node not in dropped:
            _blank(block.places)
    for element in list(body.iter(*CONTROLS)):
        drop(element)
    for element in body.xpath(f".//*[@{HIDDEN}]"):
        del element.attrib[HIDDEN]


def _blank(places: Sequence[tuple[Element, bool]]) -> None:
    for element, is_tail in places:
        if is_tail:
            element.tail = " "
        else:
            element.text = " "

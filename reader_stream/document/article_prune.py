"""Cut a tree down to chosen blocks, in place: what stays keeps its structure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf

from reader_stream.document.article_blocks import Page
from reader_stream.document.clean_hidden import HIDDEN
from reader_stream.document.html import Element
from reader_stream.document.tree import drop

CONTROLS = ("select", "input", "textarea", "datalist")
"""Form controls are not content, whatever is around them."""

MEDIA_SHARE = 0.5
"""An element without text (image, rule, video) stays where at least this share of the text around it does."""


def prune(page: Page, body: Element, keep: Sequence[bool]) -> None:
    """Drop every node of which no block is kept, and the text of the other blocks that are not."""
    kept = [0, *accumulate(n if k else 0 for n, k in zip(page.chars, keep, strict=True))]
    blank = [not stays for stays in keep]
    gone: float = inf  # the depth of the last node that was dropped; what follows farther down is in it
    for node in page.nodes:
        if node.depth > gone:
            continue
        gone = inf
        start, end, parent = node.start, node.end, node.parent
        if kept[end] > kept[start] or parent is None:
            continue
        if start == end:
            around = page.cum_chars[parent.end] - page.cum_chars[parent.start]
            if kept[parent.end] - kept[parent.start] >= MEDIA_SHARE * around:
                continue
        blank[start:end] = [False] * (end - start)
        gone = node.depth
        drop(node.element)
    for block, goes in zip(page.blocks, blank, strict=True):
        if goes:
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

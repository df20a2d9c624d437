"""Taking elements out of a tree without losing what is around them."""

from __future__ import annotations

from reader_stream.document.html import Element


def drop(element: Element) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: Element) -> None:
    """Put an element's content in its place."""
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    if element.text:
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + element.text
        else:
            parent.text = (parent.text or "") + element.text
    children = list(element)
    if children:
        children[-1].tail = (children[-1].tail or "") + (element.tail or "")
    elif element.tail:
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent[at : at + 1] = children


def text_length(element: Element) -> int:
    """Characters of text inside, white space at the borders of text nodes not counted."""
    return sum(map(len, map(str.strip, element.itertext())))

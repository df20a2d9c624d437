"""The main content of a page: the tree without what is around it."""

from __future__ import annotations

from reader_stream.document.clean import text_length
from reader_stream.document.html import Element, body_of

BOILERPLATE = frozenset({"nav", "footer", "aside", "form", "button", "header", "menu", "dialog"})


def main_content(root: Element) -> Element:
    """The element that holds most of the paragraphs."""
    body = body_of(root)
    scores: dict[Element, float] = {}
    for paragraph in body.iter("p", "pre", "td", "blockquote"):
        length = text_length(paragraph)
        if length < 25 or any(a.tag in BOILERPLATE for a in paragraph.iterancestors()):
            continue
        score = 1 + min(length / 100, 3) + (paragraph.findtext(".//a") is None)
        for level, ancestor in enumerate(paragraph.iterancestors()):
            if level > 2 or ancestor is body.getparent():
                break
            scores[ancestor] = scores.get(ancestor, 0.0) + score / (1 + level)
    if not scores:
        return body
    best = max(scores, key=lambda element: scores[element])
    return best

"""The main content of a page: the tree without what is around it."""

from __future__ import annotations

from urllib.parse import urlsplit

from reader_stream.document.article_features import Hints
from reader_stream.document.clean import drop_hidden, text_length
from reader_stream.document.html import Element, body_of
from reader_stream.document.metadata import Metadata

BOILERPLATE = frozenset({"nav", "footer", "aside", "form", "button", "header", "menu", "dialog"})


def hints_of(about: Metadata, url: str) -> Hints:
    """What the choice takes from the page's own words."""
    return Hints(title=about.title, types=about.types, path=urlsplit(url).path.lower())


def main_content(root: Element, hints: Hints, *, composed: bool) -> Element:
    """The element that holds most of the paragraphs."""
    drop_hidden(root, composed=composed)
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

"""The main content of a page: its tree without what is around it.

Theory of operation: the page is a list of text blocks (article_blocks); a small classifier says of each
how likely it is content (article_features, article_rules, article_model); the threshold is the one that
promises the best F1 on this page; what belongs together is kept together (article_units); comments are left
out where they are not what the page is for (article_comments), and what is said twice once (article_copies);
the original tree is cut down to the chosen blocks (article_prune).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import numpy as np
from lxml import etree

from reader_stream.document import article_model
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_comments import drop_comments
from reader_stream.document.article_copies import drop_copies
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_prune import prune
from reader_stream.document.article_tree import Numbers
from reader_stream.document.article_units import unite
from reader_stream.document.clean_hidden import drop_hidden
from reader_stream.document.html import Element, body_of
from reader_stream.document.metadata import Metadata

DECLARED_CHARS = 400
"""A declared body shorter than this is a teaser."""

DECLARED_SHARE = 0.5
"""The page's markup is next to nothing below this share of `DECLARED_CHARS`: a few labels of an app shell."""

DESCRIBED_CHARS = 80
"""A description shorter than this is a slogan rather than the beginning of a text."""

_MEDIA = ("audio", "embed", "iframe", "img", "object", "svg", "video")


def hints_of(about: Metadata, url: str) -> Hints:
    """What the choice takes from the page's own words."""
    return Hints(title=about.title, types=about.types, path=urlsplit(url).path.lower())


def main_content(root: Element, about: Metadata, url: str, *, composed: bool) -> Element:
    """The `<body>` cut down to the main content, in place; an empty page stays empty.

    Deterministic on one machine: processors differ in the last bit of an exponential.

    Where no browser has run the page's scripts (`composed` is False) and its markup holds next to
    nothing of a text that it declares in JSON-LD, that text is the content.
    """
    if composed:
        drop_hidden(root, composed=True)
    body = body_of(root)
    page = Page(body)
    declared = max(about.bodies, key=len, default="")
    if not composed and len(declared) >= DECLARED_CHARS > page.cum_chars[-1] / DECLARED_SHARE:
        return _paragraphs(declared)
    if page.blocks:
        prune(page, body, choose(page, hints_of(about, url)))
    return body


def stand_in(content: Element, about: Metadata) -> Element | None:
    """What stands for the content of a page that has none: its own description, where that says something."""
    if len(about.description) < DESCRIBED_CHARS or content.xpath("normalize-space()"):
        return None
    return None if next(content.iter(*_MEDIA), None) is not None else _paragraphs(about.description)


def _paragraphs(text: str) -> Element:
    body = etree.Element("body")
    for line in text.splitlines():
        if line.strip():
            etree.SubElement(body, "p").text = line.strip()
    return body


def choose(page: Page, hints: Hints) -> list[bool]:
    """For each block whether it belongs to the main content."""
    probability = article_model.probabilities(page, hints, article_model.load())
    return keep_blocks(page, hints, probability)


def keep_blocks(page: Page, hints: Hints, probability: Numbers) -> list[bool]:
    """The blocks that are likely enough, given how likely each is.

    Comments go before copies: of a text that stands in both places the one outside of the comments stays.
    """
    threshold = article_model.cut(probability, np.array(page.words))
    keep = unite(page, probability.tolist(), threshold)
    return drop_copies(page, drop_comments(page, hints, keep))

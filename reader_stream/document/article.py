"""The main content of a page: its tree without what is around it.

Theory of operation: the page is a list of text blocks (article_blocks); a small classifier says of each
how likely it is content (article_features, article_model); the threshold is the one that promises the
best F1 on this page; the original tree is cut down to the chosen blocks (article_prune).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from reader_stream.document import article_model
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import Hints, squeezed
from reader_stream.document.article_prune import prune
from reader_stream.document.clean import drop_hidden
from reader_stream.document.html import Element, body_of
from reader_stream.document.metadata import Metadata


def hints_of(about: Metadata, url: str) -> Hints:
    """What the choice takes from the page's own words."""
    return Hints(
        title=about.title,
        texts=" ".join(map(squeezed, about.texts)),
        names=frozenset(map(squeezed, about.names)),
        types=about.types,
        path=urlsplit(url).path.lower(),
    )


def main_content(root: Element, hints: Hints, *, composed: bool) -> Element:
    """The `<body>` cut down to the main content, in place. Deterministic; an empty page stays empty."""
    if composed:
        drop_hidden(root, composed=True)
    body = body_of(root)
    page = Page(body)
    if page.blocks:
        prune(page, body, choose(page, hints))
    return body


def choose(page: Page, hints: Hints) -> list[bool]:
    """For each block whether it belongs to the main content."""
    probability = article_model.probabilities(page, hints, article_model.load())
    return keep_blocks(page, probability)


def keep_blocks(page: Page, probability: Sequence[float]) -> list[bool]:
    """The blocks that are likely enough, given how likely each is."""
    weights = [len(block.text.split()) for block in page.blocks]
    threshold = article_model.cut(probability, weights)
    return [p >= threshold for p in probability]

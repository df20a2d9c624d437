"""Comments under an article, and the way to further articles: text of the page, but not its content.

A comment reads like content, and in a forum it is. Where the page is none, containers that are called after
comments or related pages are left out, unless they are what the page has.
"""

from __future__ import annotations

from collections.abc import Sequence

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_hints import Hints

NAMES = frozenset(
    {
        "comment", "commentlist", "comments", "disqus", "recommendations", "recommended", "related",
        "replies", "respond",
    }
)  # fmt: skip
"""Words of class names and ids. Not `reviews` or `testimonials`: services live by them."""

LEFT_CHARS = 300
"""So much text has to be left: a page of which less remains consists of its comments."""


def drop_comments(page: Page, hints: Hints, keep: Sequence[bool]) -> list[bool]:
    """The blocks of `keep` without those in comments and lists of related pages.

    Forums and products keep theirs: questions and reviews are the content there (out of fold, shingle F1 of
    articles .956 to .961 on one set and .944 to .951 on another; mixed pages as before).
    """
    left = list(keep)
    if hints.is_forum or hints.declares("product"):
        return left
    for node in filter(_is_named, page.nodes):
        left[node.start : node.end] = [False] * (node.end - node.start)
    chars = sum(size for size, stays in zip(page.chars, left, strict=True) if stays)
    return left if chars >= LEFT_CHARS else list(keep)


def _is_named(node: Node) -> bool:
    return node.tag != "body" and not NAMES.isdisjoint(node.names)

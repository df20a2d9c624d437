"""What a page says of itself: its title, the types that it declares, the parts of its address."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TYPES = {
    "article": ("article", "newsarticle", "blogposting", "blog", "report"),
    "product": ("product", "og:product", "offer", "productgroup"),
    "list": ("itemlist", "collectionpage", "product.group", "searchresultspage"),
    "forum": ("discussionforumposting", "qapage", "question"),
}


def _path(parts: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|/)(?:{parts})(?:[/._-]|$)")


_FORUM = "forums?|threads?|topics?|viewtopic|showthread|discussions?|questions?|community|comments|t|r"
_IN_FORUM = re.compile(rf"(?:^|/)(?:{_FORUM})(?:[/.]|[_-]?\d|$)")
"""`/threads/` and `/thread-12`, but not `/forums-are-dead`."""

_PATHS = (
    _path(_FORUM),
    _path("products?|items?|shop|store|sku|buy|p|dp|pr"),
    _path(r"collections?|categor\w*|search|tags?|listings?|browse|all|catalog\w*|brands?|topics|archives?|c"),
    _path("docs?|documentation|guides?|reference|manual|api|wiki|help|learn|tutorials?|kb|support"),
    _path(r"blogs?|news|articles?|posts?|story|stories|20\d\d|archives?|press|insights?|features?|opinions?"),
)
"""What a part of the address says of the page. Whole parts: an `open-thread` is no forum."""

HINTS = (*(f"type_{name}" for name in _TYPES), *(f"path_{at}" for at in range(len(_PATHS))))
"""The columns of `Hints.row`."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the page says of itself: title, declared types (JSON-LD, og:type; lower case), URL path."""

    title: str = ""
    types: frozenset[str] = frozenset()
    path: str = ""

    def declares(self, kind: str) -> bool:
        """Does the page say that it is an "article", a "product", a "list" or a "forum"?"""
        return not self.types.isdisjoint(_TYPES[kind])

    @property
    def is_forum(self) -> bool:
        """Do its types or its address say that what people write there is the content?"""
        return self.declares("forum") or _IN_FORUM.search(self.path) is not None

    def row(self) -> list[float]:
        """The columns `HINTS`, 0 or 1."""
        declared = (self.declares(kind) for kind in _TYPES)
        return [float(said) for said in (*declared, *(path.search(self.path) is not None for path in _PATHS))]

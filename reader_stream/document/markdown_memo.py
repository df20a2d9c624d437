"""Blocks that were written before, by the markup they came from.

A stream converts nearly the same page again and again. A block element at the top of the document whose
markup, options and neighbour are the same as in one of the last two conversions is not walked again.
Measured on 20 pages, 10 MB together: the first conversion takes 1.35 of the time without a memo, one with an
edit in the middle of the page 0.55, one without any change 0.1.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from reader_stream.document.markdown_code import around
from reader_stream.document.markdown_numbers import moved
from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one element became; numbers in it are still open."""

    blocks: tuple[str, ...]
    kinds: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    first_link: int
    first_image: int


class Memo:
    """Remembers the blocks of one stream. Holds what the last two conversions used, nothing older.

    Not to be shared by streams of different pages (that is no error, only a waste) nor by threads.
    """

    def __init__(self) -> None:
        self._last: dict[Hashable, Remembered] = {}
        self._now: dict[Hashable, Remembered] = {}
        self._context: Hashable = None

    def begin(self, context: Hashable) -> None:
        """A conversion starts; `context` is all, beside the markup, that decides about its result."""
        self._last, self._now = (self._now, {}) if context == self._context else ({}, {})
        self._context = context

    def get(self, key: Hashable) -> Remembered | None:
        """What was remembered under `key`."""
        known = self._now.get(key) or self._last.get(key)
        if known is not None:
            self._now[key] = known
        return known

    def put(self, key: Hashable, result: Remembered) -> None:
        """Remember a result."""
        self._now[key] = result

    def __len__(self) -> int:
        return len(self._now.keys() | self._last.keys())


# Elements that are blocks wherever they stand. Items, rows and cells belong to what they stand in.
_TAGS = (
    "address article aside blockquote center details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "header main nav ol p pre section table ul"
)


def remembering(rules: Mapping[str, Rule], memo: Memo) -> dict[str, Rule]:
    """The rules, those for blocks with a look into the memo before."""
    return {**rules, **{tag: _remembering(rules[tag], memo) for tag in _TAGS.split()}}


def _remembering(rule: Rule, memo: Memo) -> Rule:
    def enter(walk: Walk, element: Element) -> Leave | None:
        if not _separate(walk, element):
            return rule(walk, element)
        walk.boundary()
        key = _key(element, walk.frame.last)
        if (known := memo.get(key)) is not None:
            _replay(walk, known)
            return skip
        at = _Mark.of(walk)
        leave = rule(walk, element)
        if leave is skip:
            memo.put(key, at.since(walk))
            return skip

        def remember(walk: Walk) -> None:
            if leave is not None:
                leave(walk)
            walk.boundary()
            memo.put(key, at.since(walk))

        return remember

    return enter


def _separate(walk: Walk, element: Element) -> bool:
    """Whether what a block becomes depends on nothing but its markup and the kind of its neighbour.

    An only child is left to its parent: looking at every wrapper would cost more than it saves.
    """
    frame = walk.frame
    if frame.kind != "root" or frame.marks or walk.code or walk.title_link is not None:
        return False
    if frame.last.startswith("stray"):
        return False
    return element.getnext() is not None or element.getprevious() is not None


def _key(element: Any, neighbour: str) -> Hashable:
    markup = etree.tostring(element, encoding="utf-8", with_tail=False)
    wrappers = tuple(wrapper.get("class") for wrapper in around(element))  # they may name a code's language
    return neighbour if neighbour.startswith("list") else "", wrappers, len(markup), hash(markup)


def _replay(walk: Walk, known: Remembered) -> None:
    images, links = len(walk.images) - known.first_image, len(walk.inline.links) - known.first_link
    walk.frame.blocks += moved(known.blocks, images=images, links=links) if images or links else known.blocks
    walk.frame.kinds += known.kinds
    walk.inline.links += known.links
    walk.inline.labels += known.labels
    names = moved((name for name, _ in known.images), images=images, links=0)
    walk.images += zip(names, (url for _, url in known.images), strict=True)


@dataclass(frozen=True, slots=True)
class _Mark:
    """How much a walk had written when an element began."""

    blocks: int
    links: int
    labels: int
    images: int

    @classmethod
    def of(cls, walk: Walk) -> _Mark:
        return cls(len(walk.frame.blocks), len(walk.inline.links), len(walk.inline.labels), len(walk.images))

    def since(self, walk: Walk) -> Remembered:
        return Remembered(
            blocks=tuple(walk.frame.blocks[self.blocks :]),
            kinds=tuple(walk.frame.kinds[self.blocks :]),
            links=tuple(walk.inline.links[self.links :]),
            labels=tuple(walk.inline.labels[self.labels :]),
            images=tuple(walk.images[self.images :]),
            first_link=self.links,
            first_image=self.images,
        )

"""Blocks that were written before, by the markup they came from.

A stream converts nearly the same page again and again. A block element at the top of the document whose
markup, options and neighbour are the same as in one of the last two conversions is not walked again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from lxml import etree


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one element became; numbers in it are still open."""

    blocks: tuple[str, ...]
    kinds: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    images: tuple[tuple[str, str], ...]


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
        self._context = context
        self._last, self._now = self._now, {}

    def key(self, element: Any, neighbour: str) -> Hashable:
        """The key of an element that follows a block of kind `neighbour`."""
        markup = etree.tostring(element, encoding="utf-8", with_tail=False)
        return self._context, neighbour, blake2b(markup, digest_size=16).digest()

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

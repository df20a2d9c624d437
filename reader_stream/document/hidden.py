"""How much text a reading leaves out because nobody can see it, and beside which of its blocks that stood.

Where something was taken out of the tree, the element beside it is noted with the number of characters
(`LEFT`). After the markdown is written, the text around each note tells the block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from reader_stream.document.html import Element
from reader_stream.document.invisible import hidden_characters, may_hide, visible
from reader_stream.document.text import BLOCKS

LEFT = "data-rs-left"
NOTED = "data-rs-noted"
"""On the root of a tree that has notes: most have none, and need not be searched."""

PROBE_CHARS = (48, 24, 12)
"""Letters of the text around a note that are looked for in the blocks, the longest first: markup between
them (a link's address, a footnote) may break a long one."""

_ADDRESS = re.compile(r"\]\([^()\s]*\)|<[^<>]*>")
_LETTERS = re.compile(r"[\W_]+")


def note(element: Element, characters: int) -> None:
    """Note on an element that so many characters beside or in it are left out."""
    if characters:
        element.set(LEFT, str(int(element.get(LEFT) or 0) + characters))
        element.getroottree().getroot().set(NOTED, "")


def note_drop(element: Element, characters: int) -> None:
    """The same before an element is dropped: on what stands before it, else on what is around it."""
    before = element.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    beside = element.getparent() if before is None else before
    if beside is not None:
        note(beside, characters)


def prepare(root: Element, source: str) -> None:
    """Take invisible characters out of a tree that was parsed from `source`, noting how many."""
    if LEFT in source:
        for element in root.xpath(f"//*[@{LEFT}]"):  # the page's own
            del element.attrib[LEFT]
    if may_hide(source):
        for element in root.iter():
            _strip(element)


def _strip(element: Element) -> None:
    left = 0
    if (text := element.text) and not text.isascii() and (seen := visible(text)) != text:
        left += hidden_characters(text)
        element.text = seen
    if (text := element.tail) and not text.isascii() and (seen := visible(text)) != text:
        left += hidden_characters(text)
        element.tail = seen
    if isinstance(element.tag, str):
        if not all(map(str.isascii, element.values())):
            _strip_attributes(element)
        if left:
            note(element, left)


def _strip_attributes(element: Element) -> None:
    for name, value in element.items():
        if not value.isascii() and (seen := visible(value)) != value:
            element.set(name, seen)


def total(root: Element) -> int:
    """The characters of all notes in a tree, of which `root` is the root."""
    return 0 if root.get(NOTED) is None else sum(count for _, count in _notes(root))


def report(characters: int, content: Element, blocks: Sequence[str]) -> dict[str, Any]:
    """`metadata.hidden`: characters left out of the page, and of these by block; empty for none."""
    if not characters:
        return {}
    placed: dict[int, int] = {}
    letters: list[str] = []
    at = 0
    for element, count in _notes(content):
        letters = letters or [_letters(block) for block in blocks]
        at = _place(_around(element), letters, at)
        if letters:
            placed[at] = placed.get(at, 0) + count
    told = [{"index": index, "characters": count} for index, count in sorted(placed.items())]
    return {"hidden": {"characters": characters, "blocks": told}}


def _notes(root: Element) -> list[tuple[Element, int]]:
    noted = root.xpath(f"descendant-or-self::*[@{LEFT}]")
    return [(element, int(element.get(LEFT) or 0)) for element in noted]


def _letters(text: str) -> str:
    return _LETTERS.sub("", _ADDRESS.sub("", text))


def _around(element: Element) -> str:
    """The letters of the block that an element is or stands in; its end is next to what was left out."""
    while element.tag not in BLOCKS and (parent := element.getparent()) is not None:
        element = parent
    return _LETTERS.sub("", "".join(element.itertext()))


def _place(text: str, letters: Sequence[str], start: int) -> int:
    """The first block from `start` on with the end of `text`; `start` itself where there is none."""
    for size in PROBE_CHARS:
        probe = text[-size:]
        for at in range(start, len(letters)) if probe else ():
            if probe in letters[at]:
                return at
    return start

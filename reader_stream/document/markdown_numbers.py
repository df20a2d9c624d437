"""Numbers of images and links, and reference definitions: what is known only when all blocks are written.

Until then a block holds places: the index of the image or link, between two characters that Unicode reserves
for use inside a program (noncharacters); text of pages is scrubbed of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from reader_stream.document.markdown_links import destination
from reader_stream.model import MarkdownStyle

_IMAGE = "\ufdd0"
_LINK = "\ufdd1"
_PLACE = re.compile(f"([{_IMAGE}{_LINK}])(\\d+)\\1")

# CommonMark: a label has at most 999 characters and no bracket that is not escaped.
_LABEL = re.compile(rf"(?=.*\S)(?:[^\[\]\\{_IMAGE}{_LINK}\n]|\\.){{1,999}}", re.DOTALL)


def image_place(index: int) -> str:
    """Where the number of the image at `index` will stand."""
    return f"{_IMAGE}{index}{_IMAGE}"


def link_place(index: int) -> str:
    """Where what identifies the link at `index` will stand."""
    return f"{_LINK}{index}{_LINK}"


def moved(blocks: Iterable[str], *, images: int, links: int) -> Iterator[str]:
    """Blocks whose places count from other first images and links."""

    def place(match: re.Match[str]) -> str:
        index = int(match.group(2))
        return image_place(index + images) if match.group(1) == _IMAGE else link_place(index + links)

    for block in blocks:
        yield _PLACE.sub(place, block) if _IMAGE in block or _LINK in block else block


def numbered(text: str) -> str:
    """Text with numbers in the places, counted from 1."""
    return _PLACE.sub(lambda match: str(int(match.group(2)) + 1), text)


def referenced(
    blocks: Iterable[str], links: Sequence[tuple[str, str]], labels: Sequence[str], style: MarkdownStyle
) -> Iterator[str]:
    """Blocks with link references in the places, and a last block with the definitions.

    `links` are (text, address), `labels` the markdown between each link's brackets. Collapsed and shortcut
    references need a label that is free for their address; those without one are numbered.
    """
    references = _References(style.link_reference_style)

    def refer(match: re.Match[str]) -> str:
        if match.group(1) == _IMAGE:
            return match.group()
        index = int(match.group(2))
        return references.refer(labels[index], links[index][1], match.string[match.end() : match.end() + 1])

    for block in blocks:
        yield _PLACE.sub(refer, block) if _LINK in block else block
    if references.definitions:
        yield "\n".join(references.definitions)


class _References:
    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[str, str] = {}  # label as parsers compare it -> address
        self._numbers: dict[str, int] = {}
        self.definitions: list[str] = []

    def refer(self, label: str, href: str, following: str) -> str:
        """What stands behind the brackets of a link; defines it where it is new."""
        if self._kind == "full" or _LABEL.fullmatch(label) is None or not self._define(label, href):
            return f"[{self._number(href)}]"
        return "[]" if self._kind == "collapsed" or following in ("(", "[", ":") else ""

    def _define(self, label: str, href: str) -> bool:
        key = " ".join(label.split()).casefold()
        if key not in self._known:
            self._known[key] = href
            self.definitions.append(f"[{label}]: {destination(href)}")
        return self._known[key] == href

    def _number(self, href: str) -> int:
        number = self._numbers.get(href, len(self._numbers) + 1)
        while href not in self._numbers and not self._define(str(number), href):
            number += 1
        return self._numbers.setdefault(href, number)

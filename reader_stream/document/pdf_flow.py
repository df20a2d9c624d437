"""Pages -> one flow of blocks: without running headers and footers, paragraphs joined over page borders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from reader_stream.document.pdf_blocks import continues, joined
from reader_stream.document.pdf_model import Kind, PdfBlock, PdfPage

HEADING_RATIO = 1.1
"""Text this much bigger than the usual text is a heading, if it is short."""

NEIGHBOURS = 2
"""Running headers are looked for on this many pages before and after: books alternate left and right."""

SAME_PLACE_POINTS = 4.0
"""Running headers stand at the same height on all pages; a sentence that two pages end with does not."""

SENTENCE_TIMES = 2
"""A sentence may well end two pages, as in manuals; on three pages near one another it is a footer."""

RUNNING_CHARS = 100
"""A running header that says its page's number has at most one line."""

_NAMED_NUMBER = re.compile(r"\b(?:page|seite|página|pagina|blatt)\s+(\d{1,4})\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBER_AT_END = re.compile(r"\b(\d{1,4})\W*$")
_NUMBER_AT_START = re.compile(r"\W*(\d{1,4})\b")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|p\.|seite|s\.|página|pagina)\s*)?(\d{1,4})(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?[\W_]*$",
    re.IGNORECASE,
)


def usual_size(pages: Sequence[PdfPage]) -> float:
    """The font size in which most of the text is set."""
    sizes: Counter[float] = Counter()
    for page in pages:
        sizes.update(page.sizes)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def flow(pages: Sequence[PdfPage], usual: float, only: int | None = None) -> Iterator[tuple[int, PdfBlock]]:
    """All blocks with their page numbers; paragraphs go on over the borders of pages.

    With `only` those of that page: the others tell what it has in common with them.
    """
    held: tuple[int, PdfBlock] | None = None
    tails: list[tuple[int, PdfBlock]] = []
    for page, blocks in zip(pages, _without_running(pages, usual), strict=True):
        if only is not None and page.number != only:
            continue
        for at, block in enumerate(blocks):
            here = (page.number, block)
            if held is not None and at == 0 and continues(held[1], block):
                held = (held[0], joined(held[1], block))
                continue
            if block.kind is Kind.ASIDE:
                tails.append(here)
                continue
            if held is not None:
                yield held
                yield from tails
                tails = []
            held = here
    if held is not None:
        yield held
    yield from tails


def _without_running(pages: Sequence[PdfPage], usual: float) -> Iterator[list[PdfBlock]]:
    big = HEADING_RATIO * usual
    tops = _kept(pages, lambda page: page.top, big)
    bottoms = _kept(pages, lambda page: page.bottom, big)
    for page, top, bottom in zip(pages, tops, bottoms, strict=True):
        yield [*top, *page.blocks, *bottom]


def _kept(
    pages: Sequence[PdfPage], edge: Callable[[PdfPage], Sequence[PdfBlock]], big: float
) -> Iterator[list[PdfBlock]]:
    """What of each page's edge is content: headings, and what no page near has in its place."""
    looks = [[_look(block, page.number) for block in edge(page)] for page in pages]
    for at, page in enumerate(pages):
        near = list(chain(*looks[max(0, at - NEIGHBOURS) : at], *looks[at + 1 : at + 1 + NEIGHBOURS]))
        own = zip(edge(page), looks[at], strict=True)
        yield [block for block, look in own if not _runs_on(look, near, is_big=block.size >= big)]


class _Look(NamedTuple):
    """What a running header has in common with those of the pages near.

    `pattern` is its text with all numbers alike, `shift` the number at its end or start less the page's.
    """

    pattern: str
    bottom: float
    shift: int | None
    is_number: bool


def _look(block: PdfBlock, page: int) -> _Look:
    text = block.marker + block.text
    number = _NUMBER_AT_END.search(text) or _NUMBER_AT_START.match(text)
    return _Look(
        pattern=_DIGITS.sub("#", text.lower()).strip(),
        bottom=block.bottom,
        shift=int(number[1]) - page if number else None,
        is_number=_PAGE_NUMBER.match(text) is not None or _names_page(text, page),
    )


def _names_page(text: str, page: int) -> bool:
    """Whether a short line says which page this is, besides other things ("Annual report | Page 7")."""
    named = _NAMED_NUMBER.search(text)
    return (
        named is not None and int(named[1]) == page and len(text) <= RUNNING_CHARS and text[-1:] not in ".!?"
    )


def _runs_on(look: _Look, near: Sequence[_Look], *, is_big: bool) -> bool:
    if look.is_number:
        return True
    if is_big:
        return False
    alike = sum(
        abs(look.bottom - other.bottom) <= SAME_PLACE_POINTS
        and (look.pattern == other.pattern or (look.shift is not None and look.shift == other.shift))
        for other in near
    )
    return alike >= (SENTENCE_TIMES if look.pattern.endswith((".", "!", "?", ":")) else 1)

"""Pages -> one flow of blocks: without running headers and footers, paragraphs joined over page borders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from reader_stream.document.pdf_blocks import continues, joined
from reader_stream.document.pdf_model import Kind, PdfBlock, PdfPage

HEADING_RATIO = 1.1
"""Text this much bigger than the usual text is a heading, if it is short."""

NEIGHBOURS = 2
"""Running headers are looked for on this many pages before and after: books alternate left and right."""

_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
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


def flow(pages: Sequence[PdfPage], usual: float) -> Iterator[tuple[int, PdfBlock]]:
    """All blocks with their page numbers; paragraphs go on over the borders of pages."""
    held: tuple[int, PdfBlock] | None = None
    tails: list[tuple[int, PdfBlock]] = []
    for page, blocks in zip(pages, _without_running(pages, usual), strict=True):
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
    """What of each page's edge is content: headings, and what no neighbour has in its place."""
    patterns = [{_pattern(block) for block in edge(page)} for page in pages]
    for at, page in enumerate(pages):
        near = patterns[max(0, at - NEIGHBOURS) : at] + patterns[at + 1 : at + 1 + NEIGHBOURS]
        running = set().union(*near)
        yield [block for block in edge(page) if not _runs_on(block, running, big)]


def _runs_on(block: PdfBlock, running: set[str], big: float) -> bool:
    if _PAGE_NUMBER.match(_spelt(block)):
        return True
    return block.size < big and _pattern(block) in running


def _spelt(block: PdfBlock) -> str:
    return block.marker + block.text


def _pattern(block: PdfBlock) -> str:
    """The text with all numbers alike, which is the same on all pages where a header runs."""
    return _DIGITS.sub("#", _spelt(block).lower()).strip()

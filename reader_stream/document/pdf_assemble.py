"""Pages -> one HTML tree, which the markdown writer writes like any page, with all its options."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree, html

from reader_stream.document.html import Element
from reader_stream.document.pdf_blocks import continues, joined, same_size
from reader_stream.document.pdf_model import Kind, PdfBlock, PdfInfo, PdfPage, Run

HEADING_RATIO = 1.1
"""Text this much bigger than the usual text is a heading, if it is short."""

HEADING_CHARS = 200
"""No heading is longer."""

BOLD_HEADING_CHARS = 90
"""A bold paragraph of usual size is a heading only when it is about one line."""

NEIGHBOURS = 2
"""Running headers are looked for on this many pages before and after: books alternate left and right."""

_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|p\.|seite|s\.|página|pagina)\s*)?(\d{1,4})(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?[\W_]*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.,;:!?]$")
_WORDLESS = re.compile(r"[\W\d_]*$")
_NUMBER = re.compile(r"\d+")


def tree_of(info: PdfInfo, pages: Sequence[PdfPage]) -> Element:
    """The pages as a ``<div>`` of headings, paragraphs, lists, code and tables."""
    blocks = list(_flow(pages))
    levels = _levels(info, pages, blocks)
    root = html.Element("div")
    at = 0
    while at < len(blocks):
        block = blocks[at][1]
        if block.kind is Kind.ITEM and at not in levels:
            end = next(
                (n for n in range(at, len(blocks)) if blocks[n][1].kind is not Kind.ITEM or n in levels),
                len(blocks),
            )
            _add_list(root, [item for _, item in blocks[at:end]])
            at = end
            continue
        _add_block(root, block, levels.get(at))
        at += 1
    return root


def first_heading(root: Element) -> str:
    """The text of the first heading of the highest level that comes first, or ""."""
    found = next((element for element in root if element.tag in ("h1", "h2")), None)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _flow(pages: Sequence[PdfPage]) -> Iterator[tuple[int, PdfBlock]]:
    """All blocks with their page numbers; paragraphs go on over the borders of pages."""
    held: tuple[int, PdfBlock] | None = None
    tails: list[tuple[int, PdfBlock]] = []
    for page, blocks in zip(pages, _without_running(pages), strict=True):
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


def _without_running(pages: Sequence[PdfPage]) -> list[list[PdfBlock]]:
    tops = [[_pattern(block) for block in page.top] for page in pages]
    bottoms = [[_pattern(block) for block in page.bottom] for page in pages]
    out: list[list[PdfBlock]] = []
    for at, page in enumerate(pages):
        top = [b for b, pattern in zip(page.top, tops[at], strict=True) if not _runs_on(b, pattern, tops, at)]
        bottom = [
            b
            for b, pattern in zip(page.bottom, bottoms[at], strict=True)
            if not _runs_on(b, pattern, bottoms, at)
        ]
        out.append([*top, *page.blocks, *bottom])
    return out


def _pattern(block: PdfBlock) -> str:
    return _DIGITS.sub("#", (block.marker + block.text).lower()).strip()


def _runs_on(block: PdfBlock, pattern: str, edges: list[list[str]], at: int) -> bool:
    """Whether a block at a page's edge is a running header or footer: a neighbour has the same."""
    if _PAGE_NUMBER.match(block.marker + block.text):
        return True
    near = (n for n in range(at - NEIGHBOURS, at + NEIGHBOURS + 1) if n != at and 0 <= n < len(edges))
    return any(pattern in edges[n] for n in near)


def _levels(
    info: PdfInfo, pages: Sequence[PdfPage], blocks: Sequence[tuple[int, PdfBlock]]
) -> dict[int, int]:
    """Heading levels, 1 to 6, of those blocks that are headings."""
    sizes: Counter[float] = Counter()
    for page in pages:
        sizes.update(page.sizes)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    in_outline = {(item.page, _key(item.title)): item.level for item in info.outline}
    outlined: dict[int, int] = {}
    sized: dict[int, float] = {}
    bold: list[int] = []
    for at, (number, block) in enumerate(blocks):
        level = in_outline.get((number, _key(block.marker + block.text)))
        if level is not None and block.kind in (Kind.TEXT, Kind.ITEM):
            outlined[at] = level
        elif _is_big(block, usual):
            sized[at] = block.size
        elif _is_bold_heading(block, usual):
            bold.append(at)
    return _ranked(blocks, outlined, sized, bold)


def _ranked(
    blocks: Sequence[tuple[int, PdfBlock]], outlined: dict[int, int], sized: dict[int, float], bold: list[int]
) -> dict[int, int]:
    ranks: list[float] = []
    for size in sorted({*sized.values(), *(blocks[at][1].size for at in outlined)}, reverse=True):
        if not ranks or not same_size(ranks[-1], size):
            ranks.append(size)
    levels = {at: _rank(size, ranks) for at, size in sized.items()}
    above = [level for at, level in levels.items() if outlined and at < min(outlined)]
    shift = 2 if above and min(above) == 1 else 1
    levels |= {at: level + shift for at, level in outlined.items()}
    levels |= dict.fromkeys(bold, len(ranks) + 1)
    return {at: min(level, 6) for at, level in levels.items()}


def _rank(size: float, ranks: Sequence[float]) -> int:
    return next(n for n, rank in enumerate(ranks, start=1) if same_size(rank, size))


def _is_big(block: PdfBlock, usual: float) -> bool:
    return (
        block.kind in (Kind.TEXT, Kind.ITEM)
        and block.size >= HEADING_RATIO * usual
        and len(block.text) <= HEADING_CHARS
        and not _WORDLESS.match(block.text)
    )


def _is_bold_heading(block: PdfBlock, usual: float) -> bool:
    return (
        block.bold
        and block.kind is Kind.TEXT
        and block.size >= 0.95 * usual
        and len(block.text) <= BOLD_HEADING_CHARS
        and block.lines <= 2
        and not _SENTENCE_END.search(block.text)
        and not _WORDLESS.match(block.text)
    )


def _key(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _add_block(root: Element, block: PdfBlock, level: int | None) -> None:
    if level is not None:
        marker = [Run(block.marker + " ")] if block.marker else []
        _fill(etree.SubElement(root, f"h{level}"), [*marker, *block.runs])
    elif block.kind is Kind.TABLE:
        _add_table(root, block.rows)
    elif block.kind is Kind.CODE:
        code = etree.SubElement(etree.SubElement(root, "pre"), "code")
        code.text = block.text
    else:
        _fill(etree.SubElement(root, "p"), block.runs)


def _fill(element: Element, runs: Iterable[Run]) -> None:
    last: Element | None = None
    for text, href in runs:
        if href:
            last = etree.SubElement(element, "a", href=_attribute(href))
            last.text = text
        elif last is None:
            element.text = (element.text or "") + text
        else:
            last.tail = (last.tail or "") + text


def _attribute(href: str) -> str:
    return "".join(char for char in href if char >= " " and not 0xD800 <= ord(char) <= 0xDFFF)


def _add_table(root: Element, rows: Sequence[Sequence[str]]) -> None:
    table = etree.SubElement(root, "table")
    for number, row in enumerate(rows):
        line = etree.SubElement(table, "tr")
        for cell in row:
            etree.SubElement(line, "td" if number else "th").text = cell


def _add_list(root: Element, items: Sequence[PdfBlock]) -> None:
    """Items as lists, deeper where they are indented more."""
    open_lists: list[tuple[float, Element]] = []
    for item in items:
        number = _NUMBER.search(item.marker)
        tag = "ol" if number else "ul"
        while open_lists and item.x0 < open_lists[-1][0] - 0.5 * item.size:
            open_lists.pop()
        if open_lists and item.x0 <= open_lists[-1][0] + 0.5 * item.size and open_lists[-1][1].tag != tag:
            open_lists.pop()
        if not open_lists or item.x0 > open_lists[-1][0] + 0.5 * item.size:
            parent = open_lists[-1][1][-1] if open_lists else root
            start = {"start": number.group()} if number else {}
            open_lists.append((item.x0, etree.SubElement(parent, tag, start)))
        lettered = [] if number or not item.marker[:-1].strip("(").isalpha() else [Run(item.marker + " ")]
        _fill(etree.SubElement(open_lists[-1][1], "li"), [*lettered, *item.runs])

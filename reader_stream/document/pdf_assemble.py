"""Pages -> one HTML tree, which the markdown writer writes like any page, with all its options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml import etree, html

from reader_stream.document.html import Element
from reader_stream.document.pdf_flow import HEADING_RATIO, flow, usual_size
from reader_stream.document.pdf_layout import same_size
from reader_stream.document.pdf_model import Kind, PdfBlock, PdfInfo, PdfPage, Run

HEADING_CHARS = 200
"""No heading is longer."""

BOLD_HEADING_RATIO = 0.85
"""Bold headings may be this much smaller than the usual text, as over abstracts."""

BOLD_HEADING_CHARS = 90
"""A bold paragraph of usual size is a heading only when it is about one line."""

_SENTENCE_END = re.compile(r"[.,;:!?]$")
_WORDLESS = re.compile(r"[\W\d_]*$")
_NUMBER = re.compile(r"\d+")


def tree_of(info: PdfInfo, pages: Sequence[PdfPage], only: int | None = None) -> Element:
    """The pages, or `only` one of them, as a ``<div>`` of headings, paragraphs, lists, code and tables."""
    usual = usual_size(pages)
    blocks = list(flow(pages, usual, only))
    levels = _levels(info, usual, blocks)
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


def _levels(info: PdfInfo, usual: float, blocks: Sequence[tuple[int, PdfBlock]]) -> dict[int, int]:
    """Heading levels, 1 to 6, of those blocks that are headings."""
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
        (block.kind is Kind.TEXT or (block.kind is Kind.ITEM and block.marker[-2:-1].isalnum()))
        and block.size >= HEADING_RATIO * usual
        and len(block.text) <= HEADING_CHARS
        and not _WORDLESS.match(block.text)
    )


def _is_bold_heading(block: PdfBlock, usual: float) -> bool:
    return (
        block.bold
        and block.kind is Kind.TEXT
        and block.size >= BOLD_HEADING_RATIO * usual
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

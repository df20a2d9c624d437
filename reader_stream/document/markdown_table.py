"""Rules for tables: GFM tables for data, plain blocks for tables that only lay out a page.

Decided, because GFM has no spans: a cell that spans columns or rows stands in the first of them, the others
are blank (repeating it would invent cells). A table without a header row gets a blank one, for the first row
of data is no header. Columns and rows in which no cell says anything are left out. Cells hold lists, code and
tables as HTML, paragraphs with `<br>` between. Captions are paragraphs before the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reader_stream.document.markdown_blocks import block, enclosed, leave_block
from reader_stream.document.markdown_code import fenced, listing
from reader_stream.document.markdown_escape import escape_line_starts
from reader_stream.document.markdown_html import table_html
from reader_stream.document.markdown_inline import HARD_BREAK
from reader_stream.document.markdown_tokens import BREAK
from reader_stream.document.markdown_walk import Element, Frame, Leave, Rule, Walk, skip

_SECTIONS = ("thead", "tbody", "tfoot")
_CELLS = ("td", "th")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ALIGNED = re.compile(r"text-align:\s*(left|center|right)")
_RULES = {"left": ":---", "center": ":---:", "right": "---:"}

# More columns than any table has that is meant to be read; what spans reach beyond is not laid out.
_MAX_COLUMNS = 1000
_MAX_SPAN = 1000


@dataclass(slots=True)
class _Cell:
    text: str
    columns: int
    rows: int
    header: bool
    align: str


@dataclass(slots=True)
class _Grid:
    """What the walk gathers of one table; `head` is the number of rows in `thead`."""

    rows: list[list[_Cell]] = field(default_factory=list)
    caption: str = ""
    head: int = 0
    in_head: bool = False


def table(walk: Walk, element: Element) -> Leave:
    """A table, or what it holds."""
    walk.boundary()
    if walk.frame.line is BREAK:
        return enclosed(walk, "table")
    if walk.frame.line is not None:
        return leave_block
    if (code := listing(own_rows(element))) is not None:
        fenced(walk, *code)
        return skip
    if lays_out(element):
        return leave_block
    if walk.options.no_gfm == "table":
        walk.block(table_html(walk, element), "table")
        return skip
    walk.push(Frame("table", state=_Grid()))
    return _leave_table


def lays_out(element: Element) -> bool:
    """Whether a table only places things on the page.

    It does when it says so, when it has but one column, and, without any header cell or caption, when it
    holds tables or whole sections of text. A heading alone in its cell is a header cell by another name.
    """
    if (element.get("role") or "").lower() in ("presentation", "none"):
        return True
    widths: list[int] = []
    header = element.find("caption") is not None
    for row in own_rows(element):
        tags = [cell.tag for cell in row if cell.tag in _CELLS]
        widths.append(len(tags))
        header = header or "th" in tags
    if max(widths, default=0) < 2:
        return not (header and len(widths) > 1 and next(element.iter("p", "div", *_HEADINGS), None) is None)
    if header:
        return False
    if next(element.iterdescendants("table", "form", "article", "section"), None) is not None:
        return True
    return any(not _heads(heading) for heading in element.iterdescendants(*_HEADINGS))


def _heads(heading: Element) -> bool:
    """Whether a heading is all that its cell says."""
    around = heading.getparent()
    while around.tag not in _CELLS and around.tag != "table":
        around = around.getparent()
    return around.tag in _CELLS and _said(around) == _said(heading)


def _said(element: Element) -> str:
    return "".join("".join(element.itertext()).split())


def own_rows(element: Element) -> Iterator[Element]:
    """The rows of a table, without those of tables in it."""
    for child in element:
        if child.tag == "tr":
            yield child
        elif child.tag in _SECTIONS:
            yield from (row for row in child if row.tag == "tr")


def section(walk: Walk, element: Element) -> Leave | None:
    """A `thead`, `tbody` or `tfoot`."""
    if walk.frame.kind != "table":
        return block(walk, element)
    walk.frame.state.in_head = element.tag == "thead"
    return None


def row(walk: Walk, element: Element) -> Leave | None:
    """A row."""
    if walk.frame.line is BREAK:
        return enclosed(walk, "tr")
    if walk.frame.kind != "table":
        return block(walk, element)
    grid: _Grid = walk.frame.state
    grid.rows.append([])
    grid.head += grid.in_head
    return None


def cell(walk: Walk, element: Element) -> Leave:
    """A cell, on one line."""
    if walk.frame.line is BREAK:
        return enclosed(walk, element.tag)
    if walk.frame.kind != "table":
        return block(walk, element)
    grid: _Grid = walk.frame.state
    if not grid.rows:
        grid.rows.append([])
    plain = walk.options.no_gfm is True
    frame = walk.push(Frame("cell", line=" " if plain else BREAK))
    spans = _span(element, "colspan"), _span(element, "rowspan")
    inside = next(element.iter(*_HEADINGS), None)
    header, align = element.tag == "th" or (inside is not None and _heads(inside)), _alignment(element)

    def leave(walk: Walk) -> None:
        walk.pop()
        text = walk.written(frame, line_break=" " if plain else "<br>")
        if not plain:
            text = text.replace("|", "\\|").replace("\n", " ")
        grid.rows[-1].append(_Cell(text, *spans, header, align))

    return leave


def _span(element: Element, name: str) -> int:
    try:
        return min(max(int(element.get(name) or 1), 1), _MAX_SPAN)
    except ValueError:
        return 1


def _alignment(element: Element) -> str:
    styled = _ALIGNED.search(element.get("style") or "")
    return styled.group(1) if styled else (element.get("align") or "").lower()


def caption(walk: Walk, element: Element) -> Leave:
    """A caption."""
    if walk.frame.kind != "table":
        return block(walk, element)
    grid: _Grid = walk.frame.state
    frame = walk.push(Frame("caption", line=" "))

    def leave(walk: Walk) -> None:
        walk.pop()
        grid.caption = walk.written(frame, block=True)

    return leave


def _leave_table(walk: Walk) -> None:
    frame = walk.pop()
    grid: _Grid = frame.state
    for text, kind in zip(frame.blocks, frame.kinds, strict=True):
        walk.block(text, kind)
    if grid.caption:
        walk.block(grid.caption, "paragraph")
    rows = _filled(grid.rows)
    if not rows:
        return
    if walk.options.no_gfm is True:
        lines = [" | ".join(cell.text for cell in row if cell and cell.text) for row in rows]
        walk.block(escape_line_starts(HARD_BREAK.join(lines)), "paragraph")
    else:
        walk.block(_written(rows, grid.head > 0), "table")


def _filled(rows: list[list[_Cell]]) -> list[list[_Cell | None]]:
    """Rows of equal length: spans laid out, empty rows and columns left out."""
    placed: list[dict[int, _Cell]] = []
    taken: dict[int, int] = {}  # column -> rows that a cell above still covers
    for cells in rows:
        line: dict[int, _Cell] = {}
        below: dict[int, int] = {column: rest - 1 for column, rest in taken.items() if rest > 1}
        column = 0
        for cell in cells:
            while column in taken:
                column += 1
            if cell.text:
                line[column] = cell
            if cell.rows > 1:
                end = min(column + cell.columns, _MAX_COLUMNS)
                below.update(dict.fromkeys(range(column, end), cell.rows - 1))
            column += cell.columns
        taken = below
        placed.append(line)
    columns = sorted({column for line in placed for column in line})
    return [[line.get(column) for column in columns] for line in placed if line]


def _written(rows: list[list[_Cell | None]], has_head: bool) -> str:
    headed = has_head or all(cell is None or cell.header for cell in rows[0])
    head, body = (rows[0], rows[1:]) if headed else ([None] * len(rows[0]), rows)
    aligned = [next((cell.align for cell in column if cell), "") for column in zip(*rows, strict=True)]
    lines = [_line([cell.text if cell else "" for cell in head])]
    lines.append(_line([_RULES.get(align, "---") for align in aligned]))
    lines += [_line([cell.text if cell else "" for cell in row]) for row in body]
    return "\n".join(lines)


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


RULES: dict[str, Rule] = {
    "table": table,
    **dict.fromkeys(_SECTIONS, section),
    "tr": row,
    "td": cell,
    "th": cell,
    "caption": caption,
}

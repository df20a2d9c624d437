"""pdfium -> pages and what a PDF says about itself. Only here documents are opened and errors translated."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from itertools import groupby, islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

from reader_stream.document.pdf_blocks import blocks_of
from reader_stream.document.pdf_layout import Column, columns, merge_lines
from reader_stream.document.pdf_model import Box, Kind, Line, OutlineItem, PdfBlock, PdfInfo, PdfPage, Run
from reader_stream.document.pdf_tables import rows_as_tables, with_tables
from reader_stream.document.pdf_text import Link, read_text
from reader_stream.errors import AssertionFailureError

EDGE_PART = 0.12
"""Running headers and footers stand in this part of the page's height, at its top and bottom."""

WIDE_EDGE_PART = 0.2
"""A single line may be one in this part of the page's height."""

EDGE_GAP_EM = 0.45
"""White between a running header and the text, in font sizes: more than between lines of a paragraph."""

EDGE_LINES = 3
"""Lines that a running header or footer has at most."""

SCANNED_CHARS = 24
"""A page with fewer characters is a scan if it also is a picture; scanners add no more than a stamp."""

SCANNED_PART = 0.5
"""Part of the page that the picture of a scanned page covers at least."""

MAX_LINKS = 5_000
MAX_OUTLINE = 5_000
"""Links of a page and entries of an outline that are read; more is an attack or of no use."""

_DATE = re.compile(
    r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?", re.ASCII
)  # ISO 32000-1, 7.9.4
_CATALOG = re.compile(rb"(\d{1,7}) (\d{1,5}) obj\s*<<(?:(?!endobj).){0,2000}?/Type\s*/Catalog\b", re.S)
_FIELDS = {"Author": "author", "Subject": "subject", "Keywords": "keywords", "Creator": "creator"}
_FIELDS |= {"Producer": "producer"}


@contextmanager
def open_pdf(body: bytes, password: str | None = None) -> Iterator[pdfium.PdfDocument]:
    """The document; closed on exit.

    Raises AssertionFailureError for a body that is no readable PDF, or an encrypted one without its
    password.
    """
    if not body:
        raise AssertionFailureError("the PDF is empty")
    try:
        document = _opened(body, password)
    except pdfium.PdfiumError as error:
        raise _translated(error, password) from error
    try:
        if not len(document):
            raise AssertionFailureError("the PDF has no pages")
        yield document
    finally:
        document.close()


def _opened(body: bytes, password: str | None) -> pdfium.PdfDocument:
    """The document; one that broke off is given the end that it lost, as far as its catalog came."""
    try:
        return pdfium.PdfDocument(body, password=password)
    except pdfium.PdfiumError as error:
        catalogs = list(_CATALOG.finditer(body)) if error.err_code == c.FPDF_ERR_FORMAT else []
        if not catalogs:
            raise
        number, generation = (int(part) for part in catalogs[-1].groups())
        end = b"\ntrailer\n<< /Root %d %d R >>\nstartxref\n0\n%%%%EOF\n" % (number, generation)
        return pdfium.PdfDocument(body + end, password=password)


def _translated(error: pdfium.PdfiumError, password: str | None) -> AssertionFailureError:
    if error.err_code == c.FPDF_ERR_PASSWORD:
        message = (
            "the password does not open the PDF" if password else "the PDF is encrypted and needs a password"
        )
        return AssertionFailureError(f"{message} (X-Pdf-Password)", path="pdfPassword")
    if error.err_code == c.FPDF_ERR_SECURITY:
        return AssertionFailureError("the PDF is encrypted in a way that cannot be read")
    return AssertionFailureError("the PDF is broken: it cannot be opened")


def info_of(document: pdfium.PdfDocument) -> PdfInfo:
    """What the document says about itself."""
    says = document.get_metadata_dict(skip_empty=True)
    metadata = {
        ours: says[theirs].strip() for theirs, ours in _FIELDS.items() if says.get(theirs, "").strip()
    }
    return PdfInfo(
        page_count=len(document),
        title=" ".join(says.get("Title", "").split()),
        created=iso_date(says.get("CreationDate", "")),
        modified=iso_date(says.get("ModDate", "")),
        metadata=metadata,
        outline=tuple(_outline(document)),
    )


def iso_date(text: str) -> str | None:
    """ISO 8601 of a PDF date such as ``D:20240131120000+01'00'``; None if it is not one."""
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, off_hours, off_minutes = found.groups()
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=zone,
        )
    except ValueError:
        return None
    zoned = sign or text.rstrip().endswith("Z")
    if hour is None:
        return moment.date().isoformat()
    return (moment if zoned else moment.replace(tzinfo=None)).isoformat()


def _outline(document: pdfium.PdfDocument) -> Iterator[OutlineItem]:
    for bookmark in islice(document.get_toc(max_depth=6), MAX_OUTLINE):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        yield OutlineItem(
            bookmark.level, " ".join(bookmark.get_title().split()), 0 if index is None else index + 1
        )


def read_page(document: pdfium.PdfDocument, number: int) -> PdfPage:
    """The page of that number, from 1. A page that pdfium cannot load is read as an empty one."""
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return PdfPage(number)
    try:
        return _read(document, page, number)
    finally:
        page.close()


def _read(document: pdfium.PdfDocument, page: Any, number: int) -> PdfPage:
    text = read_text(page, list(_links(document, page)))
    lines = with_tables(text.lines, page, text.turn)
    chars = sum(len(line.text) for line in text.lines)
    top, body, bottom = _edges(lines, text.height)
    asides = [PdfBlock(Kind.ASIDE, (Run(aside),)) for aside in text.sideways if aside.strip()]
    sizes: Counter[float] = Counter()
    for line in text.lines:
        sizes[line.size] += len(line.text)
    return PdfPage(
        number=number,
        blocks=(*blocks_of([rows_as_tables(column) for column in columns(body)]), *asides),
        top=tuple(_edge_blocks(top)),
        bottom=tuple(_edge_blocks(bottom)),
        sizes=dict(sizes),
        scanned=chars < SCANNED_CHARS and _is_picture(page),
    )


def _edges(lines: list[Line], height: float) -> tuple[list[Line], list[Line], list[Line]]:
    """What stands apart at the top, the rest, and what stands apart at the bottom."""
    texts = [line for line in lines if line.table is None]
    head = _apart([(line.top, line.bottom, line) for line in texts], height)
    foot = _apart([(height - line.bottom, height - line.top, line) for line in texts], height)
    edges = {id(line) for line in (*head, *foot)}
    if len(edges) >= len(lines):
        return [], lines, []
    return head, [line for line in lines if id(line) not in edges], foot


def _apart(placed: list[tuple[float, float, Line]], height: float) -> list[Line]:
    """The first lines, from the edge of the page, that are followed by white.

    `placed` are lines with where they begin and end, counted from the edge. A single line may stand
    farther in: LaTeX sets page numbers there.
    """
    near = sorted(placed, key=lambda place: place[0])
    taken: list[Line] = []
    group: list[Line] = []
    end = size = 0.0
    for start, stop, line in near:
        if group and start - end > EDGE_GAP_EM * max(line.size, size):
            rows = len(merge_lines(group))
            if rows > (1 if taken or end > EDGE_PART * height else EDGE_LINES):
                break
            taken += group
            group = []
        if stop > WIDE_EDGE_PART * height:
            break
        group.append(line)
        end, size = max(end, stop), line.size
    return taken


def _edge_blocks(lines: list[Line]) -> list[PdfBlock]:
    """Paragraphs of what stands at an edge; a number alone in its line is one by itself."""
    rows = merge_lines(lines)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.text.strip().isdecimal())]
    return [block for group in groups for block in blocks_of([Column(tuple(group))])]


def _links(document: pdfium.PdfDocument, page: Any) -> Iterator[Link]:
    """Rectangles that lead to an address."""
    position, link, box = ctypes.c_int(0), c.FPDF_LINK(), c.FS_RECTF()
    for _ in range(MAX_LINKS):
        if not c.FPDFLink_Enumerate(page.raw, position, link):
            return
        href = _address(document, link)
        if href and c.FPDFLink_GetAnnotRect(link, box):
            yield Box(box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top)), href


def _address(document: pdfium.PdfDocument, link: Any) -> str:
    action = c.FPDFLink_GetAction(link)
    if not action or c.FPDFAction_GetType(action) != c.PDFACTION_URI:
        return ""
    length = c.FPDFAction_GetURIPath(document.raw, action, None, 0)
    buffer = ctypes.create_string_buffer(length)
    c.FPDFAction_GetURIPath(document.raw, action, buffer, length)
    return buffer.value.decode("utf-8", "replace").strip()


def _is_picture(page: Any) -> bool:
    width, height = page.get_size()
    for picture in page.get_objects(filter=[c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        if (
            picture.container is not None
            or abs((right - left) * (top - bottom)) >= SCANNED_PART * width * height
        ):
            return True
    return False

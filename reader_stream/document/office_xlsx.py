"""Workbooks, by openpyxl: each sheet a heading and a table of the values that its formulas had when saved."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from lxml import etree
from openpyxl.utils.exceptions import InvalidFileException

from reader_stream.document.office import Content
from reader_stream.document.tabular import printable, written
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Reason, RenderOptions, Warn

MAX_CELLS = 200_000
"""Cells read of a workbook, in some 4 s; what a model could take in ends long before."""

MAX_COLUMNS = 500
"""Columns of a sheet; formats reach to column XFD without a value in them."""


def read_xlsx(body: bytes, _: zipfile.ZipFile, options: RenderOptions) -> Content:
    """All visible sheets. Raises AssertionFailureError for a broken file."""
    root = etree.Element("div")
    blocks: list[str] = []
    left = MAX_CELLS
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            if left <= 0:
                break
            sheet.reset_dimensions()
            found = list(_rows(sheet, left))
            left -= sum(max(1, len(row)) for row in found)
            rows = _trimmed(found)
            title = " ".join(str(sheet.title).split())
            _show(root, title, rows)
            blocks += [f"## {title}", *written(rows, options)] if rows else []
    except (
        KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, zipfile.BadZipFile,
        InvalidFileException, etree.XMLSyntaxError, SyntaxError,
    ) as error:  # fmt: skip
        raise AssertionFailureError("the workbook is broken: it cannot be read") from error
    cut = left <= 0
    warning = Warn("truncated_size", f"only the first {MAX_CELLS} cells of the workbook were read")
    return Content(
        root,
        tuple(blocks),
        page_count=len(sheets),
        warnings=(warning,) if cut else (),
        reasons=(Reason.TRUNCATED_SIZE,) if cut else (),
    )


def _rows(sheet: Any, left: int) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        cells = [_spelt(value) for value in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        yield cells
        left -= max(1, len(cells))
        if left <= 0:
            return


def _trimmed(rows: Iterable[list[str]]) -> list[list[str]]:
    """Without empty rows, and without the columns at the left that are empty in all of them."""
    kept = [row for row in rows if row]
    first = min((next(at for at, cell in enumerate(row) if cell) for row in kept), default=0)
    return [row[first:] for row in kept]


def _spelt(value: Any) -> str:
    """A value as a person would write it: whole numbers without a point, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 12))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return " ".join(str(value).split())


def _show(root: Any, title: str, rows: list[list[str]]) -> None:
    if not rows:
        return
    etree.SubElement(root, "h2").text = printable(title)
    table = etree.SubElement(root, "table")
    for number, row in enumerate(rows):
        line = etree.SubElement(table, "tr")
        for cell in row:
            etree.SubElement(line, "td" if number else "th").text = printable(cell)

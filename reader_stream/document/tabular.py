"""Tables: comma-, semicolon-, tab- or bar-separated values, told by their shape, as GFM tables."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from lxml import etree

from reader_stream.document.markdown import write
from reader_stream.model import RenderOptions

TABLE_ROWS = 10_000
"""Rows in one table; longer files go on in further tables, so that a block stays sendable."""

SAMPLE_CHARS = 64 * 1024
SAMPLE_ROWS = 200
"""What is looked at to tell the delimiter."""

MAX_CELL_CHARS = 1024 * 1024
"""One cell; Python's own limit of 128 KiB is met by exports of whole documents."""

DELIMITERS = ",;\t|"

# What a cell would be read as, if it were not for a backslash; underscores inside words are safe.
_MARKS = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)|[`*|]|<(?=[a-zA-Z/!?])|\[(?=[^\]]*\][(\[])|(?<![^\W_])_|_(?![^\W_])|~(?=~)"
)
_SPACE = re.compile(r"\s+")


def delimiter_of(text: str, *, sure: bool = False) -> str:
    """What separates the cells of a table; empty where the text is none.

    A table has two columns or more and rows of one width. `sure` asks for more: nobody has said that the
    text is a table, so that it must not be prose (whose commas have blanks after them).
    """
    sample = text[:SAMPLE_CHARS]
    best = ("", 0.0)
    for delimiter in DELIMITERS:
        rows = _rows(sample, delimiter, cut=len(text) > SAMPLE_CHARS)
        score = _score(rows, sure=sure)
        if score > best[1]:
            best = (delimiter, score)
    return best[0]


def _rows(sample: str, delimiter: str, *, cut: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, strict=False)
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        rows = [row for row in islice(reader, SAMPLE_ROWS) if any(map(str.strip, row))]
    except csv.Error:
        return []
    return rows[:-1] if cut and len(rows) < SAMPLE_ROWS else rows


def _score(rows: Sequence[Sequence[str]], *, sure: bool) -> float:
    """Cells in rows of the usual width, in 0..; zero for what is no table."""
    if not rows:
        return 0.0
    (width, count), *_ = Counter(map(len, rows)).most_common(1)
    if width < 2 or count < (1.0 if sure else 0.5) * len(rows):
        return 0.0
    if sure and (len(rows) < 2 or not _looks_kept(rows)):
        return 0.0
    return width * count / len(rows)


def _looks_kept(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the cells look like values: a head of short, distinct names and no blanks after delimiters."""
    head = [cell.strip() for cell in rows[0]]
    named = all(head) and len(set(head)) == len(head) and all(len(cell) <= 60 for cell in head)
    cells = [cell for row in rows for cell in row[1:]]
    prose = sum(cell[:1] == " " for cell in cells)
    braces = sum(cell[:1] in "{}<" or cell.rstrip()[-1:] in "{};" for row in rows for cell in row if cell)
    return named and prose * 5 <= len(cells) and braces * 5 <= len(rows)


def tables(text: str, delimiter: str, options: RenderOptions) -> list[str] | None:
    """The text as tables, the first row their head; None where it cannot be read so."""
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    return written([row for row in rows if any(map(str.strip, row))], options)


def written(rows: Sequence[Sequence[str]], options: RenderOptions) -> list[str]:
    """Rows as tables of at most `TABLE_ROWS`, each with the first row as its head."""
    if not rows:
        return []
    head, body = rows[0], rows[1:]
    pieces = [body[at : at + TABLE_ROWS] for at in range(0, max(1, len(body)), TABLE_ROWS)]
    if options.no_gfm:
        return [block for piece in pieces for block in _without_gfm([head, *piece], options)]
    width = max(map(len, rows))
    rule = "| " + " | ".join(["---"] * width) + " |"
    return ["\n".join([_row(head, width), rule, *(_row(row, width) for row in piece)]) for piece in pieces]


def _row(cells: Sequence[str], width: int) -> str:
    spelt = [_MARKS.sub(r"\\\g<0>", _SPACE.sub(" ", cell).strip()) for cell in cells]
    return "| " + " | ".join(spelt + [""] * (width - len(spelt))) + " |"


def _without_gfm(rows: Sequence[Sequence[str]], options: RenderOptions) -> tuple[str, ...]:
    root = etree.Element("div")
    table = etree.SubElement(root, "table")
    for number, row in enumerate(rows):
        line = etree.SubElement(table, "tr")
        for cell in row:
            etree.SubElement(line, "td" if number else "th").text = printable(cell)
    return write(root, base_url="about:blank", options=options).blocks


_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without what no XML tree takes."""
    return _UNPRINTABLE.sub("\ufffd", text)

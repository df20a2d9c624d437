"""Lines of a page -> columns in reading order.

The page is cut into bands, from top to bottom, wherever white runs across it. Bands follow one another
as long as they leave the same gutter white; such a run is cut at the gutter when both sides read as
running text, else its lines are read across, as rows. Each side is then cut again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import NamedTuple

from reader_stream.document.pdf_model import Line, Run

MARKER = re.compile(
    r"[\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25ab\u25cf\u25cb\u25e6\u25a0\u25a1\u25b6\u27a2\uf0b7\uf0a7\u00b7*\u2013-]"
    r"|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]"
)
"""What list items begin with: bullets (also of symbol fonts), numbers and letters with a dot or bracket."""

LEADER = re.compile(r"\s*(?:\.\s?){4,}")
"""The dots that lead from a title to its page number."""

_SECTION = re.compile(r"\d+(?:\.\d+)*\.?|[A-Z](?:\.\d+)+\.?")

SAME_SIZE = 0.08
"""Font sizes that differ by less than this part are the same: superscripts and rounding aside."""

MAX_DEPTH = 8
"""Cuts within cuts; newspapers have four."""

GUTTER_EM = 0.9
"""Least width of a gutter, in the usual font size of the lines around it."""

SECTION_GAP_EM = 2.0
"""Between the number of a section and its title; LaTeX leaves 1 em, tables of contents up to 2."""

MIN_LINES = 3
"""Lines that the longer side of a gutter has at least; a pair of lines may stand apart by chance."""

MIN_LINE_CHARS = 12
"""Characters that lines of running text have on average at least; cells of tables have fewer."""

FILLED = 0.5
"""Part of the lines of running text that go (almost) to its right edge, at least."""


class _Least(NamedTuple):
    """What columns have at least: `lines` on the longer side, `chars` a line."""

    lines: int
    chars: int


WHOLE = _Least(MIN_LINES, MIN_LINE_CHARS)
CUT_OUT = _Least(6, 25)
"""Columns that are seen only in a part of what shares a gutter must be clearer: rows of a table look like
short columns there. Two-column print has 35 characters a line and more, three-column print 25."""


@dataclass(frozen=True, slots=True)
class Column:
    """Lines one below the other. `rows` tells that they were read across gutters."""

    lines: tuple[Line, ...]
    rows: bool = False


def columns(lines: Sequence[Line]) -> list[Column]:
    """The columns of a page, in reading order."""
    return _joined(_cut(list(lines), 0))


def _joined(parts: list[Column]) -> list[Column]:
    """Consecutive columns that were never side by side are one."""
    out: list[Column] = []
    for part in parts:
        if out and not part.rows and not out[-1].rows and _same_place(out[-1], part):
            out[-1] = Column(out[-1].lines + part.lines)
        else:
            out.append(part)
    return out


def _same_place(above: Column, below: Column) -> bool:
    """Whether one column goes on in the other: below it, and as wide."""
    if below.lines[0].top < above.lines[-1].top:
        return False
    left, right = min(line.x0 for line in above.lines), max(line.x1 for line in above.lines)
    inside = sum(line.x0 < right and line.x1 > left for line in below.lines)
    return inside * 2 > len(below.lines)


def _cut(lines: list[Line], depth: int) -> list[Column]:
    out: list[Column] = []
    for run, gutter in chain.from_iterable(_windows(run, depth) for run in _runs(_bands(lines))):
        if gutter is None:
            merged = merge_lines(run)
            out.append(Column(tuple(merged), any(line.cells for line in merged)))
        else:
            out += _joined(_cut([line for line in run if line.x0 < gutter], depth + 1))
            out += _joined(_cut([line for line in run if line.x0 >= gutter], depth + 1))
    return out


def _bands(lines: list[Line]) -> list[list[Line]]:
    bands: list[list[Line]] = []
    bottom = float("-inf")
    for line in sorted(lines, key=lambda line: line.top):
        if line.top >= bottom - 0.1 * line.size:
            bands.append([])
        bands[-1].append(line)
        bottom = max(bottom, line.bottom)
    return bands


def _runs(bands: list[list[Line]]) -> list[list[Line]]:
    """Bands joined as long as a gutter that they share stays white."""
    runs: list[list[Line]] = []
    spans: list[tuple[float, float]] = []
    for band in bands:
        own = spans_of(band)
        both = _union(spans, own)
        if runs and (len(both) > 1 or (len(spans) == 1 and len(own) == 1)):
            runs[-1] += band
            spans = both
        else:
            runs.append(list(band))
            spans = own
    return runs


def spans_of(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Where the lines have ink, from left to right; gaps too narrow for a gutter count as ink."""
    return _union([], [(line.x0, line.x1 + GUTTER_EM * line.size) for line in lines])


def _union(
    some: Sequence[tuple[float, float]], more: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    out: list[tuple[float, float]] = []
    for x0, x1 in sorted((*some, *more)):
        if out and x0 <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], x1))
        else:
            out.append((x0, x1))
    return out


def _gutter(run: list[Line], least: _Least) -> float | None:
    """Where text to the right of a gutter begins, if there is a gutter between running texts."""
    spans = spans_of(run)
    widest = sorted(pairwise(spans), key=lambda pair: pair[0][1] - pair[1][0])
    for _, (start, _) in widest:
        sides = [merge_lines([line for line in run if (line.x0 < start) is left]) for left in (True, False)]
        shorter, longer = sorted(sides, key=len)
        if len(longer) < least.lines or not _reads_as_text(longer, least.chars):
            continue
        if _reads_as_text(shorter, least.chars) or (
            len(shorter) < MIN_LINES and _mean_chars(shorter) >= least.chars
        ):
            return start
    return None


def _windows(run: list[Line], depth: int) -> list[tuple[list[Line], float | None]]:
    """The run with its gutter, if any; or parts cut at wide white lines, if columns show there only.

    Headings and lists that happen to leave a gutter white would hide the columns that they stand over.
    """
    gutter = _gutter(run, WHOLE) if depth < MAX_DEPTH else None
    whole = [(run, gutter)]
    chars = sum(len(line.text) for line in run)
    if gutter is not None or depth >= MAX_DEPTH or chars < 2 * CUT_OUT.lines * CUT_OUT.chars:
        return whole
    if len(spans_of(run)) < 2:
        return whole
    bands = _bands(run)
    whites = [
        min(line.top for line in below) - max(line.bottom for line in above)
        for above, below in pairwise(bands)
    ]
    if not whites:
        return whole
    at = whites.index(max(whites)) + 1
    halves = [[line for band in half for line in band] for half in (bands[:at], bands[at:])]
    parts = [part for half in halves for part in _windows(half, depth + 1)]
    clear = any(cut is not None and _gutter(part, CUT_OUT) is not None for part, cut in parts)
    return parts if clear else whole


def _mean_chars(lines: list[Line]) -> float:
    return sum(len(line.text) for line in lines) / len(lines)


def _reads_as_text(lines: list[Line], chars: int) -> bool:
    if _mean_chars(lines) < chars:
        return False
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    filled = sum(line.x1 >= left + 0.8 * (right - left) for line in lines)
    return filled >= FILLED * len(lines)


def same_size(a: float, b: float) -> bool:
    """Whether two font sizes are the same to a reader."""
    return abs(a - b) <= SAME_SIZE * max(a, b)


def merge_lines(pieces: Sequence[Line]) -> list[Line]:
    """Pieces of the same line made one, top to bottom."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom) / 2):
        if rows and _level(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [row[0] if len(row) == 1 else _merged(row) for row in rows]


def _level(row: list[Line], piece: Line) -> bool:
    """Whether a piece stands in the line that the row began: the biggest of them says how high it is."""
    biggest = max(row, key=lambda other: other.size)
    shared = min(biggest.bottom, piece.bottom) - max(biggest.top, piece.top)
    if shared < 0.5 * min(biggest.bottom - biggest.top, piece.bottom - piece.top):
        return False
    return all(
        piece.x0 > other.x1 - 0.5 * other.size or piece.x1 < other.x0 + 0.5 * other.size for other in row
    )


def _merged(row: list[Line]) -> Line:
    row = sorted(row, key=lambda piece: piece.x0)
    if all(_is_rtl(piece.text) for piece in row):
        row.reverse()
    cells = [row[0]]
    for piece in row[1:]:
        last = cells[-1]
        gap = max(piece.x0 - last.x1, last.x0 - piece.x1)
        if gap > GUTTER_EM * max(last.size, piece.size) and not (len(cells) == 1 and _marks(last, gap)):
            cells.append(piece)
        else:
            cells[-1] = _glued((last, piece), " " if gap > 0.15 * min(last.size, piece.size) else "")
    whole = _glued(cells, " ")
    rows = len(cells) > 1 and not LEADER.search(whole.text)
    return replace(whole, cells=tuple(cells)) if rows else whole


def _marks(first: Line, gap: float) -> bool:
    """Whether a piece is the marker of an item or the number of a section, and what follows belongs to it."""
    if MARKER.fullmatch(first.text):
        return True
    return gap < SECTION_GAP_EM * first.size and _SECTION.fullmatch(first.text) is not None


def _glued(pieces: Sequence[Line], space: str) -> Line:
    runs: list[Run] = list(pieces[0].runs)
    for piece in pieces[1:]:
        if space and not runs[-1].text.endswith(" "):
            runs.append(Run(space))
        runs += piece.runs
    main = max(pieces, key=lambda piece: len(piece.text))
    return Line(
        x0=min(piece.x0 for piece in pieces),
        top=main.top,
        x1=max(piece.x1 for piece in pieces),
        bottom=main.bottom,
        size=main.size,
        runs=tuple(runs),
        bold=all(piece.bold for piece in pieces),
        mono=all(piece.mono for piece in pieces),
        head_width=pieces[0].head_width,
    )


def _is_rtl(text: str) -> bool:
    first = next(
        (kind for char in text if (kind := unicodedata.bidirectional(char)) in ("L", "R", "AL")), "L"
    )
    return first != "L"

"""Tables: ruled ones by pdfium's paths as edges, pdfplumber's geometry of cells, and our own lines.

pdfplumber's `table` module finds cells between edges; its (slow) reading of pages is not needed for
that. Tables without rulings are rows, one after the other, that leave the same gutters white.
"""

from __future__ import annotations

import ctypes
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice, pairwise
from typing import Any

import pypdfium2.raw as c
from pdfplumber import table as geometry

from reader_stream.document.pdf_layout import Column, merge_lines, same_size, spans_of
from reader_stream.document.pdf_model import Box, Line, Run, Table
from reader_stream.document.pdf_text import Turn

MAX_PATHS = 20_000
MAX_EDGES = 10_000
MAX_CROSSINGS = 4_000
"""A page with more than one of these is a drawing or a map; a table of 100 rows and 20 columns, each cell
drawn by itself, has 8,000 edges and 2,121 crossings."""

THIN_POINTS = 3.0
"""A rectangle thinner than this is drawn as a line."""

MIN_EDGE_POINTS = 5.0
"""Shorter strokes are ornaments or letters, not rulings."""

MIN_ROWS = 3
"""Rows of a table without rulings; fewer lines have gaps above one another by chance."""

SNAP_POINTS = 3.0
"""Edges this close are one, and corners this close meet: pdfplumber's own tolerance."""

Edge = dict[str, Any]


def with_tables(lines: Sequence[Line], page: Any, turn: Turn) -> list[Line]:
    """The lines with each ruled table, and the text in it, become one line that has a `table`."""
    edges = _edges(page, turn)
    if len(edges) < 4 or not {"h", "v"} <= {edge["orientation"] for edge in edges}:
        return list(lines)
    rest = list(lines)
    for cells in _tables(edges):
        found, rest = _filled(cells, rest)
        rest += found
    return rest


def rows_as_tables(column: Column) -> Column:
    """The column with rows that share their gutters as tables; columns of running text stay as they are."""
    if not column.rows:
        return column
    out: list[Line] = []
    rows: list[Line] = []
    for line in column.lines:
        goes_on = not rows or same_size(rows[-1].size, line.size)
        if goes_on and len(line.cells) > 1 and len(spans_of([*_cells(rows), *line.cells])) > 1:
            rows.append(line)
            continue
        out += _table_of(rows)
        rows = [line] if len(line.cells) > 1 else []
        out += [] if rows else [line]
    return Column((*out, *_table_of(rows)))


def _cells(rows: Sequence[Line]) -> list[Line]:
    return [cell for row in rows for cell in row.cells]


def _table_of(rows: list[Line]) -> list[Line]:
    if len(rows) < MIN_ROWS:
        return rows
    spans = spans_of(_cells(rows))
    texts = tuple(
        tuple(" ".join(cell.text for cell in row.cells if x0 <= cell.x0 < x1) for x0, x1 in spans)
        for row in rows
    )
    box = Box(rows[0].x0, rows[0].top, max(row.x1 for row in rows), rows[-1].bottom)
    return [Line(*box, size=rows[0].size, runs=(Run(""),), table=Table(box, texts))]


def _tables(edges: list[Edge]) -> list[list[Box]]:
    merged = geometry.merge_edges(edges, SNAP_POINTS, SNAP_POINTS, SNAP_POINTS, SNAP_POINTS)
    if sum(edge["orientation"] == "h" for edge in merged) * len(merged) > 100 * MAX_CROSSINGS:
        return []
    crossings = geometry.edges_to_intersections(merged, SNAP_POINTS, SNAP_POINTS)
    if len(crossings) > MAX_CROSSINGS:
        return []
    cells = geometry.intersections_to_cells(crossings)
    return [[Box(*cell) for cell in group] for group in geometry.cells_to_tables(cells)]


def _filled(cells: list[Box], lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The table of these cells, if it is one, and the lines that are not in it."""
    tops = sorted({cell.top for cell in cells})
    lefts = sorted({cell.x0 for cell in cells})
    if len(tops) < 2 or len(lefts) < 2:
        return [], lines
    texts: dict[Box, list[Line]] = {cell: [] for cell in cells}
    rest: list[Line] = []
    for line in lines:
        homes = [(_home(part, cells), part) for part in _split(line, lefts)]
        if all(home is None for home, _ in homes):
            rest.append(line)
        for home, part in homes:
            if home is not None:
                texts[home].append(part)
    if sum(map(bool, texts.values())) < 2:
        return [], lines
    grid = {(cell.top, cell.x0): _text(texts[cell]) for cell in cells}
    rows = tuple(tuple(grid.get((top, left), "") for left in lefts) for top in tops)
    box = Box(lefts[0], tops[0], max(cell.x1 for cell in cells), max(cell.bottom for cell in cells))
    size = next(line.size for inside in texts.values() for line in inside)
    return [Line(*box, size=size, runs=(Run(""),), table=Table(box, rows))], rest


def _split(line: Line, borders: Sequence[float]) -> list[Line]:
    """The line cut at the borders of cells that it passes: gaps between narrow cells are not wide."""
    if not any(line.x0 + SNAP_POINTS < border < line.x1 - SNAP_POINTS for border in borders):
        return [line]
    parts = []
    for _, group in groupby(line.words, key=lambda word: bisect(borders, (word[0] + word[1]) / 2)):
        words = list(group)
        text = " ".join(text for _, _, text in words)
        parts.append(replace(line, x0=words[0][0], x1=words[-1][1], runs=(Run(text),)))
    return parts


def _home(part: Line, cells: Sequence[Box]) -> Box | None:
    x, y = (part.x0 + part.x1) / 2, (part.top + part.bottom) / 2
    return next((cell for cell in cells if cell.x0 <= x <= cell.x1 and cell.top <= y <= cell.bottom), None)


def _text(lines: list[Line]) -> str:
    return " ".join(line.text.strip() for line in merge_lines(lines))


def _edges(page: Any, turn: Turn) -> list[Edge]:
    edges: list[Edge] = []
    paths = page.get_objects(filter=[c.FPDF_PAGEOBJ_PATH], max_depth=1)
    for path in islice(paths, MAX_PATHS):
        if len(edges) > MAX_EDGES:
            return []
        for box in _strokes(path.raw, turn):
            edges += _edges_of(box)
    return edges


def _edges_of(box: Box) -> Iterator[Edge]:
    """A thin box as one edge, a big one as its four."""
    x0, top, x1, bottom = box
    width, height = x1 - x0, bottom - top
    if max(width, height) < MIN_EDGE_POINTS:
        return
    if height <= THIN_POINTS:
        yield _edge("h", x0, (top + bottom) / 2, x1, (top + bottom) / 2)
    elif width <= THIN_POINTS:
        yield _edge("v", (x0 + x1) / 2, top, (x0 + x1) / 2, bottom)
    else:
        yield _edge("h", x0, top, x1, top)
        yield _edge("h", x0, bottom, x1, bottom)
        yield _edge("v", x0, top, x0, bottom)
        yield _edge("v", x1, top, x1, bottom)


def _edge(orientation: str, x0: float, top: float, x1: float, bottom: float) -> Edge:
    return {
        "orientation": orientation,
        "object_type": "line",
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }


def _strokes(path: Any, turn: Turn) -> Iterator[Box]:
    """The straight strokes of a path; a filled or stroked rectangle comes as one box."""
    count = c.FPDFPath_CountSegments(path)
    if not 2 <= count <= MAX_EDGES:
        return
    matrix = c.FS_MATRIX()
    if not c.FPDFPageObj_GetMatrix(path, matrix):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for at in range(count):
        segment = c.FPDFPath_GetPathSegment(path, at)
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_BEZIERTO or not c.FPDFPathSegment_GetPoint(segment, x, y):
            return
        if kind == c.FPDF_SEGMENT_MOVETO:
            yield from _stretch(points)
            points = []
        px = matrix.a * x.value + matrix.c * y.value + matrix.e
        py = matrix.b * x.value + matrix.d * y.value + matrix.f
        points.append(turn.point(px, py))
    yield from _stretch(points)


def _stretch(points: list[tuple[float, float]]) -> Iterator[Box]:
    """Points drawn without lifting the pen: a rectangle, or strokes."""
    if len(points) < 2:
        return
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if len({(round(x), round(y)) for x, y in points}) == 4 and len({round(x) for x in xs}) == 2:
        yield Box(min(xs), min(ys), max(xs), max(ys))
        return
    for (ax, ay), (bx, by) in pairwise(points):
        if abs(ax - bx) < 1 or abs(ay - by) < 1:
            yield Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

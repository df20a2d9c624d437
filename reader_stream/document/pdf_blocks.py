"""Columns -> blocks: where paragraphs, list items and code begin and end, lines joined, hyphens undone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reader_stream.document.pdf_glue import LAST_WORD, glue, without
from reader_stream.document.pdf_layout import FILLED, LEADER, MARKER, Column, same_size
from reader_stream.document.pdf_model import Kind, Line, PdfBlock, Run

LOOSE_PITCH = 1.25
"""Lines farther apart than this many usual line pitches belong to different paragraphs."""

WIDEST_PITCH_EM = 1.9
"""Where no usual pitch is known: lines farther apart than this, in font sizes, are not one paragraph."""

TYPEWRITER_EM = 5.0
"""Typewritten lines end within this of the right edge; most lines of code end far from it."""

TYPEWRITER_CHARS = 40
TYPEWRITER_WORDS = 0.85
"""Typewritten lines have more characters, and more of them are letters and spaces, than code has."""

INDENT_EM = 0.8
"""An indent is at least this wide, in font sizes; typists and typesetters use 1 em and more."""

FIRST_LINES = 0.8
"""Steps to the right after the end of a sentence, of all: more than this part in texts with indented first
lines, far less where all lines but the first are indented, as in bibliographies."""

BROKEN = 0.75
"""Lines that could have taken the next word, of all: none or few in running text, most in lists and verse."""

NARROW = 0.5
"""A chunk less wide than this part of its column is broken on purpose."""

SLACK_EM = 1.0
"""How much, in font sizes, a ragged line may leave free although the next word would have fitted."""

MIN_COLUMN_LINES = 3
"""Fewer lines do not tell where a column's right edge is."""

_MARKED = re.compile(rf"({MARKER.pattern})\s+(?=\S)")
_ENDS = (".", "!", "?", ":", ";", "\u2026", "\u3002", "\uff01", "\uff1f")
_CLOSERS = "\"'\u2019\u201d\u00bb)] "
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_HYPHENS = ("-", "\u00ad", "\u2010")


def blocks_of(columns: Sequence[Column]) -> list[PdfBlock]:
    """The blocks of a page's columns; what goes on in the next column is one block."""
    compounds = frozenset(
        word.lower() for column in columns for line in column.lines for word in _HYPHENATED.findall(line.text)
    )
    out: list[PdfBlock] = []
    for column in columns:
        left, right = _sides(column)
        blocks = [_block(lines, compounds, left, right) for lines in _paragraphs(column)]
        if out and blocks and continues(out[-1], blocks[0]):
            blocks[0] = joined(out.pop(), blocks[0], compounds)
        out += blocks
    return out


def continues(before: PdfBlock, after: PdfBlock) -> bool:
    """Whether a paragraph at the end of a column or page goes on at the start of the next."""
    if after.kind is not Kind.TEXT or before.kind not in (Kind.TEXT, Kind.ITEM) or not before.text:
        return False
    if not same_size(before.size, after.size) or before.bold != after.bold:
        return False
    text = after.text
    full = before.room < after.head + 0.3 * after.size  # a space
    if LAST_WORD.search(before.text[-60:]) and text[:1].islower():
        return True
    if _ended(before.text):
        return full and not after.indented and before.lines > 1
    return full or text[:1].islower()


def joined(before: PdfBlock, after: PdfBlock, compounds: frozenset[str] = frozenset()) -> PdfBlock:
    """One block of two, which has the start of the first and the end of the second."""
    return PdfBlock(
        kind=before.kind,
        runs=glue(before.runs, after.runs, compounds),
        size=before.size,
        bold=before.bold,
        x0=before.x0,
        lines=before.lines + after.lines,
        marker=before.marker,
        indented=before.indented,
        head=before.head,
        room=after.room,
    )


def _ended(text: str) -> bool:
    """Whether a text ends as sentences do."""
    return text.rstrip(_CLOSERS).endswith(_ENDS)


def _paragraphs(column: Column) -> Iterator[list[Line]]:
    pitch = _usual_pitch(column.lines)
    left, right = _sides(column)
    for chunk in _chunks(column.lines, pitch):
        if chunk[0].table is not None or _is_code(chunk, right):
            yield chunk
        else:
            yield from _parted(chunk, right - left)


def _usual_pitch(lines: Sequence[Line]) -> float | None:
    """The smallest distance of baselines that is frequent, in font sizes."""
    pitches = [
        round((b.bottom - a.bottom) / a.size, 1)
        for a, b in pairwise(lines)
        if same_size(a.size, b.size) and 0.5 < (b.bottom - a.bottom) / a.size < 4
    ]
    frequent = [pitch for pitch, times in Counter(pitches).items() if times >= max(3, 0.2 * len(pitches))]
    return min(frequent, default=None)


def _chunks(lines: Sequence[Line], pitch: float | None) -> Iterator[list[Line]]:
    """Lines of one style, one close below the other."""
    limit = WIDEST_PITCH_EM if pitch is None else (pitch + 0.05) * LOOSE_PITCH
    chunk: list[Line] = []
    for line in lines:
        if chunk and (_apart(chunk[-1], line, limit) or _code_begins_or_ends(chunk, line)):
            yield chunk
            chunk = []
        chunk.append(line)
    if chunk:
        yield chunk


def _is_code(lines: Sequence[Line], right: float) -> bool:
    """Lines of fixed pitch, unless they are typewritten prose: long, to the right edge, of words."""
    if not all(line.mono for line in lines):
        return False
    text = "".join(line.text for line in lines)
    filled = sum(line.x1 > right - TYPEWRITER_EM * line.size for line in lines)
    words = sum(char.isalpha() or char == " " for char in text)
    prose = len(text) > TYPEWRITER_CHARS * len(lines) and filled >= FILLED * len(lines)
    return not (prose and words > TYPEWRITER_WORDS * len(text))


def _code_begins_or_ends(chunk: list[Line], line: Line) -> bool:
    """A line of fixed pitch amid a sentence is no code: it is a name or a path that fills the line."""
    if chunk[0].mono:
        return not line.mono
    return line.mono and _ended(chunk[-1].text)


def _apart(above: Line, below: Line, limit: float) -> bool:
    if above.table is not None or below.table is not None or not same_size(above.size, below.size):
        return True
    distance = below.bottom - above.bottom
    if not 0 < distance <= limit * max(above.size, below.size):
        return True
    return above.bold != below.bold and not (below.text[:1].islower() and not _ended(above.text))


def _parted(chunk: list[Line], width: float) -> Iterator[list[Line]]:
    """A chunk's paragraphs and list items; `width` is the column's."""
    shape = _shape(chunk, width)
    paragraph: list[Line] = []
    for line in chunk:
        if paragraph and _begins(line, paragraph, shape):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a chunk is set: to which right edge, with its first lines indented (and not all but the first),
    and whether its lines are broken on purpose and not because they are full."""

    right: float
    indents: bool
    broken: bool


def _shape(chunk: list[Line], width: float) -> _Shape:
    right = max(line.x1 for line in chunk)
    steps = [above for above, line in pairwise(chunk) if line.x0 > above.x0 + INDENT_EM * line.size]
    ended = sum(_ended(above.text) for above in steps)
    narrow = right - min(line.x0 for line in chunk) < NARROW * width
    edge = float("inf") if narrow else right
    short = sum(_is_short(above, line, edge) for above, line in pairwise(chunk))
    return _Shape(
        right, ended >= FIRST_LINES * len(steps), short > max(BROKEN * (len(chunk) - 1), 0 if narrow else 1)
    )


def _is_short(above: Line, line: Line, right: float) -> bool:
    """Whether the first word of `line` would have fitted into the line above."""
    return right - above.x1 > line.head_width + SLACK_EM * line.size


def _begins(line: Line, paragraph: list[Line], shape: _Shape) -> bool:
    """Whether a paragraph begins with `line`, which stands close below the last of `paragraph`."""
    above, first, em = paragraph[-1], paragraph[0], line.size
    text = line.text
    ended = _ended(above.text)
    short = _is_short(above, line, shape.right)
    if _MARKED.match(text) and (
        ended or short or _MARKED.match(first.text) or line.x0 < above.x0 - INDENT_EM
    ):
        return not (_MARKED.match(first.text) and line.x0 > first.x0 + INDENT_EM and not (ended or short))
    if LEADER.search(above.text) or (LEADER.search(text) and above.text[-1:].isdigit()):
        return True
    if above.text.endswith(_HYPHENS) or (not ended and _centred(above, line)):
        return False
    if short and (ended or shape.broken or not text[:1].islower()):
        return True
    if line.x0 > above.x0 + INDENT_EM * em:
        return shape.indents and ended
    return not shape.indents and len(paragraph) > 1 and line.x0 < above.x0 - INDENT_EM * em


def _centred(above: Line, below: Line) -> bool:
    """Whether two lines are centred on one axis, and not merely equally wide."""
    axis = abs((above.x0 + above.x1) - (below.x0 + below.x1)) / 2
    return axis < 0.3 * below.size and abs(above.x0 - below.x0) > INDENT_EM * below.size


def _sides(column: Column) -> tuple[float, float]:
    """Between which edges the column's text is set; infinitely far apart where lines are too few to tell."""
    if len(column.lines) < MIN_COLUMN_LINES:
        return float("inf"), float("inf")
    return min(line.x0 for line in column.lines), max(line.x1 for line in column.lines)


def _block(lines: list[Line], compounds: frozenset[str], left: float, right: float) -> PdfBlock:
    """`left` and `right` are the edges of the column."""
    first, last = lines[0], lines[-1]
    if first.table is not None:
        return PdfBlock(Kind.TABLE, rows=first.table.rows, x0=first.x0)
    if _is_code(lines, right):
        return _code(lines)
    runs = first.runs
    for line in lines[1:]:
        runs = glue(runs, line.runs, compounds)
    if LEADER.search(last.text):
        return _contents_entry(lines, runs)
    marked = _MARKED.match(first.text)
    return PdfBlock(
        kind=Kind.ITEM if marked else Kind.TEXT,
        runs=without(runs, marked.end()) if marked else runs,
        size=first.size,
        bold=all(line.bold for line in lines),
        x0=first.x0,
        bottom=last.bottom,
        lines=len(lines),
        marker=marked[1] if marked else "",
        indented=first.x0 > left + INDENT_EM * first.size,
        head=first.head_width,
        room=right - last.x1,
    )


def _contents_entry(lines: list[Line], runs: tuple[Run, ...]) -> PdfBlock:
    """A title and its page, without the dots between them, as an item of a list."""
    runs = tuple(Run(LEADER.sub(" \u2026 ", text), href) for text, href in runs)
    return PdfBlock(Kind.ITEM, runs, lines[0].size, x0=lines[0].x0, lines=len(lines), marker="\u2022")


def _code(lines: list[Line]) -> PdfBlock:
    """Lines kept as they are, indents too."""
    left = min(line.x0 for line in lines)
    wide = max((line.x1 - line.x0) / max(len(line.text), 1) for line in lines) or 1.0
    text = "\n".join(" " * round((line.x0 - left) / wide) + line.text for line in lines)
    return PdfBlock(Kind.CODE, (Run(text),), lines[0].size, x0=left, lines=len(lines))

"""pdfium's characters and boxes -> lines: the one place that walks through a page's characters."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2.raw as c

from reader_stream.document.pdf_model import Box, Line, Run

WIDE_GAP_EM = 0.9
"""A gap this wide, in line heights, parts a line: wider than the spaces of justified text, which rarely
pass 0.8, and narrower than column gutters (1 em and more)."""

MAX_CHARS = 200_000
"""Characters read of one page, so that a page made to be endless ends; small print has 10,000."""

_ASCENT, _DESCENT = 0.75, 0.2  # of the font size, around the baseline: what Latin fonts ink
_SPACES = (0x09, 0xA0, *range(0x2000, 0x200C), 0x202F, 0x205F, 0x3000)
_NOTHING = (0x00, 0xAD, 0xFEFF, 0xFFFE, 0xFFFF)
_LEVELLED = dict.fromkeys(_SPACES, " ") | dict.fromkeys(_NOTHING, "\0") | {0x0D: "\n"}
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_SPELT: dict[int, str | None] = {**_LIGATURES, 0x02: "-", 0x00: None}
_WORD = re.compile(r"[^\0\n \x02]+\x02?")  # pdfium writes \x02 for a hyphen that ends a line
_SAMPLES = 24  # characters whose angle decides how a page is turned
_FIXED_PITCH = 1  # font descriptor flag, ISO 32000-1 table 123

Link = tuple[Box, str]
"""A rectangle of the page, in user space (y up: `top` is the lower edge), and where it leads to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How user space (y up) becomes the space of lines: by quarter turns, then down from the top left."""

    quarter: int
    left: float
    top: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """The turned rectangle."""
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The turned point."""
        x, y = _quarter_turn(self.quarter, x, y)
        return x - self.left, self.top - y


@dataclass(frozen=True, slots=True)
class PageText:
    """The lines of a page in the order of its content stream, and the texts at another angle."""

    lines: tuple[Line, ...]
    sideways: tuple[str, ...]
    turn: Turn
    width: float
    height: float


def read_text(page: Any, links: Sequence[Link] = ()) -> PageText:
    """All text of a pypdfium2 page."""
    textpage = page.get_textpage()
    try:
        return _Reader(page, textpage.raw, links).read()
    finally:
        textpage.close()


@dataclass(slots=True)
class _Word:
    """A word where it stands; `start` and `end` count characters of the page, `space` is what is before."""

    start: int
    end: int
    x0: float
    x1: float
    top: float
    bottom: float
    space: str = ""


class _Reader:
    """Walks through a page's words. Boxes, which take most of the time, are asked for at their ends only."""

    def __init__(self, page: Any, raw: Any, links: Sequence[Link]) -> None:
        self._raw = raw
        count = min(c.FPDFText_CountChars(raw), MAX_CHARS)
        unicode_of = c.FPDFText_GetUnicode
        chars = "".join([chr(unicode_of(raw, at)) for at in range(count)])
        self._chars = chars.translate(_LEVELLED)
        self._matrix, self._box = c.FS_MATRIX(), c.FS_RECTF()
        self._fonts: dict[int, tuple[bool, bool]] = {}
        x0, y0, x1, y1 = page.get_bbox()
        quarter = self._usual_quarter()
        ax, ay = _quarter_turn(quarter, x0, y0)
        bx, by = _quarter_turn(quarter, x1, y1)
        self._turn = Turn(quarter, min(ax, bx), max(ay, by))
        self._width, self._height = abs(bx - ax), abs(by - ay)
        self._links = [(self._turn.box(*box), href) for box, href in links]

    def read(self) -> PageText:
        lines: list[Line] = []
        sideways: list[str] = []
        for words in self._lines_of_words():
            if self._quarter_of(words[0].start) != self._turn.quarter:
                sideways.append(self._text(words))
            elif line := self._line(words):
                lines.append(line)
        return PageText(tuple(lines), tuple(sideways), self._turn, self._width, self._height)

    def _lines_of_words(self) -> Iterator[list[_Word]]:
        words: list[_Word] = []
        height, astray, end = 1.0, False, 0
        for found in _WORD.finditer(self._chars):
            between = self._chars[end : found.start()]
            end = found.end()
            word = self._word(found.start(), end)
            if word is None:
                continue
            if words and ("\n" in between or (not astray and _parted(words[-1], word, height))):
                yield words
                words = []
            if not words:
                height = max(word.bottom - word.top, 1.0)
                astray = self._quarter_of(word.start) != self._turn.quarter
            word.space = " " if words and " " in between else ""
            words.append(word)
        if words:
            yield words

    def _word(self, start: int, end: int) -> _Word | None:
        first = self._box_of(start)
        if first is None:
            return None
        last = self._box_of(end - 1) if end - start > 1 else first
        last = last or first
        return _Word(start, end, min(first[0], last[0]), max(first[2], last[2]), first[1], first[3])

    def _box_of(self, at: int) -> tuple[float, float, float, float] | None:
        box, turn = self._box, self._turn
        if not c.FPDFText_GetLooseCharBox(self._raw, at, box):
            return None
        if turn.quarter == 0:
            left, top = turn.left, turn.top
            return box.left - left, top - box.top, box.right - left, top - box.bottom
        return turn.box(box.left, box.bottom, box.right, box.top)

    def _line(self, words: list[_Word]) -> Line | None:
        first, last = words[0], words[-1]
        middle = words[len(words) // 2]
        size = self._size_of(middle.start) or self._size_of(first.start) or 1.0
        bold, mono = self._font_of(first.start)
        if bold or mono:
            last_bold, last_mono = self._font_of(last.end - 1)
            bold, mono = bold and last_bold, mono and last_mono
        baseline = self._baseline_of(first.start)
        x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
        top, bottom = baseline - _ASCENT * size, baseline + _DESCENT * size
        if x1 <= 0 or x0 >= self._width or bottom <= 0 or top >= self._height:
            return None  # outside of what the page shows
        runs = self._runs(words, Box(x0, top, x1, bottom))
        parts = tuple([(word.x0, word.x1, self._chars[word.start : word.end]) for word in words])
        return Line(x0, top, x1, bottom, size, runs, bold, mono, first.x1 - first.x0, parts)

    def _text(self, words: Sequence[_Word]) -> str:
        chars = self._chars
        text = "".join([word.space + chars[word.start : word.end] for word in words])
        return text if text.isascii() and text.isprintable() else _sound(text.translate(_SPELT))

    def _runs(self, words: list[_Word], around: Box) -> tuple[Run, ...]:
        near = [link for link in self._links if _overlap(link[0], around)]
        if not near:
            return (Run(self._text(words)),)
        pieces: list[tuple[str, str | None]] = []
        for word in words:
            if word.space:
                href = pieces[-1][1] if pieces else None
                pieces.append((word.space, href if href == self._href(word.start, near) else None))
            pieces += [(self._chars[at], self._href(at, near)) for at in range(word.start, word.end)]
        return tuple(
            Run(_sound("".join(char for char, _ in group).translate(_SPELT)), href)
            for href, group in groupby(pieces, key=lambda piece: piece[1])
        )

    def _href(self, at: int, near: Sequence[Link]) -> str | None:
        box = self._box_of(at)
        if box is None:
            return None
        centre = (box[0] + box[2]) / 2
        return next((href for around, href in near if around.x0 <= centre <= around.x1), None)

    def _usual_quarter(self) -> int:
        count = len(self._chars)
        step = max(1, count // _SAMPLES)
        quarters = Counter(self._quarter_of(at) for at in range(0, count, step) if self._chars[at] > " ")
        return quarters.most_common(1)[0][0] if quarters else 0

    def _quarter_of(self, at: int) -> int:
        if not c.FPDFText_GetMatrix(self._raw, at, self._matrix):
            return 0
        return round(math.atan2(self._matrix.b, self._matrix.a) / (math.pi / 2)) % 4

    def _size_of(self, at: int) -> float:
        scale = 1.0
        if c.FPDFText_GetMatrix(self._raw, at, self._matrix):
            scale = math.hypot(self._matrix.c, self._matrix.d)
        return round(float(c.FPDFText_GetFontSize(self._raw, at)) * scale, 1)

    def _baseline_of(self, at: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        c.FPDFText_GetCharOrigin(self._raw, at, x, y)
        return self._turn.point(x.value, y.value)[1]

    def _font_of(self, at: int) -> tuple[bool, bool]:
        """Whether the character's font is bold, and of fixed pitch."""
        shown = c.FPDFText_GetTextObject(self._raw, at)
        font = c.FPDFTextObj_GetFont(shown) if shown else None
        if not font:
            return False, False
        address = ctypes.addressof(font.contents)
        if address not in self._fonts:
            self._fonts[address] = _style_of(font)
        return self._fonts[address]


def _style_of(font: Any) -> tuple[bool, bool]:
    buffer = ctypes.create_string_buffer(128)
    c.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    name = buffer.value.decode("latin-1").lower()
    bold = (
        any(word in name for word in ("bold", "black", "heavy", "semibold"))
        or c.FPDFFont_GetWeight(font) >= 600
    )
    mono = bool(c.FPDFFont_GetFlags(font) & _FIXED_PITCH) or "mono" in name or "courier" in name
    return bold, mono


def _parted(before: _Word, word: _Word, height: float) -> bool:
    """Whether a wide gap, or another baseline, parts two words."""
    gap = max(word.x0 - before.x1, before.x0 - word.x1)
    return gap > WIDE_GAP_EM * height or abs(word.bottom - before.bottom) > 0.35 * height


def _quarter_turn(quarter: int, x: float, y: float) -> tuple[float, float]:
    match quarter:
        case 1:
            return y, -x
        case 2:
            return -x, -y
        case 3:
            return -y, x
        case _:
            return x, y


def _overlap(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.top < b.bottom and b.top < a.bottom


def _sound(text: str) -> str:
    """Without lone surrogates and control characters, which no encoding and no parser likes."""
    if text.isprintable():
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(char for char in text if char.isprintable() or char in "\u00ad\u200d\u200e\u200f")

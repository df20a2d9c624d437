"""pdfium's characters and boxes -> lines: the one place that walks through a page's characters."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Sequence
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
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_SPELT = _LIGATURES | {0x02: "-"}  # pdfium's mark of a hyphen at the end of a line
_SPACES = frozenset({0x09, 0x20, 0xA0, *range(0x2000, 0x200C), 0x202F, 0x205F, 0x3000})
_NEWLINES = frozenset({0x0A, 0x0D})
_NOTHING = frozenset({0x00, 0xFEFF, 0xFFFE, 0xFFFF})
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


class _Char:
    """A character of the line under way."""

    __slots__ = ("at", "text", "x0", "x1")

    def __init__(self, at: int, text: str, x0: float, x1: float) -> None:
        self.at, self.text, self.x0, self.x1 = at, text, x0, x1


class _Reader:
    """One pass over the characters of a page."""

    def __init__(self, page: Any, raw: Any, links: Sequence[Link]) -> None:
        self._raw = raw
        self._count = min(c.FPDFText_CountChars(raw), MAX_CHARS)
        self._matrix = c.FS_MATRIX()
        self._fonts: dict[int, tuple[bool, bool]] = {}
        x0, y0, x1, y1 = page.get_bbox()
        quarter = self._usual_quarter()
        ax, ay = _quarter_turn(quarter, x0, y0)
        bx, by = _quarter_turn(quarter, x1, y1)
        self._turn = Turn(quarter, min(ax, bx), max(ay, by))
        self._width, self._height = abs(bx - ax), abs(by - ay)
        self._links = [(self._turn.box(*box), href) for box, href in links]
        self._lines: list[Line] = []
        self._sideways: list[str] = []

    # One loop, for speed: it runs once for every character.
    def read(self) -> PageText:
        raw, turn = self._raw, self._turn
        box = c.FS_RECTF()
        ref = ctypes.byref(box)
        unicode_of, box_of, turned = c.FPDFText_GetUnicode, c.FPDFText_GetLooseCharBox, turn.box
        chars: list[_Char] = []
        astray = spaced = False
        last_x0 = last_x1 = last_bottom = height = 0.0
        for at in range(self._count):
            code = unicode_of(raw, at)
            if code in _SPACES:
                spaced = True
                continue
            if code in _NEWLINES:
                self._end_line(chars, astray)
                chars = []
                continue
            if code in _NOTHING or not box_of(raw, at, ref):
                continue
            x0, top, x1, bottom = turned(box.left, box.bottom, box.right, box.top)
            if chars and not astray:
                gap = max(x0 - last_x1, last_x0 - x1)
                if gap > WIDE_GAP_EM * height or abs(bottom - last_bottom) > 0.35 * height:
                    self._end_line(chars, astray)
                    chars = []
            if not chars:
                spaced = False
                height = max(bottom - top, 1.0)
                astray = self._quarter_of(at) != turn.quarter
            if spaced:
                chars.append(_Char(at, " ", last_x1, x0))
                spaced = False
            chars.append(_Char(at, _SPELT.get(code) or chr(code), x0, x1))
            last_x0, last_x1, last_bottom = x0, x1, bottom
        self._end_line(chars, astray)
        return PageText(tuple(self._lines), tuple(self._sideways), turn, self._width, self._height)

    def _end_line(self, chars: list[_Char], astray: bool) -> None:
        if not chars:
            return
        if astray:
            self._sideways.append(_sound("".join(char.text for char in chars)))
            return
        first, last = chars[0], chars[-1]
        size = self._size_of(chars[len(chars) // 2].at) or self._size_of(first.at) or 1.0
        bold, mono = self._font_of(first.at)
        if (bold or mono) and last.at != first.at:
            last_bold, last_mono = self._font_of(last.at)
            bold, mono = bold and last_bold, mono and last_mono
        baseline = self._baseline_of(first.at)
        x0, x1 = min(char.x0 for char in chars), max(char.x1 for char in chars)
        top, bottom = baseline - _ASCENT * size, baseline + _DESCENT * size
        if x1 <= 0 or x0 >= self._width or bottom <= 0 or top >= self._height:
            return  # outside of what the page shows
        head = next((abs(char.x0 - first.x0) for char in chars if char.text == " "), x1 - x0)
        runs = self._runs(chars, Box(x0, top, x1, bottom))
        self._lines.append(Line(x0, top, x1, bottom, size, runs, bold, mono, head))

    def _runs(self, chars: list[_Char], around: Box) -> tuple[Run, ...]:
        near = [link for link in self._links if _overlap(link[0], around)]
        if not near:
            return (Run(_sound("".join(char.text for char in chars))),)

        def href(char: _Char) -> str | None:
            centre = (char.x0 + char.x1) / 2
            return next((href for box, href in near if box.x0 <= centre <= box.x1), None)

        return tuple(
            Run(_sound("".join(char.text for char in group)), to) for to, group in groupby(chars, key=href)
        )

    def _usual_quarter(self) -> int:
        step = max(1, self._count // _SAMPLES)
        quarters = Counter(self._quarter_of(at) for at in range(0, self._count, step))
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

"""What is read of a PDF before it becomes markdown: frozen values that can cross to and from workers.

Lengths are in points (1/72 inch) of a page turned so that most of its text stands upright, y growing down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Run(NamedTuple):
    """A piece of text and where it links to, if anywhere."""

    text: str
    href: str | None = None


class Box(NamedTuple):
    """A rectangle."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of one line: characters of one baseline without a wide gap, or several such pieces joined.

    `top` and `bottom` follow from the baseline and the size, so that lines of different fonts compare.
    `head_width` is the width of the first word, `words` are edges and texts of all. `cells` are the pieces
    of a line that has wide gaps.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    runs: tuple[Run, ...]
    bold: bool = False
    mono: bool = False
    head_width: float = 0.0
    words: tuple[tuple[float, float, str], ...] = ()
    cells: tuple[Line, ...] = ()
    table: Table | None = None

    @property
    def text(self) -> str:
        """The characters, links or not."""
        return self.runs[0].text if len(self.runs) == 1 else "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with text in its cells; all rows have the same number of cells."""

    box: Box
    rows: tuple[tuple[str, ...], ...]


class Kind(StrEnum):
    """What a block of a page is, as far as the page alone can tell; headings are told by the document."""

    TEXT = "text"
    ITEM = "item"
    CODE = "code"
    TABLE = "table"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class PdfBlock:
    """A paragraph, list item, table or piece of code, in reading order.

    `indented` is about the first line, `head` is the width of its first word and `room` what its last line
    leaves free: they decide whether a paragraph goes on in the next column or on the next page. `marker`
    is an item's own ("•", "3."), `lines` the number of lines it was set in.
    """

    kind: Kind
    runs: tuple[Run, ...] = ()
    size: float = 0.0
    bold: bool = False
    x0: float = 0.0
    bottom: float = 0.0
    lines: int = 1
    marker: str = ""
    indented: bool = False
    head: float = 0.0
    room: float = float("inf")
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """The characters, links or not."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page, read by itself. `number` counts from 1.

    `top` and `bottom` are what stands apart at the page's edges: running headers and footers, if other
    pages have the same. `sizes` are characters by font size. A `scanned` page is a picture of text, a
    `recognised` one was.
    """

    number: int
    blocks: tuple[PdfBlock, ...] = ()
    top: tuple[PdfBlock, ...] = ()
    bottom: tuple[PdfBlock, ...] = ()
    sizes: Mapping[float, int] = field(default_factory=dict)
    scanned: bool = False
    recognised: bool = False


class OutlineItem(NamedTuple):
    """An entry of the document's outline; `level` counts from 0, `page` from 1 (0: leads nowhere)."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class PdfInfo:
    """What a PDF says about itself; dates are ISO 8601."""

    page_count: int
    title: str = ""
    created: str | None = None
    modified: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    outline: tuple[OutlineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfPart:
    """Some pages of a PDF, in order, with what is known of the whole."""

    info: PdfInfo
    pages: tuple[PdfPage, ...]

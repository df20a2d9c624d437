"""PDFs that tests read, made on the spot with fpdf2."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fpdf import FPDF

WORDS = """
    harbour pilot lantern granite meadow orchard signal copper winter ledger timber canvas river market
    kettle anchor violin saddle mirror pepper station garden ribbon quarry island bridge candle weather
    observation measurement calibration temperature considerable instrument navigation
""".split()  # noqa: SIM905


def paragraphs(count: int, seed: int = 1, words: tuple[int, int] = (30, 70)) -> list[str]:
    """Different paragraphs of plain sentences, each with a marker of its own at both ends."""
    chance = random.Random(seed)
    out = []
    for number in range(count):
        text = [chance.choice(WORDS) for _ in range(chance.randint(*words))]
        for at in range(9, len(text) - 3, 11):
            text[at] += "."
            text[at + 1] = text[at + 1].capitalize()
        out.append(f"Start{number}x {' '.join(text)} end{number}x.")
    return out


def document(**about: str) -> FPDF:
    """An empty document of US letter pages in points, with Times at 10 points."""
    pdf = FPDF(unit="pt", format="letter")
    pdf.set_auto_page_break(False)
    pdf.set_font("Times", size=10)
    for name, value in about.items():
        getattr(pdf, f"set_{name}")(value)
    return pdf


def write_at(
    pdf: FPDF, x: float, y: float, text: str, size: float = 10, style: str = "", family: str = "Times"
) -> None:
    """One line with its baseline at `y` points from the top."""
    pdf.set_font(family, style=style, size=size)
    pdf.text(x, y, text)


def wrapped(pdf: FPDF, text: str, width: float, indent: float = 0.0) -> list[str]:
    """`text` broken into lines as wide as `width`, in the font that is set."""
    lines: list[list[str]] = [[]]
    for word in text.split():
        room = width - (indent if len(lines) == 1 else 0)
        if lines[-1] and pdf.get_string_width(" ".join([*lines[-1], word])) > room:
            lines.append([])
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


def two_columns(
    texts: Sequence[str], *, indent: float = 12.0, gap: float = 0.0, across: bool = False
) -> FPDF:
    """An article of two columns: title over both on the first page, running header, page numbers.

    Paragraphs begin with an indent, or a gap, and go on over columns and pages. `across` writes the
    lines of both columns in turn, as some programs do.
    """
    pdf = document(title="Two columns")
    width, height = 234.0, 12.0
    pdf.set_font("Times", size=10)
    lines: list[tuple[str, float, float]] = []  # text, indent, gap before
    for text in texts:
        for n, line in enumerate(wrapped(pdf, text, width, indent)):
            lines.append((line, 0.0 if n else indent, 0.0 if n else gap))
    number = 0
    while lines:
        number += 1
        pdf.add_page()
        write_at(pdf, 54, 40, "Proceedings of the Harbour Society", 8)
        write_at(pdf, 300, 760, str(number), 8)
        first = 72.0
        if number == 1:
            write_at(pdf, 120, 84, "On the Width of Gutters in Harbours", 20, "B")
            first = 120.0
        columns: list[list[tuple[float, float, str]]] = []
        for left in (54.0, 54.0 + width + 22):
            y, column = first, []
            while lines and y + lines[0][2] <= 730:
                text, shift, before = lines.pop(0)
                y += before
                column.append((left + shift, y, text))
                y += height
            columns.append(column)
        placed = [line for column in columns for line in column]
        for x, y, text in sorted(placed, key=lambda at: (at[1], at[0])) if across else placed:
            write_at(pdf, x, y, text)
    return pdf


def locked(text: str, password: str) -> bytes:
    """A page that opens with a password."""
    pdf = document()
    pdf.set_encryption("owner", user_password=password)
    pdf.add_page()
    write_at(pdf, 72, 72, text)
    return bytes(pdf.output())

"""`python -m benchmarks.pdf`: our PDF reader beside pdfplumber and bare pypdfium2, on files made here.

Every round all read the same files one after the other, so that a slow minute hits all alike. Speed is
pages per second of processor time (the machine may be shared); `whole` counts the paragraphs that come
out as one piece and unharmed.
"""

from __future__ import annotations

import argparse
import io
import logging
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pdfplumber
import pypdfium2

from reader_stream.document.pdf import assemble, read_pages
from reader_stream.model import Capture, RenderOptions
from tests.document.pdfs import document, paragraphs, two_columns, wrapped, write_at

PARAGRAPHS = 160
LONG_PAGES = 300
FIRST_PAGES = 4
"""Pages in the first snapshot of the long file."""


@dataclass(frozen=True)
class Sample:
    """A file and the paragraphs that stand in it."""

    name: str
    body: bytes
    texts: tuple[str, ...]


def samples() -> list[Sample]:
    """An article in two columns, written in two orders, and a report in one."""
    texts = tuple(paragraphs(PARAGRAPHS))
    return [
        Sample("two columns", bytes(two_columns(texts).output()), texts),
        Sample("two columns, row by row", bytes(two_columns(texts, across=True).output()), texts),
        Sample("one column", one_column(texts), texts),
    ]


def one_column(texts: Sequence[str]) -> bytes:
    """Paragraphs with gaps between them, 46 lines a page."""
    pdf = document()
    y = float("inf")
    for text in texts:
        for line in wrapped(pdf, text, 460):
            if y > 720:
                pdf.add_page()
                y = 80.0
            write_at(pdf, 72, y, line)
            y += 14
        y += 8
    return bytes(pdf.output())


def ours(body: bytes) -> list[str]:
    """Our blocks, from bytes to markdown."""
    return list(assemble(Capture("", b""), RenderOptions(), [read_pages(body)]).blocks)


def plumber(body: bytes) -> list[str]:
    """pdfplumber's own text extraction."""
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        return [page.extract_text() for page in pdf.pages]


def pdfium(body: bytes) -> list[str]:
    """pdfium's text in the order of the file, without structure: what the fastest reader could do."""
    with pypdfium2.PdfDocument(body) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


CONTESTANTS: dict[str, Callable[[bytes], list[str]]] = {
    "reader": ours,
    "pdfplumber": plumber,
    "pypdfium2, text only": pdfium,
}


def whole(texts: Sequence[str], pieces: Sequence[str]) -> int:
    """Paragraphs that stand in the output as they are, line breaks aside."""
    flat = re.sub(r"\s+", " ", "\n".join(pieces))
    return sum(text in flat for text in texts)


def first_snapshot_ms(body: bytes, pages: int | None) -> float:
    """Until a document of the first pages is there, in milliseconds of processor time."""
    start = time.process_time()
    assemble(Capture("", b""), RenderOptions(), [read_pages(body, 1, pages)])
    return (time.process_time() - start) * 1000


def main() -> None:
    """Read everything by everybody and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pdf", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="more rounds, less noise (3)")
    rounds = parser.parse_args().rounds
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    print("| file | reader of it | pages/s (median) | beside pdfplumber | whole paragraphs |")
    print("| --- | --- | --: | --: | --: |")
    for sample in samples():
        _compare(sample, rounds)
    long = one_column(paragraphs(LONG_PAGES * 8))
    count = read_pages(long, 1, 1).info.page_count
    first = statistics.median(first_snapshot_ms(long, FIRST_PAGES) for _ in range(rounds))
    every = statistics.median(first_snapshot_ms(long, None) for _ in range(rounds))
    print(
        f"\n{count} pages: first {FIRST_PAGES} as a document after {first:.0f} ms, all after {every:.0f} ms"
    )


def _compare(sample: Sample, rounds: int) -> None:
    with pypdfium2.PdfDocument(sample.body) as pdf:
        pages = len(pdf)
    speeds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    found: dict[str, int] = {}
    for _ in range(rounds):
        for name, read in CONTESTANTS.items():
            start = time.process_time()
            pieces = read(sample.body)
            speeds[name].append(pages / (time.process_time() - start))
            found[name] = whole(sample.texts, pieces)
    base = statistics.median(speeds["pdfplumber"])
    for name, measured in speeds.items():
        speed = statistics.median(measured)
        of = f"{found[name]} of {len(sample.texts)}"
        print(f"| {sample.name} | {name} | {speed:.1f} | {speed / base:.1f} x | {of} |")


if __name__ == "__main__":
    main()

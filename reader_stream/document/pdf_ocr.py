"""Scanned pages -> text, by RapidOCR, whose models come within its package. The extra `ocr`.

A page takes a core some 4 to 8 seconds and 0.5 GB, so pages are read one by one, after all that have text.
The models know English and Chinese; other Latin letters come without their accents.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Any

from reader_stream.document.pdf_blocks import blocks_of
from reader_stream.document.pdf_layout import columns
from reader_stream.document.pdf_model import Line, PdfPage, Run
from reader_stream.document.pdf_page import open_pdf
from reader_stream.errors import AssertionFailureError

PICTURE_PIXELS = 2_200
"""The longer side of the picture of a page: 190 dpi of A4. With less, spaces between words are lost."""

DETECTION_PIXELS = 960
"""The same for finding lines, which costs with its square: 2 s here, 12 s at full size, the same lines."""

LEAST_SCORE = 0.6
"""How sure a line's reading is at least; pictures without text give readings below."""

SIZE_PART = 0.75
"""Font size, of the height of a line's box: measured on DejaVu and Times."""


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("rapidocr_onnxruntime") is not None


@cache
def _engine() -> Any:
    """The models, once in a worker process: they take a second to load."""
    try:
        import cv2
        from rapidocr_onnxruntime import RapidOCR
    except ImportError as error:  # OpenCV is there, but not the libraries that it draws windows with
        raise AssertionFailureError(f"OCR does not work on this machine: {error}") from None
    cv2.setNumThreads(1)
    return RapidOCR(
        intra_op_num_threads=1,
        inter_op_num_threads=1,
        det_limit_side_len=DETECTION_PIXELS,
        det_limit_type="max",
        rec_batch_num=1,
        text_score=LEAST_SCORE,
    )


def recognise_page(body: bytes, number: int, password: str | None = None) -> PdfPage:
    """The page of that number, from 1, read from its picture; not `scanned` any more, even if it has no text.

    Raises AssertionFailureError for a file that cannot be read, and where OpenCV lacks a library (libGL).
    """
    engine = _engine()
    with open_pdf(body, password) as document:
        page = document[number - 1]
        width, height = page.get_size()
        scale = PICTURE_PIXELS / max(width, height, 1.0)
        picture = page.render(scale=scale, grayscale=False).to_numpy()
        page.close()
    found, _ = engine(picture, use_cls=False)
    lines = [line for box, text, _ in found or () if (line := _line(box, text, scale))]
    sizes: dict[float, int] = {}
    for line in lines:
        sizes[line.size] = sizes.get(line.size, 0) + len(line.text)
    return PdfPage(number, tuple(blocks_of(columns(lines))), sizes=sizes, recognised=True)


def _line(box: Any, text: str, scale: float) -> Line | None:
    """A reading in its box, in points; sizes are rounded, as boxes of one font differ by a pixel or two."""
    xs, ys = [point[0] / scale for point in box], [point[1] / scale for point in box]
    text = " ".join(text.split())
    if not text or max(ys) <= min(ys):
        return None
    head = len(text.split(" ", 1)[0]) / len(text)
    line = Line(min(xs), min(ys), max(xs), max(ys), 0.0, (Run(text),), head_width=head * (max(xs) - min(xs)))
    return replace(line, size=max(1.0, round(SIZE_PART * (line.bottom - line.top))))

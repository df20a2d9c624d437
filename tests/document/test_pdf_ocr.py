"""Scanned pages, read from their pictures."""

from __future__ import annotations

import io
from importlib import import_module

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from reader_stream.document.pdf import PdfPart, assemble, read_pages
from reader_stream.document.pdf_ocr import is_installed, recognise_page
from reader_stream.model import Capture, RenderOptions

LINES = (
    "The Harbour Report",
    "The ferry leaves the old harbour at seven",
    "and comes back with the evening tide.",
)


def scan(*lines: str) -> bytes:
    """A PDF of one page that is nothing but a picture of these lines, the first of them large."""
    picture = Image.new("L", (1000, 1400), 255)
    draw = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        draw.text((90, 120 + 60 * at), line, fill=0, font=ImageFont.load_default(28 if at else 56))
    out = io.BytesIO()
    picture.save(out, "PNG")
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.image(out, 0, 0, 595, 842)
    return bytes(pdf.output())


def ocr_works() -> bool:
    """Whether the extra is there, with the libraries of the system that OpenCV needs."""
    try:
        import_module("cv2")
    except ImportError:
        return False
    return is_installed()


@pytest.mark.skipif(not ocr_works(), reason="the extra `ocr` is not installed, or OpenCV lacks libGL")
def test_a_scanned_page_is_read() -> None:
    """Its lines become a heading and a paragraph, with a warning that a machine has read them."""
    body = scan(*LINES)
    part = read_pages(body)
    assert part.pages[0].scanned
    page = recognise_page(body, 1)
    document = assemble(
        Capture("http://a.test/scan.pdf", b""), RenderOptions(), [PdfPart(part.info, (page,))]
    )
    words = document.content.replace("\n", " ").split()
    assert len(set(words) & set(" ".join(LINES).split())) >= 14
    assert document.blocks[0].startswith("# ")
    assert document.reasons == ()
    assert [warning.code for warning in document.warnings] == ["ocr"]

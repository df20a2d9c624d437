"""The PDF door: whole documents, pages one by one, and files that cannot be read."""

from __future__ import annotations

import pickle
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reader_stream.document import render
from reader_stream.document.pdf import assemble, chosen_page, is_pdf, read_pages, render_pdf
from reader_stream.errors import AssertionFailureError, ReaderError
from reader_stream.model import Capture, Document, MarkdownStyle, Reason, RenderOptions, RespondWith
from tests.document.pdfs import document, locked, paragraphs, two_columns, write_at
from tests.site.media import pdf as handmade

URL = "https://example.com/files/paper.pdf"


def rendered(source: FPDF | bytes, url: str = URL, **options: object) -> Document:
    """The document of a PDF."""
    body = source if isinstance(source, bytes) else bytes(source.output())
    return render_pdf(Capture(url, body, content_type="application/pdf"), RenderOptions(**options))  # type: ignore[arg-type]


def test_small_file_reads_as_its_pages() -> None:
    """Each page's line is a block, and the file's name is the title where nothing else is."""
    document = rendered(handmade("The first page marker-pdf-1", "The second page marker-pdf-2"))
    assert document.blocks == ("The first page marker-pdf-1", "The second page marker-pdf-2")
    assert (document.title, document.page_count) == ("paper.pdf", 2)


def test_metadata_and_dates_are_told() -> None:
    """Title, author, subject and creation date come from the file's own words."""
    pdf = document(title="A title", author="Ann Author", subject="Gutters")
    pdf.set_creation_date(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    pdf.add_page()
    write_at(pdf, 72, 72, "Some text")
    read = rendered(pdf)
    assert (read.title, read.published_time, read.description) == (
        "A title",
        "2024-05-06T07:08:09+00:00",
        "Gutters",
    )
    assert read.metadata["author"] == "Ann Author"


def test_first_snapshot_needs_only_the_first_pages() -> None:
    """Pages are read by themselves: parts read one by one make the document that the whole file makes."""
    body = bytes(two_columns(paragraphs(60)).output())
    count = read_pages(body, 1, 1).info.page_count
    parts = [pickle.loads(pickle.dumps(read_pages(body, n, n))) for n in range(1, count + 1)]  # noqa: S301
    capture = Capture(URL, b"")
    assert assemble(capture, RenderOptions(), parts) == rendered(body)
    first = assemble(capture, RenderOptions(), parts[:1])
    assert first.page_count == count
    assert set(first.blocks[2:-1]) < set(rendered(body).blocks)


def test_fragment_chooses_a_page() -> None:
    """`#page=2` reads the second page alone."""
    body = handmade("Number one", "Number two", "Number three")
    read = rendered(body, URL + "#page=2")
    assert (read.blocks, read.page_count) == (("Number two",), 3)


@pytest.mark.parametrize(
    ("fragment", "page"),
    [("page=3", 3), ("zoom=5&page=12", 12), ("page=x", None), ("", None), ("chapter", None)],
)
def test_chosen_page(fragment: str, page: int | None) -> None:
    """Fragments are read as RFC 8118 has them."""
    assert chosen_page(f"{URL}#{fragment}") == page


def test_a_chosen_page_has_no_running_header() -> None:
    """The pages near it tell what runs on, although only the one is given."""
    pdf = two_columns(paragraphs(30))
    document = rendered(pdf, URL + "#page=2")
    assert document.blocks
    assert "Proceedings" not in document.content
    assert "Gutters" not in document.content


def test_a_single_page_says_its_number_to_nobody() -> None:
    """A footer that names the page is none of the text, even where there is no other page."""
    pdf = document()
    pdf.add_page()
    for n in range(4):
        write_at(pdf, 72, 120 + 90 * n, f"A line of the only page, number {n} of four.")
    write_at(pdf, 72, 770, "Harbour Society 2024 | Page 1", 8)
    assert len(rendered(pdf).blocks) == 4


def test_a_file_that_lost_its_end_is_read() -> None:
    """Without its table of objects, as far as its catalog came; also as a body of any declared type."""
    body = handmade("a b c", "d e f")
    cut = body[: body.index(b"xref")]
    assert rendered(cut).content == rendered(body).content
    capture = Capture(URL, cut, "application/octet-stream", reasons=(Reason.NETWORK_PENDING,))
    assert render(capture, RenderOptions()).content == rendered(body).content


def test_pages_left_out_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more pages than are read is a part, with a warning."""
    monkeypatch.setattr("reader_stream.document.pdf.MAX_PAGES", 2)
    document = rendered(handmade("a b c", "d e f", "g h i"))
    assert document.reasons == (Reason.TRUNCATED_SIZE,)
    assert [warning.code for warning in document.warnings] == ["pages_left_out"]


def test_page_beyond_the_end_is_told() -> None:
    """A page that the file does not have is an error that says how many there are."""
    with pytest.raises(AssertionFailureError, match="3 pages, and no page 9"):
        rendered(handmade("a b c", "d e f", "g h i"), URL + "#page=9")


def test_password_opens_a_locked_file() -> None:
    """The right password reads the file, none and a wrong one say so."""
    body = locked("A secret", "open sesame")
    assert read_pages(body, password="open sesame").pages[0].blocks[0].text == "A secret"
    with pytest.raises(AssertionFailureError, match="does not open"):
        read_pages(body, password="wrong")
    with pytest.raises(AssertionFailureError, match="encrypted and needs a password"):
        read_pages(body)


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.7\n", b"<html></html>", b"%PDF-1.4\n" + bytes(range(256)) * 40]
)
def test_unreadable_bytes_are_refused(body: bytes) -> None:
    """What pdfium cannot open is a 422 with a sentence about it."""
    with pytest.raises(AssertionFailureError, match="the PDF"):
        rendered(body)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    """Cut and overwritten files give a document or an error of the contract, nothing else."""
    body = bytearray(handmade("One line of text", "Another line"))
    for _ in range(data.draw(st.integers(1, 12))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(len(body) // 2, len(body)))]
    with suppress(ReaderError):
        assert rendered(bytes(body)).page_count


def test_scanned_pages_are_flagged() -> None:
    """A page that is a picture without text is named in a warning and in the reasons."""
    pdf = document()
    pdf.add_page()
    write_at(pdf, 72, 72, "A page that has text, enough of it to be one")
    pdf.add_page()
    pdf.image(Image.new("L", (60, 80), 200), 0, 0, 612, 792)
    read = rendered(pdf)
    assert read.reasons == (Reason.SCANNED_PDF,)
    assert [warning.message for warning in read.warnings] == ["pages that are pictures without text: 2"]
    assert rendered(handmade("text")).reasons == ()


def test_all_formats_and_styles_hold_for_pdfs() -> None:
    """HTML and plain text are given when asked for, and markdown styles are kept."""
    pdf = document()
    pdf.add_page()
    write_at(pdf, 72, 72, "A heading", 20, "B")
    write_at(pdf, 72, 110, "One line of text below it <here>.")
    every = (RespondWith.CONTENT, RespondWith.MARKDOWN, RespondWith.HTML, RespondWith.TEXT)
    read = rendered(pdf, respond_with=every, style=MarkdownStyle(heading_style="setext"))
    assert read.blocks[0] == "A heading\n========="
    assert read.markdown == read.content
    assert read.html == "<div><h1>A heading</h1><p>One line of text below it &lt;here&gt;.</p></div>"
    assert read.text == "A heading\n\nOne line of text below it <here>."
    assert read.title == "A heading"


def test_pdf_is_told_by_its_first_bytes() -> None:
    """The mark may stand behind some junk."""
    assert is_pdf(b"\r\n\r\n%PDF-1.4")
    assert not is_pdf(b"<p>%PDX")

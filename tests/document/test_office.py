"""Office documents as markdown, and archives that mean harm."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from reader_stream.document import office, render
from reader_stream.document.sniff import DOCX, EPUB, ODT, PPTX, XLSX, sniff
from reader_stream.errors import AssertionFailureError, BackendNotConfiguredError
from reader_stream.model import Capture, Document, RenderOptions, RespondWith
from tests.document.office_files import archive, docx, epub, odt, paragraph, pptx, xlsx

FILES = {DOCX: docx, XLSX: xlsx, PPTX: pptx, ODT: odt, EPUB: epub}


def read(body: bytes, *wanted: str, kind: str = "application/octet-stream") -> Document:
    """The document of an office file."""
    asked = tuple(RespondWith(each) for each in wanted or ("content",))
    return render(Capture("https://a.test/file", body, kind, settled=True), RenderOptions(respond_with=asked))


@pytest.mark.parametrize("kind", FILES)
def test_office_files_are_known_by_their_bytes(kind: str) -> None:
    """What the archive holds decides, whatever name or type it comes with."""
    body = FILES[kind]()
    assert sniff(body) == kind
    assert read(body, kind="application/zip").content == read(body, kind="text/plain").content


def test_word() -> None:
    """Headings, paragraphs, links and tables, and what the file says of itself."""
    document = read(docx(paragraph("a * b")))
    assert document.blocks == (
        "# Harbour report",
        "The first paragraph.",
        "[A link](https://a.test/linked)",
        "## Figures",
        "| Ship | Tons |\n| --- | --- |\n| Ada | 12 |",
        "a * b",
    )
    assert document.title == "The harbour report"
    assert document.links == (("A link", "https://a.test/linked"),)
    assert document.metadata["author"] == "A. Pilot"
    assert document.published_time == "2024-05-06T07:08:09+00:00"


def test_workbook() -> None:
    """Each visible sheet is a heading and a table, from its first used cell on."""
    document = read(xlsx())
    assert document.blocks == (
        "## Ships",
        "| Ship | Tons | Built |\n| --- | --- | --- |\n| Ada \\| Eve | 12 | 2020-01-02 |\n| Bo | 1.5 |  |",
        "## Ports",
        "| Port | TRUE |\n| --- | --- |",
    )
    assert (document.title, document.page_count) == ("Register", 2)


def test_large_workbook_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the rest is left out, and said."""
    from reader_stream.document import office_xlsx

    monkeypatch.setattr(office_xlsx, "MAX_CELLS", 5)
    document = read(xlsx())
    assert "Ship" in document.content
    assert "Ports" not in document.content
    assert [reason.value for reason in document.reasons] == ["truncated_size"]


def test_presentation() -> None:
    """Slides in order: titles, lists with levels, notes, tables, charts as the table behind them."""
    document = read(pptx())
    assert document.page_count == 3
    assert document.title == "Harbour plans"
    assert document.blocks[:2] == ("## Harbour plans", "For the council")
    assert document.blocks[2:6] == (
        "## What we do",
        "* Dig deeper\n  * by two metres\n* Build a quay",
        "### Notes",
        "Say it slowly.",
    )
    assert "| Year | Cost |\n| --- | --- |\n| 2025 | 3 |" in document.blocks
    assert "|  | Berths |\n| --- | --- |\n| East | 4 |\n| West | 7.5 |" in document.blocks


def test_open_document() -> None:
    """An OpenDocument text, without any library."""
    assert read(odt()).blocks == (
        "## Open harbour",
        "See [this](https://a.test/o) now.",
        "* one",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
    )


def test_book() -> None:
    """Chapters come in the order of the spine; links among them are plain text."""
    document = read(epub())
    assert document.blocks == ("# One", "Begin.", "# Two", "End. back")
    assert (document.title, document.metadata["author"]) == ("The book", "E. Author")


def test_formats() -> None:
    """Text and HTML are of what is read, not of the archive's bytes."""
    document = read(docx(), "text", "html", "markdown")
    assert document.text is not None
    assert "Harbour report\n\nThe first paragraph." in document.text
    assert document.html is not None
    assert "<h1>Harbour report</h1>" in document.html


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its library a file is refused with the name of what would turn it on."""
    monkeypatch.setitem(sys.modules, "mammoth", None)
    monkeypatch.delitem(sys.modules, "reader_stream.document.office_docx", raising=False)
    with pytest.raises(BackendNotConfiguredError, match=r"reader-stream\[office\]"):
        read(docx())


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 9))
    + "]><w:document><w:body>&lol8;</w:body></w:document>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def damaged(body: bytes) -> bytes:
    """The archive with its parts overwritten in the middle."""
    return body[:200] + b"\0" * 400 + body[600:]


HOSTILE = {
    "billion laughs": docx(**{"word/document.xml": LAUGHS}),
    "entity from outside": docx(**{"word/document.xml": OUTSIDE}),
    "bomb": archive({"word/document.xml": b" " * (office.MAX_XML_BYTES + 1)}),
    "many parts": archive({"word/document.xml": "<x/>"} | {f"p{n}": "" for n in range(office.MAX_PARTS + 1)}),
    "cut off": docx()[:-300],
    "damaged": damaged(docx()),
    "no text": archive({"word/document.xml": "<x/>"}),
    "no workbook": archive({"xl/workbook.xml": "<x/>"}),
    "no slides": archive({"ppt/presentation.xml": "<x/>"}),
    "no content": archive({"mimetype": ODT}),
    "no spine": archive({"mimetype": EPUB, "META-INF/container.xml": "<x/>"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused(name: str) -> None:
    """Bombs, entities and broken archives are the file's fault, told in a sentence, and read nothing."""
    with pytest.raises(AssertionFailureError):
        read(HOSTILE[name], kind=DOCX)


def test_encrypted_archive() -> None:
    """An archive with encrypted parts says so."""
    raw = bytearray(docx())
    for info in zipfile.ZipFile(io.BytesIO(bytes(raw))).infolist()[:1]:
        raw[info.header_offset + 6] |= 1
    at = bytes(raw).index(b"PK\x01\x02")
    raw[at + 8] |= 1
    with pytest.raises(AssertionFailureError, match="encrypted"):
        read(bytes(raw))

"""Files, fetched and sent, through the public interface."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from tests.document.office_files import docx, pptx, xlsx
from tests.document.pdfs import locked
from tests.document.test_pdf_ocr import LINES, ocr_works, scan
from tests.e2e_checks import check_error, check_stream
from tests.service import JSON, Answer, Service, running
from tests.site import Site

BOUNDARY = "----reader-stream"


def send(service: Service, field: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    """A multipart upload whose name and type say nothing true."""
    part = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="x.exe"\r\n'
        f"Content-Type: text/plain\r\n\r\n"
    ).encode()
    form = part + body + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return service.request("POST", "/", {**JSON, **kind, **(headers or {})}, form)


def picture() -> bytes:
    """An image of 40 by 30 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    return out.getvalue()


FILES = {
    "docx": (docx(), "# Harbour report"),
    "xlsx": (xlsx(), "| Ship | Tons | Built |"),
    "pptx": (pptx(), "## What we do"),
    "csv": (b"ship;tons\nAda;1\n", "| ship | tons |\n| --- | --- |\n| Ada | 1 |"),
    "json": (b'{"ship": "Ada"}', '```json\n{\n  "ship": "Ada"\n}\n```'),
    "png": (picture(), "PNG, 40 \u00d7 30 pixels"),
    "html": (b"<h1>Title</h1><p>See <a href='two'>two</a></p>", "See [two](https://a.test/dir/two)"),
    "atom": (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title>"
        b"<entry><title>E</title><link href='/e'/></entry></feed>",
        "## [E](https://a.test/e)",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_what_their_bytes_say(service: Service, name: str) -> None:
    """As multipart and as base64; the address is the base of links."""
    body, expected = FILES[name]
    sent = send(service, "file", body, {"X-Respond-With": "markdown"})
    assert sent.status == 200
    fields = {
        "file": base64.b64encode(body).decode(),
        "url": "https://a.test/dir/",
        "respondWith": "markdown",
    }
    data = service.post(fields, JSON).json()["data"]
    assert expected in data["markdown"]
    assert data["completeness"]["state"] == "complete"
    text = service.post(fields, {"Accept": "text/plain"}).text
    assert expected in text


def test_pages_and_formats_of_office_files(service: Service) -> None:
    """Slides are counted, and text is of what is read."""
    data = send(service, "file", pptx(), {"X-Respond-With": "text"}).json()["data"]
    assert data["numPages"] == 3
    assert data["text"].startswith("Harbour plans\n\nFor the council")


def test_locked_pdfs(service: Service) -> None:
    """The password goes in a header or a field; without it a 422 says what is missing."""
    body = locked("marker-secret", "open sesame")
    opened = send(service, "pdf", body, {"X-Pdf-Password": "open sesame"})
    assert "marker-secret" in opened.json()["data"]["content"]
    encoded = base64.b64encode(body).decode()
    again = service.post({"pdf": encoded, "pdfPassword": "open sesame"}, JSON)
    assert "marker-secret" in again.json()["data"]["content"]
    for given in ({}, {"pdfPassword": "wrong"}):
        refused = service.post({"pdf": encoded, **given}, JSON)
        check_error(refused.json(), 422)
        assert refused.json()["path"] == "pdfPassword"


def test_a_page_of_a_pdf(service: Service, site: Site) -> None:
    """The fragment of the address chooses it."""
    data = service.post({"url": site.url("/paper.pdf") + "#page=2"}, JSON).json()["data"]
    assert "marker-pdf-2" in data["content"]
    assert "marker-pdf-1" not in data["content"]
    assert data["numPages"] == 2


def test_downloaded_pdfs_stream(service: Service, site: Site) -> None:
    """The first snapshot has the first pages alone."""
    events = service.stream(site.url("/files/long.pdf"))
    last = check_stream(events)
    first = events[0].json()["content"]
    assert "marker-page-1 " in first
    assert "marker-page-60 " not in first
    assert "marker-page-60 " in last["content"]


def test_downloaded_office_files(service: Service, site: Site) -> None:
    """A document behind an address is read, whatever type its server gives it."""
    for path in ("/files/report.docx", "/files/report"):
        assert "# Harbour report" in service.read(site.url(path))["content"]


@pytest.mark.skipif(not ocr_works(), reason="the extra `ocr` is not installed, or OpenCV lacks libGL")
def test_scanned_pdfs(service: Service) -> None:
    """Told where OCR is off, read where it is on."""
    body = scan(*LINES)
    told = send(service, "pdf", body).json()["data"]["completeness"]
    assert told["reasons"] == ["scanned_pdf"]
    with running(
        {"READER_OCR": "true", "READER_RENDER_WORKERS": "1", "READER_RENDER_TIMEOUT": "120"}
    ) as eager:
        data = send(eager, "pdf", body, {"X-Timeout": "150"}).json()["data"]
    assert "Harbour" in data["content"]
    assert data["completeness"] == {"state": "complete", "reasons": []}
    assert [warning["code"] for warning in data["warnings"]] == ["ocr"]

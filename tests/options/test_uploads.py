"""Documents of a client's own, however they are sent; and options given with small numbers of bytes left."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from tests.document.pdfs import locked
from tests.options.carriers import carriers, send
from tests.service import JSON, Answer, Service
from tests.site.media import pdf

PAPER = pdf("marker-upload")
LOCKED = locked("marker-locked", "sesame")
BOUNDARY = "b0undary"


def multipart(service: Service, fields: Mapping[str, str], name: str, body: bytes, kind: str) -> Answer:
    """`POST /` with a file, as a browser's form sends it; `kind` is what the sender says of it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="it"\r\n'
    parts.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode())
    headers = {**JSON, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return service.request("POST", "/", headers, b"".join(parts))


def coded(body: bytes) -> str:
    """In base64."""
    return base64.b64encode(body).decode()


def document(answer: Answer) -> dict[str, Any]:
    """The document of a read that has to succeed."""
    assert answer.status == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@pytest.mark.parametrize("name", ["pdf", "file"])
def test_a_pdf_comes_in_any_wrapping(name: str, service: Service) -> None:
    """Base64, a data URL, base64 with line breaks, a form's field, a file whose sender is wrong about it."""
    spellings = [coded(PAPER), f"data:application/pdf;base64,{coded(PAPER)}"]
    spellings.append(base64.encodebytes(PAPER).decode())
    for spelt in spellings:
        for way in carriers(name):
            data = document(send(service, way, name, spelt, {}))
            assert "marker-upload" in data["content"]
            assert data["numPages"] == 1
    for kind in ("application/pdf", "text/html", "application/octet-stream"):
        assert "marker-upload" in document(multipart(service, {}, name, PAPER, kind))["content"]


@pytest.mark.parametrize("kind", ["text/html", "application/pdf", "text/plain"])
def test_html_as_a_file_is_a_page(kind: str, service: Service) -> None:
    """What the sender says of its type is not believed; other fields are options, `url` is the base."""
    page = b"<!doctype html><h1>Mine</h1><p><a href=next>on</a></p>"
    fields = {"url": "http://u.example/a/b", "respondWith": "markdown", "withLinksSummary": "yes"}
    data = document(multipart(service, fields, "file", page, kind))
    assert data["markdown"] == "# Mine\n\n[on](http://u.example/a/next)"
    assert data["links"] == {"on": "http://u.example/a/next"}


def test_a_file_is_rendered_where_the_engine_asks_for_it(service: Service) -> None:
    """Its scripts run then, and only then."""
    page = b"<!doctype html><p id=x>source</p><script>x.textContent = 'ran'</script>"
    for engine, seen in (("browser", "ran"), ("auto", "source"), ("http", "source")):
        fields = {"engine": engine, "respondWith": "markdown"}
        assert document(multipart(service, fields, "file", page, "text/html"))["markdown"] == seen


def test_a_locked_pdf_opens_with_its_password(service: Service) -> None:
    """However it is given; without it or with another one the error names the option."""
    for way in carriers("pdfPassword"):
        answer = send(service, way, "pdfPassword", "sesame", {"pdf": coded(LOCKED)})
        assert "marker-locked" in document(answer)["content"]
        answer = send(service, way, "pdfPassword", "wrong", {"pdf": coded(LOCKED)})
        assert answer.status in (400, 422)
        assert answer.json()["path"] == "pdfPassword"
    assert service.post({"pdf": coded(LOCKED)}, JSON).json()["path"] == "pdfPassword"


def test_json_that_is_called_a_form_is_json(service: Service) -> None:
    """`curl -d` says so unless it is told otherwise."""
    form = {**JSON, "Content-Type": "application/x-www-form-urlencoded"}
    answer = service.request("POST", "/", form, b'{"html": "<p>marker-typed", "respondWith": "text"}')
    assert document(answer)["text"] == "marker-typed"
    assert service.request("POST", "/", form, b'{"html": ').status == 400

"""Requests that are hardly HTTP: what can be meant is read, the rest is told in the error object."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from tests.e2e_checks import check_error
from tests.service import Service
from tests.site import Site

MALFORMED = {
    "nonsense": b"NONSENSE\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "no number": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n",
    "space": b"GET /https://e.com/a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "large": b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n",
}


def talk(service: Service, *pieces: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to these bytes."""
    with socket.create_connection((service.host, service.port), 10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_http_is_told(name: str, service: Service) -> None:
    """A 400 with the error object, and the connection is closed."""
    head, body = talk(service, MALFORMED[name])
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/json" in head
    error = json.loads(body)
    check_error(error, 400)
    assert error["name"] == "ParamValidationError"


@pytest.mark.parametrize("cut", [0, 8, 45, 46, 60])
def test_addresses_as_they_are_typed_are_read(cut: int, service: Service, site: Site) -> None:
    """UTF-8 in the request line, in whatever pieces it comes, is what a browser would have encoded."""
    target = f"{site.origin}/options/asked?by=käse✓"
    request = f"GET /{target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    head, _ = talk(service, request[:cut], request[cut:])
    assert head.startswith(b"HTTP/1.1 200 ")
    assert site.requests("/options/asked?by=k%C3%A4se%E2%9C%93") + site.requests("/options/asked?by=käse✓")


def test_a_connection_goes_on_after_such_an_address(service: Service, site: Site) -> None:
    """The second request on it is read like the first."""
    request = f"GET /{site.origin}/options/asked?by=ä HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with socket.create_connection((service.host, service.port), 10) as connection:
        for _ in range(3):
            connection.sendall(request)
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            assert response.read().startswith(b"Title: ")

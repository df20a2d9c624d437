"""The server's own settings: TLS, HTTP/2 and HTTP/3."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

from reader_stream.errors import ParamValidationError
from reader_stream.server import configure, listen
from reader_stream.settings import Settings
from tests.service import Service, start

PEM = Path(__file__).parent / "fetch" / "selfsigned.pem"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with TLS and HTTP/3."""
    settings = {"READER_TLS_CERTIFICATE": str(PEM), "READER_TLS_KEY": str(PEM), "READER_HTTP3": "true"}
    service = start(settings, tmp_path_factory.mktemp("tls") / "log")
    yield service
    service.stop()


def test_http_2_is_spoken_over_tls(secure: Service) -> None:
    """A client that offers h2 gets it."""
    done = subprocess.run(
        ["curl", "-sSk", "--http2", "-w", "%{http_version}", f"https://{secure.host}:{secure.port}/healthz"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.endswith("}2")


class Asker(QuicConnectionProtocol):
    """Sends one request and collects its answer."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.http = H3Connection(self._quic)
        self.status, self.body, self.ended = b"", b"", anyio.Event()

    def ask(self, path: str, authority: str) -> None:
        stream = self._quic.get_next_available_stream_id()
        headers = {":method": "GET", ":scheme": "https", ":authority": authority, ":path": path}
        self.http.send_headers(
            stream, [(k.encode(), v.encode()) for k, v in headers.items()], end_stream=True
        )
        self.transmit()

    def quic_event_received(self, event: QuicEvent) -> None:
        for told in self.http.handle_event(event):
            if isinstance(told, HeadersReceived):
                self.status = dict(told.headers)[b":status"]
            if isinstance(told, DataReceived):
                self.body += told.data
            if isinstance(told, (HeadersReceived, DataReceived)) and told.stream_ended:
                self.ended.set()


@pytest.mark.anyio
async def test_http_3_is_spoken_when_asked_for(secure: Service) -> None:
    """The same service over QUIC."""
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE)
    async with connect(
        secure.host, secure.port, configuration=configuration, create_protocol=Asker
    ) as client:
        assert isinstance(client, Asker)
        client.ask("/healthz", f"{secure.host}:{secure.port}")
        with anyio.fail_after(20):
            await client.ended.wait()
    assert client.status == b"200"
    assert b'"ok"' in client.body


@pytest.mark.parametrize(
    "settings",
    [
        {"tls_certificate": str(PEM)},
        {"tls_certificate": "/no/such", "tls_key": "/no/such"},
        {"http3": True},
    ],
)
def test_what_cannot_work_is_refused_at_the_start(settings: dict[str, Any]) -> None:
    """Half a certificate, a missing file, HTTP/3 without TLS: said at once, not at the first request."""
    with listen("127.0.0.1", 0) as sock, pytest.raises(ParamValidationError):
        configure(sock, Settings(**settings))

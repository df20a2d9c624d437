"""A stalled HTTP/2 reader holds the writer back."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import h2.config
import h2.connection
import h2.settings
import pytest
from hypercorn.asyncio import serve
from hypercorn.protocol import h2 as hypercorn_h2

from reader_stream import http2
from reader_stream.server import configure, listen
from reader_stream.settings import Settings

pytestmark = pytest.mark.anyio
CHUNK = b"x" * 16_384
PLENTY = 8 * 1024 * 1024


class Endless:
    """An application that writes as fast as it may, up to PLENTY, and counts."""

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while self.sent < PLENTY:
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            self.sent += len(CHUNK)


@asynccontextmanager
async def served(app: Endless) -> AsyncIterator[int]:
    sock = listen("127.0.0.1", 0)
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            config = configure(sock, Settings())
            config.graceful_timeout = 0.1
            await serve(app, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]

        sock.listen()
        port = sock.getsockname()[1]
        tasks.start_soon(run)
        yield port
        stop.set()


async def stalled(port: int) -> anyio.abc.SocketStream:
    """A client that asks, opens no window beyond 64 KiB and reads no more."""
    stream = await anyio.connect_tcp("127.0.0.1", port)
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
    client.initiate_connection()
    headers = [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "x")]
    client.send_headers(1, headers, end_stream=True)
    await stream.send(client.data_to_send())
    await stream.receive()
    return stream


async def settled(app: Endless) -> int:
    """What the application has written when it has stopped writing, or PLENTY."""
    before = 0
    while app.sent != before < PLENTY or not app.sent:
        before = app.sent
        await anyio.sleep(0.3)
    return app.sent


@pytest.mark.parametrize("patched", [True, False])
async def test_a_reader_that_stalls_costs_little(patched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the patch the writer waits within 1 MiB; without it, it never does (else remove the patch)."""
    buffer = http2.PatientBuffer if patched else PLAIN
    monkeypatch.setattr(hypercorn_h2, "StreamBuffer", buffer)
    app = Endless()
    async with served(app) as port, await stalled(port):
        written = await settled(app)
    assert (written < 1024 * 1024) is patched


PLAIN: Any = next(base for base in http2.PatientBuffer.__mro__[1:] if base.__name__ == "StreamBuffer")


def test_the_patch_goes_on_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed for the version that has the fault and for no other."""
    monkeypatch.setattr(hypercorn_h2, "StreamBuffer", PLAIN)
    assert http2.install()
    assert hypercorn_h2.StreamBuffer is http2.PatientBuffer
    monkeypatch.setattr(http2, "AFFECTED", "0.17.")
    assert not http2.install()


def test_a_port_can_be_left_to_the_system() -> None:
    """Port 0 takes a free one."""
    with listen("127.0.0.1", 0) as sock:
        assert sock.getsockname()[1] > 0
        assert sock.family == socket.AF_INET

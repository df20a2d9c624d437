"""A client that pipelines a request and leaves takes its connection with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import hypercorn.protocol
import pytest
from hypercorn.asyncio import serve
from hypercorn.protocol.h11 import H11Protocol

from reader_stream import http1
from reader_stream.server import configure, listen
from reader_stream.settings import Settings

pytestmark = pytest.mark.anyio
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE_S = 30.0
"""For what has to come; a crowded machine may be late."""
LEFT_S = 3.0
"""What has not ended by now, of itself never does; 0.3 s measured at worst."""


async def ticking(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that streams a while; `/left` breaks off, as our streams do when a client is gone."""
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(10):
        await send({"type": "http.response.body", "body": b".", "more_body": True})
        await anyio.sleep(0.01)
    if scope["path"] != "/left":
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """The application under Hypercorn; the port."""
    sock = listen("127.0.0.1", 0)
    sock.listen()
    port = sock.getsockname()[1]
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            config = configure(sock, Settings())
            config.graceful_timeout = 0.1
            await serve(ticking, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]

        tasks.start_soon(run)
        yield port
        stop.set()


def connections() -> int:
    """How many connections the server in this event loop has not ended."""
    return sum("_server_callback" in str(task.get_coro()) for task in asyncio.all_tasks())


async def all_end(patience_s: float = PATIENCE_S) -> bool:
    """Whether every connection ends in time."""
    with anyio.move_on_after(patience_s):
        while connections():  # noqa: ASYNC110, the server tells nobody when it ends one
            await anyio.sleep(0.02)
        return True
    return False


@pytest.mark.parametrize("patched", [True, False])
async def test_pipelining_client_that_leaves_costs_nothing(
    patched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the patch its connection ends; without it, never (else remove the patch)."""
    protocol = http1.EndingH11Protocol if patched else H11Protocol
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", protocol)
    async with served() as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as client:
            await client.send(REQUEST.replace(b"/ ", b"/left ") * 3)
            await client.receive()
            assert connections() == 1
        assert await all_end(PATIENCE_S if patched else LEFT_S) is patched


async def test_pipelined_requests_are_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that pipelines and stays gets every answer."""
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", http1.EndingH11Protocol)
    async with served() as port, await anyio.connect_tcp("127.0.0.1", port) as client:
        await client.send(REQUEST * 2)
        heard = b""
        while heard.count(b"HTTP/1.1 200") < 2:
            heard += await client.receive()


async def test_a_client_that_closes_after_its_answer_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypercorn alone keeps its socket and three tasks until `keep_alive_timeout` is over."""
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", http1.EndingH11Protocol)
    async with served() as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as client:
            await client.send(REQUEST)
            heard = b""
            while b"\r\n0\r\n\r\n" not in heard:
                heard += await client.receive()
        assert await all_end()


async def test_a_message_with_two_lengths_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies before us may read it otherwise, so what follows it on the connection is nobody's request."""
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", http1.EndingH11Protocol)
    lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    async with served() as port, await anyio.connect_tcp("127.0.0.1", port) as client:
        await client.send(REQUEST.removesuffix(b"\r\n") + lengths + REQUEST)
        heard = b""
        with anyio.fail_after(PATIENCE_S), contextlib.suppress(anyio.EndOfStream):
            while True:
                heard += await client.receive()
    assert heard.count(b"HTTP/1.1 200") == 1
    assert b"connection: close" in heard.lower()


def test_patch_goes_on_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed for the version that has the fault and for no other."""
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", H11Protocol)
    assert http1.install()
    assert vars(hypercorn.protocol)["H11Protocol"] is http1.EndingH11Protocol
    monkeypatch.setattr(http1, "AFFECTED", "0.17.")
    assert not http1.install()

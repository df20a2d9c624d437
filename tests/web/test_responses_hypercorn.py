"""The event stream under a real Hypercorn: what real clients do to it over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from anyio.abc import SocketStream
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reader_stream.errors import AssertionFailureError
from reader_stream.stream.sequence import Event
from reader_stream.stream.sse import Decoder, Message
from reader_stream.web.event_stream import EventStream, StreamLimits, run_until_disconnect

pytestmark = pytest.mark.anyio
LIMITS = StreamLimits(ping=0.05, send=1.0)
PATIENCE_S = 30
"""For what has to come; a crowded machine may be late."""


@dataclass
class Reads:
    """Reads of the application under test; `closed` is set when the newest has cleaned up."""

    began: anyio.Event = field(default_factory=anyio.Event)
    closed: anyio.Event = field(default_factory=anyio.Event)
    sent: int = 0

    async def events(self, kind: str) -> AsyncGenerator[Event, None]:
        self.began.set()
        try:
            if kind == "bad":
                raise AssertionFailureError("nothing there")
            yield Event("snapshot", 1, {"content": "a"})
            if kind == "quiet":
                await anyio.sleep(60)
            while kind == "flood":
                self.sent += 1
                yield Event("snapshot", self.sent, {"content": "x" * 500_000})
            yield Event("final", 2, {"content": "a"})
        finally:
            self.closed.set()


@asynccontextmanager
async def served(reads: Reads) -> AsyncIterator[int]:
    """The port of an application that streams `/{kind}` and slowly answers `/slow`."""

    async def stream(request: Request) -> EventStream:
        return EventStream(reads.events(request.path_params["kind"]), "r", LIMITS)

    async def slow(request: Request) -> Response:
        async def work() -> str:
            reads.began.set()
            try:
                await anyio.sleep(60)
            finally:
                reads.closed.set()
            return "done"

        return PlainTextResponse(await run_until_disconnect(request.receive, work()))

    app = Starlette(routes=[Route("/slow", slow), Route("/{kind}", stream)])
    sock, config, stop = socket.create_server(("127.0.0.1", 0)), Config(), asyncio.Event()
    config.bind = [f"fd://{sock.fileno()}"]
    config.graceful_timeout = 0.2
    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            await serve(app, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]

        tasks.start_soon(run)
        yield sock.getsockname()[1]
        stop.set()
    sock.detach()


async def ask(port: int, path: str, method: str = "GET") -> SocketStream:
    """A connection that has asked for a path."""
    client = await anyio.connect_tcp("127.0.0.1", port)
    await client.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


async def receive_until(client: SocketStream, end: bytes) -> bytes:
    """What comes, up to and with `end`."""
    got = b""
    while end not in got:
        got += await client.receive()
    return got


def messages(answer: bytes) -> list[Message]:
    """The events of a chunked answer (each event is one chunk, so its lines are whole)."""
    return list(Decoder().feed(answer.partition(b"\r\n\r\n")[2]))


async def test_a_stream_ends_and_the_connection_goes_on() -> None:
    """After `final` the body is closed and the same connection serves the next request."""
    async with served(Reads()) as port, await ask(port, "/short") as client:
        with anyio.fail_after(PATIENCE_S):
            answer = await receive_until(client, b"\r\n0\r\n\r\n")
            await client.send(b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
            again = await receive_until(client, b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\nid: r:2\nevent: final\n" in answer
    assert again.startswith(b"HTTP/1.1 200")


async def test_an_early_error_has_its_status() -> None:
    """A read that fails before its first event is a 422 on the wire."""
    async with served(Reads()) as port, await ask(port, "/bad") as client:
        with anyio.fail_after(PATIENCE_S):
            answer = await receive_until(client, b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"id: r:0\nevent: error\n" in answer


async def test_head_has_no_body() -> None:
    """HEAD is answered at once and starts no read."""
    reads = Reads()
    async with served(reads) as port, await ask(port, "/quiet", "HEAD") as client:
        with anyio.fail_after(PATIENCE_S):
            answer = await receive_until(client, b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
    assert not reads.began.is_set()


@pytest.mark.parametrize("path", ["/quiet", "/slow"])
async def test_a_client_that_leaves_is_noticed_at_once(path: str) -> None:
    """Streams and plain answers alike are cancelled when the connection is closed."""
    reads = Reads()
    async with served(reads) as port:
        async with await ask(port, path):
            with anyio.fail_after(PATIENCE_S):
                await reads.began.wait()
        with anyio.fail_after(PATIENCE_S):
            await reads.closed.wait()


async def test_a_client_that_pipelines_and_leaves_is_noticed() -> None:
    """With a second request in the buffer no disconnect is told; the pings find out."""
    reads = Reads()
    async with served(reads) as port:
        async with await ask(port, "/quiet") as client:
            await client.send(b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
            with anyio.fail_after(PATIENCE_S):
                await receive_until(client, b": ping")
        with anyio.fail_after(PATIENCE_S):
            await reads.closed.wait()


async def test_a_client_that_takes_nothing_is_dropped() -> None:
    """Back-pressure holds the read; after the send timeout it is closed."""
    reads = Reads()
    async with served(reads) as port, await ask(port, "/flood"):
        with anyio.fail_after(PATIENCE_S):
            await reads.closed.wait()
        held = reads.sent
        assert held * 500_000 < 50_000_000

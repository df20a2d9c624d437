"""A local forward proxy that filters: the only way out for Chromium.

HTTP/1.1, one request per connection (Chromium's connections to it cost some 0.1 ms each):

* `CONNECT host:port`: a tunnel, for https, wss and ws;
* `GET http://host/path` and the like: sent on in origin form with `Connection: close`, so that a
  connection that was checked for one host never carries a request for another.

Whatever the policy refuses is answered with 403, what cannot be connected to with 502, and the header
`X-Egress-Error` names the error of ours.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import TaskGroup

from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    ReaderError,
    SecurityCompromiseError,
)
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.proxy_request import ProxyRequest
from reader_stream.fetch.tunnel import CHUNK_BYTES, Streams, pump, tunnel

# Real heads end at some 16 kB (many cookies: 64 kB). Streams buffer up to twice as much before they pause.
MAX_HEAD_BYTES = 128 * 1024
# Chromium preconnects and may use such a connection only later; its own patience is 60 s.
HEAD_TIMEOUT_S = 60.0
# How long the last bytes may take.
FLUSH_S = 5.0
_FAILURES_KEPT = 256

_TURNS_TO_ARRIVE = 10
"""Turns of the loop in which a connection that asyncio has accepted comes to us (3) and can be closed (2)."""

ERROR_HEADER = "X-Egress-Error"
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r\n)")
_NOT_PASSED_BACK = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", ERROR_HEADER.lower().encode()}
)
_STATUS_LINES = {400: "400 Bad Request", 403: "403 Forbidden", 502: "502 Bad Gateway"}


async def close_listener(server: asyncio.Server) -> None:
    """Accept no more, hand over what asyncio has accepted, and close.

    Closed at once, asyncio of Python 3.11 drops connections on their way without closing them: nobody owns
    them, and a client waits for the garbage collector (python/cpython#109564).
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(_TURNS_TO_ARRIVE):
        await asyncio.sleep(0)
    server.close()


class FilteringProxy:
    """Listens on 127.0.0.1 on a port of its own; every connection it makes is the dialer's."""

    def __init__(self, dialer: Dialer, tasks: TaskGroup, max_connections: int) -> None:
        self.port = 0
        self._dialer = dialer
        self._tasks = tasks
        self._max_connections = max_connections
        self._clients: set[asyncio.StreamWriter] = set()
        self._failures: OrderedDict[tuple[str, int], ReaderError] = OrderedDict()

    @classmethod
    @asynccontextmanager
    async def open(cls, dialer: Dialer, *, max_connections: int = 1024) -> AsyncIterator[FilteringProxy]:
        """A running proxy; leaving the context ends all its connections at once.

        `max_connections` bounds what hostile pages can make it hold; above it new ones are dropped.
        """
        async with anyio.create_task_group() as tasks:
            proxy = cls(dialer, tasks, max_connections)
            server = await asyncio.start_server(
                proxy._accept, "127.0.0.1", 0, limit=MAX_HEAD_BYTES, backlog=1024
            )
            proxy.port = server.sockets[0].getsockname()[1]
            dialer.own_ports.add(proxy.port)
            try:
                yield proxy
            finally:
                proxy._max_connections = 0
                with anyio.CancelScope(shield=True):
                    await close_listener(server)
                tasks.cancel_scope.cancel()
                dialer.own_ports.discard(proxy.port)

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._clients)

    @property
    def url(self) -> str:
        """For `--proxy-server`."""
        return f"http://127.0.0.1:{self.port}"

    def failure(self, host: str, port: int) -> ReaderError | None:
        """Why the newest connection to a host failed; None when it did not.

        Chromium says ERR_TUNNEL_CONNECTION_FAILED for everything that befalls an https address.
        """
        return self._failures.get((host, port))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= self._max_connections:
            writer.transport.abort()
            return
        self._clients.add(writer)
        self._tasks.start_soon(self._serve, (reader, writer))

    async def _serve(self, client: Streams) -> None:
        reader, writer = client
        try:
            async with asyncio.timeout(HEAD_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._answer(client, head)
            await _flush(writer)
        except asyncio.LimitOverrunError:
            await _refuse(writer, 400, ParamValidationError("The request's head is too large."))
        except (asyncio.IncompleteReadError, OSError):
            pass  # the client went away, or said nothing for too long
        finally:
            self._clients.discard(writer)
            writer.transport.abort()

    async def _answer(self, client: Streams, head: bytes) -> None:
        try:
            request = ProxyRequest.parse(head)
        except ParamValidationError as error:
            return await _refuse(client[1], 400, error)
        try:
            upstream = await self._connect(request)
        except ReaderError as error:
            return await _refuse(client[1], 403 if isinstance(error, SecurityCompromiseError) else 502, error)
        try:
            if request.tunnel:
                client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await tunnel(client, upstream)
            else:
                upstream[1].write(request.head)
                await (tunnel(client, upstream) if request.upgrade else _exchange(client, upstream, request))
            await _flush(upstream[1])
        finally:
            upstream[1].transport.abort()

    async def _connect(self, request: ProxyRequest) -> Streams:
        host, port = request.url.host, request.url.port
        self._failures.pop((host, port), None)
        try:
            sock = await self._dialer.connect(host, port, plain=not (request.tunnel or request.upgrade))
        except ReaderError as error:
            self._failures[host, port] = error
            if len(self._failures) > _FAILURES_KEPT:
                self._failures.popitem(last=False)
            raise
        return await asyncio.open_connection(sock=sock, limit=MAX_HEAD_BYTES)


async def _refuse(writer: asyncio.StreamWriter, status: int, error: ReaderError) -> None:
    """The body is a constant, so that a page cannot learn names or addresses from it."""
    body = b"The request was not sent.\n"
    head = (
        f"HTTP/1.1 {_STATUS_LINES[status]}\r\n{ERROR_HEADER}: {type(error).__name__}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode("ascii") + body)
    await _flush(writer)


async def _flush(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with anyio.move_on_after(FLUSH_S), suppress(OSError):
        await writer.wait_closed()


async def _exchange(client: Streams, upstream: Streams, request: ProxyRequest) -> None:
    """One request's body onward, its response back; over when either side has ended."""
    async with anyio.create_task_group() as tasks:

        async def send() -> None:
            with suppress(OSError):
                if await _send_body(client[0], upstream[1], request.body_bytes):
                    await client[0].read(1)  # nothing more may come: the end, or a pipelined request
            tasks.cancel_scope.cancel()

        tasks.start_soon(send)
        try:
            await _return_response(upstream[0], client[1])
        except OSError:
            client[1].transport.abort()
        except AssertionFailureError as error:
            await _refuse(client[1], 502, error)
        tasks.cancel_scope.cancel()


async def _send_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int) -> bool:
    """Whether the client sent all that it announced."""
    while length > 0:
        data = await reader.read(min(length, CHUNK_BYTES))
        if not data:
            return False
        writer.write(data)
        await writer.drain()
        length -= len(data)
    return True


async def _return_response(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise AssertionFailureError("The origin's answer has no proper head.") from None
        status = _STATUS_LINE.match(head)
        if status is None:
            raise AssertionFailureError("The origin's answer is not HTTP/1.")
        if not status[1].startswith(b"1"):
            break
        writer.write(head)
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in _NOT_PASSED_BACK]
    writer.write(b"\r\n".join([*kept, b"Connection: close", b"\r\n"]))
    await pump(reader, writer)

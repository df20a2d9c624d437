"""How CDP messages travel: a socket pair to an own Chromium, a WebSocket to a remote one."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import anyio

from reader_stream.fetch.cdp import BrowserGone, Connection
from reader_stream.fetch.scope import owned_tasks

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10.0
"""Patience with a remote endpoint's handshake; a local one takes milliseconds."""


class _PipeProtocol(asyncio.Protocol):
    """NUL-separated JSON, as `--remote-debugging-pipe` speaks it."""

    def __init__(self) -> None:
        self.connection = Connection(self._write)
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (narrows the type)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *ends, rest = data.split(b"\0")
        for end in ends:
            self._parts.append(end)
            message = b"".join(self._parts)
            self._parts.clear()
            self.connection.feed(message)
        if rest:
            self._parts.append(rest)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connection.lost("the browser ended" if exc is None else f"the browser ended: {exc}")

    def _write(self, message: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines((message, b"\0"))


@asynccontextmanager
async def open_pipe(ours: socket.socket) -> AsyncIterator[Connection]:
    """A connection over our end of the socket pair whose other end is Chromium's fds 3 and 4.

    A socket needs no reader task (asyncio calls the protocol) and moves 200 KiB at a time where a pipe
    moves 64.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_connection(_PipeProtocol, sock=ours)
    except BaseException:
        ours.close()
        raise
    try:
        yield protocol.connection
    finally:
        transport.abort()
        protocol.connection.lost("the browser was closed")


@asynccontextmanager
async def open_websocket(url: str) -> AsyncIterator[Connection]:
    """A connection to a remote endpoint: `ws://…`, or `http://host:port`, asked for its `ws://` URL.

    Raises `BrowserGone` when there is none.
    """
    outbox: asyncio.Queue[bytes] = asyncio.Queue()
    connection = Connection(outbox.put_nowait)
    async with aiohttp.ClientSession(trust_env=False) as http:
        socket_ = await _connect(http, url)
        try:
            async with owned_tasks() as tasks:
                tasks.start_soon(_read, socket_, connection)
                tasks.start_soon(_write, socket_, outbox)
                yield connection
        finally:
            connection.lost("the browser was disconnected")
            with anyio.move_on_after(1, shield=True):
                await socket_.close()


async def _connect(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    """Chromium refuses a Host that is a name (500), other endpoints need theirs: try both."""
    error: Exception | None = None
    for headers in ({}, {"Host": "localhost"}):
        try:
            with anyio.fail_after(CONNECT_TIMEOUT_S):
                endpoint = await _endpoint(http, url, headers)
                # Replies may be many MiB. A silent peer is noticed by the pool's own heartbeat.
                return await http.ws_connect(endpoint, max_msg_size=0, compress=0, headers=headers)
        except aiohttp.ClientResponseError as refusal:
            error = refusal
            if refusal.status != 500:
                break
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as failure:
            error = failure
            break
    raise BrowserGone(f"no browser at {url}: {error or type(error).__name__}") from error


async def _endpoint(http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> str:
    """The browser's WebSocket URL, on the host that we were given (it names itself localhost)."""
    if not url.startswith(("http://", "https://")):
        return url
    async with http.get(url.rstrip("/") + "/json/version", headers=headers) as answer:
        answer.raise_for_status()
        told = urlsplit(str((await answer.json(content_type=None))["webSocketDebuggerUrl"]))
    given = urlsplit(url)
    scheme = "wss" if given.scheme == "https" else "ws"
    return urlunsplit((scheme, given.netloc, told.path, told.query, ""))


async def _read(socket_: aiohttp.ClientWebSocketResponse, connection: Connection) -> None:
    async for message in socket_:
        if message.type is aiohttp.WSMsgType.TEXT:
            connection.feed(message.data.encode())
        elif message.type is aiohttp.WSMsgType.BINARY:
            connection.feed(message.data)
    connection.lost("the browser disconnected")


async def _write(socket_: aiohttp.ClientWebSocketResponse, outbox: asyncio.Queue[bytes]) -> None:
    while True:
        message = await outbox.get()
        try:
            await socket_.send_str(message.decode())
        except (aiohttp.ClientError, OSError):
            logger.debug("the remote browser is gone; its reader says so")
            return

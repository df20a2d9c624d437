"""`text/event-stream` as an ASGI response of our own.

It always watches for the client's leaving, pings while quiet, gives a client that stalls a bounded
time, and closes its iterator in the very task that runs it, so that the iterator's cleanup runs at
once (ARCHITECTURE.md says what the ready-made classes do instead).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from reader_stream.errors import InternalServerError, ReaderError, ServiceNodeUnavailableError
from reader_stream.stream import sse
from reader_stream.stream.sequence import Event
from reader_stream.web.accept import Representation
from reader_stream.web.responses import (
    COMMON_HEADERS,
    STREAM_HEADERS,
    content_type,
    stream_head,
    with_request_id,
)

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long a stream may do what; seconds.

    `ping`: quiet time after which a comment is sent; proxies cut connections after 15 to 60 s of silence.
    `send`: a client that takes nothing for so long is gone (its socket's buffers are full).
    `life`: no read lasts longer than its timeout (at most 180) and its time in the queue.
    """

    ping: float = 10.0
    send: float = 15.0
    life: float = 600.0


class EventStream:
    """The ASGI response that sends a read's events as they come.

    The head is held back until the first event or ping, so that a read that fails before has its real
    HTTP status. An error ends the stream as its last event, whether it comes as an event or is raised.
    """

    def __init__(
        self, events: AsyncGenerator[Event, None], read_id: str, limits: StreamLimits | None = None
    ) -> None:
        self._events = events
        self._read_id = read_id
        self._limits = limits or StreamLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run to the end of the events, the client's leaving or the stream's lifetime."""
        wire = _Wire(send, self._read_id, self._limits, with_body=scope["method"] != "HEAD")
        if scope["method"] == "HEAD":
            await self._events.aclose()
            await wire.end()
            return
        async with anyio.create_task_group() as group:
            group.cancel_scope.deadline = anyio.current_time() + self._limits.life
            group.start_soon(wire.attend, receive, group.cancel_scope)
            await self._tell(wire)
            group.cancel_scope.cancel()
        if wire.alive and not wire.ended:
            await wire.event(
                _error(ServiceNodeUnavailableError("the stream lived too long", retry_after=1), wire)
            )
            await wire.end()

    async def _tell(self, wire: _Wire) -> None:
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    if not await wire.event(event):
                        return
        except ReaderError as error:
            await wire.event(_error(error, wire))
        except Exception:  # the ASGI edge: a stream that has begun can only be told so
            log.exception("a stream failed")
            await wire.event(_error(InternalServerError("something failed on our side", retry_after=1), wire))
        await wire.end()


class _Wire:
    """The bytes of one stream: one sender at a time, the head before the first of them."""

    def __init__(self, send: Send, read_id: str, limits: StreamLimits, *, with_body: bool) -> None:
        self._send = send
        self._read_id = read_id
        self._limits = limits
        self._with_body = with_body
        # Else each event would cost a turn of the event loop (a quarter of the time of 500 watchers).
        self._lock = anyio.Lock(fast_acquire=True)
        self._begun = False
        self._sent_at = anyio.current_time()
        self.alive = True
        self.ended = False
        self.version = 0

    async def event(self, event: Event) -> bool:
        """Send one event; False when the client is gone."""
        status, retry_after = 200, None
        if event.kind == "error":
            status, retry_after = int(event.data["code"]), event.data.get("retryAfter")
            event = replace(event, data=with_request_id(event.data))
        sent = await self._write(sse.encode(self._read_id, event), status, retry_after)
        self.version = event.version
        return sent

    async def end(self) -> None:
        """Close the body."""
        await self._write(b"", last=True)
        self.ended = True

    async def attend(self, receive: Receive, scope: anyio.CancelScope) -> None:
        """Comments while nothing else is sent; ends the stream when the client leaves or takes none."""
        while self.alive:
            message = None
            with anyio.move_on_at(self._sent_at + self._limits.ping):
                message = await receive()
            quiet = anyio.current_time() - self._sent_at >= self._limits.ping
            if message and message["type"] == "http.disconnect":
                self.alive = False
            if not message and quiet:
                await self._write(sse.PING)
        scope.cancel()

    async def _write(
        self, body: bytes, status: int = 200, retry_after: int | None = None, *, last: bool = False
    ) -> bool:
        """False when the client takes nothing more, at once or within the send timeout."""
        with anyio.move_on_after(self._limits.send) as patience:
            async with self._lock:
                if not self.alive:
                    return False
                try:
                    if not self._begun:
                        self._begun = True
                        await self._send(_head(status, retry_after))
                        body = (stream_head() if self._with_body else b"") + body
                    await self._send({"type": "http.response.body", "body": body, "more_body": not last})
                except OSError:
                    self.alive = False
                self._sent_at = anyio.current_time()
        if patience.cancelled_caught:
            self.alive = False
        return self.alive


async def run_until_disconnect(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client leaves.

    The request's body must have been read. Raises ClientDisconnect then, and whatever `work` raises.
    """
    finished: list[T] = []
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_on_disconnect, receive, group.cancel_scope)
            finished.append(await work)
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    if not finished:
        raise ClientDisconnect
    return finished[0]


async def _cancel_on_disconnect(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _error(error: ReaderError, wire: _Wire) -> Event:
    """The last event of a stream that fails; version 0 before anything else was told."""
    return Event("error", wire.version + 1 if wire.version else 0, error.to_dict())


def _head(status: int, retry_after: int | None) -> dict[str, Any]:
    message: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": []}
    headers = MutableHeaders(raw=message["headers"])
    headers.update(COMMON_HEADERS)
    headers["Content-Type"] = content_type(Representation.EVENT_STREAM)
    headers.update(STREAM_HEADERS)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return message

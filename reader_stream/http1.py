"""What Hypercorn 0.18 lacks for HTTP/1.1: a small patch.

Requests that are not HTTP get the error object instead of an empty answer, and a request line may have
UTF-8 in it, as `curl` sends what was typed: it is percent-encoded, as browsers do.

Connections whose client pipelined a request and left come to an end. While a response is under way, a
second request on the same connection pauses its reader. When the response is not brought to an end (the
client is gone), the reader is not woken, or wakes, finds the second request still there, and pauses again,
for ever: each such client costs a task and a socket until the server stops, and delays the stop by the
whole `graceful_timeout`. A connection that cannot be used again forgets what it has received, so that its
reader ends. Remove this file, its call and its test when Hypercorn does so.
"""

from __future__ import annotations

import logging
import secrets
from importlib.metadata import version

import h11
import hypercorn.protocol
import orjson
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import H11SendableEvent

from reader_stream.errors import ParamValidationError

AFFECTED = "0.18."
TOO_LARGE = 431

log = logging.getLogger(__name__)


class EndingH11Protocol(H11Protocol):
    """HTTP/1.1 whose paused reader ends with its connection."""

    over = False
    in_request_line = True
    doubtful = False

    async def handle(self, event: Event) -> None:
        """Take what the transport says; of a connection that is over, only that it is closed."""
        if self.over and isinstance(event, RawData):
            return
        if self.in_request_line and isinstance(event, RawData):
            event = RawData(self._encoded(event.data), event.address)
        await super().handle(event)
        if isinstance(event, Closed):
            await self._end()
            await self.send(Updated(idle=False))  # else the socket waits out `keep_alive_timeout`

    async def stream_send(self, event: StreamEvent) -> None:
        """Send what the application says, while there is somebody to hear it."""
        if not self.over or isinstance(event, StreamClosed):
            await super().stream_send(event)

    def _encoded(self, data: bytes) -> bytes:
        """The rest of a request line with other bytes than ASCII percent-encoded, and what follows it."""
        line, newline, rest = data.partition(b"\n")
        self.in_request_line = not newline
        if not line.isascii():
            line = b"".join(b"%%%02X" % byte if byte > 0x7F else bytes((byte,)) for byte in line)
        return line + newline + rest

    async def _create_stream(self, request: h11.Request) -> None:
        """A message with two ways to tell its length is the last one (RFC 9112, 6.1)."""
        names = {bytes(name) for name, _ in request.headers}
        self.doubtful = {b"transfer-encoding", b"content-length"} <= names
        await super()._create_stream(request)

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        if self.doubtful and isinstance(event, h11.Response):
            headers = [*event.headers, (b"connection", b"close")]
            event = h11.Response(status_code=event.status_code, headers=headers)
        await super()._send_h11_event(event)

    async def _maybe_recycle(self) -> None:
        if not self.connection.our_state is self.connection.their_state is h11.DONE:
            await self._end()
        self.in_request_line = True
        await super()._maybe_recycle()

    async def _send_error_response(self, status_code: int) -> None:
        """What cannot be parsed cannot say which representation it wants: JSON, as a 400 of ours."""
        large = status_code == TOO_LARGE
        message = "the request's header is too large" if large else "the request is not valid HTTP/1.1"
        error = ParamValidationError(message)
        request = secrets.token_hex(8)
        body = orjson.dumps({**error.to_dict(), "requestId": request})
        log.info("a request could not be read", extra={"requestId": request, "reason": message})
        headers = [
            (b"x-request-id", request.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *self.config.response_headers("h11"),
        ]
        await self._send_h11_event(h11.Response(status_code=error.http, headers=headers))
        await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())

    async def _end(self) -> None:
        """Forget what was received and wake the reader, which then finds nothing and ends."""
        self.over = True
        self.connection = h11.Connection(h11.SERVER)
        await self.can_read.set()


def install() -> bool:
    """Use it where it is needed; says whether it was."""
    found = version("hypercorn")
    if not found.startswith(AFFECTED):
        log.warning("hypercorn %s: the HTTP/1.1 pipelining patch for %sx is not applied", found, AFFECTED)
        return False
    hypercorn.protocol.H11Protocol = EndingH11Protocol  # type: ignore[attr-defined]
    return True

"""An end for connections whose client pipelined a request and left: a small patch to Hypercorn 0.18.

While a response is under way, a second request on the same connection pauses its reader. When the
response is not brought to an end (the client is gone), the reader is not woken, or wakes, finds the second
request still there, and pauses again, for ever: each such client costs a task and a socket until the
server stops, and delays the stop by the whole `graceful_timeout`. A connection that cannot be used again
forgets what it has received, so that its reader ends. Remove this file, its call and its test when
Hypercorn does so.
"""

from __future__ import annotations

import logging
from importlib.metadata import version

import h11
import hypercorn.protocol
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.h11 import H11Protocol

AFFECTED = "0.18."

log = logging.getLogger(__name__)


class EndingH11Protocol(H11Protocol):
    """HTTP/1.1 whose paused reader ends with its connection."""

    over = False

    async def handle(self, event: Event) -> None:
        """Take what the transport says; of a connection that is over, only that it is closed."""
        if self.over and isinstance(event, RawData):
            return
        await super().handle(event)
        if isinstance(event, Closed):
            await self._end()

    async def stream_send(self, event: StreamEvent) -> None:
        """Send what the application says, while there is somebody to hear it."""
        if not self.over or isinstance(event, StreamClosed):
            await super().stream_send(event)

    async def _maybe_recycle(self) -> None:
        if not self.connection.our_state is self.connection.their_state is h11.DONE:
            await self._end()
        await super()._maybe_recycle()

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

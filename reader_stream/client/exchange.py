"""Pure: one stream over however many connections it takes. The clients own the sockets and the waiting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reader_stream import __version__
from reader_stream.client.failures import TransportError
from reader_stream.client.fold import Document, Fold
from reader_stream.client.request import body_of, field_of
from reader_stream.stream.sse import RETRY_MS, Decoder

RETRIES = 5
"""Broken connections in a row without anything new; the doubling pauses make 31 s, enough for a restart."""

CONNECT_S = 10.0
"""Until a connection stands; TCP's first three tries fall into it."""

SILENCE_S = 30.0
"""A stream pings every 10 s: after two lost pings nobody is there any more."""

MAX_PAUSE_S = 30.0
"""The longest pause before a new connection, whatever the service says."""


def base_headers(api_key: str | None, headers: Mapping[str, str] | None) -> dict[str, str]:
    """What goes with every request of a client."""
    key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return {"User-Agent": f"reader-stream/{__version__}", **key, **(headers or {})}


class Exchange:
    """What is sent, what came, whether to try again."""

    def __init__(self, url: str, options: Mapping[str, Any], retries: int) -> None:
        self.body = body_of(url, options)
        self.done = False
        self._fold = Fold(field_of(options))
        self._decoder = Decoder()
        self._retries = retries
        self._retry_s = RETRY_MS / 1000
        self._answered = False
        self._failures = 0
        self._read_at_break = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the next connection."""
        headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
        if self._fold.last_event_id:
            headers["Last-Event-ID"] = self._fold.last_event_id
        return headers

    def opened(self, status: int, content_type: str) -> None:
        """Begin with an answer whose status is below 400. Raises TransportError when it is no stream."""
        if status == 204:
            raise TransportError("the service says that the stream has ended; its final event never came")
        if status != 200 or not content_type.startswith("text/event-stream"):
            raise TransportError(
                f"no event stream, but HTTP status {status} with {content_type or 'no type'}"
            )
        if not self._answered:
            self._answered, self._failures = True, 0
        self._decoder = Decoder()

    def feed(self, chunk: bytes) -> Iterator[Document]:
        """The documents that these bytes complete. Raises what `Fold.take` raises."""
        for message in self._decoder.feed(chunk):
            document = self._fold.take(message)
            if self._fold.read_id == self._read_at_break:
                self._failures = 0  # the read goes on where it was, it does not only begin anew
            self.done = self._fold.document.final
            if document:
                yield document
        if self._decoder.retry_ms is not None:
            self._retry_s = self._decoder.retry_ms / 1000

    def pause(self, cause: Exception | None) -> float:
        """Seconds until the next connection after one that broke (None: ended too early).

        Raises TransportError after the last that is tried. Before any answer that is the second, at once:
        a kept connection may have been closed meanwhile, but who cannot be reached is not waited for.
        """
        reason = "the stream ended before its final event" if cause is None else f"{cause!r}"
        if not self._answered:
            if self._failures:
                raise TransportError(f"no answer: {reason}") from cause
            self._failures = 1
            return 0.0
        if self._failures >= self._retries:
            raise TransportError(f"the connection broke {self._failures + 1} times: {reason}") from cause
        self._failures += 1
        self._read_at_break = self._fold.read_id
        return min(MAX_PAUSE_S, self._retry_s * 2.0 ** (self._failures - 1))

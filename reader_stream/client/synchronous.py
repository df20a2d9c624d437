"""The client for blocking code, over http.client: no event loop, no thread."""

from __future__ import annotations

import http.client
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Self, Unpack
from urllib.parse import urlsplit

from reader_stream.client.exchange import RETRIES, SILENCE_S, Exchange, base_headers
from reader_stream.client.failures import error_of
from reader_stream.client.fold import Document
from reader_stream.client.request import Options

CHUNK_BYTES = 65536
"""At most so much is taken from the socket at once; the size of its buffer in most systems."""


class Client:
    """As `AsyncClient`, blocking. A stream holds one connection of its own until it ends or is closed."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = RETRIES,
        silence: float = SILENCE_S,
    ) -> None:
        self._url = urlsplit(base_url.rstrip("/") + "/")
        if self._url.scheme not in ("http", "https") or not self._url.hostname:
            raise ValueError(f"base_url must be an http or https URL, not {base_url!r}")
        self._headers = base_headers(api_key, headers)
        self._retries = retries
        self._silence = silence
        self._connections: set[http.client.HTTPConnection] = set()
        self._closed = False

    def __repr__(self) -> str:
        return f"Client({self._url.geturl()!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; streams that are still open fail."""
        self._closed = True
        for connection in tuple(self._connections):
            connection.close()

    def stream(self, url: str = "", **options: Unpack[Options]) -> Generator[Document, None, None]:
        """The documents of a read as they come, each with other content; the last has `final` set.

        Raises the ReaderError that the service tells, TransportError where it does not answer (any
        more), IntegrityError where the content is not what the service sent, TypeError for unknown options.
        """
        exchange = Exchange(url, options, self._retries)
        while True:
            cause: Exception | None = None
            try:
                yield from self._connection(exchange)
            except (OSError, http.client.HTTPException) as error:
                cause = error
            if exchange.done:
                return
            time.sleep(exchange.pause(cause))

    def read(self, url: str = "", **options: Unpack[Options]) -> Document:
        """The last document of a read, with `final` set. Raises as `stream` does."""
        last = Document()
        with closing(self.stream(url, **options)) as documents:
            for document in documents:
                last = document
        return last

    def _connection(self, exchange: Exchange) -> Generator[Document, None, None]:
        """What one connection brings."""
        if self._closed:
            raise RuntimeError("the client is closed")
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(self._url.hostname), self._url.port, timeout=self._silence)
        self._connections.add(connection)
        try:
            headers = {**self._headers, **exchange.headers}
            connection.request("POST", self._url.path, exchange.body, headers)
            with connection.getresponse() as response:
                yield from _documents(response, exchange)
        finally:
            self._connections.discard(connection)
            connection.close()


def _documents(response: http.client.HTTPResponse, exchange: Exchange) -> Generator[Document, None, None]:
    kind = response.getheader("Content-Type", "")
    if response.status >= 400:
        raise error_of(response.status, kind, response.getheader("Retry-After", ""), response.read())
    exchange.opened(response.status, kind)
    while not exchange.done and (chunk := response.read1(CHUNK_BYTES)):
        yield from exchange.feed(chunk)

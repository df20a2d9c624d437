"""The client for asyncio, over aiohttp."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Self, Unpack

import aiohttp
import anyio

from reader_stream.client.exchange import CONNECT_S, RETRIES, SILENCE_S, Exchange, base_headers
from reader_stream.client.failures import error_of
from reader_stream.client.fold import Document
from reader_stream.client.request import Options


class AsyncClient:
    """Talks to the service at `base_url`; close it with `async with` or `aclose`.

    `headers` go with every request. `retries` bounds the connections in a row that may break without
    anything new; one on which nothing comes for `silence` seconds counts as broken.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = RETRIES,
        silence: float = SILENCE_S,
    ) -> None:
        self._url = base_url.rstrip("/") + "/"
        self._headers = base_headers(api_key, headers)
        self._retries = retries
        self._silence = silence
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"AsyncClient({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; streams that are still open fail."""
        self._closed = True
        if self._session:
            await self._session.close()

    async def stream(self, url: str = "", **options: Unpack[Options]) -> AsyncGenerator[Document, None]:
        """The documents of a read as they come, each with other content; the last has `final` set.

        Raises the ReaderError that the service tells, TransportError where it does not answer (any
        more), IntegrityError where the content is not what the service sent, TypeError for unknown options.
        """
        exchange = Exchange(url, options, self._retries)
        while True:
            cause: Exception | None = None
            try:
                async with aclosing(self._connection(exchange)) as documents:
                    async for document in documents:
                        yield document
            except (aiohttp.ClientError, OSError) as error:
                cause = error
            if exchange.done:
                return
            await anyio.sleep(exchange.pause(cause))

    async def read(self, url: str = "", **options: Unpack[Options]) -> Document:
        """The last document of a read, with `final` set. Raises as `stream` does."""
        last = Document()
        async with aclosing(self.stream(url, **options)) as documents:
            async for document in documents:
                last = document
        return last

    async def _connection(self, exchange: Exchange) -> AsyncGenerator[Document, None]:
        """What one connection brings."""
        async with self._open().post(self._url, data=exchange.body, headers=exchange.headers) as response:
            kind = response.headers.get("Content-Type", "")
            if response.status >= 400:
                retry_after = response.headers.get("Retry-After", "")
                raise error_of(response.status, kind, retry_after, await response.read())
            exchange.opened(response.status, kind)
            async for chunk in response.content.iter_any():
                for document in exchange.feed(chunk):
                    yield document
                if exchange.done:
                    return

    def _open(self) -> aiohttp.ClientSession:
        """The session, made at its first use: it belongs to the event loop that runs then."""
        if self._closed:
            raise RuntimeError("the client is closed")
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=self._silence)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self._session

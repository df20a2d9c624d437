"""Clients of a running service: `AsyncClient` and `Client`.

::

    async with AsyncClient("http://127.0.0.1:3000") as client:
        async for document in client.stream("https://example.com", with_iframe=True):
            print(document.version, document.content)
        document = await client.read("https://example.com")

Streams come as patches; the client folds them, goes on after a broken connection where it was, and
checks the whole against the service's digest. What goes wrong is a `ReaderError` where the service
says so, a `TransportError` where no answer could be had.
"""

from reader_stream.client.asynchronous import AsyncClient
from reader_stream.client.failures import IntegrityError, TransportError
from reader_stream.client.fold import Completeness, Document
from reader_stream.client.request import Options
from reader_stream.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Completeness",
    "Document",
    "IntegrityError",
    "Options",
    "TransportError",
]

"""Both clients as one, and streams to fold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import anyio
import pytest

from reader_stream.client import AsyncClient, Client, Document
from reader_stream.model import Phase, StreamMode
from reader_stream.stream.sequence import Moment
from reader_stream.stream.sequence import Sequence as Revisions
from reader_stream.stream.sse import encode
from reader_stream.stream.view import View
from tests.client.scripted import Scripted, serving

SETTINGS = ("api_key", "headers", "retries", "silence")
Streamed = Callable[..., list[Document]]
STAYS = "A paragraph that stays as it is, so that a patch is smaller than a whole snapshot. " * 3
TABLE = "| a |\n| --- |\n| 1 |"
DOCUMENTS: tuple[tuple[str, ...], ...] = (
    ("# Café", STAYS, "Loading…"),
    ("# Café", STAYS, "First paragraph.", TABLE),
    ("# Café", "New lead.", STAYS, "First paragraph.", f"{TABLE}\n| 2 |", "*An end* \N{GRINNING FACE}"),
    ("# Café", "New lead.", STAYS, "First, told better.", f"{TABLE}\n| 2 |", "Another end"),
)
CONTENT = "\n\n".join(DOCUMENTS[-1])


def stream_of(documents: Sequence[tuple[str, ...]], mode: StreamMode = StreamMode.PATCH) -> list[bytes]:
    """The events of a read whose page showed these documents, as the service tells them."""
    revisions = Revisions("content", len)
    view, events = View(revisions, mode), []
    for n, blocks in enumerate(documents):
        last = n == len(documents) - 1
        head = {"title": "Café", "url": "https://example.com/"}
        revisions.observe(blocks, head, Moment(Phase.INTERACTIVE, 1, 100 * n, last))
        if last:
            text = "\n\n".join(blocks)
            completeness = {"state": "partial", "reasons": ["timeout"]}
            told: dict[str, Any] = {**head, "content": text, "completeness": completeness, "warnings": []}
            revisions.finish({**told, "sha256": hashlib.sha256(text.encode()).hexdigest()})
        events += view.catch_up()
    return [encode("r1", event) for event in events]


@pytest.fixture(scope="session")
def scripted() -> Iterator[Scripted]:
    """The scripted server, up for the session."""
    with serving() as server:
        yield server


def _stream_sync(base: str, url: str = "https://example.com", /, **options: Any) -> list[Document]:
    settings = {name: options.pop(name) for name in SETTINGS if name in options}
    with Client(base, **settings) as client, closing(client.stream(url, **options)) as documents:
        return list(documents)


def _stream_async(base: str, url: str = "https://example.com", /, **options: Any) -> list[Document]:
    settings = {name: options.pop(name) for name in SETTINGS if name in options}

    async def run() -> list[Document]:
        async with AsyncClient(base, **settings) as client:
            return [document async for document in client.stream(url, **options)]

    return anyio.run(run)


@pytest.fixture(params=[_stream_async, _stream_sync], ids=["async", "sync"])
def streamed(request: pytest.FixtureRequest) -> Streamed:
    """All documents of a stream, by either client."""
    found: Streamed = request.param
    return found

"""A response body while it arrives."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

import anyio

from reader_stream.errors import AssertionFailureError

PART_S = 0.03
"""How long a part may grow before it is worth a document of its own: a body that is whole by then (all
pages of the test site that do not stall) costs one document, not two."""


class Body:
    """Bytes that grow; one task collects, another looks."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._grown = anyio.Event()
        self.complete = False
        """Whether no more will come; `broken` then says that it is not all."""
        self.broken = False

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    def __len__(self) -> int:
        return len(self._data)

    async def collect(self, chunks: AsyncIterable[bytes]) -> None:
        """Take all chunks in. A source that breaks off after something came leaves a broken body."""
        try:
            async for chunk in chunks:
                self._data += chunk
                self._grown.set()
        except AssertionFailureError:
            if not self._data:
                raise
            self.broken = True
        self.complete = True
        self._grown.set()

    async def parts(self) -> AsyncGenerator[int, None]:
        """How many bytes there are, whenever there are more; nothing once the body is complete."""
        while True:
            await self._grown.wait()
            with anyio.move_on_after(PART_S):
                await self._end()
            if self.complete:
                return
            self._grown = anyio.Event()
            yield len(self)

    async def _end(self) -> None:
        while not self.complete:
            self._grown = anyio.Event()
            await self._grown.wait()

"""A PDF, page by page: the first snapshot goes out in the time of its first pages."""

from __future__ import annotations

from dataclasses import replace

import anyio

from reader_stream.document.pdf import PdfPart, chosen_page
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Capture, Reason
from reader_stream.pipeline.order import Order
from reader_stream.pipeline.render import Renderer
from reader_stream.pipeline.transcript import Transcript

FIRST_PAGES = 2
MOST_PAGES = 64
"""A snapshot is worth telling when there is twice as much to read; later ones come every 64 pages, so that
handing the file to a worker (30 ms for 30 MB) stays small beside reading it."""


class PdfRead:
    """Reads a PDF that was fetched or uploaded into a transcript."""

    def __init__(self, renderer: Renderer, order: Order, transcript: Transcript) -> None:
        self._renderer = renderer
        self._order = order
        self._transcript = transcript

    async def run(self, capture: Capture, body: bytes) -> None:
        """Observe documents of more and more pages of `body`; the last one is settled."""
        bare = replace(capture, body=b"")
        parts: list[PdfPart] = []
        chosen = chosen_page(self._order.url)
        first, count = (chosen, 1) if chosen else (1, FIRST_PAGES)
        with anyio.move_on_at(self._transcript.deadline):
            while True:
                password = self._order.options.pdf_password
                part = await self._renderer.read_pages(body, first, first + count - 1, password)
                parts.append(part)
                first, count = first + count, min(2 * count, MOST_PAGES)
                if chosen or first > part.info.page_count:
                    await self._tell(replace(bare, settled=True), parts)
                    return
                await self._tell(replace(bare, settled=False), parts)
        if not parts:
            raise AssertionFailureError("no page of the PDF could be read before the timeout", path="timeout")
        await self._tell(replace(bare, settled=True, reasons=(Reason.TIMEOUT,)), parts)

    async def _tell(self, capture: Capture, parts: list[PdfPart]) -> None:
        document = await self._renderer.assemble(capture, self._order.render, parts)
        self._transcript.take(document, capture)

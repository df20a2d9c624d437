"""A PDF, page by page: the first snapshot goes out in the time of its first pages."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import anyio

from reader_stream.document.pdf import MAX_PAGES, PdfPart, chosen_page
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
        pages: list[PdfPart] = []
        reasons: tuple[Reason, ...] = ()
        with anyio.move_on_at(self._transcript.deadline) as timeout:
            reasons = await self._read(bare, body, pages)
            if self._renderer.limits.ocr:
                await self._recognise(bare, body, pages)
        if not pages:
            raise AssertionFailureError("no page of the PDF could be read before the timeout", path="timeout")
        if timeout.cancelled_caught:
            reasons = (Reason.TIMEOUT,)
        await self._tell(replace(bare, settled=True, reasons=reasons), pages)

    async def _read(self, capture: Capture, body: bytes, parts: list[PdfPart]) -> tuple[Reason, ...]:
        """All pages, or the one that was chosen, into `parts`; what is there is told on the way.

        Gives why pages at the end are missing, if any are.
        """
        if self._chosen:
            parts.append(await self._renderer.read_around(body, self._chosen, self._password))
            return ()
        first, count = 1, FIRST_PAGES
        while True:
            try:
                part = await self._renderer.read_pages(body, first, first + count - 1, self._password)
            except AssertionFailureError:
                if not parts:
                    raise
                return (Reason.RENDERER_CRASHED,)  # a page took too long, too much, or the worker with it
            parts.append(part)
            first, count = first + count, min(2 * count, MOST_PAGES, MAX_PAGES + 1 - first - count)
            if first > min(part.info.page_count, MAX_PAGES):
                return ()
            await self._tell(replace(capture, settled=False), parts)

    async def _recognise(self, capture: Capture, body: bytes, parts: list[PdfPart]) -> None:
        """Scanned pages, one after the other, in the place of their pictures."""
        for at, part in enumerate(parts):
            for page in part.pages:
                if not page.scanned or self._chosen not in (None, page.number):
                    continue
                await self._tell(replace(capture, settled=False), parts)
                with suppress(
                    AssertionFailureError
                ):  # it took too long or too much: the page stays a picture
                    read = await self._renderer.recognise(body, page.number, self._password)
                    pages = [read if each.number == read.number else each for each in parts[at].pages]
                    parts[at] = replace(parts[at], pages=tuple(pages))

    @property
    def _chosen(self) -> int | None:
        return chosen_page(self._order.url)

    @property
    def _password(self) -> str | None:
        return self._order.options.pdf_password

    async def _tell(self, capture: Capture, parts: list[PdfPart]) -> None:
        document = await self._renderer.assemble(capture, self._order.render, parts)
        self._transcript.take(document, capture)

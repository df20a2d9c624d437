"""Captures in, events out: renders what a read captures and writes it into the flight's sequence."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import anyio

from reader_stream.document import tokens
from reader_stream.errors import AssertionFailureError, ReaderError, ServiceNodeUnavailableError
from reader_stream.model import Capture, Completeness, Document, Engine, Phase, Reason, Shot, Warn
from reader_stream.pipeline.answer import blocks_of, data_of, field_of, head_of, main_of
from reader_stream.pipeline.cache import Cache, Entry
from reader_stream.pipeline.captions import CAPTIONS_MISSING
from reader_stream.pipeline.flight import Flight
from reader_stream.pipeline.order import Order
from reader_stream.pipeline.render import Renderer
from reader_stream.pipeline.shots import Shots
from reader_stream.stream.sequence import Moment

STABILITY_LOOK_S = 0.05
"""Between two looks whether a page rests long enough: half the half-life of doubt (`stream.stability`)."""

PREVIEW_BLOCKS = 3
PREVIEW_CHARS = 1000
"""The least of a beginning's content that is told. Of 93 long pages of WCXB whose beginning had any, 30 % of
its words were taken back with the whole page, of the 51 that have this much 16 % (at the median 2 %): a few
lines are most often what stands above a list that has not begun."""


class Transcript:
    """What is known of one read so far."""

    def __init__(self, order: Order, flight: Flight, renderer: Renderer, shots: Shots) -> None:
        self._order = order
        self._flight = flight
        self._renderer = renderer
        self._shots = shots
        self._taken: tuple[Shot, ...] = ()
        self._field = field_of(order.options)
        self._started = anyio.current_time()
        self._document: Document | None = None
        self._settled: Capture | None = None
        self._reasons: tuple[Reason, ...] = ()
        self._status = 200
        self._stop_when = order.stop_when
        self._enough: anyio.Event | None = None
        self.stopped = False
        """Whether what the client waits for is there: nobody needs the rest of the page."""

    @property
    def deadline(self) -> float:
        """When the page's time is over, on the event loop's clock."""
        return self._started + self._order.options.timeout

    def elapsed(self) -> float:
        """Seconds since the read began."""
        return anyio.current_time() - self._started

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the read began."""
        return round(self.elapsed() * 1000)

    @property
    def readable(self) -> bool:
        """Whether there is anything yet."""
        return self._document is not None and _says_something(self._document)

    async def observe(self, capture: Capture) -> None:
        """Render a capture and tell its document; a settled one waits for `finish`."""
        self._taken = capture.shots
        self._settled = capture if capture.settled else None
        bare = replace(capture, shots=())  # pictures have no way to make in and out of a worker
        self.take(await self._renderer.render(bare, self._order.render), capture)

    async def preview(self, capture: Capture) -> None:
        """Render the beginning of a page and tell what of it will hardly be taken back."""
        document = await self._renderer.render(capture, self._order.render)
        if self._field == "content":
            blocks = document.blocks[:-1]  # the last one may go on
            if len(blocks) < PREVIEW_BLOCKS or sum(map(len, blocks)) < PREVIEW_CHARS:
                return
            document = replace(document, blocks=blocks)
        self.take(document, capture)

    def take(self, document: Document, capture: Capture) -> None:
        """Tell the document of a capture."""
        if not (document.found or capture.settled):
            return
        self._document, self._status = document, capture.status
        if capture.settled:
            self._reasons = capture.reasons
        else:
            self._tell(document, Moment(capture.phase, capture.pending, self.elapsed_ms))
            if self._is_enough(document):
                self._stop()

    async def stop_when_enough(self) -> None:
        """Return once what the client waits for is there. Time alone makes a page that rests stable."""
        enough = self._enough = anyio.Event()
        if self._stop_when and self._stop_when.kind == "stability":
            while not self.stopped:
                with anyio.move_on_after(STABILITY_LOOK_S):
                    await enough.wait()
                if self._document and not self._settled and self._is_enough(self._document):
                    self._stop()
        if not self.stopped:
            await enough.wait()

    def _stop(self) -> None:
        self.stopped = True
        if self._enough:
            self._enough.set()

    @property
    def nameless_images(self) -> list[str]:
        """The URLs of the last document's images that have no alternative text, in document order."""
        document = self._document
        if document is None or self._settled is None:
            return []
        return [url for label, url in document.images if ":" not in label]  # else "Image 3: alt"

    async def caption(self, captions: Mapping[str, str], warnings: Iterable[Warn]) -> None:
        """Make the last document anew with these captions."""
        if self._settled and captions:
            options = replace(self._order.render, captions=tuple(captions.items()))
            capture = replace(self._settled, shots=())
            self._document = await self._renderer.render(capture, options)
        if self._document:
            every = (*self._document.warnings, *warnings)
            self._document = replace(self._document, warnings=every)

    async def finish(self, reasons: Iterable[Reason] = ()) -> None:
        """Tell the last document and the final event.

        Raises AssertionFailureError where nothing is readable.
        """
        document, every = self._last(reasons)
        count = await self._renderer.count(main_of(document, self._order.options))
        self._end(document, every, count)

    def conclude(self, reason: Reason) -> None:
        """End now with what there is, for `reason`: the final event, or an error when there is nothing."""
        try:
            document, every = self._last((reason,))
        except AssertionFailureError:
            message = "the read was ended before anything could be read"
            error = ServiceNodeUnavailableError(message, retry_after=1)
            self._flight.sequence.fail(error.to_dict())
            self._flight.changed()
        else:
            self._end(document, every, tokens.count(main_of(document, self._order.options)))

    def _last(self, reasons: Iterable[Reason]) -> tuple[Document, tuple[Reason, ...]]:
        """The last document, with what is known of its completeness."""
        every = tuple(dict.fromkeys((*self._reasons, *reasons)))
        document = self._document
        if document is None or not document.found:
            raise self._nothing(every)
        if not self._taken and self._order.options.only_shots:
            raise self._no_picture(every)
        if Reason.TIMEOUT in every and not (self._taken or _says_something(document)):
            raise self._nothing(every)
        document = replace(document, warnings=(*document.warnings, *self._picture_warnings()))
        if self._status >= 400:
            return _with_http_error(document, self._status), (*every, Reason.HTTP_ERROR)
        return document, every

    def _picture_warnings(self) -> Iterable[Warn]:
        taken = {shot.kind: shot for shot in self._taken}
        for kind in self._order.options.shots:
            if kind not in taken:
                yield Warn("shot_failed", f"the {kind} could not be taken")
            elif taken[kind].cut:
                yield Warn("shot_cut", f"the page is larger than a picture may be: the {kind} ends before it")

    def _end(self, document: Document, reasons: tuple[Reason, ...], count: int) -> None:
        self._tell(document, Moment(Phase.SETTLED, 0, self.elapsed_ms, last=True))
        data = data_of(document, self._order.options, reasons, count)
        self._flight.sequence.finish({**data, **self._pictures(), "cache": {"hit": False, "age": 0}})
        self._flight.changed()

    async def keep(self, cache: Cache) -> None:
        """Store the finished read, when it is whole and may be stored."""
        end, newest = self._flight.sequence.end, self._flight.sequence.newest
        options = self._order.options
        if end is None or end.kind != "final" or options.private or options.do_not_track:
            return
        if options.shots:
            return  # its pictures are kept for a while, but on this machine and within their own bounds
        if any(warning["code"] == CAPTIONS_MISSING for warning in end.data["warnings"]):
            return  # the next read may have more luck
        if end.data["completeness"]["state"] == Completeness.COMPLETE:
            blocks = newest.blocks if newest else ()
            data = {key: value for key, value in end.data.items() if key not in ("version", "cache")}
            await cache.put(self._order.key, Entry(time.time(), blocks, data))

    def _is_enough(self, document: Document) -> bool:
        sequence = self._flight.sequence
        if self._stop_when is None or sequence.newest is None:
            return False
        stability = sequence.stability_at(self.elapsed_ms, resting=self._order.options.engine is Engine.HTTP)
        return self._stop_when.is_met(document, lambda: main_of(document, self._order.options), stability)

    def _tell(self, document: Document, at: Moment) -> None:
        if self._flight.sequence.observe(blocks_of(document, self._field), head_of(document), at):
            self._flight.changed()

    def _pictures(self) -> dict[str, str]:
        return {f"{shot.kind.value}Url": self._shots.put(shot) for shot in self._taken}

    def _no_picture(self, reasons: tuple[Reason, ...]) -> ReaderError:
        if Reason.TIMEOUT in reasons:
            message = f"no picture could be taken within {self._order.options.timeout:g} s"
            return AssertionFailureError(message, path="timeout")
        if self._order.options.target_selector:
            message = "no picture could be taken: the target has no place in the window of the page itself"
            return AssertionFailureError(message, path="targetSelector")
        message = "no picture could be taken: only web pages have one, and the browser has to survive it"
        return AssertionFailureError(message, path="respondWith")

    def _nothing(self, reasons: tuple[Reason, ...]) -> ReaderError:
        options = self._order.options
        if self._document is not None and not self._document.found:
            wanted, walls = ", ".join(options.target_selector), self._document.warnings
            why = f": {walls[0].message}" if self._document.blocked and walls else ""
            return AssertionFailureError(f"no element matches {wanted}{why}", path="targetSelector")
        if Reason.TIMEOUT in reasons:
            message = f"nothing readable came within {options.timeout:g} s"
            return AssertionFailureError(message, path="timeout")
        return AssertionFailureError("the page has nothing that can be read")


def _says_something(document: Document) -> bool:
    return bool(document.blocks or document.html or document.text)


def _with_http_error(document: Document, status: int) -> Document:
    warning = Warn("http_error", f"the target answered with HTTP status {status}")
    return replace(document, warnings=(*document.warnings, warning))

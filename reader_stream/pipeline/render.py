"""Runs `document.render` in worker processes, each with a deadline and a memory limit.

Rendering is pure Python and C for up to seconds: inline it would hold up every stream (loop lag 486 ms
with 8 renders, 0.7 ms from processes; ARCHITECTURE.md). A worker that is stuck or grows too large is
killed and replaced; only the render that it was at fails. One that dies is replaced at once.
"""

from __future__ import annotations

import logging
import math
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import anyio
from anyio import to_process
from anyio.abc import TaskGroup

from reader_stream import document
from reader_stream.document import pdf, pdf_ocr, tokens
from reader_stream.document.html import MAX_DEPTH
from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    ReaderError,
    ServiceNodeUnavailableError,
)
from reader_stream.model import Capture, Document, RenderOptions

T = TypeVar("T")
log = logging.getLogger(__name__)

MIB = 1024 * 1024

OCR_MIB = 1536
"""What OCR takes of a worker's address space, most of it libraries and never touched: measured 1.6 GiB at its
peak, of which 0.5 GB are resident."""

INLINE_CHARS = 64 * 1024
"""Up to here counting tokens takes the event loop less time (7 ms) than handing it over."""

WORKER_DIED = (anyio.BrokenWorkerProcess, ProcessLookupError)
"""What anyio raises when a worker ends at its work, and when it ends while it starts (4.15)."""

ABANDONED_S = 5.0
"""How old a call may become whose caller has left: most are done in 0.1 s, where a new worker takes 0.5 s to
start (3 s on a crowded machine). Then it is killed; at once where it is older already."""

START_TIMEOUT_S = 120.0
"""Until the workers are up at the service's start: 1 s; over 20 s were seen with 18 processes on one core."""

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")
"""Workers start with this in their environment, whatever the service was started with: numpy's linear
algebra, which nothing here uses, takes 40 MiB of address space for each thread, with 40 of them more than a
worker may have."""

REAP_S = 0.05
"""Who killed one may have killed all: until the event loop knows of each, dead ones are handed out."""


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """How many `workers` there are, and what each may take for one document: `timeout` and `cpu` are in
    seconds, `dom_depth` in levels of elements. `ocr`: scanned pages are read from their pictures."""

    workers: int
    timeout: float
    memory_mib: int
    cpu: float = 60.0
    dom_depth: int = MAX_DEPTH
    ocr: bool = False

    @property
    def memory_bytes(self) -> int:
        """Of a worker's address space."""
        return (self.memory_mib + (OCR_MIB if self.ocr else 0)) * MIB


class Renderer:
    """Capture → Document, off the event loop. `open` warms the workers up."""

    def __init__(self, calls: TaskGroup, limits: RenderLimits) -> None:
        self.limits = limits
        self._calls = calls
        self._limiter = anyio.CapacityLimiter(limits.workers)
        self._no_limit = anyio.CapacityLimiter(math.inf)

    @classmethod
    @asynccontextmanager
    async def open(cls, limits: RenderLimits) -> AsyncIterator[Renderer]:
        """A renderer whose workers are up. Raises ParamValidationError for OCR that is not installed."""
        if limits.ocr and not pdf_ocr.is_installed():
            raise ParamValidationError("READER_OCR needs the extra ocr: pip install 'reader-stream[ocr]'")
        blank = Capture("http://localhost/", "<p>warm", composed=True)
        async with _worker_environment(), anyio.create_task_group() as calls:
            renderer = cls(calls, limits)
            patience_s = max(limits.timeout, START_TIMEOUT_S)
            async with anyio.create_task_group() as tasks:
                for _ in range(limits.workers):
                    tasks.start_soon(renderer._within, patience_s, document.render, blank, RenderOptions())
            tokens.count("warm")
            yield renderer
            calls.cancel_scope.cancel()

    async def render(self, capture: Capture, options: RenderOptions) -> Document:
        """The document of a capture.

        Raises AssertionFailureError where the page takes too long or too much memory, and whatever
        ReaderError `document.render` raises.
        """
        return await self._run(document.render, capture, replace(options, max_depth=self.limits.dom_depth))

    async def read_pages(self, body: bytes, first: int, last: int, password: str | None) -> pdf.PdfPart:
        """Pages `first` to `last` of a PDF, from 1; `last` may be beyond its end. Raises as `render` does."""
        return await self._run(pdf.read_pages, body, first, last, password)

    async def read_around(self, body: bytes, page: int, password: str | None) -> pdf.PdfPart:
        """One page of a PDF, from 1, and those near it. Raises as `render` does."""
        return await self._run(pdf.read_around, body, page, password)

    async def recognise(self, body: bytes, number: int, password: str | None) -> pdf.PdfPage:
        """A scanned page of a PDF, read from its picture. Raises as `render` does."""
        return await self._run(pdf_ocr.recognise_page, body, number, password)

    async def assemble(
        self, capture: Capture, options: RenderOptions, parts: Sequence[pdf.PdfPart]
    ) -> Document:
        """The document of the pages read so far. Raises as `render` does."""
        return await self._run(pdf.assemble, capture, options, parts)

    async def count(self, text: str) -> int:
        """Tokens of a text; a long one is counted in a worker. Raises as `render` does."""
        if len(text) < INLINE_CHARS:
            return tokens.count(text)
        return await self._run(tokens.count, text)

    async def _run(self, function: Callable[..., T], *args: object) -> T:
        return await self._within(self.limits.timeout, function, *args)

    async def _within(self, timeout: float, function: Callable[..., T], *args: object) -> T:
        try:
            with anyio.fail_after(timeout):
                answer = await self._attempt(function, args)
        except TimeoutError:
            message = f"the page could not be turned into a document within {timeout:g} s"
            raise AssertionFailureError(message) from None
        except (*WORKER_DIED, MemoryError):
            message = "the page needs more memory or CPU time than a document may take"
            raise AssertionFailureError(message) from None
        except OSError as error:  # no process or pipe can be had
            log.error("no worker process: %s", error)
            raise ServiceNodeUnavailableError("out of processes or files; try again", retry_after=1) from None
        if isinstance(answer, ReaderError):
            raise answer
        return answer

    async def _attempt(self, function: Callable[..., T], args: Sequence[object]) -> T | ReaderError:
        """Once more where the worker died: most often it was killed from outside, or while it was idle."""
        try:
            return await self._in_worker(function, args)
        except WORKER_DIED:
            log.warning("a worker process died; the next one takes over")
            await anyio.sleep(REAP_S)
        return await self._in_worker(function, args)

    async def _in_worker(self, function: Callable[..., T], args: Sequence[object]) -> T | ReaderError:
        call: _Call[T] = _Call(function, args)
        self._calls.start_soon(self._serve, call)
        try:
            await call.over.wait()
        finally:
            call.scope.deadline = call.began + ABANDONED_S
        if call.error is not None:
            raise call.error
        return call.answer[0]

    async def _serve(self, call: _Call[T]) -> None:
        """Run a call in a task of our own: who asked may leave while the worker is being started, and
        anyio (4.15) forgets a worker whose start is cancelled, without ending it."""
        try:
            with call.scope:
                async with self._limiter:
                    call.began = anyio.current_time()
                    call.answer.append(
                        await to_process.run_sync(
                            _limited,
                            self.limits.memory_bytes,
                            self.limits.cpu,
                            call.function,
                            call.args,
                            cancellable=True,
                            limiter=self._no_limit,
                        )
                    )
        except Exception as error:  # the border of a background task: it is whose call it was
            call.error = error
        finally:
            call.over.set()


@asynccontextmanager
async def _worker_environment() -> AsyncIterator[None]:
    """Workers that start now have `ONE_THREAD`. anyio gives them the service's own environment, which nothing
    else that we start does (Chromium's is made for it), and which is as before at the end."""
    name, value = ONE_THREAD
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@dataclass(eq=False)
class _Call(Generic[T]):
    """What a worker is to do, and what came of it."""

    function: Callable[..., T]
    args: Sequence[object]
    answer: list[T | ReaderError] = field(default_factory=list)
    error: Exception | None = None
    over: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    began: float = -math.inf  # of the loop's clock; so while it waits for a worker


def _limited(memory: int, cpu: float, function: Callable[..., T], args: Sequence[object]) -> T | ReaderError:
    """In the worker. Errors travel as values: a raised one would lose its keywords on the way.

    The kernel ends a worker that takes too much CPU, even when nobody is left to do it.
    """
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + cpu), hard))
    try:
        return function(*args)
    except ReaderError as error:
        return error

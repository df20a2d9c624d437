"""Records the traces anew: ``python -m tests.fetch.record [NAME…]``. Run it on an idle machine.

The rule is held back while recording, so that each trace shows what the page does in `LENGTH_MS`.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import anyio

from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.page import Visit, captures
from reader_stream.fetch.settle import PageLog, Verdict
from reader_stream.fetch.signals import Signal
from tests.fetch import trace_pages
from tests.fetch.traces import FOLDER, Trace
from tests.site.page import Page
from tests.site.server import Site, serve

LENGTH_MS = 9000.0


@dataclass(slots=True)
class Recorder(PageLog):
    """A log that never settles and keeps what it hears."""

    heard: list[Signal] = field(default_factory=list)

    def add(self, signal: Signal) -> None:
        """Keep and pass on."""
        self.heard.append(signal)
        PageLog.add(self, signal)

    def judge(self, now_ms: float) -> Verdict:
        """The page is not done before the recording is."""
        return replace(PageLog.judge(self, now_ms), settled=False, skip_ms=0.0)


async def record(browser: Browser, site: Site, page: Page) -> Trace:
    """The trace of one page in real time."""
    log, bare_ms, whole_ms = Recorder(), 0.0, 0.0
    async with browser.tab() as tab:
        start = time.monotonic()
        visit = Visit(url=site.url(page.path), timeout=LENGTH_MS / 1000)
        with (
            patch("reader_stream.fetch.page.PageLog", lambda *_, **__: log),
            patch("reader_stream.fetch.page.FIRST_CAPTURE_MS", 0.0),
            patch("reader_stream.fetch.page.CAPTURE_GAP_MS", 20.0),
        ):
            async for capture in captures(tab, visit, clock=lambda: time.monotonic() - start):
                if all(mark in str(capture.body) for mark in page.must):
                    whole_ms = whole_ms or capture.elapsed_ms
                elif not whole_ms:
                    bare_ms = capture.elapsed_ms
    heard = tuple(replace(signal, at_ms=round(signal.at_ms, 1)) for signal in log.heard)
    return Trace(page.path.rpartition("/")[2], _shorten(heard), bare_ms, whole_ms, LENGTH_MS)


def _shorten(heard: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Request ids and URLs as small numbers and paths: nothing in a trace depends on the run."""
    numbers: dict[str, str] = {}
    short = []
    for signal in heard:
        if key := getattr(signal, "id", None):
            signal = replace(signal, id=numbers.setdefault(key, str(len(numbers))))  # type: ignore[call-arg]
        if path := getattr(signal, "path", None):
            signal = replace(signal, path="/" + path.partition("://")[2].partition("/")[2])  # type: ignore[call-arg]
        short.append(signal)
    return tuple(short)


async def main(names: list[str]) -> None:
    """Record all pages, or those named."""
    with serve((*trace_pages.PAGES, *trace_pages.ASSETS)) as site:
        async with Browser.open(BrowserSettings()) as browser:
            for page in trace_pages.PAGES:
                if names and page.path.rpartition("/")[2] not in names:
                    continue
                trace = await record(browser, site, page)
                FOLDER.mkdir(exist_ok=True)
                (FOLDER / f"{trace.name}.json").write_text(trace.dump(), "utf-8")
                print(f"{trace.name}: {len(trace.signals)} signals, whole at {trace.whole_ms} ms")


if __name__ == "__main__":
    anyio.run(main, sys.argv[1:])

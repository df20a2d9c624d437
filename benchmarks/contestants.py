"""Who is measured: the service as its clients see it, playwright on the same binary, and bare Chromium."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from reader_stream.stream.sse import Decoder

QUIET_S = 0.5
"""The settle rule that playwright is given for the comparison of full reads: this long without a change
of the document and without a request under way, as the service's rule starts from (ARCHITECTURE.md)."""

MARK = "marker-"
"""Begins the words in the test site's pages that are not in their placeholders."""

ROOT_FLAGS = ("--no-sandbox",) if os.name == "posix" and os.geteuid() == 0 else ()

WATCH = """() => { window.__changed = performance.now();
  new MutationObserver(() => { window.__changed = performance.now(); }).observe(
    document, {childList: true, characterData: true, attributes: true, subtree: true}); }"""
QUIET_MS = "() => performance.now() - window.__changed"


@dataclass(frozen=True, slots=True)
class Timing:
    """One read: seconds to the first content, to what the page is about, and to the end; bytes received
    and bytes of the final content."""

    first_s: float
    marked_s: float
    final_s: float
    received: int
    final_bytes: int


class Reader:
    """The service over HTTP. `headers` are the options of each read."""

    def __init__(self, name: str, base: str, session: aiohttp.ClientSession, **headers: str) -> None:
        self.name = name
        self._base = base
        self._session = session
        self._headers = {
            "Accept": "text/event-stream",
            **{f"X-{key.replace('_', '-')}": value for key, value in headers.items()},
        }

    async def read(self, url: str) -> Timing:
        """Stream one page to its end."""
        decoder, received, content = Decoder(), 0, ""
        first = marked = None
        start = time.perf_counter()
        async with self._session.get(f"{self._base}/{url}", headers=self._headers) as response:
            async for chunk in response.content.iter_any():
                received += len(chunk)
                for message in decoder.feed(chunk):
                    if message.event == "error":
                        raise RuntimeError(message.data)
                    now = time.perf_counter()
                    first = first or now
                    marked = marked or (now if MARK in message.data else None)
                    content = message.json().get("content", content)
        end = time.perf_counter()
        size = len(content.encode())
        return Timing((first or end) - start, (marked or end) - start, end - start, received, size)


class Playwright:
    """A warm Chromium under playwright; each read has a context of its own, as the service's has.

    `settle` False: `goto` until DOMContentLoaded, then `content`. True: then wait for `QUIET_S`.
    """

    def __init__(self, name: str, browser: Browser, *, settle: bool = False) -> None:
        self.name = name
        self._browser = browser
        self._settle = settle

    async def read(self, url: str) -> Timing:
        """Load one page and take its HTML."""
        start = time.perf_counter()
        context = await self._browser.new_context()
        try:
            page = await context.new_page()
            pending = _track(page) if self._settle else set()
            await page.goto(url, wait_until="domcontentloaded")
            if self._settle:
                await _settled(page, pending)
            content = await page.content()
            end = time.perf_counter()
        finally:
            await context.close()
        size = len(content.encode())
        return Timing(end - start, end - start, end - start, size, size)

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[None]:
        """A page that stays open, parsed, for the length of the block."""
        context = await self._browser.new_context()
        page = await context.new_page()
        await page.goto(url, wait_until="domcontentloaded")
        yield
        await context.close()


def _track(page: Page) -> set[Any]:
    pending: set[Any] = set()
    page.on("request", lambda request: pending.add(request))
    page.on("requestfinished", lambda request: pending.discard(request))
    page.on("requestfailed", lambda request: pending.discard(request))
    return pending


async def _settled(page: Page, pending: set[Any]) -> None:
    await page.evaluate(WATCH)
    quiet_since = time.perf_counter()
    while True:
        if pending:
            quiet_since = time.perf_counter()
        unchanged_s = await page.evaluate(QUIET_MS) / 1000
        rest = QUIET_S - min(unchanged_s, time.perf_counter() - quiet_since)
        if rest <= 0:
            return
        await asyncio.sleep(max(rest, 0.01) if not pending else 0.01)


class DumpDom:
    """`chromium --dump-dom`: a process for each page. The floor for whoever keeps no browser warm."""

    def __init__(self, name: str, binary: str) -> None:
        self.name = name
        self._binary = binary

    async def read(self, url: str) -> Timing:
        """Load one page in a new process and take what it prints."""
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as profile:
            flags = (
                "--headless",
                "--disable-gpu",
                "--no-first-run",
                f"--user-data-dir={profile}",
                *ROOT_FLAGS,
            )
            process = await asyncio.create_subprocess_exec(
                self._binary,
                *flags,
                "--dump-dom",
                url,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            output, _ = await process.communicate()
            end = time.perf_counter()
        if not output:
            raise RuntimeError(f"{self._binary} --dump-dom {url} printed nothing")
        return Timing(end - start, end - start, end - start, len(output), len(output))


@asynccontextmanager
async def playwright_browser(binary: str) -> AsyncIterator[Browser]:
    """A Chromium that playwright started, from the binary that the service uses."""
    async with async_playwright() as api:
        browser = await api.chromium.launch(executable_path=binary, args=list(ROOT_FLAGS), headless=True)
        yield browser
        await browser.close()


Contestant = Reader | Playwright | DumpDom


def by_name(contestants: tuple[Contestant, ...]) -> Mapping[str, Contestant]:
    """Contestants by their names."""
    return {contestant.name: contestant for contestant in contestants}

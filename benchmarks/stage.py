"""What every part plays on: the test site, the service, a playwright browser, and where values go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import aiohttp
from playwright.async_api import Browser

from benchmarks.contestants import DumpDom, Playwright, Reader, playwright_browser
from benchmarks.samples import Key, Samples
from reader_stream.fetch.chromium import find_binary
from tests import service as test_service
from tests import site as test_site
from tests.service import Service
from tests.site import Site

READ_TIMEOUT_S = 90


@dataclass
class Stage:
    """Everything that is up during a run. `rounds` scales how often things are repeated."""

    site: Site
    service: Service
    browser: Browser
    binary: str
    session: aiohttp.ClientSession
    rounds: int
    samples: Samples = field(default_factory=Samples)
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, kind: str) -> str:
        """A page of this kind that nobody has read yet (`bench/small`, or a path of the site)."""
        if kind.startswith("bench/"):
            return f"{self.site.origin}/{kind}/{next(self._numbers)}"
        return self.site.url(f"/{kind}")

    def reader(self, name: str, **headers: str) -> Reader:
        """The service, with these options (`Engine="browser"`)."""
        return Reader(name, self.service.base, self.session, No_Cache="true", **headers)

    def playwright(self, name: str, *, settle: bool = False) -> Playwright:
        """Playwright on the shared warm browser."""
        return Playwright(name, self.browser, settle=settle)

    def dump_dom(self, name: str) -> DumpDom:
        """One process for each page."""
        return DumpDom(name, self.binary)

    def add(self, part: str, case: str, quantity: str, contestant: str, value: float) -> None:
        """Note one value."""
        self.samples.add(Key(part, case, quantity, contestant), value)


@asynccontextmanager
async def set_up(rounds: int, tabs: int) -> AsyncIterator[Stage]:
    """The stage, for the length of the block. `tabs`: how many the service may open at a time."""
    binary = str(find_binary(None))
    with test_site.running() as site:
        settings = {
            "READER_EGRESS_ALLOW": site.allow,
            "READER_BROWSER_TABS": str(tabs),
            "READER_LOG_LEVEL": "error",
        }
        with test_service.running(settings) as service:
            timeout = aiohttp.ClientTimeout(total=READ_TIMEOUT_S)
            connector = aiohttp.TCPConnector(limit=0)
            async with (
                aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
                playwright_browser(binary) as browser,
            ):
                yield Stage(site, service, browser, binary, session, rounds)

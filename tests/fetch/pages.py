"""What the tests of pages share: reading a URL or given HTML to its end."""

from __future__ import annotations

import time
from typing import Any

from reader_stream.fetch.browser import Browser
from reader_stream.fetch.page import Failure, Visit, captures
from reader_stream.model import Capture

BASE = "http://example.org/base/"
TIMEOUT_S = 20.0


def no_failure(_host: str, _port: int) -> None:
    """A proxy without a complaint."""


async def read(browser: Browser, url: str, *, failure: Failure = no_failure, **options: Any) -> list[Capture]:
    """All captures of one visit."""
    async with browser.tab() as tab:
        start = time.monotonic()
        visit = Visit(url=url, **{"timeout": TIMEOUT_S, **options})
        stream = captures(tab, visit, clock=lambda: time.monotonic() - start, failure=failure)
        return [capture async for capture in stream]


async def render(browser: Browser, html: str, **options: Any) -> str:
    """The text of the last capture of given HTML."""
    return str((await read(browser, BASE, html=html, **options))[-1].body)

"""What `app.py` builds and the use cases receive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

import anyio

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch.browser import Browser
from reader_stream.fetch.captioner import Captioner
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Url
from reader_stream.fetch.http import HttpFetcher
from reader_stream.fetch.page import captures
from reader_stream.fetch.proxy import FilteringProxy
from reader_stream.fetch.robots import Robots
from reader_stream.fetch.upstream import UpstreamDialer
from reader_stream.fetch.visit import Visit
from reader_stream.model import RenderOptions
from reader_stream.pipeline.cache import Cache
from reader_stream.pipeline.flight import Flights
from reader_stream.pipeline.render import Renderer
from reader_stream.pipeline.shots import Shots
from reader_stream.pipeline.tasks import task_group

PROBE_S = 10.0
PROBE_TEXT = "rendered by script"
PROBE = f"<title>probe</title><p id=p>static</p><script>p.textContent = '{PROBE_TEXT}'</script>"
"""A page that needs its script, and how long it may take."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the application. `max_download_bytes` bounds one
    body, `max_streams` the clients that read at the same time, `max_dom_chars` a rendered frame's HTML."""

    dialer: Dialer
    proxy: FilteringProxy
    http: HttpFetcher
    robots: Robots
    browser: Browser
    renderer: Renderer
    cache: Cache
    flights: Flights
    max_download_bytes: int
    max_streams: int
    max_dom_chars: int
    shots: Shots
    allow_scripts: bool
    captioner: Captioner | None

    @asynccontextmanager
    async def by_way_of(self, proxy: Url | None) -> AsyncIterator[Services]:
        """The same services, whose every connection goes through a client's proxy (None: as they are)."""
        if proxy is None:
            yield self
            return
        async with task_group() as tasks:
            dialer = UpstreamDialer(self.dialer, proxy, tasks)
            async with (
                FilteringProxy.open(dialer) as filtering,
                HttpFetcher.open(dialer, max_redirects=self.http.max_redirects) as http,
            ):
                yield replace(self, dialer=dialer, proxy=filtering, http=http, robots=Robots(http))
            tasks.cancel_scope.cancel()

    async def ready(self) -> dict[str, object]:
        """Render a page and say with what. Raises the ReaderError of why it does not work."""
        visit = Visit(url="about:blank", html=PROBE, timeout=PROBE_S)
        with anyio.move_on_after(PROBE_S):
            async with (
                self.browser.tab() as tab,
                aclosing(captures(tab, visit, clock=anyio.current_time)) as pages,
            ):
                async for capture in pages:
                    document = await self.renderer.render(capture, RenderOptions())
                    if PROBE_TEXT in document.content:
                        stats = self.browser.stats()
                        return {"browser": stats.version, "sandboxed": stats.sandboxed}
        raise ServiceNodeUnavailableError("the browser does not render a page", retry_after=5)

"""Serves the test site on 127.0.0.1 from a thread of its own, and counts what it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.site.page import Asset, Page


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the origin got it; `path` has the query with it."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Site:
    """A running site. `other` is the same site on another host name and port: cross-origin, cross-site.
    `forbidden` is a third one that no reader is allowed to reach."""

    origin: str = ""
    other: str = ""
    forbidden: str = ""
    seen: list[Seen] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)
    _fresh: Iterator[int] = field(default_factory=itertools.count)

    @property
    def allow(self) -> str:
        """The value of READER_EGRESS_ALLOW that opens both origins, and nothing else."""
        return ",".join(
            url.removeprefix("http://") for url in (self.origin, self.other, self.other_by_address)
        )

    @property
    def other_by_address(self) -> str:
        """The second origin under the address that its name stands for."""
        return self.other.replace("localhost", "127.0.0.1")

    def url(self, path: str) -> str:
        """A URL for `path` that nobody asked for before, so that no cache and no other test is in the way."""
        mark = "&" if "?" in path else "?"
        return f"{self.origin}{path}{mark}fresh={next(self._fresh)}"

    def requests(self, url: str) -> int:
        """How often the origin was asked for exactly this URL (or path with query)."""
        path = _path_of(url)
        return sum(1 for seen in self.seen if seen.path == path)

    def headers(self, url: str) -> Mapping[str, str]:
        """The header fields of the last request for this URL."""
        path = _path_of(url)
        return next(seen.headers for seen in reversed(self.seen) if seen.path == path)

    def wait_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> bool:
        """Whether `condition` came true within `timeout` seconds."""
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


SITE = web.AppKey("site", Site)


def _path_of(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url


def fill(template: str, site: Site) -> str:
    """The page with the origins written in."""
    for name in ("origin", "other", "forbidden"):
        template = template.replace("{{" + name + "}}", getattr(site, name))
    return template


@web.middleware
async def _count(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
    site = request.app[SITE]
    site.seen.append(Seen(request.path_qs, dict(request.headers)))
    site.open[request.path_qs] += 1
    try:
        response = await handler(request)  # type: ignore[misc]
        assert isinstance(response, web.StreamResponse)
        return response
    finally:
        site.open[request.path_qs] -= 1


def _route(entry: Page | Asset) -> web.RouteDef:
    serve = entry.serve
    if callable(serve):
        return web.route(entry.method if isinstance(entry, Asset) else "GET", entry.path, serve)
    template = serve

    async def respond(request: web.Request) -> web.Response:
        return web.Response(text=fill(template, request.app[SITE]), content_type="text/html")

    return web.get(entry.path, respond)


async def _bind(runner: web.AppRunner) -> int:
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port: int = runner.addresses[-1][1]
    return port


async def _listen(app: web.Application, site: Site) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    site.origin = f"http://127.0.0.1:{await _bind(runner)}"
    site.forbidden = f"http://127.0.0.1:{await _bind(runner)}"
    port = await _bind(runner)
    site.other = f"http://localhost:{port}"
    # The name may stand for ::1 too, and whoever dials may take that first.
    with contextlib.suppress(OSError):
        await web.TCPSite(runner, "::1", port).start()
    return runner


@contextlib.contextmanager
def serve(entries: Iterable[Page | Asset]) -> Iterator[Site]:
    """The site, up for the length of the `with` block."""
    site = Site()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        app = web.Application(middlewares=[_count])
        app[SITE] = site
        app.add_routes([_route(entry) for entry in entries])
        runner = await _listen(app, site)
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), name="site", daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the test site did not start")
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()

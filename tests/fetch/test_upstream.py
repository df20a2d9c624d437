"""Dialling by way of a client's proxy: what the service's tests cannot see from outside."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from reader_stream.errors import AssertionFailureError, SecurityCompromiseError
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Denial, EgressPolicy, parse_proxy_url, parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest
from reader_stream.fetch.proxy import FilteringProxy
from reader_stream.fetch.upstream import UpstreamDialer
from tests.fetch.browsers import BINARIES, PATIENCE_S, contexts, settled_contexts, until, value
from tests.fetch.origins import Origin, answer, hang, open_files, origin, settled_files
from tests.security.proxies import FarProxy, running

pytestmark = pytest.mark.anyio

KINDS = ("http", "socks4", "socks5")
BODY = bytes(range(256)) * 4096


@asynccontextmanager
async def upstream(proxy: FarProxy, *allowed: str) -> AsyncIterator[UpstreamDialer]:
    """A dialer that may reach the proxy, and `allowed`."""
    async with anyio.create_task_group() as tasks:
        dialer = Dialer(EgressPolicy.parse([f"127.0.0.1:{proxy.port}", *allowed]), connect_timeout=PATIENCE_S)
        yield UpstreamDialer(dialer, parse_proxy_url(proxy.url()), tasks)
        tasks.cancel_scope.cancel()


async def fetch(dialer: Dialer, site: Origin, path: str = "/") -> bytes:
    """A body through the dialer."""
    async with HttpFetcher.open(dialer) as http:
        url = parse_url(f"http://site.example.com:{site.port}{path}")
        async with http.get(HttpRequest(url, timeout=PATIENCE_S)) as response:
            return await response.read()


async def leave_at_any_moment(attempt: Callable[[], Awaitable[None]]) -> None:
    """Cancel it after 0, 1, 2, … 30 ms; a whole one takes some 20."""
    for patience_ms in range(30):
        with anyio.move_on_after(patience_ms / 1000):
            await attempt()


@pytest.mark.parametrize("kind", KINDS)
async def test_bodies_come_through_whole(kind: str) -> None:
    """A megabyte of every byte, more than the buffers on the way hold."""
    with running((kind, False)) as (proxy,):
        async with origin({"/": answer(BODY)}) as site, upstream(proxy) as dialer:
            assert await fetch(dialer, site) == BODY


@pytest.mark.parametrize("kind", KINDS)
async def test_cancelled_reads_leave_no_socket(kind: str) -> None:
    """Wherever a client leaves: nothing of the way to the proxy, and nothing behind it, stays open."""
    with running((kind, False)) as (proxy,):
        async with origin({"/": answer(b"body")}) as site:
            async with upstream(proxy) as dialer:
                await fetch(dialer, site)
            await anyio.sleep(0.3)
            baseline = open_files()

            async def attempt() -> None:
                async with upstream(proxy) as dialer:
                    await fetch(dialer, site)

            await leave_at_any_moment(attempt)
            assert await settled_files(baseline) <= baseline


async def test_a_proxy_that_hangs_is_given_up() -> None:
    """After the time to connect, with nothing left open."""
    async with origin({"site.example.com:80": hang}) as proxy, anyio.create_task_group() as tasks:
        before = open_files()
        dialer = Dialer(EgressPolicy.parse([f"127.0.0.1:{proxy.port}"]), connect_timeout=0.3)
        far = UpstreamDialer(dialer, parse_proxy_url(f"http://127.0.0.1:{proxy.port}"), tasks)
        with pytest.raises(AssertionFailureError, match="in time") as caught:
            await far.connect("site.example.com", 80)
        assert caught.value.path == "proxyUrl"
        # The origin's end of it stays open until the origin is closed.
        assert await settled_files(before + 1) <= before + 1


@pytest.mark.parametrize(
    ("host", "port", "denial"),
    [
        ("127.0.0.1", 8080, Denial.ADDRESS),
        ("::1", 8080, Denial.ADDRESS),
        ("site.internal", 8080, Denial.NAME),
        ("site.example.com", 22, Denial.PORT),
        ("x.onion", 80, Denial.NAME),
    ],
)
async def test_forbidden_targets_are_counted_and_never_asked_for(
    host: str, port: int, denial: Denial
) -> None:
    """A network that is allowed lifts nothing for names: where they lead, only the proxy knows."""
    with running(("http", False)) as (proxy,):
        async with upstream(proxy, "10.0.0.0/8") as dialer:
            with pytest.raises(SecurityCompromiseError):
                await dialer.connect(host, port)
            assert dialer.denials == {denial: 1}
            assert proxy.asked == []


async def test_a_name_that_the_operator_allowed_is_asked_for() -> None:
    """An entry for the name itself counts behind a proxy too."""
    with running(("socks5", False)) as (proxy,):
        async with (
            origin({"/": answer(b"x")}) as site,
            upstream(proxy, f"wiki.internal:{site.port}") as dialer,
        ):
            (await dialer.connect("wiki.internal", site.port)).close()
            await until(lambda: bool(proxy.asked))  # it answers first and notes it then
            assert proxy.asked == [("wiki.internal", site.port)]


@pytest.mark.skipif(not any(os.access(path, os.X_OK) for path in BINARIES), reason="no Chromium is installed")
async def test_tabs_with_a_proxy_of_their_own() -> None:
    """Such a tab sends its traffic there and no other does; left at any moment, it leaves no context."""
    async with origin({"/": answer(b"<title>here</title>", "Content-Type: text/html")}) as site:
        policy = EgressPolicy.parse([f"127.0.0.1:{site.port}"])
        async with (
            FilteringProxy.open(Dialer(EgressPolicy())) as common,
            FilteringProxy.open(Dialer(policy)) as own,
            Browser.open(BrowserSettings(warm_tabs=1, tabs=2, proxy_url=common.url)) as browser,
        ):

            async def title(proxy_url: str | None) -> object:
                async with browser.tab(proxy_url) as tab:
                    await tab.session.send("Page.navigate", {"url": site.url()})
                    with anyio.fail_after(PATIENCE_S):
                        while await value(tab.session, "document.readyState") != "complete":  # noqa: ASYNC110
                            await anyio.sleep(0.02)
                    return await value(tab.session, "document.title")

            assert await title(own.url) == "here"
            assert await title(None) != "here"
            idle = browser.stats()
            await until(lambda: browser.stats().tabs_warm == 1 and browser.stats().tabs_open == 0)
            count = await contexts(browser)

            async def attempt() -> None:
                async with browser.tab(own.url):
                    pass

            await leave_at_any_moment(attempt)
            await until(lambda: browser.stats().tabs_warm == 1 and browser.stats().tabs_open == 0)
            assert await settled_contexts(browser, count) <= count
            assert browser.stats().relaunches == idle.relaunches

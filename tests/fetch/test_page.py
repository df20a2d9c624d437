"""One tab, one visit: real pages in a real Chromium."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import anyio
import pytest

from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    ReaderError,
    SecurityCompromiseError,
    ServiceNodeUnavailableError,
)
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.page import FirstResponse, Visit, captures, parse_cookie
from reader_stream.model import Capture, Phase, Reason, Timing, Viewport
from tests.fetch.browsers import pid_of
from tests.fetch.pages import read
from tests.site import PAGES, Page, Site, running

pytestmark = pytest.mark.anyio
HTML = (("Content-Type", "text/html; charset=utf-8"),)
GRACE_S = 3.0
"""How long after its timeout a read may go on."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module's browser."""
    return "asyncio"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser without a proxy: what leaves is not this room's business."""
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1)) as opened:
        yield opened


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The misbehaving site."""
    with running() as opened:
        yield opened


def _rendered(page: Page) -> bool:
    slow = {"/growing", "/loop", "/reload", "/hang-body", "/drip", "/memory-hog", "/packed/bomb"}
    return page.answer == 200 and page.path not in slow and page.path not in ("/paper.pdf", "/binary")


@pytest.mark.parametrize("page", [page for page in PAGES if _rendered(page)], ids=lambda page: page.name)
async def test_the_site_is_read_to_its_end(browser: Browser, site: Site, page: Page) -> None:
    """Each page shows what it has in the end, and says no more is missing than is."""
    got = await read(browser, site.url(page.path), with_iframe=True, with_shadow=True)
    last = got[-1]
    words = [mark for mark in page.must if not mark.startswith("#") and mark.isascii()]
    assert [mark for mark in words if mark not in str(last.body)] == []
    assert [capture.settled for capture in got] == [False] * (len(got) - 1) + [True]
    assert last.phase is Phase.SETTLED
    assert last.reasons in ((), (Reason.NETWORK_PENDING,))
    assert all(a.body != b.body for a, b in pairwise(got[:-1]))


async def test_the_first_response_is_not_asked_for_again(browser: Browser, site: Site) -> None:
    """Chromium gets the answer at hand, its scripts run, its resources come from the network."""
    url = site.url("/chain")
    body = b"<title>T</title><main id=app></main><script src=/script-that-is-not-there></script>given"
    headers = (*HTML, ("Content-Encoding", "gzip"), ("Last-Modified", "Mon, 02 Jan 2023 03:04:05 GMT"))
    (*_, last) = await read(browser, url, response=FirstResponse(url, 203, headers, body))
    assert "given" in last.body
    assert (last.status, last.last_modified) == (203, "Mon, 02 Jan 2023 03:04:05 GMT")
    assert (last.url, last.requested_url) == (url, url)
    assert site.requests(url) == 0
    assert site.requests("/script-that-is-not-there") == 1


async def test_a_later_navigation_goes_to_the_network(browser: Browser, site: Site) -> None:
    """`location =` continues in the new document, even when it is the same URL."""
    url = site.url("/article")
    body = f"<script>location = '{url}#again'; location.reload()</script>".encode()
    (*_, last) = await read(browser, url, response=FirstResponse(url, 200, HTML, body))
    assert "marker-article" in last.body
    assert site.requests(url) == 1


async def test_a_fragment_outlives_redirects(browser: Browser, site: Site) -> None:
    """A hash route is the page's, though the first response's URL has none."""
    url = site.url("/")
    body = b"<p id=p></p><script>p.textContent = location.hash</script>"
    (*_, last) = await read(browser, url + "#/route", response=FirstResponse(url, 200, HTML, body))
    assert "#/route</p>" in last.body
    assert last.url == url + "#/route"


async def test_given_html_has_its_base(browser: Browser) -> None:
    """HTML from a client is rendered at its URL, or nowhere."""
    script = "<p id=p></p><script>p.textContent = document.baseURI</script>"
    (*_, last) = await read(browser, "http://example.org/a/b", html=script)
    assert "http://example.org/a/b</p>" in last.body
    (*_, nowhere) = await read(browser, "", html="<p>text</p>")
    assert "<p>text</p>" in nowhere.body
    assert nowhere.url == ""


async def test_client_side_routing_changes_the_url(browser: Browser) -> None:
    """pushState is seen, also long after `load`."""
    html = "<p>first</p><script>setTimeout(() => history.pushState(0, '', '/two'), 400)</script>"
    (*_, last) = await read(browser, "http://example.org/one", html=html)
    assert last.url == "http://example.org/two"


@pytest.mark.parametrize("path", ["/hang-body", "/drip", "/growing"])
async def test_a_page_without_end_is_given_as_it_is(browser: Browser, site: Site, path: str) -> None:
    """At the timeout there is a last capture that says so."""
    start = time.monotonic()
    (*_, last) = await read(browser, site.url(path), timeout=1.5)
    assert time.monotonic() - start < 1.5 + GRACE_S
    assert last.settled
    assert Reason.TIMEOUT in last.reasons
    assert "marker-" in last.body


async def test_an_infinite_loop_is_stopped(browser: Browser, site: Site) -> None:
    """A script that never lets go costs the timeout, not the content, and not the next read."""
    start = time.monotonic()
    (*_, last) = await read(browser, site.url("/loop"), timeout=1.5, with_shadow=True, with_iframe=True)
    assert time.monotonic() - start < 1.5 + GRACE_S
    assert "marker-before-loop" in last.body
    assert Reason.TIMEOUT in last.reasons


async def test_a_host_that_never_answers_is_an_error(browser: Browser, site: Site) -> None:
    """Nothing came: a 422 with a sentence."""
    with pytest.raises(AssertionFailureError, match="did not answer within 1 s"):
        await read(browser, site.url("/hang-before"), timeout=1.0)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/reset", "closed the connection"),
        ("/redirect/loop", "redirects in circles"),
        ("/redirect/file", "not a web page"),
        ("/binary", "download"),
        ("/paper.pdf", "download"),
    ],
)
async def test_failed_navigations_are_explained(browser: Browser, site: Site, path: str, words: str) -> None:
    """Errors of the network and downloads have names."""
    with pytest.raises(AssertionFailureError, match=words):
        await read(browser, site.url(path))


async def test_what_the_proxy_knows_comes_first(browser: Browser) -> None:
    """For https Chromium knows no more than that the tunnel failed; the proxy knows why."""
    denied = SecurityCompromiseError("The address is private.")

    def failure(host: str, port: int) -> ReaderError:
        assert (host, port) == ("127.0.0.1", 9)
        return denied

    with pytest.raises(SecurityCompromiseError, match="private"):
        await read(browser, "http://127.0.0.1:9/", failure=failure)


async def test_the_proxys_refusal_is_no_page(browser: Browser) -> None:
    """A 403 that our proxy made is the error that its header names; over TLS such a header is the site's."""
    refused = FirstResponse(
        "http://a.example/", 403, (*HTML, ("X-Egress-Error", "SecurityCompromiseError")), b"no"
    )
    with pytest.raises(SecurityCompromiseError):
        await read(browser, "http://a.example/", response=refused)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "view-source:http://a.example/", "chrome://version", "x:y", ""]
)
async def test_only_web_addresses_are_opened(browser: Browser, url: str) -> None:
    """`Page.navigate` would load them happily."""
    with pytest.raises(ParamValidationError, match="Only http and https"):
        await read(browser, url)


async def test_selectors_are_waited_for(browser: Browser) -> None:
    """A page is not done before they are there; one that never comes is named."""
    late = "setTimeout(() => { document.body.append(document.createElement('h6')) }, 1500)"
    html = f"<p>text</p><script>{late}</script>"
    (*_, last) = await read(browser, "http://a.example/", html=html, wait_for=("h6",), target=("p", "h6"))
    assert "<h6></h6>" in last.body
    assert last.reasons == ()
    (*_, last) = await read(browser, "http://a.example/", html="<p>x</p>", wait_for=("h5",), timeout=1.0)
    assert last.reasons == (Reason.TIMEOUT, Reason.SELECTOR_NOT_FOUND)


async def test_what_a_visit_asks_for_reaches_page_and_origin(browser: Browser, site: Site) -> None:
    """User agent, language, referer, cookies, headers and viewport."""
    url = site.url("/echo")
    await read(
        browser,
        url,
        user_agent="Tester/1.0",
        locale="de-AT",
        referer="http://from.example/",
        cookies=(parse_cookie("a=b; Path=/; HttpOnly", url), parse_cookie("c=d; Path=/elsewhere", url)),
        headers=(("X-Custom", "yes"),),
        viewport=Viewport(width=333, height=444),
    )
    seen = {name.lower(): value for name, value in site.headers(url).items()}
    assert seen["user-agent"] == "Tester/1.0"
    assert seen["accept-language"].startswith("de-AT,de")
    assert seen["referer"] == "http://from.example/"
    assert seen["cookie"] == "a=b"
    assert seen["x-custom"] == "yes"
    html = "<script>document.write(`${innerWidth} ${navigator.language} ${navigator.userAgent}`)</script>"
    (*_, last) = await read(
        browser, "", html=html, user_agent="T/1", locale="fr", viewport=Viewport(width=333)
    )
    assert "333 fr T/1" in last.body


async def test_custom_headers_stay_at_their_origin(browser: Browser, site: Site) -> None:
    """Neither a resource elsewhere nor a redirect takes them along."""
    there = site.other + "/echo?custom"
    html = f"<img src='{site.origin}/echo?home'><img src='{there}'>"
    await read(
        browser, site.origin + "/", html=html, headers=(("X-Custom", "yes"),), timing=Timing.NETWORK_IDLE
    )
    assert "X-Custom" in site.headers("/echo?home")
    assert "X-Custom" not in site.headers(there)


async def test_a_refused_option_is_the_clients_fault(browser: Browser, site: Site) -> None:
    """A locale that Chromium does not know is a 400."""
    with pytest.raises(ParamValidationError):
        await read(browser, site.url("/article"), locale="\x01")


async def test_a_slow_consumer_gets_fewer_captures(browser: Browser, site: Site) -> None:
    """Content is pulled: who takes 700 ms for each gets the newest, and the last state always."""
    eager = await read(browser, site.url("/chunked"))
    slow = []
    async with browser.tab() as tab:
        visit = Visit(url=site.url("/chunked"), timeout=20)
        async for capture in captures(tab, visit, clock=time.monotonic):
            slow.append(capture)
            await anyio.sleep(0.7)
    assert "marker-piece-5" in slow[-1].body
    assert len(slow) < len(eager)


async def _crashed(browser: Browser, site: Site, *, after: int) -> list[Capture]:
    got: list[Capture] = []
    async with browser.tab() as tab:
        visit = Visit(url=site.url("/growing"), timeout=8)
        start = time.monotonic()
        async for capture in captures(tab, visit, clock=lambda: time.monotonic() - start):
            got.append(capture)
            if len(got) == after:
                tab.session.post("Page.crash")
        return got


async def test_a_crashed_renderer_leaves_the_last_capture(browser: Browser, site: Site) -> None:
    """What was seen stays, with a word about the crash."""
    *_, before, last = await _crashed(browser, site, after=2)
    assert last.settled
    assert Reason.RENDERER_CRASHED in last.reasons
    assert last.body == before.body


async def test_a_crash_before_any_capture_is_an_error(browser: Browser, site: Site) -> None:
    """Without a capture nor a first response there is nothing to give; with one there is its source."""
    html = "<p>source</p><script>document.title = 'x'</script>"
    for given in (None, html):
        async with browser.tab() as tab:
            visit = Visit(url=site.url("/hang-body"), timeout=5, html=given)
            stream = captures(tab, visit, clock=time.monotonic)
            session = tab.session
            session.on("Page.frameNavigated", lambda _, session=session: session.post("Page.crash"))  # type: ignore[misc]
            if given is None:
                with pytest.raises(AssertionFailureError, match="crashed"):
                    await anext(stream)
            else:
                last = await anext(stream)
                assert last.body == html.encode()
                assert last.reasons[0] is Reason.RENDERER_CRASHED
                assert last.settled


async def test_a_dead_browser_is_a_503(site: Site) -> None:
    """Killed before it showed anything."""
    async with Browser.open(BrowserSettings(tabs=1, warm_tabs=1)) as browser, browser.tab() as tab:
        stream = captures(tab, Visit(url=site.url("/hang-before"), timeout=5), clock=time.monotonic)
        os.killpg(pid_of(browser), signal.SIGKILL)
        with pytest.raises(ServiceNodeUnavailableError):
            await anext(stream)


@pytest.mark.parametrize("line", ["", "novalue", "=x", "a=b\x01", "a=b; Domain=other.example"])
def test_bad_cookies_are_refused(line: str) -> None:
    """What no site could set is the client's mistake."""
    with pytest.raises(ParamValidationError):
        parse_cookie(line, "http://www.a.example/")


def test_cookies_are_read_as_browsers_do() -> None:
    """Names in any case, unknown attributes and bad dates ignored, values may hold `=`."""
    cookie = parse_cookie(
        " k = v=1 ; DOMAIN=.A.example; path=/p; Secure; httponly; SameSite=lax; Expires=never; X=1",
        "http://www.a.example/",
    )
    assert (cookie.name, cookie.value, cookie.domain, cookie.path) == ("k", "v=1", "a.example", "/p")
    assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.expires) == (True, True, "Lax", None)
    dated = parse_cookie("a=; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "http://a.example/")
    assert (dated.value, dated.expires) == ("", 1445412480.0)

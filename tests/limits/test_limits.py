"""Every limit bites, is a setting, and answers in the contract's shape."""

from __future__ import annotations

import http.client
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import anyio
import pytest

from reader_stream.errors import AssertionFailureError, RateLimitTriggeredError
from reader_stream.model import Capture, RenderOptions
from reader_stream.pipeline.render import ABANDONED_S, Renderer, RenderLimits
from reader_stream.settings import Settings
from reader_stream.web.limits import RequestLimits, client_of
from tests.service import JSON, SSE, Service, running
from tests.site import Site

TIGHT = {
    "READER_MAX_HEAD_BYTES": "4096",
    "READER_MAX_BODY_BYTES": "4096",
    "READER_BODY_TIMEOUT": "2",
    "READER_MAX_TIMEOUT": "20",
    "READER_MAX_REDIRECTS": "1",
    "READER_MAX_DOWNLOAD_BYTES": "300000",
    "READER_MAX_DOM_CHARS": "3000",
    "READER_MAX_DOM_DEPTH": "16",
    "READER_MAX_STREAMS_PER_CLIENT": "2",
    "READER_REPLAY_SECONDS": "0.05",
    "READER_BROWSER_RENDERER_MIB": "300",
    "READER_BROWSER_HEAP_MIB": "128",
}


NEXT = Capture("http://a.test/", "<p>next", composed=True)


@pytest.fixture(scope="module")
def tight(site: Site) -> Iterator[Service]:
    """A service with low limits."""
    with running({"READER_EGRESS_ALLOW": site.allow, **TIGHT}) as service:
        yield service


def test_every_number_says_its_unit() -> None:
    """A setting that is a number says what it counts."""
    words = "byte|MiB|second|tab|page|read|redirect|character|level|worker|port|process|client"
    for name, field in Settings.model_fields.items():
        if field.annotation in (int, float):
            assert re.search(words, f"{name} {field.description}"), name


def test_a_head_too_large_is_told(tight: Service) -> None:
    """As a 400; the connection is closed."""
    answer = tight.get("healthz", {**JSON, "X-Long": "x" * 8000})
    assert (answer.status, answer.json()["name"]) == (400, "ParamValidationError")


def test_a_body_too_large_is_told(tight: Service) -> None:
    """As a 413."""
    answer = tight.post({"html": "x" * 8000}, JSON)
    assert (answer.status, answer.json()["status"]) == (413, 41302)


def test_a_body_that_does_not_come_is_told(tight: Service) -> None:
    """As a 400, after the time that it may take."""
    with socket.create_connection((tight.host, tight.port), timeout=20) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nContent-Length: 9\r\n\r\n")
        response = http.client.HTTPResponse(sock)
        response.begin()
        assert response.status == 400
        assert b"did not arrive within 2 s" in response.read()


def test_a_timeout_beyond_the_longest_is_told(tight: Service, site: Site) -> None:
    """As a 400 that names the option."""
    answer = tight.get(site.url("/article"), {**JSON, "X-Timeout": "60"})
    assert (answer.status, answer.json()["path"]) == (400, "timeout")


def test_redirects_are_counted(tight: Service, site: Site) -> None:
    """One too many is a 422."""
    answer = tight.get(site.url("/redirect/loop"), JSON)
    assert (answer.status, answer.json()["status"]) == (422, 42206)


@pytest.mark.parametrize("path", ["/large"])
def test_a_download_too_large_is_told(tight: Service, site: Site, path: str) -> None:
    """What is there of a page, with the reason; a file is a 413."""
    answer = tight.get(site.url(path), JSON)
    if answer.status == 200:
        assert "truncated_size" in answer.json()["data"]["completeness"]["reasons"]
    else:
        assert (answer.status, answer.json()["status"]) == (413, 41302)


def test_a_large_tree_is_cut_and_told(tight: Service, site: Site) -> None:
    """Of a rendered page so much HTML is taken; the answer says that there is more."""
    body = {"url": site.url("/"), "html": "<p>word word word</p>" * 180}
    data = tight.post(body, {**JSON, "X-Engine": "browser"}).json()["data"]
    assert "truncated_size" in data["completeness"]["reasons"]
    assert 0 < data["content"].count("word word word") < 180


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_a_deep_tree_is_laid_flat_without_loss(tight: Service, site: Site, engine: str) -> None:
    """Whatever the depth that is kept, the text is."""
    body = {"url": site.url("/"), "html": "<div>" * 40 + "deepest text" + "</div>" * 40 + "<p>after"}
    data = tight.post(body, {**JSON, "X-Engine": engine, "X-Respond-With": "markdown"}).json()["data"]
    assert data["markdown"].split() == ["deepest", "text", "after"]


def test_one_address_has_so_many_reads(tight: Service, site: Site) -> None:
    """One more is a 429 with Retry-After, in every representation; those under way go on."""
    slow = {"X-Engine": "http", "X-Timeout": "8"}
    site.seen.clear()
    with ThreadPoolExecutor(2) as pool:
        reads = [pool.submit(tight.get, site.url(f"/hang-before?n={n}"), slow) for n in range(2)]
        while sum("/hang-before" in seen.path for seen in list(site.seen)) < len(reads):
            time.sleep(0.02)  # a question asked before would take the place of one of them
        told = _refused(tight, site)
        statuses = [read.result().status for read in reads]
    assert told is not None
    assert 429 not in statuses
    assert site.wait_until(lambda: tight.get(site.url("/article"), JSON).status == 200)


def _refused(service: Service, site: Site) -> object:
    for _ in range(5):
        answer = service.get(site.url("/article"), JSON)
        if answer.status == 429:
            stream = service.get(site.url("/article"), SSE)
            error = answer.json()
            assert (error["status"], error["name"]) == (42903, "RateLimitTriggeredError")
            assert int(answer.headers["Retry-After"]) == error["retryAfter"] > 0
            assert error["retryable"] is True
            assert (stream.status, stream.headers["Retry-After"]) == (429, answer.headers["Retry-After"])
            return error
    return None


@pytest.mark.anyio
async def test_a_worker_that_computes_too_long_is_ended_and_told() -> None:
    """The kernel ends it, the read is a 422, the next document is made."""
    async with Renderer.open(RenderLimits(1, 60, 1536, cpu=2)) as renderer:
        with pytest.raises(AssertionFailureError, match="CPU"):
            await renderer._run(sum, range(10**12))
        assert (await renderer.render(NEXT, RenderOptions())).content == "next"


@pytest.mark.anyio
async def test_a_document_that_needs_too_much_memory_is_told() -> None:
    """The read is a 422, nothing is lost in silence; the next document is made."""
    async with Renderer.open(RenderLimits(1, 60, 512)) as renderer:
        with pytest.raises(AssertionFailureError, match="memory"):
            await renderer.render(Capture("http://a.test/", b"<p>x" * 4_000_000), RenderOptions())
        assert (await renderer.render(NEXT, RenderOptions())).content == "next"


@pytest.mark.anyio
@pytest.mark.parametrize("inherited", [None, "8"])
async def test_a_worker_is_one_thread(inherited: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many the operator asks for: what each may need leaves no room for pages. At the end the
    service's own environment is as it was."""
    name = "OPENBLAS_NUM_THREADS"
    if inherited is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, inherited)
    async with Renderer.open(RenderLimits(1, 60, 512)) as renderer:
        await renderer.render(NEXT, RenderOptions())
        assert await renderer._run(os.getenv, name) == "1"
        assert len(await renderer._run(os.listdir, "/proc/self/task")) == 1
    assert os.environ.get(name) == inherited


@pytest.mark.anyio
async def test_a_document_that_takes_too_long_is_told() -> None:
    """The read is a 422 at the timeout; its worker makes room at once, not when it may have ended."""
    limits = RenderLimits(1, 60, 512)
    async with Renderer.open(limits) as renderer:
        renderer.limits = replace(limits, timeout=ABANDONED_S + 0.5)
        with pytest.raises(AssertionFailureError, match=r"within 5\.5 s"):
            await renderer._run(time.sleep, 60)
        with anyio.fail_after(ABANDONED_S - 0.5):
            while renderer._limiter.borrowed_tokens:  # noqa: ASYNC110 (it has no event)
                await anyio.sleep(0.01)
        renderer.limits = limits  # a crowded machine may need longer to start the next worker
        assert (await renderer.render(NEXT, RenderOptions())).content == "next"


def test_networks_are_clients() -> None:
    """An IPv4 address is one client, mapped into IPv6 too; of IPv6 it is a /64."""
    assert client_of("192.0.2.7") == client_of("::ffff:192.0.2.7") != client_of("192.0.2.8")
    assert client_of("2001:db8::1") == client_of("2001:db8::2") != client_of("2001:db8:0:1::1")
    limits = RequestLimits(1, 1, 180, 1)
    limits.admit("a")
    limits.reads["a"] += 1
    with pytest.raises(RateLimitTriggeredError):
        limits.admit("a")
    limits.admit("b")


def test_events_are_kept_so_long(tight: Service, site: Site) -> None:
    """A client that comes back later than that gets a new read."""
    first = tight.stream(site.url("/article"), {"X-Engine": "http"})
    time.sleep(0.1)
    again = tight.stream(site.url("/article"), {"X-Engine": "http", "Last-Event-ID": first[0].id})
    assert again[0].id.partition(":")[0] != first[0].id.partition(":")[0]


HOGS = {
    "buffers": "const a = []; (function f() { a.push(new Uint8Array(5e7).fill(1)); setTimeout(f) })();",
    "tree": "(function f() { for (let i = 0; i < 2e3; i++) { const p = document.createElement('p');"
    "p.append('x'.repeat(9e4) + i); p.hidden = true; document.body.append(p) } setTimeout(f) })();",
}


@pytest.mark.parametrize("hog", HOGS)
def test_a_page_that_eats_memory_is_ended_and_told(tight: Service, site: Site, hog: str) -> None:
    """Also where V8's own limit does not hold, in buffers and the tree. The next read works."""
    script = f"setTimeout(() => {{ {HOGS[hog]} }}, 200)"
    html = f"<h1>Before</h1><p>{'There was text. ' * 9}</p><script>{script}</script>"
    body = {"url": site.url("/"), "html": html}
    headers = {**JSON, "X-Engine": "browser", "X-Timeout": "15", "X-Respond-Timing": "network-idle"}
    answer = tight.post(body, {**headers, "X-Wait-For-Selector": "#never"})
    assert answer.status == 200, answer.text
    assert "renderer_crashed" in answer.json()["data"]["completeness"]["reasons"]
    assert "There was text" in answer.json()["data"]["content"]
    assert tight.post({"html": "<p>next"}, {**JSON, "X-Engine": "browser"}).status == 200


def test_a_script_that_never_ends_is_ended_and_told(tight: Service, site: Site) -> None:
    """At the timeout, with what there was before."""
    headers = {"X-Engine": "browser", "X-Timeout": "6"}
    answer = tight.get(site.url("/loop"), {**JSON, **headers})
    assert answer.status == 200, answer.text
    assert answer.json()["data"]["completeness"]["state"] == "partial"

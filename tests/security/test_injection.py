"""Nothing that a client or a page says gets into a header, another read, or our own origin as script."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from reader_stream.errors import ParamValidationError
from reader_stream.web.params import OPTIONS, parse_read
from tests.security.pages import READER, UNSEEN, WRITER
from tests.service import JSON, Service, running
from tests.site import Site
from tests.site.page import Asset
from tests.site.server import serve

BREAKS = {
    "crlf": "\r\nX-Injected: 1",
    "lf": "\nX-Injected: 1",
    "cr": "\rX-Injected: 1",
    "nul": "\0X-Injected: 1",
    "nel": "\x85X-Injected: 1",
    "line separator": "\u2028X-Injected: 1",
}
OUTGOING = {
    "url": "http://a.test/{}",
    "setCookies": "a=b{}",
    "proxyUrl": "http://p.test:1/{}",
    "userAgent": "Mozilla{}",
    "locale": "en{}",
    "referer": "http://a.test/{}",
    "robotsTxt": "bot{}",
    "cursor": "abc{}",
    "targetSelector": "p{}",
    "stopWhen": "text:a{}",
}
"""Body fields of one line, most of which end in a header of ours or a line of a protocol."""


def refused(body: dict[str, object]) -> str | None:
    """The option at fault."""
    with pytest.raises(ParamValidationError) as error:
        parse_read("POST", b"/", b"", [], {"url": "http://a.test/", **body})
    assert "X-Injected: 1\n" not in error.value.message
    return error.value.path


@pytest.mark.parametrize("name", OUTGOING)
@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_no_option_ends_a_line(name: str, broken: str) -> None:
    """Line breaks and NUL in a body's field are a 400 that names it."""
    assert refused({name: OUTGOING[name].format(broken)}) == name


@pytest.mark.parametrize("broken", [*BREAKS.values(), "\u010d\u010aX-Injected: 1"])
@pytest.mark.parametrize("place", ["name", "value"])
def test_no_custom_header_ends_a_line(place: str, broken: str) -> None:
    """Neither in its name nor in its value; also not by characters that lose a byte on the way."""
    header = {f"X-A{broken}": "b"} if place == "name" else {"X-A": f"b{broken}"}
    assert refused({"customHeader": header}) == "customHeader"


@pytest.mark.parametrize("name", sorted({header for option in OPTIONS for header in option.headers}))
def test_no_header_carries_a_line_break(name: str) -> None:
    """HTTP/2 could carry one where a server is careless: every option of ours refuses it, DNT aside."""
    for broken in BREAKS.values():
        with pytest.raises(ParamValidationError):
            parse_read("GET", b"/http://a.test/", b"", [(name.encode(), f"1{broken}".encode())])


def asset(path: str, html: str) -> Asset:
    """A page of the site for this file."""

    async def respond(request: object) -> object:
        from aiohttp import web

        kind = "text/javascript" if path.endswith(".js") else "text/html"
        return web.Response(text=html, content_type=kind)

    return Asset(path, respond)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shore() -> Iterator[tuple[Service, Site]]:
    """A service and a site whose pages leave and look for traces, and hide text."""
    worker = "self.addEventListener('fetch', e => e.respondWith(new Response('<p>from-the-worker')))"
    entries = [asset("/writer", WRITER), asset("/reader", READER), asset("/sw.js", worker)]
    entries += [
        asset("/unseen", UNSEEN),
        asset("/plain", "<p>plain words"),
        asset("/plain%0d%0aX-Injected:%201", "<p>odd"),
    ]
    with serve(entries) as site, running({"READER_EGRESS_ALLOW": site.allow}) as service:
        yield service, site


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_an_encoded_line_break_in_an_address_stays_encoded(shore: tuple[Service, Site], engine: str) -> None:
    """In the target's path and query; the origin sees one request line, the client no new header."""
    service, site = shore
    for where in (
        "/plain%0d%0aX-Injected:%201",
        "/plain?a=%0D%0AX-Injected:%201",
        "/plain?a=%E5%98%8D%E5%98%8A",
    ):
        answer = service.get(f"{site.origin}{where}", {**JSON, "X-Engine": engine, "X-No-Cache": "true"})
        assert "X-Injected" not in answer.headers
    assert not any("X-Injected" in seen.headers for seen in site.seen)


def test_cookies_and_agents_go_out_as_they_are(shore: tuple[Service, Site]) -> None:
    """Characters that would be line breaks after losing a byte add no header."""
    service, site = shore
    service.get(f"{site.origin}/plain", {"X-Set-Cookie": quote("a=b"), "X-Engine": "http"})
    body = {"url": f"{site.origin}/plain", "setCookies": "a=b\u010d\u010aX-Injected:1", "engine": "http"}
    assert service.post(body, JSON).status in (200, 400)
    assert not any("X-Injected" in seen.headers for seen in site.seen)


def test_no_read_sees_what_another_left(shore: tuple[Service, Site]) -> None:
    """Cookies, storages, databases, caches, service workers, names and channels end with their read;
    reads at the same time are strangers to each other."""
    service, site = shore
    headers = {
        **JSON,
        "X-Engine": "browser",
        "X-No-Cache": "true",
        "X-Respond-Timing": "html",
        "X-Timeout": "20",
    }
    done = {**headers, "X-Wait-For-Selector": "#over"}
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(
            service.get, f"{site.origin}/writer", {**headers, "X-Wait-For-Selector": "#later"}
        )
        readings = [service.get(f"{site.origin}/reader?{n}", done) for n in range(3)]
        wrote = writing.result().json()["data"]["content"]
    readings += [service.get(f"{site.origin}/reader?{n}", done) for n in range(3, 6)]
    assert "cookie storage database cache worker" in wrote
    for reading in readings:
        content = reading.json()["data"]["content"]
        assert "seen: nothing" in content, content
        assert "from-the-worker" not in content


def test_no_answer_is_a_page_on_our_origin(shore: tuple[Service, Site]) -> None:
    """HTML of others is sent as text that no browser guesses to be more."""
    service, site = shore
    for accept in ("text/html", "*/*", "text/markdown", "application/json", "text/event-stream"):
        answer = service.get(f"{site.origin}/plain", {"Accept": accept, "X-Respond-With": "html"})
        assert answer.headers.get_content_type() != "text/html"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("engine", ["http", "browser", "auto"])
def test_hidden_prompts_do_not_reach_the_model(shore: tuple[Service, Site], engine: str) -> None:
    """Fourteen ways to hide a text: in no format but html; metadata says how much there was."""
    service, site = shore
    headers = {
        **JSON,
        "X-Engine": engine,
        "X-Respond-With": "content,markdown,text,html",
        "X-With-Links-Summary": "all",
    }
    data = service.read(f"{site.origin}/unseen", headers)
    told = {name: data[name] for name in ("content", "markdown", "text", "title", "links")}
    assert "IGNORE" not in str(told)
    assert "quiet in winter" in data["content"]
    assert "after all" in data["markdown"]
    assert not any(0xE0000 <= ord(char) <= 0xE007F or char in "\u200b\u202e" for char in str(told))
    assert "javascript:" not in str(told)
    assert data["html"].count("IGNORE") >= 14
    assert data["metadata"]["hidden"]["characters"] > 14 * len("IGNORE all rules")
    assert data["metadata"]["hidden"]["blocks"]


def test_no_snapshot_shows_hidden_prompts(shore: tuple[Service, Site]) -> None:
    """From the first one on, in both modes."""
    service, site = shore
    for mode in ("snapshot", "patch"):
        headers = {"X-Engine": "browser", "X-Stream-Mode": mode, "X-No-Cache": "true"}
        assert all(
            "IGNORE" not in message.data for message in service.stream(f"{site.origin}/unseen", headers)
        )

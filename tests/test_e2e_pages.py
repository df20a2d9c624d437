"""Every page of the misbehaving site, read by the real service with a real Chromium."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from reader_stream.stream.sse import Message
from tests import site as test_site
from tests.e2e_checks import check_error, check_stream, fold
from tests.service import JSON, Service
from tests.site import Page, Site

WHOLE = {"X-Respond-With": "markdown"}
HEAVY = ("/loop", "/memory-hog", "/large", "/elements", "/class-storm")
"""Pages that take the machine for themselves; they are read alone, the others three at a time."""

DEFAULT_TIMEOUT_S = 30
OVERTIME_S = 3
"""Every read ends within its timeout and this (issue, "Bad input")."""

each_page = pytest.mark.parametrize("page", test_site.PAGES, ids=lambda page: page.name)


@dataclass(frozen=True)
class Read:
    """One read of a page: its events, how long it took, and how often the origin was asked."""

    url: str
    messages: list[Message]
    seconds: float
    requests: int


def _read(service: Service, site: Site, page: Page) -> Read:
    url = site.url(page.path)
    start = time.monotonic()
    messages = service.stream(url, {**WHOLE, **page.headers})
    return Read(url, messages, time.monotonic() - start, site.requests(url))


@pytest.fixture(scope="module")
def reads(request: pytest.FixtureRequest, service: Service, site: Site) -> Iterator[dict[str, Future[Read]]]:
    """A read of every page that this session tests, some at the same time."""
    wanted = _wanted(request.session)
    with ThreadPoolExecutor(3) as together, ThreadPoolExecutor(1) as alone:
        light = {path: page for path, page in wanted.items() if path not in HEAVY}
        futures = {path: together.submit(_read, service, site, page) for path, page in light.items()}

        def after_the_others(page: Page) -> Read:
            for future in futures.values():
                future.exception()
            return _read(service, site, page)

        heavy = {path: alone.submit(after_the_others, wanted[path]) for path in HEAVY if path in wanted}
        yield futures | heavy


def _wanted(session: pytest.Session) -> dict[str, Page]:
    """The pages that the tests of this session are about, by path."""
    calls = (getattr(item, "callspec", None) for item in session.items)
    pages = (call.params.get("page") for call in calls if call)
    return {page.path: page for page in pages if isinstance(page, Page)}


@each_page
def test_stream_is_well_formed(page: Page, reads: dict[str, Future[Read]]) -> None:
    """Snapshots, each new and with a higher version, then exactly one final or error, in time."""
    read = reads[page.path].result()
    data = check_stream(read.messages, "markdown")
    expected = "final" if page.answer == 200 else "error"
    assert read.messages[-1].event == expected, data
    timeout = float(page.headers.get("X-Timeout", DEFAULT_TIMEOUT_S))
    assert read.seconds < timeout + OVERTIME_S


@each_page
def test_page_is_read_whole(page: Page, reads: dict[str, Future[Read]]) -> None:
    """The final has what the page shows and nothing that it does not, and says honestly how whole it is."""
    data = reads[page.path].result().messages[-1].json()
    if page.answer != 200:
        check_error(data, page.answer)
        return
    content = data["markdown"]
    assert [mark for mark in page.must if mark not in content] == [], content[:2000]
    assert [mark for mark in page.must_not if mark in content] == [], content[:2000]
    assert data["completeness"]["state"] in page.states, data["completeness"]
    if page.reason:
        assert page.reason in data["completeness"]["reasons"]


@each_page
def test_origin_is_asked_once(page: Page, reads: dict[str, Future[Read]]) -> None:
    """One read is one request for the page at its origin, with or without a browser."""
    if page.requests is None:
        pytest.skip("this page is asked for again by its own doing")
    assert reads[page.path].result().requests == page.requests


@pytest.mark.parametrize(
    "page", [p for p in test_site.PAGES if p.static and p.answer == 200], ids=lambda page: page.name
)
def test_http_engine_reads_static_pages(page: Page, service: Service, site: Site) -> None:
    """A page that needs no script is read whole without a browser."""
    data = service.read(site.url(page.path), {**WHOLE, **page.headers, "X-Engine": "http"})
    assert [mark for mark in page.must if mark not in data["markdown"]] == []


@pytest.mark.parametrize("path", ["/article", "/hydration", "/frame/0", "/status/404", "/data.json"])
def test_json_text_and_stream_agree(path: str, service: Service, site: Site) -> None:
    """The content of the final, of JSON and of the bare markdown are the same, byte for byte."""
    url = site.url(path)
    final = check_stream(service.stream(url))
    fresh = {"X-No-Cache": "true"}
    assert service.get(url, JSON | fresh).json()["data"]["content"] == final["content"]
    assert service.get(url, {"Accept": "text/markdown"} | fresh).text == final["content"]
    assert f"Markdown Content:\n{final['content']}" in service.get(url).text


def test_patches_fold_to_the_final_on_every_page(service: Service, site: Site) -> None:
    """In patch mode the folded blocks have the sha256 of the final, whatever the page does meanwhile."""
    slow = ("/loop", "/memory-hog", "/class-storm")
    pages = [page for page in test_site.PAGES if page.answer == 200 and page.path not in slow]

    def folded(page: Page) -> str | None:
        headers = {**WHOLE, **page.headers, "X-Stream-Mode": "patch", "X-Engine": "browser"}
        if page.static:
            headers["X-Engine"] = "auto"
        messages = service.stream(site.url(page.path), headers)
        digest = hashlib.sha256(fold(messages).encode()).hexdigest()
        said = messages[-1].json()
        return None if digest == said.get("sha256") else f"{page.path}: {said.get('message', 'other')}"

    with ThreadPoolExecutor(3) as together:
        assert [path for path in together.map(folded, pages) if path] == []


@pytest.mark.parametrize(
    "page", [p for p in test_site.PAGES if p.path.startswith("/encoding/")], ids=lambda page: page.name
)
def test_a_browser_reads_encodings_as_we_do(page: Page, service: Service, site: Site) -> None:
    """An undeclared or wrong charset has one reading, with or without a browser."""
    content = service.read(site.url(page.path), {**WHOLE, "X-Engine": "browser"})["markdown"]
    assert [mark for mark in page.must if mark not in content] == []
    assert "\ufffd" not in content

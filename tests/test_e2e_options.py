"""The options of a read, through the public interface."""

from __future__ import annotations

import pytest

from tests.e2e_checks import check_error, check_stream, fold
from tests.service import JSON, SSE, Service
from tests.site import Site

WHOLE = {"X-Respond-With": "markdown"}
FORBIDDEN = ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/"]


def test_target_selector_gives_only_these_elements(service: Service, site: Site) -> None:
    """Elements that match come in document order, the rest of the page does not."""
    data = service.read(site.url("/article"), {"X-Target-Selector": "h2, pre", "X-Engine": "browser"})
    assert data["content"].index("Figures") < data["content"].index("marker-code")
    assert "marker-article-end" not in data["content"]


def test_target_selector_waits_for_its_element(service: Service, site: Site) -> None:
    """A target that appears late is waited for."""
    data = service.read(site.url("/timers"), {"X-Target-Selector": "#app p:nth-of-type(8)"})
    assert "marker-timer-7" in data["content"]


def test_target_selector_that_matches_nothing_is_an_error(service: Service, site: Site) -> None:
    """There is nothing to answer with: 422, naming the option."""
    answer = service.get(site.url("/article"), {**JSON, "X-Target-Selector": "#nowhere", "X-Timeout": "6"})
    check_error(answer.json(), 422)
    assert answer.status == 422
    assert answer.json()["path"] == "targetSelector"


def test_remove_selector_drops_elements(service: Service, site: Site) -> None:
    """Removed elements are not in the content."""
    data = service.read(site.url("/article"), {**WHOLE, "X-Remove-Selector": "pre, nav"})
    assert "marker-code" not in data["markdown"]
    assert "boilerplate-nav" not in data["markdown"]
    assert "marker-article-end" in data["markdown"]


def test_wait_selector_that_never_comes_gives_what_there_is(service: Service, site: Site) -> None:
    """The read ends at its timeout as partial, and says why."""
    headers = {**WHOLE, "X-Wait-For-Selector": "#nowhere", "X-Timeout": "6"}
    data = service.read(site.url("/hydration"), headers)
    assert "marker-hydrated-late" in data["markdown"]
    assert data["completeness"]["state"] == "partial"
    assert "selector_not_found" in data["completeness"]["reasons"]


def test_frames_and_shadow_roots_stay_out_unless_asked_for(service: Service, site: Site) -> None:
    """What is in frames and shadow roots comes only with its option."""
    frames = service.read(site.url("/frame/0"), {**WHOLE, "X-Engine": "browser"})["markdown"]
    assert "marker-frame-0" in frames
    assert "marker-frame-1" not in frames
    shadow = service.read(site.url("/shadow"), WHOLE)["markdown"]
    assert "marker-light" in shadow
    assert "marker-closed-shadow" not in shadow


UNREADABLE = ["{forbidden}/canary", "https://127.0.0.1:1/", "http://nowhere.invalid/", "{origin}/reset"]


@pytest.mark.parametrize("source", UNREADABLE)
def test_frame_that_cannot_be_read_is_told(source: str, service: Service, site: Site) -> None:
    """Nothing of an error page gets into the content, and the read says that a frame is missing."""
    source = source.format(forbidden=site.forbidden, origin=site.origin)
    body = {
        "url": site.url("/posted"),
        "html": f"<p>marker-around</p><iframe src='{source}'></iframe>",
        "engine": "browser",
        "withIframe": True,
        "respondWith": "markdown",
    }
    data = service.post(body, JSON).json()["data"]
    assert data["markdown"] == "marker-around"
    assert data["completeness"] == {"state": "partial", "reasons": ["frame_unreadable"]}


def test_quoted_frames_are_block_quotes(service: Service, site: Site) -> None:
    """`quoted` sets a frame's content off from the page around it."""
    data = service.read(site.url("/frame-srcdoc"), {**WHOLE, "X-With-Iframe": "quoted"})
    line = next(line for line in data["markdown"].splitlines() if "marker-srcdoc" in line)
    assert line.startswith(">")


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_page_gets_cookies_agent_language_and_referer(engine: str, service: Service, site: Site) -> None:
    """The origin sees the cookies and header fields that the client chose, whichever engine reads."""
    headers = {
        **WHOLE,
        "X-Engine": engine,
        "X-Set-Cookie": "session=marker-cookie; Path=/",
        "X-User-Agent": "marker-agent/1.0",
        "X-Locale": "de-AT",
        "X-Referer": "https://example.com/marker-referer",
    }
    content = service.read(site.url("/echo"), headers)["markdown"]
    assert "cookie session = marker-cookie" in content
    assert "marker-agent/1.0" in content
    assert "Accept-Language = de-AT" in content
    assert "https://example.com/marker-referer" in content
    if engine == "browser":
        assert "languages de-AT" in content
        assert "session=marker-cookie" in content


def test_cookies_of_one_read_are_unknown_to_the_next(service: Service, site: Site) -> None:
    """No read sees what another one left behind."""
    url = site.url("/echo")
    service.read(url, {**WHOLE, "X-Engine": "browser", "X-Set-Cookie": "secret=first-reader"})
    assert "first-reader" not in service.read(url, {**WHOLE, "X-Engine": "browser"})["markdown"]


def test_second_read_comes_from_the_cache(service: Service, site: Site) -> None:
    """A repeated read does not ask the origin again, unless it says so."""
    url = site.url("/hydration")
    assert service.read(url)["cache"]["hit"] is False
    assert service.read(url)["cache"]["hit"] is True
    assert site.requests(url) == 1
    assert service.read(url, {"X-No-Cache": "true"})["cache"]["hit"] is False
    assert site.requests(url) == 2


def test_cached_read_streams_like_a_fresh_one(service: Service, site: Site) -> None:
    """A stream from the cache is a snapshot and the final, with the same content."""
    url = site.url("/hydration")
    fresh = check_stream(service.stream(url))
    cached = check_stream(service.stream(url))
    assert cached["cache"]["hit"] is True
    assert cached["content"] == fresh["content"]


@pytest.mark.parametrize("kind", ["html", "text", "markdown", "content"])
def test_each_format_is_given(kind: str, service: Service, site: Site) -> None:
    """`X-Respond-With` chooses what the answer carries."""
    data = service.read(site.url("/hydration"), {"X-Respond-With": kind})
    assert "marker-hydrated-late" in data[kind]
    assert ("<p>" in data[kind]) == (kind == "html")


def test_several_formats_come_in_one_answer(service: Service, site: Site) -> None:
    """Formats joined by `+` are all in the JSON."""
    data = service.read(site.url("/hydration"), {"X-Respond-With": "html+text+markdown"})
    assert all("marker-hydrated-late" in data[kind] for kind in ("html", "text", "markdown"))


def test_post_of_html_is_read_with_its_base(service: Service, site: Site) -> None:
    """HTML in the body is read as the page of its URL, which is not asked for."""
    url = site.url("/posted/here")
    html = "<h1>Posted</h1><p>Some marker-posted text with a <a href='next'>link</a>.</p>"
    answer = service.post({"url": url, "html": html, "respondWith": "markdown"}, JSON)
    assert answer.status == 200, answer.text
    content = answer.json()["data"]["markdown"]
    assert "# Posted" in content
    assert f"({site.origin}/posted/next)" in content
    assert site.requests(url) == 0


def test_post_of_html_runs_its_scripts_in_a_browser(service: Service, site: Site) -> None:
    """With the browser engine, HTML from the body is a live page."""
    html = "<main id=m></main><script>document.getElementById('m').innerHTML = '<p>marker-run</p>'</script>"
    body = {"url": site.url("/posted"), "html": html, "respondWith": "markdown", "engine": "browser"}
    assert "marker-run" in service.post(body, JSON).json()["data"]["markdown"]


def test_post_of_a_form_reads_its_url(service: Service, site: Site) -> None:
    """A form body carries options like JSON does."""
    kind = {"Content-Type": "application/x-www-form-urlencoded", **JSON}
    url = site.url("/article").replace(":", "%3A").replace("?", "%3F").replace("=", "%3D")
    answer = service.request("POST", "/", kind, f"url={url}&respondWith=text".encode())
    assert "marker-article-end" in answer.json()["data"]["text"]


def test_patches_fold_to_the_content(service: Service, site: Site) -> None:
    """In patch mode the folded blocks are the content that a plain read gives."""
    for path in ("/timers", "/chunked", "/text-nodes", "/article"):
        url = site.url(path)
        messages = service.stream(url, {"X-Stream-Mode": "patch", **WHOLE})
        assert messages[0].event == "snapshot"
        assert {message.event for message in messages[1:-1]} <= {"patch", "snapshot"}
        assert messages[-1].event == "final"
        assert "markdown" not in messages[-1].json()
        assert fold(messages) == service.read(url, WHOLE)["markdown"]


def test_head_has_the_header_fields_of_get(service: Service, site: Site) -> None:
    """HEAD answers like GET, without the body."""
    answer = service.request("HEAD", f"/{site.url('/article')}")
    assert answer.status == 200
    assert answer.body == b""
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_every_answer_varies_by_accept(service: Service, site: Site) -> None:
    """Caches in between keep the representations apart; finished answers count their tokens."""
    answer = service.get(site.url("/article"), JSON)
    assert "Accept" in answer.headers["Vary"]
    assert int(answer.headers["X-Usage-Tokens"]) > 0


@pytest.mark.parametrize("url", FORBIDDEN)
def test_private_addresses_are_refused(url: str, service: Service) -> None:
    """What is not public and not allowed is a 451, and nothing is sent there."""
    answer = service.get(url, JSON)
    assert answer.status == 451
    check_error(answer.json(), 451)


def test_redirect_into_the_private_network_is_refused(service: Service, site: Site) -> None:
    """Every hop is checked, not only the first."""
    for engine in ("http", "browser"):
        answer = service.get(site.url("/redirect/metadata"), {**JSON, "X-Engine": engine})
        assert answer.status == 451


def test_page_cannot_reach_what_its_reader_may_not(service: Service, site: Site) -> None:
    """No element, script, socket or redirect of a page gets to an address that is not allowed."""
    data = service.read(site.url("/escape"), {**WHOLE, "X-With-Iframe": "true"})
    assert "marker-escape" in data["markdown"]
    assert "marker-canary" not in data["markdown"]
    assert site.requests(f"{site.forbidden}/canary") == 0


BAD = [
    ({"X-Timeout": "0"}, "timeout"),
    ({"X-Timeout": "soon"}, "timeout"),
    ({"X-Engine": "magic"}, "engine"),
    ({"X-With-Iframe": "maybe"}, "withIframe"),
    ({"X-Respond-With": "poetry"}, "respondWith"),
    ({"X-Target-Selector": "p["}, "targetSelector"),
]


@pytest.mark.parametrize(("headers", "path"), BAD, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "text/plain", "text/markdown"])
def test_bad_options_are_400_in_every_representation(
    headers: dict[str, str], path: str, accept: str, service: Service, site: Site
) -> None:
    """A malformed option is a 400 that names it, in the representation that was asked for."""
    answer = service.get(site.url("/article"), {**headers, "Accept": accept})
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith(accept)
    assert path in answer.text
    if accept == "application/json":
        assert answer.json()["path"] == path


@pytest.mark.parametrize(
    "target", ["ftp://example.com/", "http://", "http://exa mple.com/", "file:///etc/passwd"]
)
def test_bad_urls_are_400(target: str, service: Service) -> None:
    """Schemes and URLs that nobody can read are refused before anything is sent."""
    answer = service.get(target.replace(" ", "%20"), JSON)
    assert answer.status == 400
    check_error(answer.json(), 400)


def test_failed_read_is_an_error_in_every_representation(service: Service, site: Site) -> None:
    """The error of a read has the HTTP status of its kind, or is the last event of the stream."""
    for accept in ("application/json", "text/plain", "text/markdown"):
        answer = service.get(site.url("/reset"), {"Accept": accept})
        assert answer.status == 422
        assert "AssertionFailureError" in answer.text
    messages = service.stream(site.url("/reset"), SSE)
    check_error(messages[-1].json(), 422)


def test_operations_endpoints_answer(service: Service) -> None:
    """Health, readiness, metrics and the machine-readable contract are there."""
    assert service.get("healthz").status == 200
    assert service.get("readyz").status == 200
    assert b"# TYPE" in service.get("metrics").body
    assert service.get("openapi.json").json()["openapi"].startswith("3.")

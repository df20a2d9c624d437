"""Who gets what of a client's own: header fields, cookies, and the word of robots.txt."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.e2e_checks import check_error
from tests.service import JSON, SSE, Service
from tests.site import Site

ENGINES = ("http", "browser")
SECRET = {"X-Custom": "marker-secret", "Authorization": "Bearer marker-secret"}


def asked(site: Site, by: str) -> list[Mapping[str, str]]:
    """The header fields of every request for `/options/asked?by=…`."""
    path = f"/options/asked?by={by}"
    return [dict(seen.headers) for seen in site.seen if seen.path == path]


@pytest.mark.parametrize("engine", ENGINES)
def test_custom_header_fields_go_to_the_target(engine: str, service: Service, site: Site) -> None:
    """Those that the reader sends itself are replaced, not doubled."""
    fields = {"X-Custom": "mine", "User-Agent": "marker-agent", "Referer": "https://from.example/"}
    url = site.url("/echo")
    assert service.post({"url": url, "engine": engine, "customHeader": fields}, JSON).status == 200
    headers = site.headers(url)
    assert {name: headers.get(name) for name in fields} == fields


@pytest.mark.parametrize("engine", ENGINES)
def test_custom_header_fields_do_not_follow_a_redirect_away(
    engine: str, service: Service, site: Site
) -> None:
    """Another origin never sees them, though the first one did."""
    site.seen.clear()
    url = site.url("/options/moved-asked")
    answer = service.post({"url": url, "engine": engine, "customHeader": SECRET, "setCookies": "s=1"}, JSON)
    assert answer.status == 200, answer.text
    assert site.headers(url)["X-Custom"] == "marker-secret"
    (elsewhere,) = asked(site, "redirect")
    assert not {"X-Custom", "Authorization", "Cookie"} & elsewhere.keys()


def test_what_a_page_loads_elsewhere_gets_nothing(service: Service, site: Site) -> None:
    """Images, frames and requests of scripts: those of the origin have the fields, others have not."""
    site.seen.clear()
    body = {
        "url": site.url("/options/loads"),
        "engine": "browser",
        "withIframe": True,
        "customHeader": SECRET,
        "setCookies": "session=marker-session",
    }
    answer = service.post(body, JSON)
    assert answer.status == 200, answer.text
    for own in ("own-image", "own-fetch"):
        for headers in asked(site, own):
            assert headers["X-Custom"] == "marker-secret"
            assert "marker-session" in headers["Cookie"]
    for other in ("other-image", "other-frame", "other-fetch"):
        assert asked(site, other)
        for headers in asked(site, other):
            assert not {"X-Custom", "Authorization", "Cookie"} & headers.keys()


@pytest.mark.parametrize("engine", ENGINES)
def test_own_options_win_over_defaults(engine: str, service: Service, site: Site) -> None:
    """The user agent, language and referer named are those sent, with the browser's own shape."""
    url = site.url("/echo")
    headers = {
        "X-Engine": engine,
        "X-User-Agent": "Mine/2.0",
        "X-Locale": "fr-CA",
        "X-Referer": "https://r.example/a?b",
    }
    service.read(url, headers)
    sent = site.headers(url)
    assert sent["User-Agent"] == "Mine/2.0"
    assert sent["Accept-Language"].startswith("fr-CA,fr")
    assert sent["Referer"].startswith("https://r.example/")


@pytest.mark.parametrize("cookie", ["a=1; Domain=example.org", "=x"])
def test_cookies_that_the_target_may_not_set_are_refused(cookie: str, service: Service, site: Site) -> None:
    """A 400 that names the option, before anything is asked."""
    url = site.url("/echo")
    error = service.get(url, {**JSON, "X-Set-Cookie": cookie}).json()
    check_error(error, 400)
    assert error["path"] == "setCookies"
    assert site.requests(url) == 0


ROBOTS = [
    ("/options/open", "marker-denied", False),
    ("/options/open", "marker-welcome", True),
    ("/options/closed", "marker-welcome", False),
    ("/options/moved-closed", "marker-welcome", False),
    ("/article", "marker-denied", True),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("path", "agent", "allowed"), ROBOTS)
def test_robots_txt_is_obeyed_for_the_agent_named(
    path: str, agent: str, allowed: bool, engine: str, service: Service, site: Site
) -> None:
    """Before the page is asked for; what a redirect leads to is not asked for either."""
    url = site.url(path)
    site.seen.clear()
    answer = service.get(url, {**JSON, "X-Robots-Txt": agent, "X-Engine": engine})
    if allowed:
        assert answer.status == 200, answer.text
        return
    check_error(answer.json(), 409)
    assert answer.json()["name"] == "ResourcePolicyDenyError"
    assert answer.json()["path"] == "robotsTxt"
    asked_for = [seen.path.partition("?")[0] for seen in site.seen if seen.path != "/robots.txt"]
    assert asked_for == ([path] if "moved" in path else [])


@pytest.mark.parametrize(
    "way",
    [
        "<script>location = '/options/closed'</script>",
        "<meta http-equiv=refresh content='0;url=/options/closed'>",
    ],
    ids=["script", "meta"],
)
def test_where_a_page_leads_itself_robots_txt_is_obeyed_too(way: str, service: Service, site: Site) -> None:
    """What the closed page says is not handed over; elsewhere a page may go."""
    body = {"url": site.url("/options/open"), "html": f"<p>Words of the page.</p>{way}", "engine": "browser"}
    answer = service.post({**body, "robotsTxt": "marker-welcome"}, JSON)
    check_error(answer.json(), 409)
    assert answer.json()["path"] == "robotsTxt"
    welcome = {**body, "html": body["html"].replace("closed", "open?x=1"), "robotsTxt": "marker-welcome"}
    assert service.post(welcome, JSON).status == 200


def test_nobody_asks_for_robots_txt_unless_told_to(service: Service, site: Site) -> None:
    """A reader is a user's agent; the page that is closed to robots is read."""
    site.seen.clear()
    assert "marker-closed" in service.read(site.url("/options/closed"))["content"]
    assert site.requests("/robots.txt") == 0


def test_a_denied_stream_ends_with_the_error(service: Service, site: Site) -> None:
    """The one event is the error, whatever the representation."""
    (message,) = service.stream(site.url("/options/closed"), {**SSE, "X-Robots-Txt": "marker-welcome"})
    check_error(message.json(), 409)

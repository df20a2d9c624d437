"""Scripts of a client's own, through the public interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e_checks import check_error
from tests.service import JSON, Service, running
from tests.site import Site

OPTIONS = ("injectPageScript", "injectFrameScript")
MARK = "addEventListener('DOMContentLoaded', () => document.body.append('%s at ' + location.pathname))"


@pytest.fixture(scope="module")
def scripted(site: Site) -> Iterator[Service]:
    """A service whose clients may inject scripts."""
    allowed = {"READER_EGRESS_ALLOW": site.allow, "READER_ALLOW_SCRIPTS": "true"}
    with running({**allowed, "READER_LOG_LEVEL": "warning"}) as service:
        yield service


def read(service: Service, url: str, **options: Any) -> str:
    """The whole page as markdown."""
    answer = service.post({"url": url, "respondWith": "markdown", **options}, JSON)
    assert answer.status == 200, answer.text
    markdown: str = answer.json()["data"]["markdown"]
    return markdown


@pytest.mark.parametrize("name", OPTIONS)
def test_scripts_are_off_unless_the_operator_allows_them(name: str, service: Service, site: Site) -> None:
    """A 501 says which setting turns them on, and nothing is asked of the target."""
    url = site.url("/article")
    answer = service.post({"url": url, name: "1"}, JSON)
    check_error(answer.json(), 501)
    assert "READER_ALLOW_SCRIPTS" in answer.json()["message"]
    assert answer.json()["path"] == name
    assert site.requests(url) == 0


def test_page_script_runs_before_the_pages_own(scripted: Service, site: Site) -> None:
    """The page's scripts find what the injected one has set, globals included."""
    url = site.url("/scripted")
    script = "var before = 'marker-before'; function also() { return 'marker-also' }"
    assert "marker-before marker-also" in read(scripted, url, injectPageScript=script)


def test_scripts_run_on_pages_without_code(scripted: Service, site: Site) -> None:
    """A static page is opened in the browser for them, and what they do later is waited for."""
    later = "setTimeout(() => document.body.append('marker-later'), 300)"
    assert "marker-later" in read(scripted, site.url("/noscript"), injectPageScript=later)


def test_page_script_runs_in_the_main_frame_only(scripted: Service, site: Site) -> None:
    """Frames are left alone, as the page's own script would leave them."""
    text = read(scripted, site.url("/frame/0"), withIframe=True, injectPageScript=MARK % "marker-page")
    assert "marker-page at /frame/0" in text
    assert "marker-page at /frame/1" not in text


def test_frame_script_runs_in_every_frame(scripted: Service, site: Site) -> None:
    """Nested and cross-origin frames have it too."""
    text = read(scripted, site.url("/frame/0"), withIframe=True, injectFrameScript=MARK % "marker-frame")
    assert "marker-frame at /frame/0" in text
    assert "marker-frame at /frame/1" in text
    assert "marker-frame at /frame/2" in text


def test_several_scripts_run_in_their_order(scripted: Service, site: Site) -> None:
    """Code and URLs mix; a URL is fetched through the guard."""
    scripts = ["var before = 'one'", site.url("/scripted/add.js"), "before += ' three'; // the end"]
    assert "one two three" in read(scripted, site.url("/scripted"), injectPageScript=scripts)


def test_html_of_ones_own_is_read_with_its_scripts(scripted: Service) -> None:
    """HTML in the body is rendered for them, without the engine being named."""
    body = {"html": "<p>Mine</p>", "respondWith": "markdown", "injectPageScript": MARK % "marker-own"}
    assert "marker-own" in scripted.post(body, JSON).json()["data"]["markdown"]


def test_such_a_read_is_neither_cached_nor_shared(scripted: Service, site: Site) -> None:
    """The next reader gets the page as it is."""
    url = site.url("/article")
    assert "marker-mine" in read(scripted, url, injectPageScript=MARK % "marker-mine")
    assert "marker-mine" not in read(scripted, url)
    assert site.requests(url) == 2


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("{{{", 400),
        ("http://169.254.169.254/latest/script.js", 451),
        ("{site}/nowhere.js", 400),
        ("{site}/scripted/huge.js", 413),
    ],
)
@pytest.mark.parametrize("name", OPTIONS)
def test_scripts_that_cannot_run(name: str, script: str, status: int, scripted: Service, site: Site) -> None:
    """Bad syntax, forbidden addresses, answers that are no script and huge ones are told apart."""
    script = script.replace("{site}", site.origin)
    answer = scripted.post({"url": site.url("/article"), name: script}, JSON)
    check_error(answer.json(), status)
    if status == 400:
        assert answer.json()["path"] == name

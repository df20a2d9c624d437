"""Proxies of a client's own (`X-Proxy-Url`): everything goes through them, and they are guarded too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e_checks import check_error
from tests.security.proxies import CERTIFICATE, FarProxy
from tests.security.proxies import running as running_proxies
from tests.service import JSON, Service
from tests.service import running as running_service
from tests.site import Asset, Page, Site
from tests.site.server import serve

KINDS = (
    ("http", False),
    ("http", True),
    ("https", False),
    ("https", True),
    ("socks4", False),
    ("socks5", False),
    ("socks5", True),
    ("http", False, False),
    ("http", True, False),
    ("https", False, False),
)
IDS = [
    "-".join((kind[0], *("credentials",) * kind[1], *("no-tunnels",) * (kind[2:] == (False,))))
    for kind in KINDS
]
NAME = "only-the-proxy-knows-it.example.com"

SCRIPTED = """<!doctype html><title>Behind a proxy</title><main id=m></main><script>
fetch('/data').then(r => r.text()).then(t => { m.innerHTML = `<p>The data says ${t}, and here it ends.</p>` })
</script>"""
ESCAPE = """<!doctype html><title>Out of the proxy</title><main><p>A page that looks around.</p></main>
<script>
for (const url of ['{{forbidden}}/canary', 'http://169.254.169.254/', 'http://internal/', 'http://[::1]:8080/'])
  fetch(url, {mode: 'no-cors'})
</script><img src="{{forbidden}}/canary?img">"""
PAGES = (Page("/scripted", SCRIPTED), Page("/escape", ESCAPE))
ASSETS = (Asset("/data", "marker-data"), Asset("/canary", "canary"))


@pytest.fixture(scope="module")
def origin() -> Iterator[Site]:
    """A site of these tests' own."""
    with serve((*PAGES, *ASSETS)) as site:
        yield site


@pytest.fixture(scope="module")
def proxies() -> Iterator[list[FarProxy]]:
    """One of each kind."""
    with running_proxies(*KINDS) as running:
        yield running


@pytest.fixture(scope="module")
def reader(origin: Site, proxies: list[FarProxy]) -> Iterator[Service]:
    """A service that may reach the proxies and the site, and trusts the proxies' certificate."""
    hosts = [f"127.0.0.1:{proxy.port}" for proxy in proxies]
    settings = {
        "READER_EGRESS_ALLOW": ",".join([*hosts, origin.allow, f"127.0.0.1:{closed_port()}"]),
        "READER_LOG_LEVEL": "warning",
        "READER_BROWSER_WARM_TABS": "1",
        "SSL_CERT_FILE": str(CERTIFICATE),
    }
    with running_service(settings) as service:
        yield service


def closed_port() -> int:
    """A port that nobody listens on: one below those that are given out."""
    return 2


def port_of(site: Site) -> int:
    """Where the site listens."""
    return int(site.origin.rpartition(":")[2])


def behind(site: Site, path: str) -> str:
    """A page of the site under a name that only the proxies can resolve."""
    return site.url(path).replace("127.0.0.1", NAME)


@pytest.mark.parametrize("engine", ["http", "browser"])
@pytest.mark.parametrize("index", range(len(KINDS)), ids=IDS)
def test_all_of_a_read_goes_through_the_proxy(
    index: int, engine: str, reader: Service, origin: Site, proxies: list[FarProxy]
) -> None:
    """The first look and whatever the page loads use it, names included, with any protocol."""
    proxy = proxies[index]
    before = len(proxy.asked)
    headers = {"X-Proxy-Url": proxy.url(), "X-Engine": engine, "X-Respond-With": "markdown"}
    data = reader.read(behind(origin, "/scripted"), headers)
    assert data["title"] == "Behind a proxy"
    asked = proxy.asked[before:]
    assert set(asked) == {(NAME, port_of(origin))}
    if engine == "browser":
        assert "The data says marker-data" in data["markdown"]
        assert len(asked) >= 2


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_a_clients_own_fields_go_by_way_of_it(
    engine: str, reader: Service, origin: Site, proxies: list[FarProxy]
) -> None:
    """Cookies, header fields, language and user agent reach the target as without a proxy."""
    url = behind(origin, "/scripted")
    body = {
        "url": url,
        "engine": engine,
        "proxyUrl": proxies[1].url(),
        "setCookies": "session=marker",
        "customHeader": {"X-Custom": "mine"},
        "userAgent": "Mine/1.0",
        "locale": "de-AT",
    }
    assert reader.post(body, JSON).status == 200
    sent = origin.headers(url)
    assert "session=marker" in sent["Cookie"]
    assert (sent["X-Custom"], sent["User-Agent"]) == ("mine", "Mine/1.0")
    assert sent["Accept-Language"].startswith("de-AT,de")


def test_other_reads_do_not_use_it(reader: Service, origin: Site, proxies: list[FarProxy]) -> None:
    """A proxy is for its read alone: the next one goes straight, and finds no such name."""
    before = [len(proxy.asked) for proxy in proxies]
    for engine in ("http", "browser"):
        assert reader.get(behind(origin, "/scripted"), {**JSON, "X-Engine": engine}).status == 400
        assert reader.read(origin.url("/scripted"), {"X-Engine": engine})["title"] == "Behind a proxy"
    assert [len(proxy.asked) for proxy in proxies] == before


@pytest.mark.parametrize("index", [i for i, kind in enumerate(KINDS) if kind[1]])
def test_wrong_credentials_are_the_proxys_fault(
    index: int, reader: Service, origin: Site, proxies: list[FarProxy]
) -> None:
    """A 422 that names the option, and never the credentials."""
    for credentials in ("somebody:hunter2", ""):
        headers = {**JSON, "X-Proxy-Url": proxies[index].url(credentials)}
        answer = reader.get(behind(origin, "/scripted"), headers)
        assert answer.status == 422
        check_error(answer.json(), 422)
        assert answer.json()["name"] == "AssertionFailureError"
        assert answer.json()["path"] == "proxyUrl"
        assert "hunter2" not in answer.text


@pytest.mark.parametrize("kind", ["http", "https", "socks4", "socks5"])
def test_what_is_no_proxy_is_said(kind: str, reader: Service, origin: Site) -> None:
    """A closed port and a server that speaks something else: 422 with the option's name."""
    for port in (closed_port(), port_of(origin)):
        headers = {**JSON, "X-Timeout": "5", "X-Proxy-Url": f"{kind}://127.0.0.1:{port}"}
        answer = reader.get(behind(origin, "/scripted"), headers)
        assert answer.status == 422, answer.text
        assert answer.json()["path"] == "proxyUrl"


@pytest.mark.parametrize("host", ["127.0.0.1:3128", "169.254.169.254", "[::1]:1080", "0x7f.1:1080", "proxy"])
@pytest.mark.parametrize("kind", ["http", "https", "socks4", "socks5"])
def test_proxies_inside_are_forbidden(kind: str, host: str, reader: Service, origin: Site) -> None:
    """The egress policy holds for the proxy itself, however its address is written."""
    answer = reader.get(behind(origin, "/scripted"), {**JSON, "X-Proxy-Url": f"{kind}://{host}"})
    assert answer.status in (400, 451), answer.text
    check_error(answer.json(), answer.status)
    assert answer.json()["path"] == "proxyUrl"


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_targets_are_judged_before_the_proxy_is_asked(
    engine: str, reader: Service, origin: Site, proxies: list[FarProxy]
) -> None:
    """Forbidden literal addresses, ports and names never reach a proxy: not the target, nor what it loads."""
    for proxy in (proxies[1], proxies[6]):
        before = len(proxy.asked)
        headers = {**JSON, "X-Proxy-Url": proxy.url(), "X-Engine": engine}
        for target in (f"{origin.forbidden}/canary", "http://169.254.169.254/", "http://internal:8080/"):
            assert reader.get(target, headers).status == 451
        reader.read(origin.url("/escape"), headers)
        assert set(proxy.asked[before:]) == {("127.0.0.1", port_of(origin))}
    assert origin.requests("/canary") == 0

"""The egress policy: tables of attacks, and properties that hold for all of them."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader_stream.errors import ParamValidationError, ReaderError, SecurityCompromiseError
from reader_stream.fetch.addresses import parse_address, why_not_public
from reader_stream.fetch.egress import (
    MAX_URL_CHARS,
    PROXY_SCHEMES,
    Allowed,
    Denial,
    EgressPolicy,
    parse_proxy_url,
    parse_url,
)

PUBLIC_ONLY = EgressPolicy()


def verdict(text: str, policy: EgressPolicy = PUBLIC_ONLY) -> str:
    """What becomes of a URL that a client types: "ok", "400" or "451"."""
    try:
        policy.check_url(parse_url(text))
    except ReaderError as error:
        return str(error.http)
    return "ok"


def _cases() -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / "urls.txt").read_text("utf-8").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines if not line.startswith("#")]


MALFORMED = [
    *("", " ", "\t", "http://", "https://", "http:", "//", "/", "?", "#", "example", "a b", "http:// /"),
    *("file:///etc/passwd", "FILE:///etc/passwd", "file://localhost/etc/passwd", "fIlE:/etc/passwd"),
    *("data:text/html,x", "javascript:alert(1)", "about:blank", "blob:https://example.com/1"),
    *("view-source:http://example.com/", "chrome://version/", "devtools://devtools/x", "ftp://example.com/"),
    *("gopher://127.0.0.1:6379/_X", "dict://127.0.0.1:11211/", "ws://example.com/", "wss://example.com/"),
    *("ldap://example.com/", "jar:http://example.com!/", "filesystem:http://example.com/t/x"),
    *("chrome-extension://abc/", "tftp://example.com/", "netdoc:///etc/passwd", "php://filter/x"),
    *("http://user@example.com/", "http://user:pw@example.com/", "http://:pw@example.com/"),
    *("http://example.com@127.0.0.1/", "http://127.0.0.1@example.com/", "http://a:80@127.0.0.1:80/"),
    *("http://example.com\\@127.0.0.1/", "http://127.0.0.1\\@example.com/", "example.com\\@127.0.0.1"),
    *("http://example.com/\r\nX: 1", "http://example.com\n.evil.com/", "http://exa\tmple.com/"),
    *(
        "http://exam\0ple.com/",
        "http://example.com/\0",
        "http://example.com/\x7f",
        "http://example.com/\ud800",
    ),
    *("http://exa%00mple.com/", "http://exa%0dmple.com/", "http://exa%20mple.com/", "http://exa%2fmple.com/"),
    *("http://[::1", "http://::1/", "http://[g::1]/", "http://[::1%25eth0]/", "http://[fe80::1%eth0]/"),
    *("http://[127.0.0.1]/", "http://[::ffff:127.0.0.256]/", "http://[v1.x]/", "http://[]/"),
    *("http://256.256.256.256/", "http://1.2.3.4.5/", "http://0x100000000/", "http://example.0x7f/"),
    *(
        "http://example.com:0/",
        "http://example.com:-1/",
        "http://example.com:65536/",
        "http://example.com:8o/",
    ),
    *("http://xn--/", "http://a..b.com/", "http://.example.com/", "http://example.com../", "http://-a.com/"),
    *("http://a-.com/", f"http://{'a' * 64}.com/", f"http://{'a.' * 127}com/", "http://exa$mple.com/"),
    *("http://exa*mple.com/", "http://*/", "http://a,b.com/", "http://exa'mple.com/", "http://a;b.com/"),
    f"http://example.com/{'a' * MAX_URL_CHARS}",
]


@pytest.mark.parametrize(("expected", "text"), _cases())
def test_urls_pass_or_are_a_451(expected: str, text: str) -> None:
    """Networks of others stay closed however they are written, the web stays open up to their edges."""
    assert verdict(text) == expected


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_urls_are_a_400(text: str) -> None:
    """What is no URL of the web is refused before any policy is asked."""
    assert verdict(text) == "400"


def _shared_rows(path: Path) -> list[dict[str, object]]:
    lines = (path / "data" / "bad_urls.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_shared_table_of_bad_urls(shared: Path) -> None:
    """Every URL of the evaluation table that needs neither DNS nor a redirect comes out as expected."""
    rows = [row for row in _shared_rows(shared) if not {"field", "dns", "redirect_to"} & row.keys()]
    wrong = [row for row in rows if (verdict(str(row["input"])) == "ok") != (row["expect"] == "ok")]
    assert len(rows) > 80
    assert wrong == []


def test_shared_table_of_dns_answers(shared: Path) -> None:
    """Every fake DNS answer of the evaluation table has an address that is refused."""
    rows = [row for row in _shared_rows(shared) if "dns" in row]
    for row in rows:
        url = parse_url(str(row["input"]))
        answers = row["dns"]
        assert isinstance(answers, list)
        addresses = [ip_address(a) for item in answers for a in (item if isinstance(item, list) else [item])]
        assert any(PUBLIC_ONLY.deny_address(url.host, url.port, address) for address in addresses), row
    assert len(rows) >= 7


def _proxy_verdict(text: str) -> str:
    try:
        PUBLIC_ONLY.check_url(parse_proxy_url(text))
    except ReaderError:
        return "reject"
    return "ok"


def test_shared_table_of_proxies(shared: Path) -> None:
    """Every proxy and referer of the evaluation table comes out as expected."""
    rows = [row for row in _shared_rows(shared) if row.get("field") == "x-proxy-url"]
    assert [row for row in rows if _proxy_verdict(str(row["input"])) != row["expect"]] == []
    referers = [row for row in _shared_rows(shared) if row.get("field") == "x-referer"]
    assert [row for row in referers if (verdict(str(row["input"])) == "ok") != (row["expect"] == "ok")] == []
    assert len(rows) >= 9


@pytest.mark.parametrize(
    "text",
    [
        "proxy.example.net:3128",
        "socks4a://p.example.net:1080",
        "http://p.example.net:3128/?q",
        "http://:3128",
    ],
)
def test_what_is_no_proxy_is_a_400(text: str) -> None:
    """A proxy needs a scheme that we speak, a host, and nothing after the port."""
    with pytest.raises(ParamValidationError):
        parse_proxy_url(text)


def test_proxy_credentials_are_kept_out_of_sight() -> None:
    """User and password of a proxy are parsed, and shown neither by its address nor by repr."""
    url = parse_proxy_url("socks5://us%40er:s3cret@proxy.example.net")
    assert (url.username, url.password, url.port) == ("us%40er", "s3cret", 1080)
    assert "s3cret" not in repr(url) + url.href + url.origin


@pytest.mark.parametrize(
    ("text", "href", "authority"),
    [
        ("example.com/a?b#c", "https://example.com/a?b#c", "example.com"),
        ("http:/example.com", "http://example.com/", "example.com"),
        ("HTTP://EXAMPLE.com:80/%7e", "http://example.com/%7e", "example.com"),
        ("https://BÜCHER.de:8443/ä", "https://xn--bcher-kva.de:8443/%C3%A4", "xn--bcher-kva.de:8443"),
        (
            "http://[2606:4700:4700:0::1111]:8080",
            "http://[2606:4700:4700::1111]:8080/",
            "[2606:4700:4700::1111]:8080",
        ),
        ("  http://example.com/a b\n", "http://example.com/a%20b", "example.com"),
    ],
)
def test_urls_are_read_as_a_browser_reads_them(text: str, href: str, authority: str) -> None:
    """The address is the one Chromium would show."""
    url = parse_url(text)
    assert (url.href, url.authority) == (href, authority)


def test_references_are_resolved_against_their_base() -> None:
    """A redirect's Location may be relative to path, root or scheme, and may be longer than a typed URL."""
    base = parse_url("https://example.com/a/b?c")
    assert parse_url("../d", base=base).href == "https://example.com/d"
    assert parse_url("//other.com", base=base).href == "https://other.com/"
    assert parse_url("?" + "x" * 5000, base=base).target.startswith("/a/b?xxx")


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", "ok"),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/", "451"),
        ("127.0.0.1:8000", "http://127.0.0.2:8000/", "451"),
        ("127.0.0.1:8000", "http://localhost:8001/", "451"),
        ("127.0.0.1:8000", "http://[::ffff:127.0.0.1]:8000/", "ok"),
        ("127.0.0.0/8", "http://127.1.2.3:22/", "ok"),
        ("127.0.0.0/8:80", "http://127.1.2.3/", "ok"),
        ("127.0.0.0/8:80", "http://127.1.2.3:8080/", "451"),
        ("10.0.0.0/8", "http://11.0.0.1:22/", "451"),
        ("10.0.0.0/8", "http://169.254.169.254/", "451"),
        ("::1", "http://[::1]:6379/", "ok"),
        ("[::1]:8000", "http://[::1]:8000/", "ok"),
        ("[fd00::/8]:8000", "http://[fd12::1]:8000/", "ok"),
        ("fd00::/8", "http://[fc12::1]/", "451"),
        ("localhost:8000", "http://LOCALHOST.:8000/", "ok"),
        ("localhost:8000", "http://localhost/", "451"),
        ("localhost:8000", "http://127.0.0.1:8000/", "451"),
        ("wiki.corp", "http://wiki.corp:81/", "ok"),
        ("wiki.corp", "http://x.wiki.corp/", "451"),
        ("0.0.0.0/0", "http://x.onion/", "451"),
    ],
)
def test_an_allowed_entry_lifts_what_it_names(entry: str, text: str, expected: str) -> None:
    """`READER_EGRESS_ALLOW` opens exactly the name, address and port that it says."""
    assert verdict(text, EgressPolicy.parse([entry])) == expected


@pytest.mark.parametrize(
    "entry", ["", ":80", "a b", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1:0", "h:99999", "http://a/"]
)
def test_malformed_entries_stop_the_start(entry: str) -> None:
    """A typo in the allow list is an error at start, never a hole or a silent nothing."""
    with pytest.raises(ValueError, match=r"."):
        Allowed.parse(entry)


def test_an_allowed_network_does_not_open_other_addresses_of_a_name() -> None:
    """An internal name whose zone is reachable by an allowed network is judged by each of its addresses."""
    policy = EgressPolicy.parse(["10.0.0.0/8"])
    assert policy.deny_host("wiki.internal", 80) is None
    assert policy.deny_address("wiki.internal", 80, ip_address("10.1.2.3")) is None
    assert policy.deny_address("wiki.internal", 80, ip_address("93.184.216.34")) is Denial.NAME
    assert policy.deny_address("wiki.example.com", 22, ip_address("93.184.216.34")) is Denial.PORT
    assert policy.deny_address("wiki.example.com", 80, ip_address("192.168.0.1")) is Denial.ADDRESS


def test_an_allowed_name_may_have_any_address() -> None:
    """Naming a host is trust in whoever runs its DNS."""
    policy = EgressPolicy.parse(["wiki.corp:8080"])
    assert policy.deny_address("wiki.corp", 8080, ip_address("192.168.0.1")) is None
    assert policy.deny_address("other.corp", 8080, ip_address("192.168.0.1")) is not None


def test_a_refusal_does_not_tell_what_a_name_resolves_to() -> None:
    """The message names what the client typed and nothing that only the network's owner knows."""
    error = Denial.ADDRESS.error("wiki.example.com", 80)
    assert isinstance(error, SecurityCompromiseError)
    assert "wiki.example.com" in error.message


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
@example(ip_address("192.0.0.9"))
@example(ip_address("::ffff:10.0.0.1"))
@example(ip_address("64:ff9b::a00:1"))
def test_every_public_address_is_global(address: IPv4Address | IPv6Address) -> None:
    """Nothing that the standard library knows as private, reserved or multicast passes for public."""
    if why_not_public(address) is None:
        plain = parse_address(str(address))
        assert plain is not None
        nat64 = plain.version == 6 and int(plain) >> 32 == 0x64FF9B << 64
        assert plain.is_global or nat64
        assert not plain.is_multicast


@given(st.ip_addresses(v=4))
def test_embedded_addresses_are_never_more_public(address: IPv4Address) -> None:
    """Wrapping an IPv4 address into an IPv6 one opens nothing."""
    bare = why_not_public(address)
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"2a00::5efe:{address}"):
        assert (why_not_public(IPv6Address(wrapped)) is None) == (bare is None)
    for wrapped in (
        f"::{address}",
        f"64:ff9b:1::{address}",
        f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::",
    ):
        assert why_not_public(IPv6Address(wrapped)) is not None


_PIECES = st.sampled_from(
    [
        "http:",
        "https:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "80",
        "127.0.0.1",
        "[::1]",
        "%31",
        "a",
        ".com",
        "?",
        "#",
        "\u2460",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=12).map("".join)))
def test_parsing_any_text_ends_in_a_url_or_a_400(text: str) -> None:
    """Whatever is typed, parsing gives a URL of the web that parses to itself, or a 400."""
    try:
        url = parse_url(text)
    except ParamValidationError:
        return
    assert parse_url(url.href) == url
    assert url.href.startswith(("http://", "https://"))
    assert url.href.isascii()
    assert not url.username
    assert 0 < url.port < 65536


@given(st.text(max_size=60))
def test_parsing_any_text_as_a_proxy_ends_in_a_url_or_a_400(text: str) -> None:
    """The same for proxies."""
    try:
        assert parse_proxy_url(text).scheme in PROXY_SCHEMES
    except ParamValidationError:
        return

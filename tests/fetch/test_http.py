"""Plain HTTP through the guard, against real servers that behave as badly as they can."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import brotli
import pytest

from reader_stream.errors import (
    AssertionFailureError,
    FileTooLargeError,
    ParamValidationError,
    ReaderError,
    SecurityCompromiseError,
)
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Denial, EgressPolicy, parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest, HttpResponse
from tests.fetch.origins import (
    PATIENCE_S,
    Answer,
    answer,
    cancel_everywhere,
    hang,
    open_files,
    origin,
    redirect,
    settled_files,
)

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
LOOPBACK = EgressPolicy.parse(["127.0.0.0/8"])
gzipped = partial(gzip.compress, mtime=0)
"""Without the time of day: such bytes name tests, and all of xdist's workers have to find the same ones."""


@asynccontextmanager
async def fetcher(dialer: Dialer | None = None) -> AsyncIterator[HttpFetcher]:
    """A fetcher that may reach loopback and nothing else of this machine."""
    async with HttpFetcher.open(dialer or Dialer(LOOPBACK), max_redirects=5) as http:
        yield http


@asynccontextmanager
async def got(url: str) -> AsyncIterator[HttpResponse]:
    """The answer of a URL."""
    async with fetcher() as http, http.get(HttpRequest(parse_url(url))) as response:
        yield response


async def read(
    url: str, *, dialer: Dialer | None = None, timeout: float = PATIENCE_S, max_bytes: int = MIB
) -> bytes:
    """The body of a URL."""
    async with (
        fetcher(dialer) as http,
        http.get(HttpRequest(parse_url(url), timeout=timeout, max_bytes=max_bytes)) as response,
    ):
        return await response.read()


async def test_a_page_comes_with_its_type_and_headers() -> None:
    """What the pipeline decides by is at hand before the body."""
    page = answer("<p>é".encode("latin-1"), "Content-Type: Text/HTML; Charset=ISO-8859-1", "X-A: 1", "X-A: 2")
    async with origin({"/": page}) as site, fetcher() as http:
        async with http.get(HttpRequest(parse_url(site.url("/?q=1#part")))) as response:
            assert (response.status, response.media_type, response.charset) == (
                200,
                "text/html",
                "ISO-8859-1",
            )
            assert [value for name, value in response.headers if name == "X-A"] == ["1", "2"]
            assert response.header("content-length") == "4"
            assert response.url.href == site.url("/?q=1#part")
            assert await response.read() == b"<p>\xe9"
        head = site.heads[0].decode()
        assert head.startswith("GET /?q=1 HTTP/1.1\r\n")
        assert "\r\nSec-Fetch-Mode: navigate\r\n" in head
        assert "\r\nAccept-Encoding: gzip, deflate, br\r\n" in head


async def test_an_answer_without_a_type_has_none() -> None:
    """So that sniffing may decide."""
    async with origin({"/": answer(b"x")}) as site, got(site.url()) as response:
        assert (response.media_type, response.charset) == ("", None)


async def test_errors_of_the_target_are_answers() -> None:
    """A 404 is the target's page, not our failure."""
    async with origin({"/": answer(b"gone", status=404)}) as site, got(site.url()) as response:
        assert (response.status, await response.read()) == (404, b"gone")


async def test_the_body_is_given_while_it_comes_in() -> None:
    """The first snapshot does not wait for the last byte."""
    seen = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await seen.wait()
        writer.write(b"4\r\nlast\r\n0\r\n\r\n")

    chunks = []
    async with origin({"/": slowly}) as site, got(site.url()) as response:
        async for chunk in response.chunks():
            chunks.append(chunk)
            seen.set()
    assert chunks == [b"first", b"last"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzipped(b"hello")),
        ("deflate", zlib.compress(b"hello")),
        ("br", brotli.compress(b"hello")),
        ("identity", b"hello"),
        ("GZIP", gzipped(b"hello")),
    ],
)
async def test_encoded_bodies_are_decoded(encoding: str, body: bytes) -> None:
    """What was asked for with Accept-Encoding is understood."""
    async with origin({"/": answer(body, f"Content-Encoding: {encoding}")}) as site:
        assert await read(site.url()) == b"hello"


async def test_redirects_are_followed_with_their_cookies() -> None:
    """Each hop is told, its cookies go to the next and are handed out, the fragment stays."""
    routes: dict[str, Answer] = {
        "/a": redirect("b?x=1", "Set-Cookie: seen=a; Path=/"),
        "/b": redirect("/c", "Set-Cookie: and=b", status=308),
        "/c": answer(b"there", "Set-Cookie: last=c"),
    }
    async with origin(routes) as site, fetcher() as http:
        request = HttpRequest(parse_url(site.url("/a#part")), cookies=("mine=1; Path=/",))
        async with http.get(request) as response:
            assert response.url.href == site.url("/c#part")
            assert [(hop.url.target, hop.status) for hop in response.hops] == [("/a", 302), ("/b?x=1", 308)]
            assert [value for _, value in response.set_cookies] == [
                "seen=a; Path=/",
                "and=b",
                "last=c",
            ]
            assert await response.read() == b"there"
        assert b"Cookie: mine=1\r\n" in site.heads[0]
        assert b"seen=a" in site.heads[1]
        assert b"mine=1" in site.heads[2]


async def test_one_read_does_not_see_the_cookies_of_another() -> None:
    """There is no jar between reads."""
    async with origin({"/": answer(b"", "Set-Cookie: id=1")}) as site, fetcher() as http:
        for _ in range(2):
            async with http.get(HttpRequest(parse_url(site.url()))) as response:
                await response.read()
        assert b"Cookie" not in site.heads[1]


async def test_credentials_stay_with_the_origin_that_they_are_for() -> None:
    """Neither custom headers nor cookies follow a redirect to another host."""
    there = answer(b"there")
    async with (
        origin({"/": there}, host="127.0.0.2") as other,
        origin({"/": redirect(other.url()), "/same": redirect("/end"), "/end": there}) as site,
        fetcher() as http,
    ):
        for path in ("/", "/same"):
            request = HttpRequest(
                parse_url(site.url(path)),
                headers=(("User-Agent", "UA"),),
                origin_headers=(("Authorization", "Bearer s3cret"),),
                cookies=("id=s3cret; Path=/",),
            )
            async with http.get(request) as response:
                assert await response.read() == b"there"
            assert "s3cret" not in repr(request)
        assert other.heads[0].count(b"s3cret") == 0
        assert b"User-Agent: UA" in other.heads[0]
        assert [head.count(b"s3cret") for head in site.heads] == [2, 2, 2]


async def test_user_and_password_in_a_redirect_are_dropped() -> None:
    """A page cannot make us send credentials, and the URL that is shown has none."""
    async with origin({"/end": answer(b"x")}) as site:
        moved = redirect(f"http://u:p@127.0.0.1:{site.port}/end")
        async with origin({"/": moved}) as first, got(first.url()) as response:
            assert response.url.href == site.url("/end")
        assert b"Authorization" not in site.heads[0]


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "//169.254.169.254/", "http://[::ffff:10.0.0.1]/", "http://2130706433:22/"),
        *(
            "http://localhost/",
            "http://metadata.google.internal/",
            "http://intern.attacker.com/",
            "https:/127.1",
        ),
        *("\\\\10.0.0.1\\x", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "javascript:alert(1)"),
        *(
            "data:text/html,x",
            "FTP://example.com/",
            "view-source:http://example.com/",
            "http://example.com:22/",
        ),
    ],
)
async def test_redirects_into_the_forbidden_are_a_451(location: str) -> None:
    """Every hop is judged like the first URL, by its looks and by what it resolves to."""

    async def resolve(host: str) -> Sequence[str]:
        return ["127.0.0.1"] if host == "origin.attacker.com" else ["10.0.0.1"]

    async with origin({"/": redirect(location)}) as site:
        dialer = Dialer(EgressPolicy.parse([f"127.0.0.1:{site.port}"]), resolve=resolve)
        with pytest.raises(SecurityCompromiseError):
            await read(f"http://origin.attacker.com:{site.port}/", dialer=dialer)
        assert len(site.heads) == 1
    assert sum(dialer.denials.values()) == 1
    assert (dialer.denials[Denial.SCHEME] == 1) == (not location.startswith(("http", "/", "\\")))


async def test_shared_table_of_redirects(shared: Path) -> None:
    """Every redirect of the evaluation table ends in a refusal, and loops end too."""
    lines = (shared / "data" / "bad_urls.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if "redirect_to" in row]
    assert len(rows) >= 7
    for row in rows:
        addresses = {"origin.attacker.com": ["127.0.0.1"]}

        async def resolve(host: str, known: dict[str, list[str]] = addresses) -> Sequence[str]:
            return known.get(host, ["127.0.0.1"])

        async with origin({"/redir": redirect(row["redirect_to"]), "/self": redirect("/self")}) as site:
            dialer = Dialer(EgressPolicy.parse([f"origin.attacker.com:{site.port}"]), resolve=resolve)
            with pytest.raises(ReaderError):
                await read(f"http://origin.attacker.com:{site.port}/redir", dialer=dialer)


@pytest.mark.parametrize(
    "location", ["http://", "http://exa mple.com/", "http://a:99999/", "http://[::1/", "//"]
)
async def test_redirects_to_nowhere_are_a_422(location: str) -> None:
    """A broken Location is the target's fault."""
    async with origin({"/": redirect(location)}) as site:
        with pytest.raises(AssertionFailureError, match="not a URL"):
            await read(site.url())


async def test_redirect_loops_end() -> None:
    """After `max_redirects`."""
    async with origin({"/": redirect("/")}) as site:
        with pytest.raises(AssertionFailureError, match="More than 5 redirects"):
            await read(site.url())
        assert len(site.heads) == 6


async def test_raw_bytes_in_a_location_are_percent_encoded() -> None:
    """As browsers do it, whatever the encoding was."""
    moved = b"HTTP/1.1 301 X\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n"
    async with origin({"/": moved, "/caf%E9": answer(b"x")}) as site:
        assert await read(site.url()) == b"x"


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


def _empty_gzip_blocks() -> bytes:
    """A gzip stream that is long on the wire and empty when decoded."""
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\0\0\0\xff\xff" * 500_000


@pytest.mark.parametrize(
    "page",
    [
        answer(gzipped(bytes(200 * MIB), 9), "Content-Encoding: gzip"),
        answer(brotli.compress(bytes(50 * MIB), quality=5), "Content-Encoding: br"),
        answer(zlib.compress(bytes(50 * MIB), 9), "Content-Encoding: deflate"),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + _empty_gzip_blocks(),
        answer(bytes(MIB + 1)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx",
        endless,
    ],
    ids=["gzip bomb", "brotli bomb", "deflate bomb", "empty blocks", "too long", "announced", "endless"],
)
async def test_too_much_is_a_413(page: Answer) -> None:
    """Bytes are counted on the wire and decoded, and announced ones are believed."""
    async with origin({"/": page}) as site:
        with pytest.raises(FileTooLargeError):
            await read(site.url())


async def test_a_body_of_just_the_limit_is_read() -> None:
    """The limit itself is still allowed."""
    async with origin({"/": answer(bytes(MIB))}) as site:
        assert len(await read(site.url())) == MIB


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body that never pauses for long and never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head of the same kind."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        writer.write(b"X-%d: y\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.05)


async def redirect_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each hop takes a while; together they take too long."""
    await asyncio.sleep(0.1)
    writer.write(redirect("/"))


@pytest.mark.parametrize("page", [hang, drip, drip_head, redirect_slowly])
async def test_one_clock_runs_over_everything(page: Answer) -> None:
    """No pause is too long and yet the time is up."""
    async with origin({"/": page}) as site:
        with pytest.raises(AssertionFailureError, match="in time"):
            await read(site.url(), timeout=0.25)


async def test_a_handshake_that_hangs_ends_in_time() -> None:
    """The clock runs during TLS too."""
    async with origin({}) as site:
        with pytest.raises(AssertionFailureError, match="in time"):
            await read(site.url(scheme="https"), timeout=0.2)


async def many_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """More than any parser should keep."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        writer.write(b"X-%d: y\r\n" % number)
        await writer.drain()
    writer.write(b"\r\n")


async def endless_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One field without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"y" * 65536)
        await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Gone in the middle of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    await writer.drain()
    writer.transport.abort()


async def reset_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Gone before any answer."""
    writer.transport.abort()


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (many_headers, "malformed HTTP"),
        (endless_header, "malformed HTTP"),
        (b"220 mail.example.com ESMTP\r\n", "malformed HTTP"),
        (b"\0" * 1000, "malformed HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "malformed HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "body|malformed"),
        (reset, "body|broke"),
        (reset_at_once, "broke"),
        (b"", "broke"),
        (answer(b"abc", "Content-Encoding: gzip"), "body"),
        (answer(gzipped(gzipped(b"x")), "Content-Encoding: gzip, gzip"), "Content-Encoding"),
        (answer(b"x", "Content-Encoding: gzip", "Content-Encoding: gzip"), "Content-Encoding"),
        (answer(b"x", "Content-Encoding: compress"), "Content-Encoding"),
    ],
)
async def test_what_is_no_proper_answer_is_a_422(page: Answer, words: str) -> None:
    """Whatever comes instead of HTTP ends in one sentence, and the next read works."""
    async with origin({"/": page, "/next": answer(b"next")}) as site, fetcher() as http:
        with pytest.raises(AssertionFailureError, match=words):
            async with http.get(HttpRequest(parse_url(site.url()), timeout=PATIENCE_S)) as response:
                await response.read()
        async with http.get(HttpRequest(parse_url(site.url("/next")))) as response:
            assert await response.read() == b"next"


async def test_certificates_are_checked() -> None:
    """A self-signed certificate is a 422 that says so."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(Path(__file__).parent / "selfsigned.pem")
    async with origin({"/": answer(b"x")}, tls=tls) as site:
        with pytest.raises(AssertionFailureError, match=r"certificate of 127\.0\.0\.1 is not valid"):
            await read(site.url(scheme="https"))


async def test_tls_with_a_plain_server_is_a_422() -> None:
    """So is a server that does not speak TLS at all."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AssertionFailureError, match=r"TLS|broke"):
            await read(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "header",
    [
        *[("X-A", "1\r\nHost: 127.0.0.1"), ("X-A", "1\n"), ("X-A", "\0"), ("X\r\nA", "1"), ("", "1")],
        *[("X A", "1"), ("X-A", "\u2603"), ("Host", "internal"), ("Content-Length", "5")],
        *[("transfer-encoding", "chunked"), ("Connection", "upgrade"), ("Proxy-Authorization", "x")],
    ],
)
async def test_headers_cannot_break_out(header: tuple[str, str]) -> None:
    """A client's header is one line, and none that steers the message itself."""
    async with origin({"/": answer()}) as site, fetcher() as http:
        for request in (
            HttpRequest(parse_url(site.url()), headers=(header,)),
            HttpRequest(parse_url(site.url()), origin_headers=(header,)),
        ):
            with pytest.raises(ParamValidationError):
                async with http.get(request):
                    pass
        assert site.heads == []


async def test_the_environment_proxies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY and .netrc of the machine have no say."""
    async with origin({"/": answer(b"direct")}) as site, origin({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert await read(site.url()) == b"direct"
        assert proxy.connections == 0


async def test_connections_come_from_the_dialer_alone() -> None:
    """Neither a name nor an IP literal is resolved or connected to by anyone else."""
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with origin({"/": answer(b"x")}) as site:
        dialer = Dialer(EgressPolicy.parse([f"127.0.0.1:{site.port}"]), resolve=resolve)
        assert await read(f"http://name.attacker.com:{site.port}/", dialer=dialer) == b"x"
        assert asked == ["name.attacker.com"]
        dialer.own_ports.add(site.port)  # only the dialer knows of this
        with pytest.raises(SecurityCompromiseError):
            await read(site.url(), dialer=dialer)


async def test_an_idle_connection_does_not_outlive_its_permission() -> None:
    """Each URL is judged, also where a connection to its host is at hand."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"first"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"second"))

    dialer = Dialer(LOOPBACK)
    async with origin({"/": keep}) as site, fetcher(dialer) as http:
        request = HttpRequest(parse_url(site.url()))
        async with http.get(request) as response:
            assert await response.read() == b"first"
        dialer.policy = EgressPolicy()
        with pytest.raises(SecurityCompromiseError):
            async with http.get(request):
                pass
        dialer.policy = LOOPBACK
        async with http.get(request) as response:
            assert await response.read() == b"second"
        assert site.connections == 1


async def test_what_the_caller_raises_is_left_alone() -> None:
    """Only the fetcher's own errors are mapped, not those of the code that uses the answer."""
    async with origin({"/": answer(b"x")}) as site, fetcher() as http:
        with pytest.raises(ConnectionError, match="mine"):
            async with http.get(HttpRequest(parse_url(site.url()))):
                raise ConnectionError("mine")


async def test_leaving_early_frees_the_connection() -> None:
    """A body that nobody wants is not read on."""
    async with origin({"/": endless}) as site, fetcher() as http:
        baseline = open_files()
        request = HttpRequest(parse_url(site.url()))
        async with http.get(request) as response, aclosing(response.chunks()) as chunks:
            assert await anext(chunks)
        assert await settled_files(baseline) <= baseline


async def test_cancelling_at_any_moment_leaks_nothing() -> None:
    """A client may leave while we resolve, connect, wait, follow, or read."""
    routes: dict[str, Answer] = {
        "/": redirect("/b"),
        "/b": answer(gzipped(b"x" * 9999), "Content-Encoding: gzip"),
    }
    async with origin(routes) as site, fetcher() as http:
        request = HttpRequest(parse_url(site.url()))

        async def attempt() -> None:
            async with http.get(request) as response:
                await response.read()

        await attempt()
        await anyio.sleep(0.05)
        baseline, tasks = open_files(), len(asyncio.all_tasks())
        assert await cancel_everywhere(attempt) > 10
        assert await settled_files(baseline) <= baseline
        assert len(asyncio.all_tasks()) <= tasks


async def test_many_reads_leave_nothing_behind() -> None:
    """Files and tasks return to where they were."""
    async with origin({"/": answer(b"x" * 1000)}) as site, fetcher() as http:
        limit = anyio.CapacityLimiter(20)

        async def attempt() -> None:
            async with limit, http.get(HttpRequest(parse_url(site.url()))) as response:
                assert isinstance(response, HttpResponse)
                await response.read()

        await attempt()
        await anyio.sleep(0.05)
        baseline = open_files()
        async with anyio.create_task_group() as tasks:
            for _ in range(200):
                tasks.start_soon(attempt)
        assert await settled_files(baseline) <= baseline

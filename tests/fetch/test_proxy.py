"""The filtering proxy: what gets through, what does not, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.errors import ParamValidationError, SecurityCompromiseError
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Denial, EgressPolicy
from reader_stream.fetch.proxy import ERROR_HEADER, MAX_HEAD_BYTES, FilteringProxy
from reader_stream.fetch.proxy_request import ProxyRequest
from tests.fetch.origins import (
    PATIENCE_S,
    answer,
    cancel_everywhere,
    hang,
    open_files,
    origin,
    settled_files,
)

LOOPBACK = EgressPolicy.parse(["127.0.0.0/8"])


@asynccontextmanager
async def opened(dialer: Dialer | None = None) -> AsyncIterator[FilteringProxy]:
    """A proxy that lets loopback through."""
    async with FilteringProxy.open(dialer or Dialer(LOOPBACK)) as proxy:
        yield proxy


@pytest.mark.parametrize("turns", range(8))
def test_connections_on_their_way_are_closed_too(turns: int) -> None:
    """However far asyncio is with handing a connection over, it does not outlive the proxy and its loop."""
    clients: list[socket.socket] = []

    async def leave() -> None:
        async with opened() as proxy:
            clients.extend(socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(20))
            for _ in range(turns):
                await asyncio.sleep(0)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        asyncio.run(leave())
        gc.collect()
    for client in clients:
        client.close()
    assert [str(each.message) for each in said if "unclosed" in str(each.message)] == []


@asynccontextmanager
async def connected(
    proxy: FilteringProxy,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client's connection to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(proxy: FilteringProxy, request: bytes) -> bytes:
    """All that comes back for some bytes."""
    async with connected(proxy) as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(PATIENCE_S):
            return await reader.read()


async def settled(proxy: FilteringProxy) -> int:
    """Its connections, once they are gone or after `PATIENCE_S`."""
    with anyio.move_on_after(PATIENCE_S):
        while proxy.connections:  # noqa: ASYNC110 (it tells nobody when one ends)
            await anyio.sleep(0.01)
    return proxy.connections


@pytest.mark.anyio
async def test_a_request_goes_on_in_origin_form() -> None:
    """The origin sees what a browser without a proxy would send, and is asked to close."""
    page = answer(b"body", "Connection: keep-alive", "Keep-Alive: 5", "X-B: 1")
    async with origin({"/a": page}) as site, opened() as proxy:
        request = (
            f"GET {site.url('/a?b=//c')} HTTP/1.1\r\nHost: wrong.example\r\n"
            "Proxy-Connection: keep-alive\r\nConnection: X-Hop\r\nX-Hop: 1\r\nCookie: a=b\r\n"
            "Proxy-Authorization: Basic x\r\nTE: x\r\n\r\n"
        )
        response = await ask(proxy, request.encode())
        assert site.heads[0].decode() == (
            f"GET /a?b=//c HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
            "Cookie: a=b\r\nConnection: close\r\n\r\n"
        )
        assert response == (b"HTTP/1.1 200 X\r\nContent-Length: 4\r\nX-B: 1\r\nConnection: close\r\n\r\nbody")
        assert await settled(proxy) == 0


@pytest.mark.anyio
async def test_bodies_are_sent_to_their_last_byte() -> None:
    """A POST larger than any buffer arrives whole, and nothing that follows it."""
    received = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.readexactly(3_000_000))
        writer.write(answer(b"thanks"))

    async with origin({"/": take}) as site, opened() as proxy:
        head = f"POST {site.url()} HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n".encode()
        async with connected(proxy) as (reader, writer):
            writer.write(head + bytes(3_000_000))
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.read() == b"thanks"
    assert len(received) == 3_000_000


@pytest.mark.anyio
async def test_a_second_request_does_not_reach_the_first_ones_origin() -> None:
    """What is pipelined behind a request is not passed on, whatever host it names."""
    async with origin({"/": hang}) as site, opened() as proxy:
        async with connected(proxy) as (reader, writer):
            one = f"GET {site.url()} HTTP/1.1\r\n\r\n".encode()
            writer.write(one + b"GET http://127.0.0.1:1/secret HTTP/1.1\r\n\r\n")
            with suppress(ConnectionError):
                assert await reader.read() == b""
        assert len(site.heads) == 1
        assert b"secret" not in b"".join(site.heads)


@pytest.mark.anyio
async def test_interim_answers_are_passed_on() -> None:
    """103 Early Hints come before the answer proper."""
    page = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"x")
    async with origin({"/": page}) as site, opened() as proxy:
        response = await ask(proxy, f"GET {site.url()} HTTP/1.1\r\n\r\n".encode())
    assert response.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 X\r\n")
    assert response.endswith(b"Connection: close\r\n\r\nx")


@pytest.mark.anyio
async def test_an_answer_streams_through() -> None:
    """The proxy waits for no end: event streams and long polls work."""
    go_on = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nfirst")
        await go_on.wait()
        writer.write(b" last")

    async with origin({"/": slowly}) as site, opened() as proxy, connected(proxy) as (reader, writer):
        writer.write(f"GET {site.url()} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(5) == b"first"
        go_on.set()
        assert await reader.read() == b" last"


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whatever comes goes back, until the other side has ended."""
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.mark.anyio
async def test_tunnels_carry_bytes_both_ways_and_half_closes() -> None:
    """CONNECT is transparent: after the client has ended, the rest of the answer still comes."""
    async with origin({"/": echo}) as site, opened() as proxy, connected(proxy) as (reader, writer):
        writer.write(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        payload = bytes(range(256)) * 20_000

        async def send() -> None:
            writer.write(b"GET / HTTP/1.1\r\n\r\n" + payload)
            writer.write_eof()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.read() == payload
        writer.transport.abort()
        assert await settled(proxy) == 0


@pytest.mark.anyio
async def test_plain_upgrades_become_tunnels() -> None:
    """A WebSocket over an absolute URL, for browsers that do not use CONNECT for it."""
    async with origin({"/ws": echo}) as site, opened() as proxy, connected(proxy) as (reader, writer):
        head = f"GET {site.url('/ws')} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        writer.write(head.encode() + b"early")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        assert await reader.readexactly(5) == b"early"
        writer.write(b"late")
        assert await reader.readexactly(4) == b"late"
        assert b"Connection: Upgrade\r\n" in site.heads[0]


@pytest.mark.anyio
async def test_a_slow_client_slows_the_origin() -> None:
    """Back-pressure runs through: the proxy does not pile up what nobody reads."""
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    async with origin({"/": pour}) as site, opened() as proxy, connected(proxy) as (reader, writer):
        writer.write(f"GET {site.url()} HTTP/1.1\r\n\r\n".encode())
        await reader.readexactly(100)
        before = -1
        while before != sent:
            before = sent
            await anyio.sleep(0.05)
        assert sent < 64 * 1024 * 1024  # what the kernel's and our buffers hold, in two hops


FORBIDDEN = [
    *("CONNECT 10.0.0.1:443", "CONNECT localhost:443", "CONNECT [::1]:443", "CONNECT 169.254.169.254:80"),
    *("CONNECT [::ffff:10.0.0.1]:443", "CONNECT 2852039166:443", "CONNECT example.com:22", "CONNECT 0:80"),
    *(
        "GET http://10.0.0.1/",
        "GET http://0xa000001/",
        "GET HTTP://metadata.google.internal/computeMetadata/",
    ),
    *("GET http://intern.attacker.com/", "CONNECT intern.attacker.com:443", "GET http://example.com:6379/"),
    *("POST http://192.168.0.1?x", "OPTIONS http://[fd00:ec2::254]/", "CONNECT x.onion:443"),
]


@pytest.mark.anyio
@pytest.mark.parametrize("line", FORBIDDEN)
async def test_forbidden_targets_are_a_403(line: str) -> None:
    """By name, by number and by what they resolve to; the answer tells a page nothing."""

    async def resolve(host: str) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.1"]

    dialer = Dialer(EgressPolicy(), resolve=resolve)
    async with opened(dialer) as proxy:
        response = await ask(proxy, f"{line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert response.startswith(
            b"HTTP/1.1 403 Forbidden\r\n" + ERROR_HEADER.encode() + b": SecurityCompromise"
        )
        assert response.endswith(b"\r\n\r\nThe request was not sent.\n")
    assert sum(dialer.denials.values()) == 1


MALFORMED = [
    *(
        b"GET / HTTP/1.1",
        b"GET /etc/passwd HTTP/1.1",
        b"GET https://127.0.0.1/ HTTP/1.1",
        b"GET http:/// HTTP/1.1",
    ),
    *(b"GET ftp://example.com/ HTTP/1.1", b"GET http://u:p@127.0.0.1/ HTTP/1.1", b"GET http://a b/ HTTP/1.1"),
    *(
        b"GET http://127.0.0.1/ HTTP/1.0",
        b"GET http://127.0.0.1/ HTTP/2",
        b"GET http://127.0.0.1/",
        b"\x16\x03\x01",
    ),
    *(b"CONNECT 127.0.0.1 HTTP/1.1", b"CONNECT 127.0.0.1: HTTP/1.1", b"CONNECT /:80 HTTP/1.1"),
    *(
        b"CONNECT 127.0.0.1:80/x HTTP/1.1",
        b"CONNECT 127.0.0.1:99999 HTTP/1.1",
        b"CONNECT a@127.0.0.1:80 HTTP/1.1",
    ),
    *(
        b"CONNECT 127.0.0.1:80#:80 HTTP/1.1",
        b"CONNECT 127.0.0.1?:80 HTTP/1.1",
        b"CONNECT 127.0.0.1\\:80 HTTP/1.1",
    ),
    *(
        b"G\0T http://127.0.0.1/ HTTP/1.1",
        b"GET  http://127.0.0.1/ HTTP/1.1",
        b" GET http://127.0.0.1/ HTTP/1.1",
    ),
    *(
        b"GET http://127.0.0.1/\xe9 HTTP/1.1",
        b"GET http://127.0.0.1/#x HTTP/1.1",
        b"GET http://127.0.0.1\\x/ HTTP/1.1",
    ),
    *(b"GET http://127.0.0.1/ HTTP/1.1\r\nA", b"GET http://127.0.0.1/ HTTP/1.1\r\n folded: x"),
    *(b"GET http://127.0.0.1/ HTTP/1.1\r\nA : b", b"GET http://127.0.0.1/ HTTP/1.1\r\nA: b\nC: d"),
    *(b"GET http://127.0.0.1/ HTTP/1.1\r\nA: \0", b"GET http://127.0.0.1/ HTTP/1.1\nHost: x"),
    b"POST http://127.0.0.1/ HTTP/1.1\r\nTransfer-Encoding: chunked",
    b"POST http://127.0.0.1/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
    b"POST http://127.0.0.1/ HTTP/1.1\r\nContent-Length: 1, 1",
    b"POST http://127.0.0.1/ HTTP/1.1\r\nContent-Length: +1",
    b"POST http://127.0.0.1/ HTTP/1.1\r\nContent-Length: ",
]


@pytest.mark.parametrize("head", MALFORMED)
def test_doubtful_requests_are_refused(head: bytes) -> None:
    """What two parsers could read in two ways goes nowhere."""
    with pytest.raises(ParamValidationError):
        ProxyRequest.parse(head + b"\r\n\r\n")


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"GET http://example.com/", b"CONNECT example.com:443 HTTP/1.1\r\n"]),
)
def test_any_bytes_are_parsed_or_refused(rest: bytes, start: bytes) -> None:
    """Parsing ends in a request whose head cannot be cut in two, or in a refusal."""
    try:
        request = ProxyRequest.parse(start + rest + b"\r\n\r\n")
    except ParamValidationError:
        return
    assert request.head.count(b"\r\n\r\n") == (not request.tunnel)
    assert b"\0" not in request.head


@pytest.mark.anyio
async def test_a_malformed_request_is_a_400() -> None:
    """Nothing is dialled for it."""
    async with opened() as proxy:
        assert (await ask(proxy, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        with suppress(ConnectionError):
            assert (await ask(proxy, b"A" * (3 * MAX_HEAD_BYTES))).startswith(b"HTTP/1.1 400 ")
        assert await settled(proxy) == 0


@pytest.mark.anyio
async def test_what_cannot_be_reached_is_a_502() -> None:
    """And the reason can be asked for, since Chromium does not pass it on."""
    async with origin({}) as site:
        port = site.port
    async with opened() as proxy:
        for request in (
            f"CONNECT 127.0.0.1:{port}",
            f"GET http://127.0.0.1:{port}/",
            "GET http://nope.invalid/",
        ):
            response = await ask(proxy, f"{request} HTTP/1.1\r\n\r\n".encode())
            assert response.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        failure = proxy.failure("127.0.0.1", port)
        assert failure is not None
        assert "refused the connection" in failure.message
        assert isinstance(proxy.failure("nope.invalid", 80), ParamValidationError)


@pytest.mark.anyio
async def test_the_reason_of_a_failure_is_forgotten_when_it_is_over() -> None:
    """The newest connection counts."""
    dialer = Dialer(LOOPBACK)
    async with origin({"/": answer()}) as site, opened(dialer) as proxy:
        request = f"GET {site.url()} HTTP/1.1\r\n\r\n".encode()
        dialer.own_ports.add(site.port)
        await ask(proxy, request)
        assert isinstance(proxy.failure("127.0.0.1", site.port), SecurityCompromiseError)
        dialer.own_ports.discard(site.port)
        await ask(proxy, request)
        assert proxy.failure("127.0.0.1", site.port) is None


@pytest.mark.anyio
@pytest.mark.parametrize(
    "page", [b"220 mail.example.com ESMTP\r\n", b"", b"<p>\r\n\r\n", b"x" * (3 * MAX_HEAD_BYTES)]
)
async def test_an_answer_that_is_not_http_is_a_502(page: bytes) -> None:
    """No service that speaks something else is shown to a page."""
    async with origin({"/": page}) as site, opened() as proxy:
        response = await ask(proxy, f"GET {site.url()} HTTP/1.1\r\n\r\n".encode())
    assert response.startswith(b"HTTP/1.1 502 ")
    assert page[:4] == b"" or page[:20] not in response


@pytest.mark.anyio
async def test_the_proxy_does_not_reach_itself() -> None:
    """At none of the addresses of loopback, whatever is allowed."""
    dialer = Dialer(LOOPBACK)
    async with opened(dialer) as proxy:
        for host in ("127.0.0.1", "127.3.2.1", "2130706433"):
            response = await ask(proxy, f"CONNECT {host}:{proxy.port} HTTP/1.1\r\n\r\n".encode())
            assert response.startswith(b"HTTP/1.1 403 ")
        assert dialer.denials == {Denial.OWN_ADDRESS: 3}
    assert dialer.own_ports == set()


@pytest.mark.anyio
async def test_too_many_connections_are_dropped() -> None:
    """A page cannot make it hold more than its limit, and it recovers."""
    few = FilteringProxy.open(Dialer(LOOPBACK), max_connections=2)
    async with origin({"/": answer(b"x")}) as site, few as proxy:
        request = f"GET {site.url()} HTTP/1.1\r\n\r\n".encode()
        async with connected(proxy), connected(proxy):
            await anyio.sleep(0.02)
            with suppress(ConnectionError):
                assert await ask(proxy, request) == b""
        assert await settled(proxy) == 0
        assert (await ask(proxy, request)).endswith(b"x")


@pytest.mark.anyio
async def test_a_client_that_leaves_frees_both_connections() -> None:
    """In a tunnel and in a request whose answer never comes."""
    async with origin({"/": hang}) as site, opened() as proxy:
        baseline = open_files()
        for line in (f"CONNECT 127.0.0.1:{site.port}", f"GET {site.url()}"):
            async with connected(proxy) as (_, writer):
                writer.write(f"{line} HTTP/1.1\r\n\r\n".encode())
                await anyio.sleep(0.05)
            assert await settled(proxy) == 0
        # The origin's own ends stay open while it hangs; ours are gone.
        assert await settled_files(baseline + 1) <= baseline + 1


@pytest.mark.anyio
async def test_closing_ends_everything_at_once() -> None:
    """Idle clients, tunnels and requests under way do not hold the service back."""
    async with origin({"/": hang}) as site:
        await anyio.sleep(0.01)
        baseline = open_files()
        clients = []
        with anyio.fail_after(PATIENCE_S):
            async with opened() as proxy:
                for line in (
                    "",
                    f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n\r\n",
                    f"GET {site.url()} HTTP/1.1\r\n\r\n",
                ):
                    _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                    writer.write(line.encode())
                    clients.append(writer)
                await anyio.sleep(0.05)
                late = await asyncio.open_connection("127.0.0.1", proxy.port)
                clients.append(late[1])
        for writer in clients:
            writer.transport.abort()
        assert await settled_files(baseline + 2) <= baseline + 2


@pytest.mark.anyio
@pytest.mark.parametrize("turns", range(6))
async def test_closing_also_ends_who_is_just_coming_in(turns: int) -> None:
    """A client that is accepted while the proxy closes is told so, and nobody complains."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with opened() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for _ in range(turns):
            await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    writer.transport.abort()
    assert complaints == []


@pytest.mark.anyio
async def test_half_a_tunnel_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """An origin that never ends after its client has is given some time, and no more."""
    monkeypatch.setattr("reader_stream.fetch.tunnel.HALF_CLOSED_S", 0.05)
    async with origin({"/": hang}) as site, opened() as proxy, connected(proxy) as (reader, writer):
        writer.write(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write_eof()
        assert await settled(proxy) == 0


@pytest.mark.anyio
async def test_clients_that_leave_at_any_moment_leave_nothing() -> None:
    """Cut off at every turn of the loop, the proxy returns to where it was."""
    async with origin({"/": answer(b"x" * 5000)}) as site, opened() as proxy:
        request = f"GET {site.url()} HTTP/1.1\r\n\r\n".encode()

        async def attempt() -> None:
            await ask(proxy, request)

        await attempt()
        await settled(proxy)
        baseline, tasks = open_files(), len(asyncio.all_tasks())
        assert await cancel_everywhere(attempt) > 10
        assert await settled(proxy) == 0
        assert await settled_files(baseline) <= baseline
        assert len(asyncio.all_tasks()) <= tasks

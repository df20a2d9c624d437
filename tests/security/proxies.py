"""Small forward proxies of every kind, that know names which no DNS has."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reader_stream.fetch.proxy import close_listener

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Asked = tuple[str, int, bytes]
"""Host, port, and what goes to them first."""
Handshake = Callable[["FarProxy", Streams], Awaitable[Asked]]

CERTIFICATE = Path(__file__).parent.parent / "fetch" / "selfsigned.pem"
CREDENTIALS = ("us er", "p@ss:word")
_BASIC = b"Basic " + base64.b64encode(":".join(CREDENTIALS).encode())
REFUSED = ("", 0, b"")
"""What a handshake gives when it has refused the client."""


@dataclass
class FarProxy:
    """A running proxy. Every name is 127.0.0.1 to it; `asked` are the hosts and ports it was asked for.

    Without `tunnels` it refuses CONNECT, as many do to other ports than 443, and takes absolute URLs.
    """

    kind: str
    with_credentials: bool
    tunnels: bool = True
    port: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)

    def url(self, credentials: str | None = None) -> str:
        """As a client gives it; `credentials` instead of the right ones."""
        right = "us%20er:p%40ss%3Aword" if self.with_credentials else ""
        given = right if credentials is None else credentials
        return f"{self.kind}://{given}{'@' if given else ''}127.0.0.1:{self.port}"


async def _connect(proxy: FarProxy, client: Streams) -> Asked:
    head = await client[0].readuntil(b"\r\n\r\n")
    method, target, _ = head.split(b" ", 2)
    if proxy.with_credentials and _BASIC not in head:
        client[1].write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
        return REFUSED
    if not proxy.tunnels and target.startswith(b"http://"):
        authority, _, path = target.decode().removeprefix("http://").partition("/")
        host, _, port = authority.partition(":")
        assert b"Proxy-Authorization" in head or not proxy.with_credentials
        onward = head.replace(target, b"/" + path.encode(), 1)
        return host, int(port or 80), onward
    if method != b"CONNECT" or not proxy.tunnels:
        client[1].write(b"HTTP/1.1 403 Not to this port\r\nContent-Length: 0\r\n\r\n")
        return REFUSED
    # In two pieces, as the network may deliver it.
    client[1].write(b"HTTP/1.1 200 Conn")
    await client[1].drain()
    await asyncio.sleep(0.01)
    client[1].write(b"ected\r\nVia: test\r\n\r\n")
    host, _, port = target.decode().rpartition(":")
    return host.strip("[]"), int(port), b""


async def _socks4(_: FarProxy, client: Streams) -> Asked:
    head = await client[0].readexactly(8)
    await client[0].readuntil(b"\0")
    host = ".".join(map(str, head[4:]))
    if host.startswith("0.0.0."):
        host = (await client[0].readuntil(b"\0"))[:-1].decode()
    client[1].write(b"\0\x5a" + bytes(6))
    return host, int.from_bytes(head[2:4]), b""


async def _socks5(proxy: FarProxy, client: Streams) -> Asked:
    reader, writer = client
    methods = await reader.readexactly((await reader.readexactly(2))[1])
    if proxy.with_credentials:
        writer.write(b"\5\2" if 2 in methods else b"\5\xff")
        _, length = await reader.readexactly(2)
        user = await reader.readexactly(length)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        right = (user.decode(), password.decode()) == CREDENTIALS
        writer.write(b"\1\0" if right else b"\1\1")
        if not right:
            return REFUSED
    else:
        writer.write(b"\5\0")
    kind = (await reader.readexactly(4))[3]
    if kind == 3:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    else:
        host = ".".join(map(str, await reader.readexactly(4)))
    writer.write(b"\5\0\0\1" + bytes(6))
    return host, int.from_bytes(await reader.readexactly(2)), b""


_HANDSHAKES: dict[str, Handshake] = {
    "http": _connect,
    "https": _connect,
    "socks4": _socks4,
    "socks5": _socks5,
}


async def _serve(proxy: FarProxy, client: Streams) -> None:
    writers = [client[1]]
    # Cancelled only at the end of all tests: asyncio would log it as a fault.
    with contextlib.suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
        host, port, first = await _HANDSHAKES[proxy.kind](proxy, client)
        if port:
            proxy.asked.append((host, port))
            upstream = await asyncio.open_connection("127.0.0.1", port)
            writers.append(upstream[1])
            upstream[1].write(first)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(client[0], upstream[1]))
                tasks.create_task(_pump(upstream[0], client[1]))
        else:
            await client[1].drain()
            client[1].close()
            await client[1].wait_closed()
    for writer in writers:
        writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.contextmanager
def running(*kinds: tuple[str, bool] | tuple[str, bool, bool]) -> Iterator[list[FarProxy]]:
    """A proxy for each (kind, with credentials, with tunnels), in a thread of their own."""
    proxies = [FarProxy(*kind) for kind in kinds]
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)

    async def run() -> None:
        async with contextlib.AsyncExitStack() as stack:
            for proxy in proxies:

                async def serve(
                    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: FarProxy = proxy
                ) -> None:
                    await _serve(proxy, (reader, writer))

                secure = tls if proxy.kind == "https" else None
                server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=secure)
                stack.push_async_callback(close_listener, server)
                proxy.port = server.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()

    def work() -> None:
        loop.run_until_complete(run())
        for task in asyncio.all_tasks(loop):  # connections that a browser keeps
            task.cancel()
        for _ in range(10):  # what they clean up takes some turns of the loop
            loop.run_until_complete(asyncio.sleep(0.002))

    thread = threading.Thread(target=work, name="proxies", daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield proxies
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()

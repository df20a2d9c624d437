"""Dialling through a client's own proxy: http, https, socks4 and socks5, spoken by python-socks.

The proxy itself is dialled like any target, so the egress policy decides whether it may be reached. What
lies behind it is resolved there: of a target, its name, port and literal address are checked.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from anyio.abc import TaskGroup
from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio.v2 import Proxy

from reader_stream.errors import AssertionFailureError, ParamValidationError, ReaderError
from reader_stream.fetch.addresses import Address, parse_address
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Url, is_host
from reader_stream.fetch.tunnel import Streams, tunnel

OPTION = "proxyUrl"
_TYPES = {
    "http": ProxyType.HTTP,
    "https": ProxyType.HTTP,
    "socks4": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
}
_PROXY_AUTHENTICATION_REQUIRED = 407
# Forbidden (Squid, tinyproxy: not to this port), method not allowed, not implemented.
_NO_TUNNEL = frozenset({403, 405, 501})
# A proxy's answer to CONNECT has a few fields; some add a page for humans, which comes after them.
_MAX_HEAD_BYTES = 16 * 1024
# As the filtering proxy takes them.
_MAX_REQUEST_BYTES = 128 * 1024

Begin = Callable[[bytes], bytes]
"""The head of a request → what a proxy is sent instead."""


class UpstreamDialer(Dialer):
    """Opens connections by way of `proxy`, which `dialer` reaches. Refusals are counted with the dialer's.

    What travels through the proxy is relayed by `tasks`, and ends with them.
    """

    one_request_each = True

    def __init__(self, dialer: Dialer, proxy: Url, tasks: TaskGroup) -> None:
        super().__init__(dialer.policy, connect_timeout=dialer.connect_timeout)
        self.denials = dialer.denials
        self.own_ports = dialer.own_ports
        self._dialer = dialer
        self._proxy = proxy
        self._tasks = tasks
        self._tls = ssl.create_default_context() if proxy.scheme == "https" else None
        self._no_tunnels = False

    def check_url(self, url: Url) -> None:
        """Raise SecurityCompromiseError for a target that must not be asked of any proxy."""
        self._check_target(url.host, url.port)

    async def resolve(self, host: str, port: int) -> list[Address]:
        """The literal address of a host; names are the proxy's to resolve. Raises as `Dialer.resolve`."""
        host = host.lower()
        if not is_host(host):
            raise ParamValidationError("The URL's host is not a valid name or address.", path="url")
        self._check_target(host, port)
        literal = parse_address(host)
        return [literal] if literal is not None else []

    async def connect(self, host: str, port: int, *, plain: bool = False) -> socket.socket:
        """A non-blocking stream socket whose other end the proxy has connected to the host.

        Where an HTTP proxy gives no tunnel, a `plain` request is handed to it in absolute form. Raises
        SecurityCompromiseError for the target or the proxy, and AssertionFailureError or
        ParamValidationError with the path `proxyUrl` when the proxy cannot be reached or refuses.
        """
        await self.resolve(host, port)
        begin = None
        with _fault_of_the_proxy(host):
            async with asyncio.timeout(self.connect_timeout):
                if not plain or self._proxy.scheme not in ("http", "https"):
                    upstream = await self._negotiate(host, port)
                elif (tunnel := await self._tunnel(host, port)) is not None:
                    upstream = tunnel
                else:
                    upstream, begin = await self._reach(), self._absolute(host, port)
        near, far = socket.socketpair()
        near.setblocking(False)
        self._tasks.start_soon(_relay, far, upstream, begin)
        return near

    async def _tunnel(self, host: str, port: int) -> Streams | None:
        """None where the proxy gives none; many do so to port 443 alone."""
        if self._no_tunnels:
            return None
        try:
            return await self._negotiate(host, port)
        except ProxyError as error:
            if error.error_code not in _NO_TUNNEL:
                raise
        self._no_tunnels = True
        return None

    async def _reach(self) -> Streams:
        """The proxy itself."""
        stream = await _Road(self._dialer).connect(self._proxy.host, self._proxy.port)
        if self._tls is not None:
            await stream.start_tls(self._proxy.host, self._tls)
        return stream.reader, stream.writer

    def _absolute(self, host: str, port: int) -> Begin:
        """Rewrites a head for the proxy: it names the host that was checked, whatever the head says."""
        authority = f"[{host}]" if ":" in host else host
        fields = [b"Connection: close"]
        if self._proxy.username or self._proxy.password:
            pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password)}"
            fields.append(b"Proxy-Authorization: Basic " + b64encode(pair.encode()))

        def begin(head: bytes) -> bytes:
            line, *rest = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
            method, path, version = line.split(b" ")
            kept = [field for field in rest if not field.lower().startswith((b"connection:", b"keep-alive:"))]
            target = f"http://{authority}:{port}".removesuffix(":80").encode() + path
            return b"\r\n".join([b" ".join((method, target, version)), *kept, *fields, b"", b""])

        return begin

    async def _negotiate(self, host: str, port: int) -> Streams:
        proxy = self._proxy
        road: Any = _Road(self._dialer)
        client = Proxy(
            _TYPES[proxy.scheme],
            proxy.host,
            proxy.port,
            unquote(proxy.username) or None,
            unquote(proxy.password) or None,
            rdns=True,
            proxy_ssl=self._tls,
            forward=road,
        )
        stream: Any = await client.connect(host, port, timeout=self.connect_timeout)
        return stream.reader, stream.writer

    def _check_target(self, host: str, port: int) -> None:
        literal = parse_address(host)
        if literal is None:
            self._check(self.policy.deny_name(host, port), host, port)
        else:
            self._check(self._deny(host, port, literal), host, port)


class _Road:
    """What python-socks takes for the proxy before the proxy: it dials instead of opening sockets."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer

    async def connect(self, dest_host: str, dest_port: int) -> _Stream:
        sock = await self._dialer.connect(dest_host, dest_port)
        return _Stream(*await asyncio.open_connection(sock=sock, limit=_MAX_HEAD_BYTES))


class _Stream:
    """A connection to a proxy, with the methods that python-socks uses."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def write_all(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def read(self) -> bytes:
        """The whole head of an HTTP answer, and nothing of what follows."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def read_exact(self, n: int) -> bytes:
        return await self.reader.readexactly(n)

    async def start_tls(self, hostname: str, ssl_context: ssl.SSLContext) -> _Stream:
        await self.writer.start_tls(ssl_context, server_hostname=hostname)
        return self

    async def close(self) -> None:
        self.writer.transport.abort()


async def _relay(far: socket.socket, upstream: Streams, begin: Begin | None) -> None:
    far.setblocking(False)
    try:
        client = await asyncio.open_connection(sock=far, limit=_MAX_REQUEST_BYTES)
        try:
            if begin is not None:
                upstream[1].write(begin(await client[0].readuntil(b"\r\n\r\n")))
            await tunnel(client, upstream)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asked has left
        finally:
            client[1].transport.abort()
    finally:
        upstream[1].transport.abort()


@contextmanager
def blamed_on_the_proxy() -> Iterator[None]:
    """Errors name the option that the proxy was given with."""
    try:
        yield
    except ReaderError as error:
        error.path = OPTION
        raise


@contextmanager
def _fault_of_the_proxy(host: str) -> Iterator[None]:
    """Turn what python-socks, TLS, the streams and the clock raise into our errors."""
    try:
        with blamed_on_the_proxy():
            yield
    except TimeoutError:
        raise AssertionFailureError(f"The proxy did not reach {host} in time.", path=OPTION) from None
    except ProxyError as error:
        message = f"The proxy did not connect to {host}: it refused, or wants other credentials."
        if error.error_code == _PROXY_AUTHENTICATION_REQUIRED:
            message = "The proxy wants other credentials."
        raise AssertionFailureError(message, path=OPTION) from error
    except ssl.SSLError as error:
        raise AssertionFailureError("TLS with the proxy failed.", path=OPTION) from error
    except (OSError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
        message = "The proxy broke the connection off, or does not speak this protocol."
        raise AssertionFailureError(message, path=OPTION) from error

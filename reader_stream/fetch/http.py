"""Plain HTTP: the first look at every URL, and files that need no browser. aiohttp under the dialer.

Every socket comes from the `Dialer`, redirects are followed here and each hop is checked, one clock
runs over the whole exchange, and decoded bytes are counted.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

import aiohttp
import anyio
import yarl
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError
from aiohttp.tracing import Trace
from multidict import CIMultiDict

from reader_stream.errors import AssertionFailureError, FileTooLargeError, ParamValidationError, ReaderError
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import WEB_SCHEMES, Denial, Url, parse_url
from reader_stream.fetch.http_request import NAVIGATION_HEADERS, HttpRequest, check_headers

__all__ = ["Hop", "HttpFetcher", "HttpRequest", "HttpResponse"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ENCODINGS = frozenset({"", "identity", "gzip", "deflate", "br"})
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
# Sites with long policies or many cookies send 10-20 kB in one field and up to some 100 fields. A hostile
# head can make us hold fields times bytes: 8 MiB.
_MAX_FIELD_BYTES = 32 * 1024
_MAX_FIELDS = 256


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: where it was met and its status."""

    url: Url
    status: int


class HttpResponse:
    """The answer of the last hop; the body is not read yet.

    `url` is the final URL, `headers` the pairs in the order received, `media_type` in lower case ("" when
    not given), `charset` that of the Content-Type header. `set_cookies` are the Set-Cookie values of
    all hops, each with the URL that set it.
    """

    def __init__(
        self,
        raw: aiohttp.ClientResponse,
        url: Url,
        hops: tuple[Hop, ...],
        set_cookies: tuple[tuple[Url, str], ...],
        request: HttpRequest,
        deadline: float,
    ) -> None:
        self.url = url
        self.hops = hops
        self.set_cookies = set_cookies
        self.status = raw.status
        self.headers = tuple(raw.headers.items())
        self.media_type = raw.content_type.lower() if "Content-Type" in raw.headers else ""
        self.charset = raw.charset
        self.bytes_read = 0
        self._raw = raw
        self._max_bytes = request.max_bytes
        self._deadline = deadline

    def header(self, name: str) -> str | None:
        """The first value of a header, by name in any case."""
        return self._raw.headers.get(name)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The decoded body, piece by piece as it comes in.

        Raises FileTooLargeError beyond `max_bytes`, AssertionFailureError when the connection or the
        encoding breaks, or when the request's time is over.
        """
        content = self._raw.content
        while True:
            with _mapped(self.url.host):
                async with asyncio.timeout_at(self._deadline):
                    chunk = await content.readany()
            self.bytes_read += len(chunk)
            if max(self.bytes_read, content.total_raw_bytes) > self._max_bytes:
                raise _too_large(self._max_bytes)
            if not chunk:
                return
            yield chunk

    async def read(self) -> bytes:
        """The whole decoded body."""
        return b"".join([chunk async for chunk in self.chunks()])


class _DialedConnector(aiohttp.BaseConnector):
    """A pool whose sockets come from the dialer and from nowhere else, IP literals included."""

    def __init__(self, dialer: Dialer, tls: ssl.SSLContext) -> None:
        super().__init__(limit=0)
        self._dialer = dialer
        self._tls = tls

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        host, port = req.url.raw_host or "", req.url.port or 0
        secure = req.url.scheme == "https"
        sock = await self._dialer.connect(host, port, plain=not secure)
        with _mapped(host):  # here, since aiohttp makes one kind of error of all that TLS may say
            _, protocol = await self._loop.create_connection(
                self._factory,
                sock=sock,
                ssl=self._tls if secure else None,
                server_hostname=host.removesuffix(".") if secure else None,
            )
        if not secure and self._dialer.one_request_each:
            protocol.force_close()
        return protocol


class HttpFetcher:
    """GETs through the guard. Open it with `HttpFetcher.open`, one for the life of the service."""

    def __init__(self, dialer: Dialer, connector: aiohttp.BaseConnector, *, max_redirects: int) -> None:
        self._dialer = dialer
        self._connector = connector
        self.max_redirects = max_redirects

    @classmethod
    @asynccontextmanager
    async def open(cls, dialer: Dialer, *, max_redirects: int = 10) -> AsyncIterator[HttpFetcher]:
        """A fetcher and its pool of idle connections, closed at the end."""
        tls = ssl.create_default_context()
        tls.set_alpn_protocols(["http/1.1"])
        connector = _DialedConnector(dialer, tls)
        try:
            yield cls(dialer, connector, max_redirects=max_redirects)
        finally:
            with anyio.move_on_after(2, shield=True):
                await connector.close()

    @asynccontextmanager
    async def get(self, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Send a request, follow its redirects, and give the answer while its body still comes in.

        Raises SecurityCompromiseError when a hop is forbidden, ParamValidationError when a name does not
        resolve or a header is malformed, FileTooLargeError when the length announced is over the limit,
        and AssertionFailureError when no usable answer comes in time.
        """
        check_headers(request.headers + request.origin_headers)
        deadline = asyncio.get_running_loop().time() + request.timeout
        async with self._session(request) as session:
            exchange = _Exchange(self._dialer, session, request, self.max_redirects)
            with _mapped(request.url.host):
                async with asyncio.timeout_at(deadline):
                    raw = await exchange.follow()
            try:
                _check_body(raw, request.max_bytes)
                hops, cookies = tuple(exchange.hops), tuple(exchange.set_cookies)
                yield HttpResponse(raw, exchange.url, hops, cookies, request, deadline)
            finally:
                raw.close()

    def _session(self, request: HttpRequest) -> aiohttp.ClientSession:
        """One per request, so that cookies never pass from one read to another."""
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies_from_headers(request.cookies, _yarl(request.url))
        return aiohttp.ClientSession(
            connector=self._connector,
            connector_owner=False,
            cookie_jar=jar,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trust_env=False,
            max_line_size=_MAX_FIELD_BYTES,
            max_field_size=_MAX_FIELD_BYTES,
            max_headers=_MAX_FIELDS,
        )


class _Exchange:
    """A request on its way through its redirects."""

    def __init__(
        self, dialer: Dialer, session: aiohttp.ClientSession, request: HttpRequest, max_redirects: int
    ) -> None:
        self.url = request.url
        self.hops: list[Hop] = []
        self.set_cookies: list[tuple[Url, str]] = []
        self._dialer = dialer
        self._session = session
        self._request = request
        self._max_redirects = max_redirects

    async def follow(self) -> aiohttp.ClientResponse:
        """The answer of the first hop that is no redirect; the caller closes it."""
        while True:
            raw = await self._send()
            self.set_cookies += [(self.url, value) for value in raw.headers.getall("Set-Cookie", [])]
            location = raw.headers.get("Location")
            if raw.status not in _REDIRECTS or location is None:
                return raw
            raw.release()
            self.hops.append(Hop(self.url, raw.status))
            if len(self.hops) > self._max_redirects:
                raise AssertionFailureError(f"More than {self._max_redirects} redirects.")
            self.url = self._next(location)

    async def _send(self) -> aiohttp.ClientResponse:
        self._dialer.check_url(self.url)
        if self._request.admit is not None:
            await self._request.admit(self.url)
        headers = CIMultiDict(NAVIGATION_HEADERS)
        headers.update(self._request.headers)
        if self.url.origin == self._request.url.origin:
            headers.update(self._request.origin_headers)
        return await self._session.get(_yarl(self.url), headers=headers, allow_redirects=False)

    def _next(self, location: str) -> Url:
        # Raw bytes arrive as surrogates; browsers percent-encode them.
        location = re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)
        scheme = _SCHEME.match(location)
        if scheme is not None and scheme[1].lower() not in WEB_SCHEMES:
            raise self._dialer.refuse(Denial.SCHEME, self.url.host, self.url.port)
        try:
            target = parse_url(location, base=self.url, credentials=True)
        except ParamValidationError:
            raise AssertionFailureError("A redirect leads to what is not a URL.") from None
        if target.fragment or not self.url.fragment:
            return target
        fragment = self.url.fragment  # as browsers do: it says which part of the page the reader wants
        return replace(target, href=f"{target.href.removesuffix('#')}#{fragment}", fragment=fragment)


def _yarl(url: Url) -> yarl.URL:
    return yarl.URL(url.href, encoded=True)


def _check_body(raw: aiohttp.ClientResponse, max_bytes: int) -> None:
    # aiohttp hands "gzip, gzip" and encodings that it does not know to us undecoded.
    encodings = raw.headers.getall("Content-Encoding", [""])
    if len(encodings) > 1 or encodings[0].strip().lower() not in _ENCODINGS:
        raise AssertionFailureError("The body's Content-Encoding is not supported.")
    if (raw.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> FileTooLargeError:
    return FileTooLargeError(f"The body is larger than {max_bytes} bytes.")


@contextmanager
def _mapped(host: str) -> Iterator[None]:
    """Turn what aiohttp, TLS and the clock raise into our errors."""
    try:
        yield
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
        raise _explain(error, host) from error


def _explain(error: Exception, host: str) -> ReaderError:
    if isinstance(error, TimeoutError):
        return AssertionFailureError(f"{host} did not answer in time.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return AssertionFailureError(f"The certificate of {host} is not valid: {error.verify_message}.")
    if isinstance(error, ssl.SSLError):
        return AssertionFailureError(f"TLS with {host} failed: {error.reason or 'no handshake'}.")
    if isinstance(error, (aiohttp.ClientResponseError, HttpProcessingError)):
        return AssertionFailureError(f"{host} answered with malformed HTTP.")
    if isinstance(error, aiohttp.ClientPayloadError):
        return AssertionFailureError(f"The body from {host} broke off or is not as it was announced.")
    return AssertionFailureError(f"{host} broke the connection off.")

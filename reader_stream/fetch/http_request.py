"""What is asked of `HttpFetcher`: values, and which headers a request may have. Pure."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from reader_stream.errors import ParamValidationError
from reader_stream.fetch.egress import Url

# What Chromium sends with a navigation that the user typed, in its order.
NAVIGATION_HEADERS: Mapping[str, str] = {
    "Upgrade-Insecure-Requests": "1",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US,en;q=0.9",
}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# Headers that say where a message goes or ends; a client's own would desynchronise the connection.
_FRAMING_HEADERS = frozenset(
    {
        *("connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One GET.

    `headers` go to every hop, `origin_headers` (credentials, a client's custom ones) only to the origin
    of `url`. `cookies` are in Set-Cookie syntax, as if `url` had set them. `timeout` is in seconds, over
    everything from the first look-up to the last byte; `max_bytes` bounds the decoded body. `admit` is
    asked before each hop; what it raises is what `HttpFetcher.get` raises.
    """

    url: Url
    headers: tuple[tuple[str, str], ...] = ()
    origin_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)
    timeout: float = 30.0
    max_bytes: int = 32 * 1024 * 1024
    admit: Callable[[Url], Awaitable[None]] | None = None


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Raise ParamValidationError for a header that would break out of its line or steer the message."""
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ParamValidationError("A header's name or value is malformed.", path="customHeader")
        if name.lower() in _FRAMING_HEADERS:
            raise ParamValidationError(f"The header {name} cannot be set.", path="customHeader")

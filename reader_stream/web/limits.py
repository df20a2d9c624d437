"""What one request and one client may take of the service."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.types import Scope

from reader_stream.errors import ParamValidationError, RateLimitTriggeredError
from reader_stream.model import ReadOptions
from reader_stream.stream.sequence import Event

RETRY_S = 5
"""When a client over its limit may try again: most reads are over then."""

IPV6_PREFIX = 64
"""One customer's network: any of its addresses is one client."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """`body_bytes` of a request's body, `body_seconds` until it has come, `timeout` the longest that a read
    may ask for (seconds), `per_client` the reads at the same time from one address. `reads` counts those."""

    body_bytes: int
    body_seconds: float
    timeout: float
    per_client: int
    reads: Counter[str] = field(default_factory=Counter)

    def applied(self, options: ReadOptions) -> ReadOptions:
        """The options with defaults within the limits. Raises ParamValidationError for what was asked for."""
        if options.timeout <= self.timeout:
            return options
        if "timeout" in options.model_fields_set:
            raise ParamValidationError(f"timeout must be at most {self.timeout:g} s", path="timeout")
        return options.model_copy(update={"timeout": self.timeout})

    def admit(self, client: str) -> None:
        """Raise RateLimitTriggeredError for a client that has all the reads that it may have."""
        if self.reads[client] >= self.per_client:
            message = f"more than {self.per_client} reads at the same time from one address"
            raise RateLimitTriggeredError(message, retry_after=RETRY_S)

    async def counted(self, client: str, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The events of a client's read, which counts while they are taken. Raises as `admit` does."""
        self.admit(client)
        self.reads[client] += 1
        try:
            async with aclosing(events):
                async for event in events:
                    yield event
        finally:
            self.reads[client] -= 1
            if not self.reads[client]:
                del self.reads[client]


def check_head(scope: Scope, limit: int) -> None:
    """Raise ParamValidationError for a request line and headers that are larger than `limit` bytes.

    Hypercorn looks at what is incomplete alone: a head that comes in one piece may be as large as its reads.
    """
    fields = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    if fields + len(scope["raw_path"]) + len(scope["query_string"]) > limit:
        raise ParamValidationError("the request's header is too large")


def client_of(address: str | None) -> str:
    """Whom an address stands for: itself, or the network it is in."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)

"""robots.txt (RFC 9309), for reads that ask to obey it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import aclosing

import anyio
import anyio.to_thread
from protego import Protego

from reader_stream.errors import AssertionFailureError, ResourcePolicyDenyError
from reader_stream.fetch.egress import Url, parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest, HttpResponse

# RFC 9309, 2.5: "at least 500 kibibytes"; what comes after is not read.
MAX_ROBOTS_BYTES = 500 * 1024
_ACCEPT_ANY_LENGTH_BYTES = 1 << 40


class Robots:
    """Knows the robots.txt of the origins asked for lately.

    Rules are kept for `ttl` seconds and for `max_origins` origins; fetching one may take `timeout`
    seconds.
    """

    def __init__(
        self, http: HttpFetcher, *, ttl: float = 300.0, max_origins: int = 256, timeout: float = 5.0
    ) -> None:
        self._http = http
        self._ttl = ttl
        self._max_origins = max_origins
        self._timeout = timeout
        self._rules: OrderedDict[str, tuple[float, Protego]] = OrderedDict()

    async def check(self, url: Url, agent: str) -> None:
        """Raise ResourcePolicyDenyError when the origin's robots.txt forbids `url` to `agent`.

        A robots.txt that is absent (4xx) forbids nothing; one that cannot be had (5xx, no connection)
        forbids everything. Raises besides what the fetcher raises for addresses that are forbidden or
        do not resolve.
        """
        rules = await self._rules_of(url.origin, agent)
        if rules is None:
            raise ResourcePolicyDenyError(f"The robots.txt of {url.host} cannot be had.", path="robotsTxt")
        if not rules.can_fetch(url.href, agent):
            raise ResourcePolicyDenyError(
                f"The robots.txt of {url.host} forbids this page to {agent[:64]}.", path="robotsTxt"
            )

    async def _rules_of(self, origin: str, agent: str) -> Protego | None:
        clock = asyncio.get_running_loop().time
        until, known = self._rules.get(origin, (0.0, None))
        if known is not None and clock() < until:
            return known
        rules = await self._fetch(origin, agent)
        if rules is not None:
            self._rules[origin] = (clock() + self._ttl, rules)
            if len(self._rules) > self._max_origins:
                self._rules.popitem(last=False)
        return rules

    async def _fetch(self, origin: str, agent: str) -> Protego | None:
        request = HttpRequest(
            parse_url(f"{origin}/robots.txt"),
            headers=(("User-Agent", agent), ("Accept", "text/plain,*/*;q=0.5")),
            timeout=self._timeout,
            max_bytes=_ACCEPT_ANY_LENGTH_BYTES,
        )
        try:
            async with self._http.get(request) as response:
                if response.status >= 500:
                    return None
                text = await _read_start(response) if response.status < 300 else ""
        except AssertionFailureError:
            return None
        # 0.9 s for the worst 500 KiB that we found (25,000 rules): not on the event loop.
        return await anyio.to_thread.run_sync(Protego.parse, text)


async def _read_start(response: HttpResponse) -> str:
    body = bytearray()
    async with aclosing(response.chunks()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) >= MAX_ROBOTS_BYTES:
                del body[MAX_ROBOTS_BYTES:]
                del body[body.rfind(b"\n") + 1 :]
                break
    return body.decode("utf-8-sig", "replace")

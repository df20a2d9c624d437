"""Mutation guards: take one defence away, and the canary is reached.

Three defences are second lines, so that taking away one alone changes nothing that could be seen:

* `--webrtc-ip-handling-policy` and `--force-webrtc-ip-handling-policy` each suffice in chromium;
  headless-shell obeys the second only.
* `--host-resolver-rules` counts where the proxy's flag is lost: names lead nowhere then.
* `--disable-quic` changes nothing while a proxy is set: Chromium speaks QUIC to none.
* The look at a redirect's target before it is dialled; the dialer sees it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import anyio.to_thread
import pytest

from reader_stream.errors import AssertionFailureError, SecurityCompromiseError
from reader_stream.fetch.addresses import Address
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Denial, EgressPolicy, Url, parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest
from reader_stream.fetch.proxy import FilteringProxy
from tests.fetch.origins import origin, redirect
from tests.security import canary as canaries
from tests.security.canary import Canary
from tests.security.hostile import WAYS, entries
from tests.security.unguarded import BINARIES, needs, our_flags, showing, wait_for
from tests.site.server import serve

pytestmark = pytest.mark.anyio

SHELL, CHROMIUM = BINARIES
FEW = tuple(way for way in WAYS if way.name in ("fetch", "short", "stun-udp", "turn-udp", "localhost"))


@dataclass(frozen=True)
class Mutant:
    """Flags that begin with `without` are left out of our command line; `leak` is a way that opens then."""

    binary: str
    without: tuple[str, ...]
    leak: str
    closed: str | None = None


FLAGS = (
    Mutant(SHELL, ("--proxy-bypass-list",), "fetch"),
    Mutant(CHROMIUM, ("--proxy-bypass-list",), "fetch"),
    Mutant(SHELL, ("--proxy-server",), "fetch", closed="localhost"),
    Mutant(SHELL, ("--proxy-server", "--host-resolver-rules"), "localhost"),
    Mutant(SHELL, ("--force-webrtc-ip-handling-policy",), "stun-udp"),
    Mutant(CHROMIUM, ("--webrtc-ip-handling-policy", "--force-webrtc-ip-handling-policy"), "stun-udp"),
)


@pytest.mark.parametrize(
    "mutant", FLAGS, ids=lambda mutant: f"{mutant.binary.rpartition('/')[2]}{''.join(mutant.without)}"
)
async def test_each_flag_of_the_browser_counts(mutant: Mutant) -> None:
    """Our command line without one of its guards lets the page out."""
    needs(mutant.binary)
    with canaries.running([way.name for way in FEW]) as canary, serve(entries(canary, FEW)) as site:
        dialer = Dialer(EgressPolicy.parse([site.origin.removeprefix("http://")]))
        async with FilteringProxy.open(dialer) as proxy:
            line = our_flags(proxy.url, mutant.without)
            with showing(mutant.binary, f"{site.origin}/hostile", line):
                await anyio.to_thread.run_sync(wait_for, lambda: mutant.leak in canary.reached)
        assert mutant.leak in canary.reached
        assert mutant.closed not in canary.reached


class Trusting(Dialer):
    """Checks nothing when it dials."""

    def _deny(self, host: str, port: int, address: Address) -> Denial | None:
        return None


class Blind(Dialer):
    """Does not look at a URL before it is dialled."""

    def check_url(self, url: Url) -> None:
        pass


class BlindAndTrusting(Blind, Trusting):
    """Neither looks nor checks."""

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        return await self._lookup(host)


class Forgetful(Dialer):
    """Checks one answer of the name server, and connects to another: no pin."""

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        await super().resolve(host, port)
        return await self._lookup(host)


class Hasty(Dialer):
    """Checks the first address of an answer only."""

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        addresses = await self._lookup(host)
        self._check(self._deny(host, port, addresses[0]), host, port)
        return addresses


@dataclass
class Names:
    """A name server that gives its answers in turn, the last one for ever."""

    answers: list[list[str]]

    async def __call__(self, host: str) -> Sequence[str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def canary_at_a_name() -> AsyncIterator[tuple[Canary, int]]:
    """A canary with one port; 127.0.0.2, where nobody is, is allowed, 127.0.0.1 is not."""
    with canaries.running(["name"]) as canary:
        yield canary, canary.ports["name"]


async def reaches(dialer: Dialer, url: str) -> bool:
    """Whether a plain read comes through; a refusal of either kind is a no."""
    async with HttpFetcher.open(dialer) as http:
        try:
            async with http.get(HttpRequest(parse_url(url), timeout=60)) as response:
                await response.read()
        except (SecurityCompromiseError, AssertionFailureError):
            return False
    return True


@pytest.mark.parametrize(
    ("kind", "answers", "leaks"),
    [
        (Dialer, [["127.0.0.2"], ["127.0.0.1"]], False),
        (Forgetful, [["127.0.0.2"], ["127.0.0.1"]], True),
        (Dialer, [["127.0.0.2", "127.0.0.1"]], False),
        (Hasty, [["127.0.0.2", "127.0.0.1"]], True),
        (Dialer, [["127.0.0.1"]], False),
        (Trusting, [["127.0.0.1"]], True),
    ],
    ids=["pinned", "no-pin", "all-checked", "first-checked", "checked", "unchecked"],
)
async def test_each_check_of_an_address_counts(
    kind: type[Dialer], answers: list[list[str]], leaks: bool
) -> None:
    """The pin, and the check of every address: without one of them a name leads to the canary."""
    async with canary_at_a_name() as (canary, port):
        dialer = kind(EgressPolicy.parse(["127.0.0.2"]), resolve=Names(answers))
        assert await reaches(dialer, f"http://attacker.example.com:{port}/") is leaks
        assert (canary.reached == {"name"}) is leaks


@pytest.mark.parametrize(
    ("kind", "host", "leaks"),
    [
        (Dialer, "127.0.0.1", False),
        (Dialer, "attacker.example.com", False),
        (Blind, "127.0.0.1", False),
        (Blind, "attacker.example.com", False),
        (Trusting, "attacker.example.com", True),
        (BlindAndTrusting, "127.0.0.1", True),
    ],
)
async def test_each_check_of_a_redirect_counts(kind: type[Dialer], host: str, leaks: bool) -> None:
    """A hop is looked at and dialled like a first URL; a literal address gets by where both are gone."""
    async with canary_at_a_name() as (canary, port):
        async with origin({"/": redirect(f"http://{host}:{port}/")}) as site:
            allowed = EgressPolicy.parse([f"127.0.0.1:{site.port}"])
            dialer = kind(allowed, resolve=Names([["127.0.0.1"]]))
            assert await reaches(dialer, site.url()) is leaks
        assert (canary.reached == {"name"}) is leaks


@pytest.mark.parametrize(("own", "leaks"), [(True, False), (False, True)])
async def test_own_ports_count(own: bool, leaks: bool) -> None:
    """A wide allowance of this machine does not open the service's own ports: without the list it would."""
    async with canary_at_a_name() as (canary, port):
        dialer = Dialer(EgressPolicy.parse(["127.0.0.0/8"]))
        dialer.own_ports |= {port} if own else set()
        assert await reaches(dialer, f"http://127.0.0.1:{port}/") is leaks
        assert (canary.reached == {"name"}) is leaks


@pytest.mark.parametrize(("kind", "leaks"), [(Dialer, False), (BlindAndTrusting, True)])
async def test_the_filtering_proxy_is_as_good_as_its_dialer(kind: type[Dialer], leaks: bool) -> None:
    """What Chromium asks for is opened by the dialer alone."""
    async with canary_at_a_name() as (canary, port), FilteringProxy.open(kind(EgressPolicy())) as proxy:
        async with await anyio.connect_tcp("127.0.0.1", proxy.port) as client:
            await client.send(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answer = await client.receive()
            if leaks:  # the canary notes who came when its thread gets its turn
                await anyio.to_thread.run_sync(wait_for, lambda: bool(canary.reached))
        assert answer.startswith(b"HTTP/1.1 200" if leaks else b"HTTP/1.1 403")
        assert (canary.reached == {"name"}) is leaks

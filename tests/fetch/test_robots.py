"""robots.txt: RFC 9309, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from reader_stream.errors import ParamValidationError, ResourcePolicyDenyError, SecurityCompromiseError
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import EgressPolicy, parse_url
from reader_stream.fetch.http import HttpFetcher
from reader_stream.fetch.robots import MAX_ROBOTS_BYTES, Robots
from tests.fetch.origins import PATIENCE_S, Answer, Origin, answer, hang, origin, redirect


@asynccontextmanager
async def site_with(robots: Answer, *, ttl: float = 300) -> AsyncIterator[tuple[Origin, Robots]]:
    """An origin with such a robots.txt, and who asks for it."""
    routes: dict[str, Answer] = {"/robots.txt": robots, "/moved": answer(b"User-agent: *\nDisallow: /no")}
    dialer = Dialer(EgressPolicy.parse(["127.0.0.0/8"]))
    async with origin(routes) as site, HttpFetcher.open(dialer) as http:
        yield site, Robots(http, ttl=ttl, timeout=0.5 if robots is hang else PATIENCE_S)


async def verdict(site: Origin, robots: Robots, path: str, agent: str = "ReaderStream") -> bool:
    """Whether the agent may read the path."""
    try:
        await robots.check(parse_url(site.url(path)), agent)
    except ResourcePolicyDenyError:
        return False
    return True


RULES = b"""
User-agent: *
Disallow: /no
Allow: /no/but
Disallow: /*.pdf$
Disallow: /a*b*c

User-agent: Good
User-agent: Better
Disallow:

User-agent: bad
Disallow: /
"""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("Any", "/", True),
        ("Any", "/no", False),
        ("Any", "/no/x?y", False),
        ("Any", "/no/but/this", True),
        ("Any", "/x.pdf", False),
        ("Any", "/x.pdf?y", True),
        ("Any", "/aXbYc", False),
        ("good", "/no", True),
        ("BETTER", "/no", True),
        ("Bad", "/yes", False),
        ("Bad/1.0", "/yes", False),
    ],
)
async def test_the_most_specific_rule_decides(agent: str, path: str, allowed: bool) -> None:
    """Groups by agent, longest match, `*` and `$`."""
    async with site_with(answer(RULES)) as (site, robots):
        assert await verdict(site, robots, path, agent) == allowed


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        (answer(b"", status=404), True),
        (answer(b"User-agent: *\nDisallow: /", status=403), True),
        (answer(b"", status=500), False),
        (answer(b"", status=503), False),
        (answer(b""), True),
        (answer(b"<html>not robots</html>"), True),
        (answer(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /no\r\n"), False),
        (answer(b"\xff\xfe\0User-agent: *\nDisallow: /no"), True),
        (redirect("/moved"), False),
        (redirect("/robots.txt"), False),
        (hang, False),
        (b"garbage\r\n\r\n", False),
        (answer(b"#" * MAX_ROBOTS_BYTES + b"\nUser-agent: *\nDisallow: /no"), True),
        (answer(b"User-agent: *\nDisallow: /no\n" + b"#" * MAX_ROBOTS_BYTES), False),
    ],
)
async def test_what_is_not_there_allows_and_what_fails_forbids(page: Answer, allowed: bool) -> None:
    """4xx: no rules. 5xx, no answer, no HTTP: everything is forbidden. Long ones are read to the limit."""
    async with site_with(page) as (site, robots):
        assert await verdict(site, robots, "/no") == allowed


@pytest.mark.anyio
async def test_rules_are_kept_for_a_while() -> None:
    """One look-up serves many reads of an origin; failures are looked up anew."""
    async with site_with(answer(RULES)) as (site, robots):
        for _ in range(3):
            assert not await verdict(site, robots, "/no")
        assert len(site.heads) == 1
        assert b"User-Agent: ReaderStream\r\n" in site.heads[0]
    async with site_with(answer(RULES), ttl=0) as (site, robots):
        for _ in range(3):
            assert not await verdict(site, robots, "/no")
        assert len(site.heads) == 3
    async with site_with(answer(b"", status=500)) as (site, robots):
        for _ in range(2):
            assert not await verdict(site, robots, "/")
        assert len(site.heads) == 2


@pytest.mark.anyio
async def test_only_so_many_origins_are_remembered() -> None:
    """The oldest goes first."""
    dialer = Dialer(EgressPolicy.parse(["127.0.0.0/8"]))
    async with origin({"/robots.txt": answer(RULES)}) as site, HttpFetcher.open(dialer) as http:
        robots = Robots(http, max_origins=1)
        await verdict(site, robots, "/")
        async with origin({}, host="127.0.0.2") as other:
            await verdict(other, robots, "/")
        await verdict(site, robots, "/")
        assert len(site.heads) == 2


@pytest.mark.anyio
async def test_robots_pass_the_guard() -> None:
    """A robots.txt in somebody's network is not asked for, nor one that a redirect leads to."""
    async with site_with(redirect("http://169.254.169.254/")) as (site, robots):
        with pytest.raises(SecurityCompromiseError):
            await robots.check(parse_url(site.url()), "a")
        with pytest.raises(SecurityCompromiseError):
            await robots.check(parse_url("http://10.0.0.1/"), "a")
        with pytest.raises(ParamValidationError):
            await robots.check(parse_url("http://nope.invalid/"), "a")


@pytest.mark.anyio
async def test_an_endless_robots_txt_ends() -> None:
    """After the limit the connection is dropped."""

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + RULES)
        while True:
            writer.write(b"# more\n" * 1000)
            await writer.drain()

    async with site_with(pour) as (site, robots):
        assert not await verdict(site, robots, "/no")
        assert await verdict(site, robots, "/yes")


_LINES = st.sampled_from(
    [
        "User-agent: *",
        "Disallow: /",
        "Allow:",
        "Crawl-delay: x",
        "Request-rate: 1/",
        "Visit-time: 9",
        "%zz",
        "//[::",
        ":",
    ]
)


@given(
    st.lists(st.one_of(_LINES, st.binary(max_size=20).map(lambda b: b.decode("utf-8", "replace")))).map(
        "\n".join
    )
)
def test_any_robots_txt_is_understood_somehow(text: str) -> None:
    """Whatever an origin writes, there is an answer and no exception."""
    assert Protego.parse(text).can_fetch("http://example.com/a?b", "agent") in (True, False)

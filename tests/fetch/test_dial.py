"""The dialer: every address is checked, and the one that was checked is the one connected to."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import anyio
import pytest

from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    SecurityCompromiseError,
    ServiceNodeUnavailableError,
)
from reader_stream.fetch.dial import Dialer, is_own_address
from reader_stream.fetch.egress import Denial, EgressPolicy, parse_url
from tests.fetch.origins import answer, cancel_everywhere, open_files, origin, settled_files

pytestmark = pytest.mark.anyio


def answers(*lists: Sequence[str]) -> Callable[[str], Awaitable[Sequence[str]]]:
    """A resolver whose first call gives the first list, and so on; the last one stays."""
    left = list(lists)

    async def resolve(host: str) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["0.0.0.0"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a9fe:a9fe"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["93.184.216.34", "fe80::1%eth0"],
        ["2606:4700:4700::1111%eth0"],
        ["93.184.216.34", "garbage"],
        ["2606:4700:4700::1111", "fd00:ec2::254"],
    ],
)
async def test_one_bad_address_refuses_the_host(addresses: list[str]) -> None:
    """An answer with any address that is not public is refused whole, and counted."""
    dialer = Dialer(EgressPolicy(), resolve=answers(addresses))
    with pytest.raises(SecurityCompromiseError):
        await dialer.connect("site.attacker.com", 80)
    assert dialer.denials == {Denial.ADDRESS: 1}


async def test_rebinding_finds_the_second_answer_checked_too() -> None:
    """A name is resolved once per connection, connected to by address, and judged anew the next time."""
    async with origin({}) as site:
        policy = EgressPolicy.parse([f"127.0.0.1:{site.port}"])
        dialer = Dialer(policy, resolve=answers(["127.0.0.1"], ["127.0.0.2"]))
        with await dialer.connect("rebind.attacker.com", site.port) as sock:
            assert sock.getpeername() == ("127.0.0.1", site.port)
        with pytest.raises(SecurityCompromiseError):
            await dialer.connect("rebind.attacker.com", site.port)


async def test_all_addresses_are_tried() -> None:
    """An address where nobody listens does not keep a host from being reached at its others."""
    async with origin({}) as site:
        policy = EgressPolicy.parse(["127.0.0.0/8", "::1"])
        dialer = Dialer(policy, resolve=answers(["127.0.0.9", "::1", "127.0.0.1"]))
        with await dialer.connect("two.example.com", site.port) as sock:
            assert sock.getpeername()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "port", "denial"),
    [
        ("localhost", 80, Denial.NAME),
        ("LOCALHOST.", 80, Denial.NAME),
        ("127.0.0.1", 80, Denial.ADDRESS),
        ("[::1]", 80, Denial.ADDRESS),
        ("example.com", 22, Denial.PORT),
    ],
)
async def test_what_is_forbidden_by_its_looks_is_not_resolved(host: str, port: int, denial: Denial) -> None:
    """Internal names never reach a name server."""

    async def resolve(name: str) -> Sequence[str]:
        raise AssertionError(f"resolved {name}")

    dialer = Dialer(EgressPolicy(), resolve=resolve)
    with pytest.raises((SecurityCompromiseError, ParamValidationError)):
        await dialer.connect(host, port)
    if host.startswith("["):  # brackets belong to URLs
        return
    assert dialer.denials == {denial: 1}


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "a b", "", "..", "[fe80::1%eth0]", "exa\0mple.com"]
)
async def test_hosts_that_only_a_lenient_parser_reads_are_refused(host: str) -> None:
    """What inet_aton would take for an address never gets to a resolver."""
    dialer = Dialer(EgressPolicy(), resolve=answers(["93.184.216.34"]))
    with pytest.raises((ParamValidationError, SecurityCompromiseError)):
        await dialer.connect(host, 80)


async def test_a_name_that_does_not_resolve_is_a_400() -> None:
    """The message names it."""
    dialer = Dialer(EgressPolicy())
    with pytest.raises(ParamValidationError, match=r"nope\.invalid does not resolve"):
        await dialer.connect("nope.invalid", 80)


async def test_an_empty_answer_is_a_400() -> None:
    """A name without addresses is one that does not resolve."""
    with pytest.raises(ParamValidationError):
        await Dialer(EgressPolicy(), resolve=answers([])).connect("empty.example.com", 80)


async def test_a_refused_connection_is_a_422() -> None:
    """Nobody listens there."""
    async with origin({}) as site:
        port = site.port
    with pytest.raises(AssertionFailureError, match="refused"):
        await Dialer(EgressPolicy.parse(["127.0.0.1"])).connect("127.0.0.1", port)


async def test_a_name_server_that_hangs_ends_in_time() -> None:
    """Resolving is under the connect timeout."""

    async def resolve(host: str) -> Sequence[str]:
        await anyio.sleep_forever()
        return ()

    dialer = Dialer(EgressPolicy(), connect_timeout=0.05, resolve=resolve)
    with pytest.raises(AssertionFailureError, match="resolved in time"):
        await dialer.connect("slow.example.com", 80)


async def test_running_out_of_files_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own lack of sockets is not blamed on the target."""

    def no_more(*_: object, **__: object) -> socket.socket:
        raise OSError(24, "Too many open files")

    dialer = Dialer(EgressPolicy.parse(["127.0.0.1"]))
    monkeypatch.setattr(socket, "socket", no_more)
    with pytest.raises(ServiceNodeUnavailableError):
        await dialer.connect("127.0.0.1", 8000)


async def test_own_ports_stay_closed_whatever_is_allowed() -> None:
    """The service is not read through itself, at none of the machine's addresses."""
    async with origin({}, host="0.0.0.0") as site:
        dialer = Dialer(EgressPolicy.parse(["0.0.0.0/0", "::/0"]))
        dialer.own_ports.add(site.port)
        for host in ("127.0.0.1", "127.8.8.8", "0.0.0.0", "::ffff:127.0.0.1", _own_address()):
            with pytest.raises(SecurityCompromiseError):
                await dialer.connect(host, site.port)
        dialer.own_ports.clear()
        (await dialer.connect(_own_address(), site.port)).close()


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def test_own_addresses_are_known() -> None:
    """Loopback, the unspecified address and those of our interfaces are ours, others are not."""
    for text in ("127.0.0.1", "127.9.9.9", "0.0.0.0", "::", "::1", _own_address()):
        assert is_own_address(ip_address(text)), text
    for text in ("93.184.216.34", "2606:4700:4700::1111"):
        assert not is_own_address(ip_address(text)), text


async def test_check_url_counts_its_refusals() -> None:
    """`/metrics` also sees what was refused before any connection."""
    dialer = Dialer(EgressPolicy())
    with pytest.raises(SecurityCompromiseError):
        dialer.check_url(parse_url("http://10.0.0.1/"))
    dialer.check_url(parse_url("http://example.com/"))
    assert dialer.denials == {Denial.ADDRESS: 1}


async def test_cancelling_at_any_moment_leaks_no_socket() -> None:
    """A client may leave while a name is resolved or a connection is made."""
    async with origin({"/": answer()}) as site:
        dialer = Dialer(EgressPolicy.parse(["127.0.0.1", "::1"]), resolve=answers(["::1", "127.0.0.1"]))

        async def attempt() -> None:
            _, writer = await dialer.open_streams("two.example.com", site.port)
            writer.transport.abort()

        await attempt()
        await anyio.sleep(0.05)
        baseline = open_files()
        assert await cancel_everywhere(attempt) > 3
        assert await settled_files(baseline) <= baseline

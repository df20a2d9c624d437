"""The one place that opens connections: resolve once, check every address, connect to those very ones."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Address

from aiohappyeyeballs import start_connection
from aiohappyeyeballs.types import AddrInfoType

from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    ReaderError,
    ServiceNodeUnavailableError,
)
from reader_stream.fetch.addresses import Address, parse_address
from reader_stream.fetch.egress import Denial, EgressPolicy, Url, is_host
from reader_stream.fetch.resolve import Resolver, SystemResolver

log = logging.getLogger(__name__)

# RFC 8305, "Connection Attempt Delay".
HAPPY_EYEBALLS_DELAY_S = 0.25
# More addresses than any real site has; bounds what a hostile DNS answer makes us do.
MAX_ADDRESSES = 64
_UNREADABLE: Address = IPv4Address(0)
_OUT_OF_SOCKETS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Dialer:
    """Opens every outgoing connection of the service, under the egress policy.

    `connect_timeout` (seconds) covers resolving and connecting. `denials` counts refusals by reason.
    `own_ports` are refused on this machine even where the operator allowed its addresses, so that
    nobody reads the service through itself.
    """

    one_request_each = False
    """Whether a `plain` connection is good for its first request only."""

    def __init__(
        self, policy: EgressPolicy, *, connect_timeout: float = 10.0, resolve: Resolver | None = None
    ) -> None:
        self.policy = policy
        self.denials: Counter[Denial] = Counter()
        self.own_ports: set[int] = set()
        self.connect_timeout = connect_timeout
        self._resolve = resolve or SystemResolver()

    def check_url(self, url: Url) -> None:
        """Raise SecurityCompromiseError for what needs no resolving to be refused."""
        self._check(self.policy.deny_host(url.host, url.port), url.host, url.port)

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        """All addresses of a host, each of them allowed.

        Raises SecurityCompromiseError when any is not, ParamValidationError when there is none.
        """
        host = host.lower()
        if not is_host(host):
            raise ParamValidationError("The URL's host is not a valid name or address.", path="url")
        self._check(self.policy.deny_host(host, port), host, port)
        literal = parse_address(host)
        addresses = [literal] if literal is not None else await self._lookup(host)
        for address in addresses:
            self._check(self._deny(host, port, address), host, port)
        return addresses

    async def connect(self, host: str, port: int, *, plain: bool = False) -> socket.socket:
        """A connected, non-blocking TCP socket to one of the host's checked addresses.

        `plain`: one HTTP/1.1 request in the clear is to follow, which a proxy on the way may have to see.
        Raises as `resolve` does, AssertionFailureError when no connection comes about in time, and
        ServiceNodeUnavailableError when this machine is out of sockets.
        """
        doing = "be resolved"
        try:
            async with asyncio.timeout(self.connect_timeout):
                addresses = await self.resolve(host, port)
                doing = "be connected to"
                return await start_connection(
                    [_addr_info(address, port) for address in addresses],
                    happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY_S,
                )
        except TimeoutError:
            raise AssertionFailureError(f"{host} could not {doing} in time.") from None
        except OSError as error:
            raise _explain(error, host, port) from error

    async def open_streams(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """`connect`, as a pair of streams."""
        return await asyncio.open_connection(sock=await self.connect(host, port))

    def refuse(self, denial: Denial, host: str, port: int) -> ReaderError:
        """Count a denial; the caller raises what is returned."""
        self.denials[denial] += 1
        log.info("egress denied", extra={"reason": denial.value, "host": host, "port": port})
        return denial.error(host, port)

    def _check(self, denial: Denial | None, host: str, port: int) -> None:
        if denial is not None:
            raise self.refuse(denial, host, port)

    async def _lookup(self, host: str) -> Sequence[Address]:
        try:
            answer = await self._resolve(host)
        except socket.gaierror:
            answer = ()
        # An address that we cannot read (a zone of link-local ones stays on it) is never skipped: it is
        # parsed to the unspecified address, which no policy calls public.
        unique = dict.fromkeys(parse_address(text) or _UNREADABLE for text in answer[:MAX_ADDRESSES])
        if not unique:
            raise ParamValidationError(f"The name {host} does not resolve.", path="url")
        return list(unique)

    def _deny(self, host: str, port: int, address: Address) -> Denial | None:
        denial = self.policy.deny_address(host, port, address)
        if denial is not None:
            return denial
        exempt = self.policy.allows(host, port, address) and port not in self.own_ports
        return Denial.OWN_ADDRESS if not exempt and is_own_address(address) else None


def is_own_address(address: Address) -> bool:
    """Whether packets to an address stay on this machine: then the kernel picks it as their source too.

    A firewall that keeps the world from this machine's services does not stand between us and them.
    No packet is sent: connecting a datagram socket only asks the routing table. Raises OSError when this
    machine is out of sockets.
    """
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return parse_address(str(probe.getsockname()[0])) == address
    except OSError as error:  # no route, no such family: nothing of ours can be there
        if error.errno in _OUT_OF_SOCKETS:
            raise  # it was not asked
        return False


def _addr_info(address: Address, port: int) -> AddrInfoType:
    if address.version == 4:
        return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port))
    return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port, 0, 0))


def _explain(error: OSError, host: str, port: int) -> ReaderError:
    if error.errno in _OUT_OF_SOCKETS:
        return ServiceNodeUnavailableError("Out of sockets; try again.", retry_after=1)
    if isinstance(error, ConnectionRefusedError):
        return AssertionFailureError(f"{host} refused the connection on port {port}.")
    if isinstance(error, ConnectionError):
        return AssertionFailureError(f"{host} broke the connection off on port {port}.")
    return AssertionFailureError(f"{host} cannot be reached on port {port}.")

"""The egress policy: a URL, a host name, a resolved address → allowed, or why not. Pure.

URLs are parsed as WHATWG says (package `ada-url`), so the address seen here is the one that Chromium
would connect to: decimal, octal and hex numbers, circled digits, ideographic dots, backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network

import ada_url

from reader_stream.errors import ParamValidationError, SecurityCompromiseError
from reader_stream.fetch.addresses import (
    Address,
    Network,
    is_private_name,
    is_unresolvable_name,
    is_web_port,
    parse_address,
    why_not_public,
)

WEB_SCHEMES = frozenset({"http", "https"})
PROXY_SCHEMES = frozenset({"http", "https", "socks4", "socks5"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080}

# Most servers and gateways end at 8 KiB for the whole request line and escaping can triple a path;
# what is longer is an attack or a data upload, not an address.
MAX_URL_CHARS = 4096
# Redirects between sign-on services carry whole signed messages.
MAX_REFERENCE_CHARS = 32 * 1024
_MAX_NAME_CHARS = 253  # RFC 1035
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST_AND_PORT = re.compile(r"[^/?#:@\\]+:\d{1,5}(?:[/?#\\]|$)")
# WHATWG ends the host at the backslash, RFC 3986 at the "@": whoever passes it on may see another host.
_AMBIGUOUS_HOST = re.compile(r"[^?#]*\\[^?#]*@")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed URL. `host` is lower-case ASCII without brackets, `target` the path with the query.

    `href` never has credentials; `fragment` is without `#`.
    """

    href: str
    scheme: str
    host: str
    port: int
    target: str = "/"
    fragment: str = ""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """`host[:port]` as in a Host header: the default port left out, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """`scheme://host[:port]`, to compare with."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.href


def parse_url(
    text: str,
    *,
    base: Url | None = None,
    path: str | None = "url",
    schemes: Collection[str] = WEB_SCHEMES,
    credentials: bool = False,
) -> Url:
    """Parse what a client typed, or with `base` what a document or a redirect refers to.

    Without a scheme it means `https`; `https:/x` is repaired. Credentials are refused unless asked for
    (they would end up in logs, caches and `url` fields). Raises ParamValidationError, whose `path` is given.
    """
    text = text.strip(" \t\r\n\f")
    limit = MAX_URL_CHARS if base is None else MAX_REFERENCE_CHARS
    if len(text) > limit:
        raise ParamValidationError(f"The URL is longer than {limit} characters.", path=path)
    if not text or _CONTROL.search(text):
        raise ParamValidationError("The URL is empty or has control characters.", path=path)
    if base is None:
        if _AMBIGUOUS_HOST.match(text):
            raise ParamValidationError("The URL's host is ambiguous (backslash before '@').", path=path)
        text = _with_scheme(text, schemes, path)
    try:
        parsed = ada_url.URL(text, None if base is None else base.href)
    except ValueError:
        raise ParamValidationError("This is not a URL.", path=path) from None
    scheme = parsed.protocol.removesuffix(":")
    if scheme not in schemes:
        raise ParamValidationError(f"URLs of the scheme {scheme[:32]!r} are not read.", path=path)
    if (parsed.username or parsed.password) and not credentials:
        raise ParamValidationError("A URL must not carry a user name or password.", path=path)
    return _to_url(parsed, scheme, path)


def parse_proxy_url(text: str, *, path: str | None = "proxyUrl") -> Url:
    """Parse a client's own proxy: `scheme://[user:password@]host[:port]` and nothing more."""
    url = parse_url(text, path=path, schemes=PROXY_SCHEMES, credentials=True)
    typed = _SCHEME.match(text.strip())
    if typed is None or typed[1].lower() not in PROXY_SCHEMES or url.target not in ("", "/") or url.fragment:
        raise ParamValidationError("A proxy is given as scheme://host:port, without a path.", path=path)
    return url


def _with_scheme(text: str, schemes: Collection[str], path: str | None) -> str:
    match = _SCHEME.match(text)
    if match is not None and match[1].lower() in schemes:
        return text
    if match is not None and not _HOST_AND_PORT.match(text):
        raise ParamValidationError(f"URLs of the scheme {match[1][:32]!r} are not read.", path=path)
    bare = text.lstrip("/\\")
    if not re.match(r"[^/?#\\]*[.:]", bare):
        raise ParamValidationError("This is not a URL: it has neither a scheme nor a domain.", path=path)
    return "https://" + bare


def _to_url(parsed: ada_url.URL, scheme: str, path: str | None) -> Url:
    host = parsed.hostname.removeprefix("[").removesuffix("]").lower()
    if not is_host(host):
        raise ParamValidationError("The URL's host is not a valid name or address.", path=path)
    port = int(parsed.port) if parsed.port else _DEFAULT_PORTS[scheme]
    if port == 0:
        raise ParamValidationError("Port 0 cannot be connected to.", path=path)
    username, password = parsed.username, parsed.password
    parsed.username = parsed.password = ""
    return Url(
        href=parsed.href,
        scheme=scheme,
        host=host,
        port=port,
        target=parsed.pathname + parsed.search,
        fragment=parsed.hash.removeprefix("#"),
        username=username,
        password=password,
    )


def is_host(host: str) -> bool:
    """Whether `host` (lower-case, no brackets) is an address or a name that DNS can hold."""
    if parse_address(host) is not None:
        return "%" not in host
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(name) > _MAX_NAME_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    # A last label that is a number makes it an IPv4 address to a browser, and to inet_aton.
    return not re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1])


class Denial(StrEnum):
    """Why the policy says no; the values are labels in `/metrics`."""

    NAME = "name"
    PORT = "port"
    ADDRESS = "address"
    OWN_ADDRESS = "own_address"
    SCHEME = "scheme"

    def error(self, host: str, port: int) -> SecurityCompromiseError:
        """What the client is told: never which address a name has, that is for the network's owner."""
        return SecurityCompromiseError(f"{_SENTENCES[self]} ({host[:_MAX_NAME_CHARS]}, port {port}).")


_SENTENCES = {
    Denial.NAME: "The host's name belongs to an internal network",
    Denial.PORT: "The port is not one of public web servers",
    Denial.ADDRESS: "The host's address is not a public one",
    Denial.OWN_ADDRESS: "The host is the machine of this service",
    Denial.SCHEME: "A redirect leads to a scheme other than http and https",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of `READER_EGRESS_ALLOW`: a network or a host name, on one port or on any (None)."""

    network: Network | None = None
    name: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """`host:port`, `host`, address or CIDR with or without `:port` (IPv6 then in brackets)."""
        host, port = _split_port(text.strip().lower())
        try:
            return cls(network=ip_network(host), port=port)
        except ValueError:
            pass
        if "/" in host or not is_host(host):
            raise ValueError(f"not a host:port, address or CIDR: {text!r}")
        return cls(name=host.removesuffix("."), port=port)

    def may_cover(self, name: str, port: int) -> bool:
        """Whether this entry could name a host before its addresses are known."""
        return self.port in (None, port) and (self.network is not None or self.name == name)

    def covers(self, name: str, port: int, address: Address) -> bool:
        """Whether this entry names the target."""
        if self.port not in (None, port):
            return False
        return self.name == name if self.network is None else address in self.network


def _split_port(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or (":" in host and not bracketed) or not port.isdecimal():
        return text.removeprefix("[").removesuffix("]"), None
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"not a port: {text!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What may be reached: public addresses on web ports, and what the operator allowed on top.

    An allowed entry lifts the checks of name, address and port, for what it names and nothing else.
    """

    allowed: tuple[Allowed, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> EgressPolicy:
        """From the strings of `Settings.egress_allow`; a malformed one raises ValueError."""
        return cls(tuple(Allowed.parse(entry) for entry in entries))

    def allows(self, host: str, port: int, address: Address) -> bool:
        """Whether an allowed entry names the target."""
        name = host.removesuffix(".")
        return any(entry.covers(name, port, address) for entry in self.allowed)

    def deny_host(self, host: str, port: int) -> Denial | None:
        """What can be said before a name is resolved. None is not yet a yes for a name."""
        address = parse_address(host)
        if address is not None:
            return self.deny_address(host, port, address)
        if is_unresolvable_name(host):
            return Denial.NAME
        name = host.removesuffix(".")
        if any(entry.may_cover(name, port) for entry in self.allowed):
            return None
        return _deny_name(host, port)

    def deny_name(self, host: str, port: int) -> Denial | None:
        """The decision on a name that somebody else resolves: only an entry for the name itself lifts it."""
        name = host.removesuffix(".")
        named = any(entry.name == name and entry.port in (None, port) for entry in self.allowed)
        return None if named and not is_unresolvable_name(host) else _deny_name(host, port)

    def deny_address(self, host: str, port: int, address: Address) -> Denial | None:
        """The whole decision on one address of a host; `host` is the name or the address itself."""
        if self.allows(host, port, address):
            return None
        if parse_address(host) is not None:
            denial = None if is_web_port(port) else Denial.PORT
        else:
            denial = _deny_name(host, port)
        return Denial.ADDRESS if why_not_public(address) else denial

    def check_url(self, url: Url) -> None:
        """Raise SecurityCompromiseError for a URL that needs no resolving to be refused."""
        denial = self.deny_host(url.host, url.port)
        if denial is not None:
            raise denial.error(url.host, url.port)


def _deny_name(host: str, port: int) -> Denial | None:
    if is_private_name(host) or is_unresolvable_name(host):
        return Denial.NAME
    return None if is_web_port(port) else Denial.PORT

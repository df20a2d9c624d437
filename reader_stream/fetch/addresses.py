"""Which addresses, ports and names are public: the data behind `egress`.

Sources: the IANA IPv4 and IPv6 special-purpose address registries, RFC 6761 and RFC 6762 (names),
the cloud vendors' pages on instance metadata, and Chromium's list of restricted ports. A table of our
own instead of `ipaddress.is_global`, whose answers differ between Python versions.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared address space (and Alibaba metadata)"),
        ("127.0.0.0/8", "loopback"),
        ("161.26.0.0/16", "IBM Cloud internal services"),
        ("166.8.0.0/14", "IBM Cloud internal services"),
        ("168.63.129.16/32", "Azure wire server"),
        ("169.254.0.0/16", "link-local (and cloud metadata)"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "IETF protocol assignments (and Oracle metadata)"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "IETF protocol assignments (and Teredo)"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF
# Interface identifiers ::0:5efe:a.b.c.d and ::200:5efe:a.b.c.d (RFC 5214): a router may unwrap them.
_ISATAP_MARKS = frozenset({0x00005EFE, 0x02005EFE})


def parse_address(text: str) -> Address | None:
    """The address that `text` is, v4-mapped ones unwrapped; None when it is none. A zone stays on it."""
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def why_not_public(address: Address) -> str | None:
    """Why an address must not be reached from the internet's side; None for a public one.

    Where an IPv6 address carries an IPv4 one that the network may unwrap, that one decides.
    """
    if isinstance(address, IPv4Address):
        return next((why for network, why in _SPECIAL_V4 if address in network), None)
    if address.scope_id is not None:
        return "zone"
    if address.ipv4_mapped is not None:
        return why_not_public(address.ipv4_mapped)
    embedded = IPv4Address(int(address) & _LOW_32_BITS)
    if address in _NAT64:
        return why_not_public(embedded)
    if address not in _GLOBAL_UNICAST_V6:
        return "not global unicast"
    if (int(address) >> 32) & _LOW_32_BITS in _ISATAP_MARKS and why_not_public(embedded):
        return "ISATAP"
    return next((why for network, why in _SPECIAL_V6 if address in network), None)


_WEB_PORTS = frozenset({80, 443})
_FIRST_UNPRIVILEGED_PORT = 1024
# fmt: off
# Databases, caches, queues, cluster control, remote desktops and debuggers that trust whoever reaches them.
_SERVICE_PORTS = frozenset({
    1433, 1434, 1521, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 2483, 2484, 3260, 3306, 3389, 4194,
    4222, 4369, 4505, 4506, 4789, 5432, 5433, 5439, 5555, 5671, 5672, 5858, 5900, 5901, 5902, 5903, 5938,
    5984, 5985, 5986, 6000, 6001, 6002, 6003, 6082, 6379, 6380, 6443, 7000, 7001, 7077, 7199, 7473, 7474,
    7687, 8020, 8086, 8125, 8200, 8300, 8301, 8302, 8500, 8501, 8502, 8529, 8600, 8883, 9042, 9092, 9093,
    9100, 9160, 9200, 9222, 9229, 9300, 9990, 10000, 10001, 10248, 10249, 10250, 10255, 10256, 10257, 10259,
    11211, 11434, 15672, 16379, 16443, 25672, 26257, 26379, 27017, 27018, 27019, 28015, 28017, 33060, 50000,
    50070, 61613, 61616,
})
# Those of Chromium's kRestrictedPorts (net/base/port_util.cc) that are not below 1024 anyway.
_RESTRICTED_PORTS = frozenset({
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
})
# fmt: on


def is_web_port(port: int) -> bool:
    """Whether a public web server may be expected on a port."""
    if port in _WEB_PORTS:
        return True
    return _FIRST_UNPRIVILEGED_PORT <= port <= 65535 and port not in _SERVICE_PORTS | _RESTRICTED_PORTS


# Zones of other networks: a look-up would only tell the DNS about it, whatever an operator allows.
_UNRESOLVABLE_ZONES = frozenset({"i2p", "onion"})
_PRIVATE_ZONES = frozenset(
    {
        *("cluster.local", "consul", "corp", "docker", "home", "home.arpa", "host", "internal", "intranet"),
        *("lan", "local", "localdomain", "localhost", "private", "svc", "in-addr.arpa", "ip6.arpa"),
        # Metadata services under public names.
        *("metadata.packet.net", "metadata.platformequinix.com", "metadata.tencentyun.com"),
    }
)


def _in_zones(name: str, zones: frozenset[str]) -> bool:
    labels = name.split(".")
    return any(".".join(labels[i:]) in zones for i in range(len(labels)))


def is_unresolvable_name(name: str) -> bool:
    """Whether a lower-case name lies in a zone that the DNS never has (`.onion`, …)."""
    return _in_zones(name.removesuffix("."), _UNRESOLVABLE_ZONES)


def is_private_name(name: str) -> bool:
    """Whether a lower-case name is one of internal networks only: without a dot, or in such a zone."""
    name = name.removesuffix(".")
    return "." not in name or _in_zones(name, _PRIVATE_ZONES)

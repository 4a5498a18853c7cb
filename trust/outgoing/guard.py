"""Where messages may go: every address that a name has must be public, or in a network that the operator named.

Python's ``is_global`` alone lets NAT64, 6to4 and multicast through, and the resolver reads ``0177.0.0.1`` and
``2130706433`` as loopback. So: IPv6 only inside 2000::/3 without the ranges that wrap IPv4, numbers only in plain form.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL: Final = 500
LOW_PORTS: Final = frozenset({80, 443})
FIRST_HIGH_PORT: Final = 1024
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
GLOBAL_IPV6: Final = IPv6Network("2000::/3")
NOT_PUBLIC: Final[tuple[Network, ...]] = (
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("224.0.0.0/3"),  # multicast and reserved
    IPv6Network("2001::/23"),  # protocol assignments: Teredo and others
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),  # documentation
)


class AddressRefused(Exception):  # noqa: N818  a refusal is an answer, not an error
    """The guard says no."""


class NameNotFound(Exception):  # noqa: N818
    """The resolver knows no address."""


@dataclass(frozen=True)
class Target:
    """Where to send: all ``addresses`` were checked; ``host`` stays for TLS and the Host header."""

    is_https: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def check(url: str) -> Target:
    """Resolve the host of ``url`` once and check all its addresses. Raises AddressRefused or NameNotFound."""
    scheme, host, port, path = parts_of(url)
    addresses = _resolve(host, port)
    for address in addresses:
        if not is_allowed(address) and not is_public(address):
            raise AddressRefused
    if scheme == "http" and not all(is_allowed(address) for address in addresses):
        raise AddressRefused
    return Target(scheme == "https", host, port, path, tuple(dict.fromkeys(map(str, addresses))))


def parts_of(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path with query of a plain URL. Raises AddressRefused. No look-up."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused
    try:
        parts = urlsplit(url)
        port = DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError as error:
        raise AddressRefused from error
    host = parts.hostname or ""
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or parts.fragment or "%" in host:
        raise AddressRefused
    if port not in LOW_PORTS and port < FIRST_HIGH_PORT:
        raise AddressRefused
    if _is_odd_number(host):
        raise AddressRefused
    return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_IPV6:
        return False
    return address.is_global and not any(address in network for network in NOT_PUBLIC)


def is_allowed(address: Address) -> bool:
    """Say whether the operator opened the address by ``WEBHOOK_ALLOWED_NETWORKS``."""
    return any(address in ip_network(network) for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameNotFound from error
    addresses = [_parsed(str(sockaddr[0])) for *_family, sockaddr in found]
    if not addresses:
        raise NameNotFound
    return addresses


def _parsed(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:  # a zone: fe80::1%eth0
        raise AddressRefused from error


def _is_odd_number(host: str) -> bool:
    """Say whether ``host`` is a number that resolvers read as an address, but not a plain one."""
    last = host.rstrip(".").rpartition(".")[2]
    if not (last.isdigit() or last.lower().startswith("0x")):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False

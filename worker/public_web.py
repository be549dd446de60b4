"""Downloads from the public internet alone: an address that somebody else chose must lead to nobody's own network.

A provider's answer, or whoever a picture's address redirects to, may name this machine, a router, or a cloud's metadata
service. So the host is looked up here, what it resolves to is judged, and the connection goes to that very address: a
name that resolves otherwise a moment later changes nothing, and each redirect is judged again.
"""

import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from worker.http_session import HttpSession

#: Where a network without IPv4 has the IPv4 internet. https://www.rfc-editor.org/rfc/rfc6052#section-2.1
_NAT64 = IPv6Network("64:ff9b::/96")
#: The one part of IPv6 of which addresses on the internet are given out; what lies beside it stays within a network, or
#: holds an address of IPv4 in some older way. https://www.iana.org/assignments/ipv6-address-space
_GIVEN_OUT = IPv6Network("2000::/3")

#: A host and a port.
Place = tuple[str, int]


class PrivateAddressError(Exception):
    """A host is, or resolves to, an address that is not on the public internet."""


def public_session(pool_size: int, trusted: Collection[Place]) -> requests.Session:
    """Make a session that reaches the public internet, and ``trusted`` places wherever they are.

    Its requests raise ``PrivateAddressError`` where an address leads elsewhere. Where a proxy is set by the usual
    variables of the environment, it is the proxy that decides.
    """
    session = HttpSession()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _PublicAdapter(frozenset(trusted), pool_size))
    return session


def place_of(url: str) -> Place:
    """Return host and port of an ``http`` or ``https`` address."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def is_public(text: str) -> bool:
    """Whether an IP address is on the public internet, also as it is written within an IPv6 address."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = _within(address)
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast


def _within(address: IPv6Address) -> IPv4Address | IPv6Address:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _PublicAdapter(HTTPAdapter):
    def __init__(self, trusted: frozenset[Place], pool_size: int) -> None:
        self._trusted = trusted
        super().__init__(pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        pools: dict[str, type[HTTPConnectionPool]] = {"http": _pool(HTTPConnectionPool, HTTPConnection, self._trusted)}
        pools["https"] = _pool(HTTPSConnectionPool, HTTPSConnection, self._trusted)
        self.poolmanager.pool_classes_by_scheme = pools


def _pool(
    pool: type[HTTPConnectionPool], connection: type[HTTPConnection], trusted: frozenset[Place]
) -> type[HTTPConnectionPool]:
    """Make a kind of pool whose connections go to addresses that were judged."""

    def _new_conn(self: Any) -> socket.socket:
        if (self.host.strip("[]").lower(), self.port) in trusted:
            return connection._new_conn(self)  # noqa: SLF001 - urllib3 has no other place to choose the address
        *others, last = _public_addresses(self.host, self.port)
        for address in others:
            with suppress(NewConnectionError), _pinned(self, address):
                return connection._new_conn(self)  # noqa: SLF001
        with _pinned(self, last):
            return connection._new_conn(self)  # noqa: SLF001

    judged = type(connection.__name__, (connection,), {"_new_conn": _new_conn})
    return type(pool.__name__, (pool,), {"ConnectionCls": judged})


@contextmanager
def _pinned(connection: Any, address: str) -> Iterator[None]:
    """Have a connection go to an address; its certificate and its request are for the name all the same."""
    name = connection._dns_host  # noqa: SLF001
    connection._dns_host = address  # noqa: SLF001
    try:
        yield
    finally:
        connection._dns_host = name  # noqa: SLF001


def _public_addresses(host: str, port: int) -> list[str]:
    """Look up a host; all its addresses must be public, so that it can't be had by trying again.

    Raises:
        PrivateAddressError: one of them is not.
        OSError: there is no such host.

    """
    found = [str(known[4][0]) for known in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]
    if not all(map(is_public, found)):
        raise PrivateAddressError
    return list(dict.fromkeys(found))

"""Addresses: whose a request is, what a URL names, and whether outgoing calls may reach it. Pure: nothing is resolved here.

URLs come from tenants. Without these rules one of them could have the server call its own database, its neighbours or
the metadata service of its cloud.
"""

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna
import msgspec

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL_LENGTH = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
"""Programs disagree about where a host ends when one of these is near it."""
NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
BRACKETED = re.compile(r"\[[^\[\]]+\](:[0-9]*)?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def _networks(*texts: str) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return tuple(map(ipaddress.ip_network, texts))


CLOSED_V4 = _networks(
    "0.0.0.0/8",  # this network, and the unspecified address
    "10.0.0.0/8",
    "100.64.0.0/10",  # carriers' own; a cloud's metadata at 100.100.100.200
    "127.0.0.0/8",
    "168.63.129.16/32",  # Azure's metadata, though the address is a public one
    "169.254.0.0/16",  # link-local; the metadata of most clouds
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",  # relays of 6to4
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
# Only global unicast is open. That leaves out loopback, link-local, local and multicast addresses, and those that
# carry an IPv4 address: mapped (::ffff:0:0/96), compatible (::/96) and NAT64 (64:ff9b::/96, 64:ff9b:1::/48).
OPEN_V6 = ipaddress.IPv6Network("2000::/3")
CLOSED_V6 = _networks(
    "2001::/23",  # protocols, among them Teredo, which carries an IPv4 address
    "2001:db8::/32",
    "2002::/16",  # 6to4, which carries an IPv4 address
    "3fff::/20",
)


class AddressRefused(Exception):
    """Parley doesn't call this; the text is a sentence for the person who asked for it."""


class Target(msgspec.Struct, frozen=True):
    """Where a URL points to. `literal` is its address when it has one instead of a name."""

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None

    @property
    def authority(self) -> str:
        """The `Host` header: without the port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def url_at(self, address: Address) -> str:
        """Return the URL with an address in place of the name."""
        shown = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{shown}:{self.port}{self.path}"


def is_public(address: Address) -> bool:
    """Say whether an address belongs to a host of the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in CLOSED_V4)
    if address.scope_id is not None or address not in OPEN_V6:
        return False
    return not any(address in network for network in CLOSED_V6)


@lru_cache(maxsize=4096)
def client_address(text: str) -> str | None:
    """Return the address that a socket or a proxy names, in its one spelling; None for what is none.

    A socket for both families calls IPv4 clients `::ffff:192.0.2.1`: they are unmapped. Some proxies add a port.
    """
    host, _, port = text.partition("]") if text.startswith("[") else text.partition(":")
    if text.startswith("["):
        host = host[1:]
    elif ":" in port:  # more than one colon: IPv6 without brackets
        host = text
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return what one client has: an IPv4 address, or an IPv6 network of 64 bits, in which everybody has all addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(found) >> 64 << 64)) + "/64"


@lru_cache(maxsize=4096)
def site_of(address: str) -> str | None:
    """Return the IPv6 network of 48 bits, as much as one line of a provider may get; None for IPv4."""
    network = network_of(address)
    if not network.endswith("/64"):
        return None
    return str(ipaddress.IPv6Network(network).supernet(new_prefix=48))


def block_of(address: str) -> str:
    """Return what is given out together: 256 addresses of IPv4, or 32 bits of IPv6, which a whole provider gets."""
    network = ipaddress.ip_network(network_of(address), strict=False) if _is_address(address) else None
    if network is None:
        return address
    return str(network.supernet(new_prefix=24 if network.version == 4 else 32))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def target_of(url: str) -> Target:
    """Read a URL strictly; raises AddressRefused for whatever two programs could understand in two ways."""
    if not url or len(url) > MAX_URL_LENGTH or UNSAFE.search(url):
        raise AddressRefused("Enter a valid URL of at most 2000 characters, without spaces.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("Enter a valid URL.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise AddressRefused("The URL must start with https:// or http://.")
    if "@" in parts.netloc:
        raise AddressRefused("The URL must not hold a user name or password.")
    if port == 0:
        raise AddressRefused("Port 0 cannot be called.")
    host, literal = _host(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path, literal)


def _host(parts: SplitResult) -> tuple[str, Address | None]:
    given = parts.hostname or ""
    if "[" in parts.netloc:
        if not BRACKETED.fullmatch(parts.netloc):
            raise AddressRefused("The URL has no valid IPv6 address.")
        return _ipv6(given)
    host = _ascii(given)
    if host.endswith("."):
        raise AddressRefused("The host must not end with a dot.")
    if not NAME.fullmatch(host):
        raise AddressRefused("The URL has no valid host.")
    if NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
        return _ipv4(host)
    return host, None


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressRefused("The URL has no valid host.") from error


def _ipv4(host: str) -> tuple[str, Address]:
    try:
        return host, ipaddress.IPv4Address(host)
    except ValueError as error:
        # `127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1` all mean 127.0.0.1 to some programs.
        raise AddressRefused("Write an IPv4 address as four decimal numbers.") from error


def _ipv6(host: str) -> tuple[str, Address]:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError as error:
        raise AddressRefused("The URL has no valid IPv6 address.") from error
    if address.scope_id is not None:
        raise AddressRefused("The URL must not name a network interface.")
    return str(address), address

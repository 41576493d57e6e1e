"""Which hosts and origins a request may name: a name of a stranger that leads here is DNS rebinding."""

import ipaddress
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"localhost"})


def host_name(host: str) -> str:
    """Return the name in a Host header or an origin's authority, in lower case, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_own_host(host: str, site_url: str) -> bool:
    """Say whether a Host header names this server: its site, this machine, or an address as a number.

    No name of a stranger is any of these; a number isn't looked up, so nobody can lead it elsewhere.
    """
    name = host_name(host)
    if name in LOOPBACK_NAMES or (name and name == (urlsplit(site_url).hostname or "")):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_own_origin(origin: str, host: str, site_url: str) -> bool:
    """Say whether a page of this origin may ask: it is of the site, or on the host that the request is for."""
    try:
        split = urlsplit(origin)
        name = split.hostname or ""
    except ValueError:
        return False
    if split.scheme not in ("http", "https") or not name:
        return False
    return name in (host_name(host), urlsplit(site_url).hostname)

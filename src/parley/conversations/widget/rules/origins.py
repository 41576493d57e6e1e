"""Which pages may write: the host of the request's page against the project's `widget_domains`."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

DEMO_VISITORS = "demo-page-"
"""How the distinct ids of visitors of the demo page begin."""
MAX_ADDRESS, MAX_HOST = 8192, 253
"""Pages may have long addresses; names of hosts may not (RFC 1035), and writing one in ASCII takes quadratic time."""


def host_of(address: str) -> str | None:
    """Return the lower-case host name of a URL or of a bare host, without port and user; None where there is none."""
    text = address.strip().lower()
    if len(text) > MAX_ADDRESS or "\\" in text:  # browsers read it as a slash, this parser doesn't
        return None
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
        if host is None or len(host) > MAX_HOST:
            return None
        if host.isascii():
            return host.rstrip(".") or None
        # Browsers send international names in their ASCII form.
        return host.rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        return None


def is_allowed(page: str | None, domains: Iterable[Any]) -> bool:
    """Say whether a page with this Origin (or Referer) may write. No domains at all allow every page.

    `*.example.com` covers example.com and each of its sub-domains. Letter case, ports and user names don't count.
    """
    entries = [entry for entry in domains if isinstance(entry, str) and entry.strip()]
    return not entries or is_listed(page, entries)


def is_listed(page: str | None, domains: Iterable[str]) -> bool:
    """Say whether a page's Origin (or Referer) lies in one of the domains."""
    host = host_of(page) if page and page.strip().lower() != "null" else None
    return host is not None and any(_covers(entry, host) for entry in domains)


def _covers(entry: str, host: str) -> bool:
    allowed = host_of(entry)
    if allowed is None:
        return False
    if allowed.startswith("*."):
        return host == allowed[2:] or host.endswith(allowed[1:])
    return host == allowed

"""Names of hosts in their two spellings: with the letters of a language, and in ASCII (RFC 5891)."""

from functools import lru_cache
from typing import Any

import idna

MAX_LENGTH = 1000
"""No host has so long a name in any spelling (RFC 1035: 253), and each of its letters is looked up by Python code."""


def unicode_domain(domain: str) -> str:
    """Return the name as people read it, so that both of its spellings are the same text; as given if it is none."""
    if len(domain) > MAX_LENGTH or (domain.isascii() and "xn--" not in domain.lower()):
        return domain.lower()
    try:
        return idna.decode(idna.encode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return domain.lower()


def ascii_domain(domain: str) -> str:
    """Return the name as other programs are asked for it; as given if it is none."""
    if len(domain) > MAX_LENGTH or domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return domain


def organizational_domain(domain: str) -> str:
    """Return the domain that somebody has registered, by the Public Suffix List (RFC 7489, section 3.2), in ASCII.

    Of `mail.example.co.uk` it is `example.co.uk`. Strangers register below `co.uk`, `github.io` and alike, so each of
    these stands for itself alone.
    """
    name = ascii_domain(domain).lower()
    found: str | None = _suffixes().privatesuffix(name) if name and len(name) <= MAX_LENGTH else None
    return found or name


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # some MB of memory

    return PublicSuffixList()

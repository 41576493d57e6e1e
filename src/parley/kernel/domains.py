"""Names of hosts in their two spellings: with the letters of a language, and in ASCII (RFC 5891)."""

import idna


def unicode_domain(domain: str) -> str:
    """Return the name as people read it, so that both of its spellings are the same text; as given if it is none."""
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower()
    try:
        return idna.decode(idna.encode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return domain.lower()


def ascii_domain(domain: str) -> str:
    """Return the name as other programs are asked for it; as given if it is none."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return domain

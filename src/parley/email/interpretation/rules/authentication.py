"""Whether a mail comes from whom its From line names: SPF, DKIM and DMARC with identifiers that agree (RFC 7489, 3.1)."""

from collections.abc import Sequence

from parley.email.parsing.schemas import AuthenticationResult
from parley.kernel.network.domains import ascii_domain, organizational_domain

ALIGNING = ("spf", "dkim", "dmarc")


def is_authenticated(results: Sequence[AuthenticationResult], from_address: str) -> bool:
    """Say whether SPF, DKIM or DMARC has passed for a domain that agrees with that of the From line.

    SPF and DKIM alone prove only that somebody has sent it: the sender's own server passes both for its own domain.
    """
    domain = _domain_of(from_address)
    if not domain or any(
        one.method == "dmarc" and one.result == "fail" and _agree(one.domain or domain, domain)
        for one in results
    ):
        return False
    return any(
        one.method in ALIGNING and one.result == "pass" and _agree(_domain_of(one.domain), domain)
        for one in results
    )


def _domain_of(text: str) -> str:
    return ascii_domain(text.rpartition("@")[2].strip().strip("<>.")).lower()


def _agree(one: str, other: str) -> bool:
    """Say whether two domains are the same, or one lies below the other and both belong to who registered them."""
    if not one or not other:
        return False
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    return longer.endswith(f".{shorter}") and organizational_domain(one) == organizational_domain(other)

"""E-mail addresses of people who sign in."""

import re

from parley.kernel.errors import Invalid, blank, too_long
from parley.kernel.network.domains import unicode_domain
from parley.kernel.text.forms import normalized

MAX_EMAIL_LENGTH = 254
NO_MAILBOX = "former-address.invalid"
"""The domain of addresses that stand in for one that an account has lost; no such domain can be had (RFC 2606)."""
ADDRESS = re.compile(r"""[^\s\x00-\x1f\x7f@"(),:;<>\[\]\\]+@(?:[\w](?:[\w-]*[\w])?\.)*[\w](?:[\w-]*[\w])?""")


def normal_email(text: str) -> str:
    """Return the address as it is stored and compared: NFC, in lower case, the domain as people read it."""
    text = normalized("NFC", normalized("NFC", text.strip()).lower())
    local_part, at, domain = text.rpartition("@")
    return f"{local_part}{at}{unicode_domain(domain) if at else domain}"


def has_mailbox(email: str) -> bool:
    """Say whether mail to an address in its normal form can arrive: it stands in for none that was lost."""
    return not email.endswith(f"@{NO_MAILBOX}")


def check_email(text: str, *, attr: str = "email") -> str:
    """Return the normal form of an address; raises Invalid when it isn't one."""
    email = normal_email(text)
    if not email:
        raise blank(attr)
    if len(email) > MAX_EMAIL_LENGTH:
        raise too_long(MAX_EMAIL_LENGTH, attr)
    local_part = email.partition("@")[0]
    if (
        not ADDRESS.fullmatch(email)
        or local_part.startswith(".")
        or local_part.endswith(".")
        or ".." in local_part
        or "=?" in local_part  # it would be decoded where it stands in a header (RFC 2047)
    ):
        raise Invalid("Enter a valid email address.", attr=attr)
    return email

"""Rules of e-mail channels: their addresses, and how many there may be."""

import re

MOST_CHANNELS = 10
INBOUND_TOKEN = re.compile(r"team-([0-9a-f]{32})(?:\+.*)?")


def forwarding_address(inbound_token: str, inbound_domain: str) -> str:
    """Return the address where mail of a channel arrives; the team's mail server forwards to it."""
    return f"team-{inbound_token}@{inbound_domain}"


def token_of_recipient(address: str) -> str | None:
    """Return the token of a forwarding address, or of a reply address made from it (`team-<token>+...`), else None.

    What stands after the `@` is not looked at: a door decides for itself which domains it serves.
    """
    local_part, at, _ = address.strip().strip("<>").rpartition("@")
    found = INBOUND_TOKEN.fullmatch(local_part.lower()) if at else None
    return found[1] if found else None

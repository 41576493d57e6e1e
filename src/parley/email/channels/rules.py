"""Rules of e-mail channels: their addresses, how many there may be, and how long a proof holds."""

import re
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from parley.kernel.clock import TOLERANCE, is_ahead
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import INSUFFICIENT_LEVEL, Actor

MOST_CHANNELS = 10
CHECKED_EVERY = timedelta(days=1)
LONGEST_GAP = 2 * CHECKED_EVERY
"""Of looks that lie further apart, the time between is that of a server that was off, or of a clock that has jumped."""
WITHDRAWN_AFTER = timedelta(days=3)
"""How long mail goes out after the records of a domain were not found for the first time."""
RESERVED = ("example", "test", "invalid")
"""Names of the top level that nobody can ever register (RFC 2606, RFC 6761)."""
NOT_RESERVED = (
    "A test address ends in .example, .test or .invalid, which nobody can own: so no mail goes astray."
)
ONLY_TEST = "{} is used by test addresses, from which nothing is sent. Connect it as a test address, too, or take another."
ONLY_REAL = "{} is a domain of addresses that are to send. Take another one for a test address."
INBOUND_TOKEN = re.compile(r"team-([0-9a-f]{32})(?:\+.*)?")


def check_test_address(domain: str, kind: str) -> None:
    """Raise Invalid unless there may be a test address at this domain: it can't exist, and it is the team's."""
    if domain.rpartition(".")[2] not in RESERVED:
        raise Invalid(NOT_RESERVED, attr="from_email")
    if kind != "support":
        raise Invalid("A test address belongs to the team.", attr="kind")


def check_same_kind_of_domain(domain: str, *, is_test: bool, was_test: bool | None) -> None:
    """Raise Invalid where a domain that is known already is of the other kind; `was_test` is None where it is new.

    All addresses of a domain share its proof, and a test address needs none.
    """
    if was_test is not None and was_test != is_test:
        raise Invalid((ONLY_TEST if was_test else ONLY_REAL).format(domain), attr="from_email")


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


def connection_status(
    verified_at: datetime | None, failing_since: datetime | None
) -> Literal["pending", "connected", "failing"]:
    """Say whether mail goes out, and whether it will go on to."""
    if verified_at is None:
        return "pending"
    return "connected" if failing_since is None else "failing"


class Proof(msgspec.Struct, frozen=True):
    """Whether a domain is proved, and whether its admins are to be told that this ends or has ended."""

    verified_at: datetime | None
    failing_since: datetime | None
    warning: Literal["failing", "withdrawn"] | None = None


def proof_after(
    before: Proof, now: datetime, *, is_valid: bool, is_known: bool, checked_at: datetime | None
) -> Proof:
    """Return the proof of a domain after its records were looked up; `checked_at` was the look before.

    A verified domain whose records are gone goes on sending for some days, in which its admins can put them back. Where
    the DNS didn't answer (`is_known` is False) nothing changes.
    """
    if is_valid:
        return Proof(before.verified_at or now, None)
    if before.verified_at is None or not is_known:
        return Proof(before.verified_at, before.failing_since)
    if before.failing_since is None:
        return Proof(before.verified_at, now, "failing")
    since = _failing_since(before.failing_since, now, checked_at)
    if now - since >= WITHDRAWN_AFTER:
        return Proof(None, None, "withdrawn")
    return Proof(before.verified_at, since)


def _failing_since(since: datetime, now: datetime, checked_at: datetime | None) -> datetime:
    """Return since when records are missing. Time in which nobody has looked doesn't count.

    What lies in the future was noted under a clock that has been set back since.
    """
    if checked_at is None or max(since, checked_at) > now + TOLERANCE:
        return min(since, now)
    gap = now - checked_at
    return min(since + gap - CHECKED_EVERY, now) if gap > LONGEST_GAP else since


def was_checked_lately(checked_at: datetime | None, now: datetime) -> bool:
    """Say whether a domain need not be looked at yet."""
    return is_ahead(checked_at + CHECKED_EVERY if checked_at else None, now, CHECKED_EVERY)


def may_change(actor: Actor, kind: str, owner_id: int | None) -> bool:
    """Say whether the actor is an admin, or it is a channel of their own."""
    return actor.is_admin or (kind == "customer_communication" and owner_id == actor.user_id)


def check_may_change(actor: Actor, kind: str, owner_id: int | None) -> None:
    """Raise PermissionDenied unless the actor may change such a channel."""
    if not may_change(actor, kind, owner_id):
        raise PermissionDenied(INSUFFICIENT_LEVEL)

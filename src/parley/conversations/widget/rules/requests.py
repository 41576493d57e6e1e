"""From the fields of a request to what it asks for; every problem of the fields is reported at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.conversations.threads.schemas import CustomerMessage
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.widget.rules.field_reader import (
    Fields,
    kept_session_context,
    kept_traits,
    uuid_from,
)
from parley.conversations.widget.rules.identity import Identity, SignedEmail, session_of
from parley.kernel.errors import PlainError
from parley.kernel.network.emails import MAX_EMAIL_LENGTH as MAX_EMAIL
from parley.people.persons.rules.distinct_ids import MAX_LENGTH as MAX_DISTINCT_ID

MAX_MESSAGE, MAX_SESSION_ID = 10_000, 64
MAX_ROWS, DEFAULT_TICKETS, MAX_OFFSET = 500, 100, 2**31 - 1
CLAIM = ("identity_email", "identity_hash_email", "identity_exp_email")
NOBODY = "Either widget_session_id or both identity_distinct_id and identity_hash are required."
HEX = frozenset("0123456789abcdefABCDEF")


class Credentials(msgspec.Struct, frozen=True):
    """Who a request says it comes from: a session, a signed identity, or both."""

    session: UUID | None
    identity: Identity | None

    @property
    def caller(self) -> str:
        """The name by which a visitor's requests are told from those of others."""
        return f"visitor:{self.identity.distinct_id}" if self.identity else f"session:{self.session}"


class ThreadQuery(msgspec.Struct, frozen=True):
    """Which messages of a thread are wanted."""

    credentials: Credentials
    after: datetime | None
    limit: int


class TicketsQuery(msgspec.Struct, frozen=True):
    """Which of the visitor's tickets are wanted."""

    credentials: Credentials
    status: str | None
    limit: int
    offset: int


def check_new_message(
    given: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Credentials, CustomerMessage]:
    """Return who sends a message to a project with these settings, and the message.

    Raises PlainError with each field that breaks a rule. Whether the identity is signed is for the caller to check.
    """
    fields = Fields(given)
    credentials = _credentials(fields, given)
    identity = credentials.identity
    content = fields.text("message", MAX_MESSAGE, missing="Message content is required")
    traits = kept_traits(fields.mapping("traits"))
    session_context = kept_session_context(fields.mapping("session_context"))
    session_id = fields.text("session_id", MAX_SESSION_ID)
    missing = None if identity else "This field is required."
    distinct_id = fields.text("distinct_id", MAX_DISTINCT_ID, missing=missing, is_opaque=True)
    fields.check()
    ticket_id, session = given.get("ticket_id"), session_of(identity) if identity else credentials.session
    assert session is not None and content is not None  # or a problem would have been raised
    return credentials, CustomerMessage(
        ticket_id=None if ticket_id is None else check_ticket_id(ticket_id),
        widget_session_id=session,
        # An identity that is signed must not speak under somebody else's name.
        distinct_id=identity.distinct_id if identity else distinct_id or "",
        content=content,
        traits=traits,
        session_id=session_id,
        session_context=session_context,
        identity_verified=identity is not None,
        channel_detail="widget_embedded" if settings.get("widget_enabled") else "widget_api",
    )


def check_thread_query(given: Mapping[str, Any]) -> ThreadQuery:
    """Return what a request for messages asks for; raises PlainError."""
    fields = Fields(given)
    credentials = _credentials(fields, given)
    after = fields.instant("after")
    limit = fields.number("limit", default=MAX_ROWS, low=1, high=MAX_ROWS)
    fields.check()
    return ThreadQuery(credentials, after, limit)


def check_tickets_query(given: Mapping[str, Any]) -> TicketsQuery:
    """Return what a request for tickets asks for; raises PlainError."""
    fields = Fields(given)
    credentials = _credentials(fields, given)
    status = fields.choice("status", STATUSES)
    limit = fields.number("limit", default=DEFAULT_TICKETS, low=1, high=MAX_ROWS)
    offset = fields.number("offset", default=0, low=0, high=MAX_OFFSET)
    fields.check()
    return TicketsQuery(credentials, status, limit, offset)


def check_credentials(given: Mapping[str, Any]) -> Credentials:
    """Return who a request says it comes from; raises PlainError."""
    fields = Fields(given)
    credentials = _credentials(fields, given)
    fields.check()
    return credentials


def claimed_session(given: Mapping[str, Any]) -> UUID | None:
    """Return the session that a request says it belongs to, unchecked: its own, or that of its identity."""
    return uuid_from(given.get("widget_session_id")) or uuid_from(str(given.get("identity_hash"))[:32])


def check_ticket_id(value: Any) -> UUID:
    """Return the id; raises PlainError for anything that isn't a UUID."""
    found = uuid_from(value)
    if found is None:
        raise PlainError(400, {"error": "Invalid ticket_id format"})
    return found


def _credentials(fields: Fields, given: Mapping[str, Any]) -> Credentials:
    session = fields.uuid("widget_session_id")
    distinct_id = fields.text("identity_distinct_id", MAX_DISTINCT_ID, is_opaque=True)
    digest = fields.text("identity_hash", 64)
    if digest is not None and (len(digest) != 64 or not HEX.issuperset(digest)):
        fields.wrong("identity_hash", "Must be 64 hexadecimal digits.")
    email = _signed_email(fields, given)
    identity = Identity(distinct_id, digest, email) if distinct_id and digest else None
    if session is None and identity is None and not fields.problems:
        fields.wrong("non_field_errors", NOBODY)
    return Credentials(session, identity)


def _signed_email(fields: Fields, given: Mapping[str, Any]) -> SignedEmail | None:
    missing = [name for name in CLAIM if given.get(name) in (None, "")]
    if len(missing) == len(CLAIM):
        return None
    for name in missing:
        fields.wrong(name, "This field is required.")
    email = fields.text("identity_email", MAX_EMAIL)
    signature = fields.text("identity_hash_email", 64)
    expires_at = fields.number("identity_exp_email", default=0, low=0, high=10**10 - 1)
    return SignedEmail(email, signature, expires_at) if email and signature else None

"""Inbound mail between its doors and the ledger, and the ledger on the wire."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from parley.email.channels.schemas import EmailChannel
from parley.email.inbound.rules.states import Reason, State
from parley.email.parsing.schemas import AuthenticationResult

Source = Literal["webhook", "smtp", "imap", "test"]
"""How a mail came in; `test` is one that the team wrote in the place of a customer of a test address."""


class RawMail(msgspec.Struct, frozen=True):
    """A whole mail that is too large for memory: `chunks` begins to read it anew at each call."""

    size_bytes: int
    sha256: str
    head: bytes  # its beginning, with the header
    body_sha256: str  # of what comes behind the header
    chunks: Callable[[], AsyncIterator[bytes]]


class IncomingMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as a door takes it in. `recipient` is the address that it was delivered to, `envelope_from` its return path.

    `authentication` is what the door itself has verified, or the provider behind it; without it the sender is unproven.
    `is_backfill` says that it lay there before, so that nobody hears of it.
    """

    channel: EmailChannel
    source: Source
    raw: bytes | RawMail
    recipient: str
    envelope_from: str | None = None
    authentication: Sequence[AuthenticationResult] = ()
    is_backfill: bool = False


class KeptMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail whose raw form is stored already; its row of the ledger is what comes next."""

    id: UUID
    raw_key: str
    raw_sha256: str
    size_bytes: int
    delivery_digest: str
    message_id: str | None
    subject: str
    from_address: str


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger as interpreting it needs it."""

    project_id: int
    id: UUID
    channel_id: UUID
    source: Source
    is_backfill: bool
    envelope_from: str | None
    recipient: str
    received_at: datetime
    raw_key: str | None
    message_id: str | None
    state: State
    ticket_id: UUID | None
    ticket_number: int | None
    comment_id: UUID | None
    attempts: int
    authentication: Any


class LedgerOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says once a mail has been interpreted."""

    state: State
    reason: Reason | None = None
    detail: str | None = None
    ticket_id: UUID | None = None
    ticket_number: int | None = None
    comment_id: UUID | None = None


class InboundMessageOut(msgspec.Struct, frozen=True, kw_only=True):
    """One mail that came in, and what became of it. `reason` is a code for programs, `detail` a sentence for people."""

    id: UUID
    channel_id: UUID
    source: Source
    is_backfill: bool
    received_at: datetime
    recipient: str
    envelope_from: str | None
    from_address: str
    subject: str
    message_id: str | None
    size_bytes: int
    raw_sha256: str
    has_raw: bool
    deliveries: int
    state: State
    reason: str | None
    detail: str | None
    ticket_id: UUID | None
    ticket_number: int | None
    comment_id: UUID | None
    attempts: int
    processed_at: datetime | None
    authentication: Any
    is_authenticated: bool | None


class InboundMessagePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the ledger, newest first; `next` is null on the last one."""

    next: str | None
    results: Sequence[InboundMessageOut]


class LedgerPlace(msgspec.Struct, frozen=True):
    """The place behind the last row of a page."""

    id: UUID

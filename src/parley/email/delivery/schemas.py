"""Kept mails, and what is written in the place of a customer, as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

MOST_WRITTEN, MOST_OF_SUBJECT = 10_000, 300
Written = Annotated[str, Meta(min_length=1, max_length=MOST_WRITTEN, extra=TRIM)]


class KeptHeader(msgspec.Struct, frozen=True):
    """A header of a mail."""

    name: str
    value: str


class KeptMailOut(msgspec.Struct, frozen=True, kw_only=True):
    """A mail from a test address, as its customer would get it; `source` is its beginning, without files."""

    id: UUID
    to: str
    subject: str
    created_at: datetime
    headers: Sequence[KeptHeader]
    text: str
    html: str
    files: Sequence[str]
    source: str


class CustomersAnswer(msgspec.Struct, frozen=True):
    """What the customer answers."""

    message: Written


class CustomersFirstMail(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody writes to a test address."""

    from_address: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
    subject: Annotated[str, Meta(max_length=MOST_OF_SUBJECT, extra=TRIM)] = ""
    message: Written


class ReceivedMail(msgspec.Struct, frozen=True):
    """The mail in the ledger of inbound mail, which says what becomes of it."""

    id: UUID

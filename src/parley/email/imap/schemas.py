"""Mailboxes, inside and on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.kernel.http.body import TRIM

Security = Literal["tls", "starttls", "none"]


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A folder from which the mail of a channel is fetched. `password` is encrypted."""

    project_id: int
    channel_id: UUID
    host: str
    port: int
    security: Security
    username: str
    password: str
    folder: str
    is_importing: bool
    generation: int
    uid_validity: int | None
    last_uid: int | None
    backfill_uid: int | None
    first_connected_at: datetime | None
    failure_count: int


class MailboxOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where the mail of a channel is fetched, and whether that works. The password is never shown.

    `last_error` is why the last attempt failed, null when it didn't; it is tried again by itself.
    """

    host: str
    port: int
    security: Security
    username: str
    folder: str
    is_importing: bool
    connected_at: datetime | None
    fetched_at: datetime | None
    last_error: str | None
    created_at: datetime


class NewMailbox(msgspec.Struct, frozen=True, kw_only=True):
    """Where to fetch mail. With `is_importing` the mail that lies in the folder comes in, too, and nobody hears of it.

    `none` as `security` sends the password in plain text, and is taken for hosts of your own network only
    (`PARLEY_ALLOWED_HOSTS_OUT`).
    """

    host: Annotated[str, Meta(min_length=1, max_length=253, extra=TRIM)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 993
    security: Security = "tls"
    username: Annotated[str, Meta(min_length=1, max_length=320, extra=TRIM)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]
    folder: Annotated[str, Meta(min_length=1, max_length=500, extra=TRIM)] = "INBOX"
    is_importing: bool = False

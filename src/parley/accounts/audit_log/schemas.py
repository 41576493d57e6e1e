"""Entries of the audit log, as they travel and as they are read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

Target = tuple[str, str, str]
"""What something was done to: its type (such as `member`), its id, and its name as it is now."""


class EntryAuthor(msgspec.Struct, frozen=True):
    """Who did something, as they were called then."""

    user_id: int | None = None
    user_email: str = ""
    user_name: str = ""
    key_id: str | None = None
    key_label: str = ""


class AuditUser(msgspec.Struct, frozen=True):
    """Who did something. Name and address are those of that time, even if the account is called otherwise by now."""

    id: int
    name: str
    email: str


class AuditKey(msgspec.Struct, frozen=True):
    """The API key by which it was done, or the SCIM token of a domain: then the domain's id, and there is no user."""

    id: str
    label: str


class AuditTarget(msgspec.Struct, frozen=True):
    """To what it was done, under the name of that time."""

    type: str
    id: str
    name: str


class AuditProject(msgspec.Struct, frozen=True):
    """The project in which it was done."""

    id: int
    name: str


class AuditEntryOut(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `user` is null where the server acted by itself, and for somebody unknown, such as at a failed sign-in.

    `before` and `after` hold what changed; values of secrets are masked. `address` is null where no request was behind it.
    `browser` is what people call the program that `user_agent` names.
    """

    id: UUID
    created_at: datetime
    action: str
    summary: str
    user: AuditUser | None
    api_key: AuditKey | None
    target: AuditTarget | None
    project: AuditProject | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None
    user_agent: str
    browser: str


class EntryCursor(msgspec.Struct, frozen=True):
    """The place behind an entry."""

    at: datetime
    id: UUID


class AuditFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None means no condition. `search` is text that a name or an address contains."""

    user_id: int | None = None
    action: str | None = None
    target_type: str | None = None
    target_id: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    search: str | None = None

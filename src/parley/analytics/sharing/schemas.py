"""Shares as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.analytics.sharing.rules.accesses import AccessKind
from parley.analytics.sharing.rules.configurations import TargetType
from parley.analytics.sharing.rules.passwords import MAX_NOTE
from parley.kernel.http.body import NAME

Settings = Annotated[
    Any,
    Meta(
        description="Null, or an object with any of `whitelabel`, `noHeader`, `showInspector`, `legend`, `detailed`, "
        "`hideExtraDetails` (booleans) and `theme` (`light`, `dark`, `system`). Other keys are left out."
    ),
]
LinkEnd = Annotated[
    datetime | None, Meta(description="When the link ends by itself, in the future; null: never.")
]


class SharePassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password of a share, without the password itself."""

    id: int
    created_at: datetime
    note: str
    created_by_email: str
    is_active: bool


class SharingConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """How something is shared. Before anything was set `access_token` is no link, and another one each time."""

    created_at: datetime | None
    enabled: bool
    access_token: str
    settings: dict[str, Any] | None
    password_required: bool
    share_passwords: Sequence[SharePassword]
    link_expires_at: datetime | None


class SharingPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be set; `settings` are replaced whole."""

    enabled: bool | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET
    password_required: bool | UnsetType = UNSET
    link_expires_at: LinkEnd | UnsetType = UNSET


class NewSharePassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password to be added; without one that was chosen it is made up."""

    raw_password: Annotated[str, Meta(description="At least 8 characters; blank: one is made up.")] | None = (
        None
    )
    note: Annotated[str, Meta(max_length=MAX_NOTE, extra=NAME)] = ""


class SharingProblem(msgspec.Struct, frozen=True):
    """What is wrong, in a sentence."""

    error: str


class NewSharePasswordOut(msgspec.Struct, frozen=True, kw_only=True):
    """A password that was added; nobody can read `password` again."""

    id: int
    password: str
    note: str
    created_at: datetime
    created_by_email: str


class ShareAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who opened a link, or tried a password on it: all within one hour are one entry.

    `ip` is an address, an IPv6 network, or `many`. `password_id` and `password_note` say by which password, where it
    was by one.
    """

    id: UUID
    kind: AccessKind
    ip: str
    password_id: int | None
    password_note: str | None
    access_token_suffix: str
    count: int
    first_at: datetime
    last_at: datetime


class StoredShare(msgspec.Struct, frozen=True, kw_only=True):
    """A link with what it opens, as it is stored."""

    project_id: int
    id: UUID
    target_type: TargetType
    target_id: str
    access_token: str  # encrypted
    enabled: bool
    settings: dict[str, Any] | None
    password_required: bool
    hash_form: str
    created_at: datetime
    disabled_at: datetime | None
    expires_at: datetime | None
    link_expires_at: datetime | None


class StoredSharePassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password as it is compared."""

    id: int
    configuration_id: UUID
    original_id: int
    password_hash: str
    note: str
    created_by: int | None
    created_at: datetime

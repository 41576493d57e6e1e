"""Access levels on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from parley.kernel.http.authorization import AccessLevel


class AccessControlOut(msgspec.Struct, frozen=True, kw_only=True):
    """A level that was set: for a member (the id of a membership), for a role or, where both are null, for everybody."""

    id: UUID
    access_level: AccessLevel
    organization_member: UUID | None
    role: UUID | None
    created_at: datetime


class AccessControls(msgspec.Struct, frozen=True):
    """Every level that was set, and the one that members have for whom none was."""

    access_level: AccessLevel
    access_controls: Sequence[AccessControlOut]


class TicketLevel(msgspec.Struct, frozen=True, kw_only=True):
    """A level on one ticket, for a member, for a role or, where neither is named, for everybody; null takes it back."""

    access_level: AccessLevel | None
    organization_member: UUID | None = None
    role: UUID | None = None


class ResourceLevel(TicketLevel, frozen=True, kw_only=True):
    """A level on all things of a kind."""

    resource: Literal["ticket"]

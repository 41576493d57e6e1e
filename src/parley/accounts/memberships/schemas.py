"""Members and their availability on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from parley.accounts.users.schemas import UserBasic


class MemberOut(msgspec.Struct, frozen=True, kw_only=True):
    """A member of an organization; `id` is the membership's."""

    id: UUID
    user: UserBasic
    level: int
    joined_at: datetime
    updated_at: datetime
    is_2fa_enabled: bool = False
    has_social_auth: bool = False


class AvailabilityOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a member is there to work on tickets; who is away may be so until an instant."""

    user: UserBasic
    is_available: bool
    away_until: datetime | None


class NewAvailability(msgspec.Struct, frozen=True):
    """Whether a member is there, or until when they are not; null is for as long as nobody says otherwise."""

    is_available: bool
    away_until: datetime | None = None

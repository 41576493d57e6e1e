"""Members on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic

Level = Annotated[
    int, Meta(description="1 member, 8 admin, 15 owner.", extra_json_schema={"enum": [1, 8, 15]})
]


class MemberOut(msgspec.Struct, frozen=True, kw_only=True):
    """A member of an organization; `id` is the membership's."""

    id: UUID
    user: UserBasic
    level: int
    joined_at: datetime
    updated_at: datetime
    is_2fa_enabled: bool = False
    has_social_auth: bool = False


class MemberPatch(msgspec.Struct, frozen=True):
    """Another level: 1 member, 8 admin, 15 owner."""

    level: Level | UnsetType = UNSET

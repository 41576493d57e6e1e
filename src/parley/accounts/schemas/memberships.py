"""Members, invitations and roles on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.schemas.users import UserBasic
from parley.kernel.http.authorization import MEMBER
from parley.kernel.http.body import NAME, TRIM

Level = Annotated[
    int, Meta(description="1 member, 8 admin, 15 owner.", extra_json_schema={"enum": [1, 8, 15]})
]
RoleName = Annotated[str, Meta(min_length=1, max_length=200, extra=NAME)]


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


class InviteOut(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation. `invite_link` is shown once, to whoever makes it in a session."""

    id: UUID
    target_email: str
    level: int
    is_expired: bool
    created_by: UserBasic | None
    created_at: datetime
    expires_at: datetime
    invite_link: str | None = None


class NewInvite(msgspec.Struct, frozen=True):
    """Whom to invite, as what."""

    target_email: Annotated[str, Meta(extra=TRIM)]
    level: Level = MEMBER


class SignupOut(msgspec.Struct, frozen=True, kw_only=True):
    """What an invitation offers; somebody with an account gives its password to accept.

    `has_account` is null for the link that whoever invited has seen, too.
    """

    target_email: str
    organization_name: str
    has_account: bool | None


class Signup(msgspec.Struct, frozen=True):
    """Accepting an invitation: a name and a new password, or the password of the account that exists."""

    password: str
    first_name: Annotated[str, Meta(extra=NAME)] = ""


class RoleMembershipOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has a role; `organization_member` is the id of their membership."""

    id: UUID
    role_id: UUID
    organization_member: UUID
    user: UserBasic
    joined_at: datetime
    updated_at: datetime


class RoleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A role with everybody who has it."""

    id: UUID
    name: str
    created_at: datetime
    created_by: UserBasic | None
    members: Sequence[RoleMembershipOut]
    is_default: bool = False


class NewRole(msgspec.Struct, frozen=True):
    """A new role."""

    name: RoleName


class RolePatch(msgspec.Struct, frozen=True):
    """Another name."""

    name: RoleName | UnsetType = UNSET


class NewRoleMembership(msgspec.Struct, frozen=True):
    """To whom to give the role."""

    user_uuid: UUID
